// SPDX-License-Identifier: MIT
#include "schema/json_value.h"

#include <string.h>

#include "schema/key_order.h"

// Of a name that is written with escapes, decoded.
#define FIELD_NAME_SIZE_MAX 512u

struct json_string json_string_of(const struct oyez_json_slice *slice)
{
    struct json_string string = {.text = slice->text + 1, .size = slice->size - 2};
    string.escaped = memchr(string.text, '\\', string.size) != NULL;
    return string;
}

static uint32_t read_code_unit(const char *at)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = (uint8_t)at[i];
        unit = unit * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

static size_t encode_character(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

// The scanner has seen that the second half of a pair follows its first.
static size_t decode_unicode(const char **at, char out[4])
{
    uint32_t unit = read_code_unit(*at + 2);
    *at += 6;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        uint32_t low = read_code_unit(*at + 2);
        *at += 6;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    return encode_character(unit, out);
}

static size_t decode_escape(const char **at, char out[4])
{
    static const char meanings[] = "b\bf\fn\nr\rt\t";
    char c = (*at)[1];
    if (c == 'u')
        return decode_unicode(at, out);
    *at += 2;
    out[0] = c;
    for (const char *meaning = meanings; *meaning; meaning += 2) {
        if (*meaning == c)
            out[0] = meaning[1];
    }
    return 1;
}

size_t json_next_character(const char **at, char out[4])
{
    uint8_t first = (uint8_t) * *at;
    if (first == '\\')
        return decode_escape(at, out);
    size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    memcpy(out, *at, size);
    *at += size;
    return size;
}

size_t json_string_decode(char *out, size_t room, const struct json_string *string, bool *whole)
{
    const char *at = string->text;
    const char *end = at + string->size;
    size_t size = 0;
    char character[4];
    while (at < end) {
        size_t step = json_next_character(&at, character);
        if (step > room - size) {
            *whole = false;
            return size;
        }
        memcpy(out + size, character, step);
        size += step;
    }
    *whole = true;
    return size;
}

size_t json_string_count(const struct json_string *string)
{
    const char *at = string->text;
    const char *end = at + string->size;
    size_t count = 0;
    char character[4];
    for (; at < end; count++)
        json_next_character(&at, character);
    return count;
}

static int compare_decoded(const struct json_string *a, const struct json_string *b)
{
    const char *a_at = a->text;
    const char *b_at = b->text;
    const char *a_end = a_at + a->size;
    const char *b_end = b_at + b->size;
    while (a_at < a_end && b_at < b_end) {
        char a_character[4];
        char b_character[4];
        size_t a_size = json_next_character(&a_at, a_character);
        size_t b_size = json_next_character(&b_at, b_character);
        // The first byte of a character says how many follow.
        int order = memcmp(a_character, b_character, a_size < b_size ? a_size : b_size);
        if (order != 0)
            return order;
    }
    return (a_at < a_end) - (b_at < b_end);
}

int json_string_compare(const struct json_string *a, const struct json_string *b)
{
    if (a->escaped || b->escaped)
        return compare_decoded(a, b);
    int order = memcmp(a->text, b->text, a->size < b->size ? a->size : b->size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static int compare_keys(const void *base, uint32_t a, uint32_t b)
{
    struct oyez_json_slice a_key;
    struct oyez_json_slice b_key;
    oyez_json_read_key((const char *)base + a, &a_key);
    oyez_json_read_key((const char *)base + b, &b_key);
    struct json_string a_string = json_string_of(&a_key);
    struct json_string b_string = json_string_of(&b_key);
    return json_string_compare(&a_string, &b_string);
}

int json_keys_repeat(const char *at, struct oyez_json_slice *key)
{
    const char *base = at;
    uint32_t keys[OYEZ_DETAILS_KEYS_MAX];
    size_t count = 0;
    while (oyez_json_more(&at)) {
        if (count == OYEZ_DETAILS_KEYS_MAX)
            return -1;
        keys[count++] = (uint32_t)(at - base);
        at = oyez_json_skip(oyez_json_read_key(at, key));
    }
    uint32_t which;
    if (!keys_repeat(keys, count, base, compare_keys, &which))
        return 0;
    oyez_json_read_key(base + which, key);
    return 1;
}

// As deep as the scanner lets JSON be.
int json_keys_repeat_within(const char *at, struct oyez_json_slice *key)
{
    bool object = *at == '{';
    if (!object && *at != '[')
        return 0;
    int repeats = object ? json_keys_repeat(at, key) : 0;
    while (repeats == 0 && oyez_json_more(&at)) {
        struct oyez_json_slice member;
        if (object)
            at = oyez_json_read_key(at, &member);
        repeats = json_keys_repeat_within(at, key);
        at = oyez_json_skip(at);
    }
    return repeats;
}

size_t json_compact_count(const char *text, size_t size)
{
    size_t count = 0;
    bool in_string = false;
    for (const char *at = text; at < text + size; at++) {
        if (*at == '"')
            in_string = !in_string;
        else if (in_string && *at == '\\')
            count++, at++;
        else if (!in_string && memchr(" \t\r\n", *at, 4) != NULL)
            continue;
        count += ((uint8_t)*at & 0xC0) != 0x80;
    }
    return count;
}

const struct plan_field *json_field_find(const struct plan *plan, const struct oyez_json_slice *key)
{
    struct json_string name = json_string_of(key);
    if (!name.escaped)
        return plan_field_by_name(plan, name.text, name.size);
    char decoded[FIELD_NAME_SIZE_MAX];
    bool whole;
    size_t size = json_string_decode(decoded, sizeof decoded, &name, &whole);
    return whole ? plan_field_by_name(plan, decoded, size) : NULL;
}
