// SPDX-License-Identifier: MIT
#include "schema/characters.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"
#define ELLIPSIS_SIZE (sizeof ELLIPSIS - 1)

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t characters_next(const char *at, size_t left, uint32_t *code)
{
    const uint8_t *bytes = (const uint8_t *)at;
    if (left == 0)
        return 0;
    uint8_t first = bytes[0];
    *code = first;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (left < size)
        return 0;
    uint32_t sum = first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (!is_continuation(bytes[i]))
            return 0;
        sum = sum << 6 | (bytes[i] & 0x3fu);
    }
    bool overlong = (size == 3 && sum < 0x800) || (size == 4 && sum < 0x10000);
    if (overlong || (sum >= 0xd800 && sum <= 0xdfff) || sum > 0x10ffff)
        return 0;
    *code = sum;
    return size;
}

static size_t skip_ascii(const char *text, size_t size)
{
    size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (at < size && (uint8_t)text[at] < 0x80)
        at++;
    return at;
}

bool characters_count(const char *text, size_t size, size_t *count)
{
    size_t at = skip_ascii(text, size);
    size_t sum = at;
    while (at < size) {
        uint32_t code;
        size_t step = characters_next(text + at, size - at, &code);
        if (step == 0)
            return false;
        at += step;
        sum++;
    }
    *count = sum;
    return true;
}

static bool is_printable(uint32_t code)
{
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool separator = code == 0x2028 || code == 0x2029;
    bool direction = code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
                     (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f);
    return !control && !separator && !direction && code != 0xfeff;
}

size_t characters_print(char *out, size_t room, size_t count_max, const char *text, size_t size)
{
    size_t written = 0;
    size_t count = 0;
    size_t at = 0;
    if (room <= ELLIPSIS_SIZE)
        count_max = 0;
    while (at < size) {
        uint32_t code;
        size_t step = characters_next(text + at, size - at, &code);
        bool shown = step > 0 && is_printable(code);
        size_t take = shown ? step : 1;
        if (count == count_max || written + take + ELLIPSIS_SIZE >= room)
            break;
        memcpy(out + written, shown ? text + at : "?", take);
        written += take;
        at += step > 0 ? step : 1;
        count++;
    }
    if (at < size && room > ELLIPSIS_SIZE) {
        memcpy(out + written, ELLIPSIS, ELLIPSIS_SIZE);
        written += ELLIPSIS_SIZE;
    }
    if (room > 0)
        out[written] = '\0';
    return written;
}
