// SPDX-License-Identifier: MIT
#include "demo_details.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_SIZE_MAX 64u

struct output {
    char *text;
    size_t size;
};

static void put(struct output *out, const char *bytes, size_t size)
{
    assert(size < DEMO_DETAILS_SIZE_MAX - out->size);
    memcpy(out->text + out->size, bytes, size);
    out->size += size;
}

static void put_escaped(struct output *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        char escape[8] = {'\\', *text};
        if (c == '"' || c == '\\')
            put(out, escape, 2);
        else if (c < 0x20)
            put(out, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
        else
            put(out, text, 1);
    }
}

static void put_unsigned(struct output *out, unsigned value)
{
    char number[NUMBER_SIZE_MAX];
    put(out, number, (size_t)snprintf(number, sizeof number, "%u", value));
}

static void put_signed(struct output *out, int value)
{
    char number[NUMBER_SIZE_MAX];
    put(out, number, (size_t)snprintf(number, sizeof number, "%d", value));
}

static void put_decimal(struct output *out, int digits, double value)
{
    char number[NUMBER_SIZE_MAX];
    int size = snprintf(number, sizeof number, "%.*f", digits, value);
    assert(size > 0 && (size_t)size < sizeof number);
    put(out, number, (size_t)size);
}

size_t demo_details_format(char text[DEMO_DETAILS_SIZE_MAX], const char *format, va_list arguments)
{
    struct output out = {.text = text};
    for (const char *at = format; *at != '\0'; at++) {
        if (*at == '\'') {
            put(&out, "\"", 1);
        } else if (*at != '%') {
            put(&out, at, 1);
        } else if (*++at == 's') {
            put_escaped(&out, va_arg(arguments, const char *));
        } else if (*at == 'u') {
            put_unsigned(&out, va_arg(arguments, unsigned));
        } else if (*at == 'd') {
            put_signed(&out, va_arg(arguments, int));
        } else if (*at == '%') {
            put(&out, "%", 1);
        } else {
            assert(at[0] == '.' && at[1] >= '0' && at[1] <= '9' && at[2] == 'f');
            put_decimal(&out, at[1] - '0', va_arg(arguments, double));
            at += 2;
        }
    }
    text[out.size] = '\0';
    return out.size;
}
