// SPDX-License-Identifier: MIT
#include "base64.h"

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

static int value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

bool oyez_base64_decode(uint8_t *out, size_t room, size_t *size, const char *text, size_t length)
{
    size_t padding = 0;
    uint32_t bits = 0;

    *size = 0;
    if (length % 4 != 0)
        return false;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    if (length / 4 * 3 - padding > room)
        return false;
    for (size_t i = 0; i < length - padding; i++) {
        int six = value(text[i]);
        if (six < 0)
            return false;
        bits = bits << 6 | (uint32_t)six;
        if (i % 4 != 0)
            out[(*size)++] = (uint8_t)(bits >> (6 - i % 4 * 2));
    }
    // Bits that no byte takes have to be zero: one value, one text.
    return (bits & (padding == 2 ? 15u : padding == 1 ? 3u : 0u)) == 0;
}
