// SPDX-License-Identifier: MIT
#include "schema/json_base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(char *out, const uint8_t *bytes, size_t size)
{
    for (; size >= 3; size -= 3, bytes += 3) {
        uint32_t group = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        *out++ = alphabet[group >> 18];
        *out++ = alphabet[group >> 12 & 63];
        *out++ = alphabet[group >> 6 & 63];
        *out++ = alphabet[group & 63];
    }
    if (size == 0)
        return;
    uint32_t group = (uint32_t)bytes[0] << 16 | (size == 2 ? (uint32_t)bytes[1] << 8 : 0);
    *out++ = alphabet[group >> 18];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = size == 2 ? alphabet[group >> 6 & 63] : '=';
    *out = '=';
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

static bool is_end_right(size_t characters, size_t padding, uint32_t rest, unsigned bits)
{
    size_t last = characters % 4;
    bool padded_right = padding == 0 || (last != 0 && padding == 4 - last);
    return last != 1 && padded_right && (rest & ((1u << bits) - 1)) == 0;
}

bool base64_decode(uint8_t *out, size_t *out_size, const struct json_string *text)
{
    const char *at = text->text;
    const char *end = at + text->size;
    uint32_t rest = 0; // bits that do not fill a byte yet are its lowest
    unsigned bits = 0;
    size_t characters = 0;
    size_t padding = 0;
    size_t size = 0;
    while (at < end) {
        char character[4];
        size_t step = json_next_character(&at, character);
        if (step == 1 && character[0] == '=') {
            padding++;
            continue;
        }
        int value = step == 1 ? value_of(character[0]) : -1;
        if (value < 0 || padding > 0)
            return false;
        characters++;
        rest = rest << 6 | (uint32_t)value;
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        if (out)
            out[size] = (uint8_t)(rest >> bits);
        size++;
    }
    *out_size = size;
    return is_end_right(characters, padding, rest, bits);
}
