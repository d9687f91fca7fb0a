// SPDX-License-Identifier: MIT
#include "schema/json_base64.h"

#include "oyez/base64.h"

bool json_base64_decode(uint8_t *out, size_t *out_size, const struct json_string *text)
{
    struct oyez_base64_reader reader = {.form = OYEZ_BASE64_ANY};
    const char *at = text->text;
    const char *end = at + text->size;
    uint8_t byte = 0;
    size_t size = 0;
    while (at < end) {
        char character[4];
        size_t step = json_next_character(&at, character);
        int got = step == 1 ? oyez_base64_take(&reader, character[0], &byte) : -1;
        if (got < 0)
            return false;
        if (got > 0 && out)
            out[size] = byte;
        size += (size_t)got;
    }
    *out_size = size;
    return oyez_base64_end(&reader);
}
