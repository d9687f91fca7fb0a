// SPDX-License-Identifier: MIT
#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 256u

bool json_text_reserve(struct json_text *text, size_t more)
{
    if (text->failed)
        return false;
    size_t needed = text->size + more;
    if (text->size_max > 0 && needed > text->size_max) {
        text->failed = OYEZ_ERR_TOO_LARGE;
        return false;
    }
    if (needed <= text->capacity)
        return true;
    size_t capacity = text->capacity > 0 ? text->capacity * 2 : CAPACITY_FIRST;
    if (capacity < needed)
        capacity = needed;
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        text->failed = OYEZ_ERR_NO_MEMORY;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void json_text_put(struct json_text *text, const char *bytes, size_t size)
{
    if (size > 0 && json_text_reserve(text, size)) {
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
    }
}

void json_text_put_words(struct json_text *text, const char *words)
{
    json_text_put(text, words, strlen(words));
}

static void put_escaped(struct json_text *text, unsigned char c)
{
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *form = short_forms; *form; form += 2) {
        if ((unsigned char)form[0] == c) {
            json_text_put(text, (char[]){'\\', form[1]}, 2);
            return;
        }
    }
    char escape[8];
    int size = snprintf(escape, sizeof escape, "\\u%04x", c);
    json_text_put(text, escape, (size_t)size);
}

void json_text_put_string(struct json_text *text, const char *string, size_t size)
{
    json_text_put(text, "\"", 1);
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)string[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        json_text_put(text, string + start, i - start);
        put_escaped(text, c);
        start = i + 1;
    }
    json_text_put(text, string + start, size - start);
    json_text_put(text, "\"", 1);
}

void json_text_put_unsigned(struct json_text *text, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    json_text_put(text, digits + at, sizeof digits - at);
}

void json_text_put_signed(struct json_text *text, int64_t number)
{
    if (number < 0)
        json_text_put(text, "-", 1);
    // The negative of the smallest number has no place among the signed ones.
    json_text_put_unsigned(text, number < 0 ? UINT64_C(0) - (uint64_t)number : (uint64_t)number);
}
