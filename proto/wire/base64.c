// SPDX-License-Identifier: MIT
#include "oyez/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t oyez_base64_encode(char *out, const uint8_t *bytes, size_t size)
{
    char *at = out;

    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t three = (uint32_t)bytes[i] << 16;
        three |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        three |= left > 2 ? bytes[i + 2] : 0;
        *at++ = alphabet[three >> 18];
        *at++ = alphabet[three >> 12 & 63];
        *at++ = '=';
        *at++ = '=';
        if (left > 1)
            at[-2] = alphabet[three >> 6 & 63];
        if (left > 2)
            at[-1] = alphabet[three & 63];
    }
    return (size_t)(at - out);
}

static int value_of(char c, enum oyez_base64_form form)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || (c == '-' && form == OYEZ_BASE64_ANY))
        return 62;
    return c == '/' || (c == '_' && form == OYEZ_BASE64_ANY) ? 63 : -1;
}

int oyez_base64_take(struct oyez_base64_reader *reader, char c, uint8_t *byte)
{
    if (c == '=') {
        reader->padding++;
        return 0;
    }
    int value = value_of(c, reader->form);
    if (value < 0 || reader->padding > 0)
        return -1;
    reader->characters++;
    reader->rest = reader->rest << 6 | (uint32_t)value;
    reader->bits += 6;
    if (reader->bits < 8)
        return 0;
    reader->bits -= 8;
    *byte = (uint8_t)(reader->rest >> reader->bits);
    return 1;
}

bool oyez_base64_end(const struct oyez_base64_reader *reader)
{
    size_t last = reader->characters % 4;
    bool padded = reader->padding == (last == 0 ? 0 : 4 - last);
    bool bare = reader->padding == 0 && reader->form == OYEZ_BASE64_ANY;

    return last != 1 && (padded || bare) && (reader->rest & ((1u << reader->bits) - 1)) == 0;
}

bool oyez_base64_decode(uint8_t *out, size_t room, size_t *size, const char *text, size_t length)
{
    struct oyez_base64_reader reader = {.form = OYEZ_BASE64_STRICT};
    uint8_t byte = 0;

    *size = 0;
    for (size_t i = 0; i < length; i++) {
        int got = oyez_base64_take(&reader, text[i], &byte);
        if (got < 0 || (got > 0 && *size == room))
            return false;
        if (got > 0)
            out[(*size)++] = byte;
    }
    return oyez_base64_end(&reader);
}
