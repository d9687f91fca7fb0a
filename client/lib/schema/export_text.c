// SPDX-License-Identifier: MIT
#include "schema/export_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINT_SIZE_MAX 8192u

void export_print(struct json_text *out, const char *format, ...)
{
    char words[PRINT_SIZE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    json_text_put_words(out, words);
}

void export_string(struct json_text *out, const char *text)
{
    json_text_put_string(out, text, strlen(text));
}

oyez_err export_finish(struct json_text *out, char **text)
{
    json_text_put(out, "", 1);
    *text = out->bytes;
    if (out->failed == OYEZ_OK)
        return OYEZ_OK;
    free(out->bytes);
    *text = NULL;
    return oyez_fail(out->failed, "no memory for the text of a catalog");
}

static void break_line(struct json_text *out, size_t depth)
{
    json_text_put(out, "\n", 1);
    for (size_t i = 0; i < depth; i++)
        json_text_put(out, "  ", 2);
}

// Returns the bytes of the string at `at`, quotes included.
static size_t measure_string(const char *at)
{
    size_t size = 1;
    while (at[size] != '"' && at[size] != '\0')
        size += at[size] == '\\' && at[size + 1] != '\0' ? 2 : 1;
    return at[size] == '"' ? size + 1 : size;
}

void export_indent(struct json_text *out, const char *text)
{
    size_t depth = 0;
    for (const char *at = text; *at != '\0'; at++) {
        bool opens = *at == '{' || *at == '[';
        if (*at == '"') {
            size_t size = measure_string(at);
            json_text_put(out, at, size);
            at += size - 1;
        } else if (opens && (at[1] == '}' || at[1] == ']')) {
            json_text_put(out, at++, 2);
        } else if (opens || *at == ',') {
            json_text_put(out, at, 1);
            depth += opens;
            break_line(out, depth);
        } else if (*at == '}' || *at == ']') {
            break_line(out, --depth);
            json_text_put(out, at, 1);
        } else if (*at == ':') {
            json_text_put(out, ": ", 2);
        } else if (*at != ' ') {
            json_text_put(out, at, 1);
        }
    }
}
