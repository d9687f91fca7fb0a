// SPDX-License-Identifier: MIT
#include "json_walk.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_space(const char *at)
{
    while (is_space(*at))
        at++;
    return at;
}

// From the opening quote to behind the closing one, which is the first that no odd number of
// backslashes stands before. Accepted text has one, and long text is searched fastest so.
static const char *skip_string(const char *at)
{
    for (;;) {
        const char *quote = rawmemchr(at + 1, '"');
        const char *before = quote;
        while (before[-1] == '\\')
            before--;
        if ((quote - before) % 2 == 0)
            return quote + 1;
        at = quote;
    }
}

static const char *skip_container(const char *at)
{
    size_t depth = 0;
    do {
        switch (*at) {
        case '"':
            at = skip_string(at);
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        default:
            break;
        }
        at++;
    } while (depth > 0);
    return at;
}

const char *oyez_json_skip(const char *at)
{
    if (*at == '"')
        return skip_string(at);
    if (*at == '{' || *at == '[')
        return skip_container(at);
    while (*at != ',' && *at != '}' && *at != ']' && !is_space(*at))
        at++;
    return at;
}

bool oyez_json_more(const char **at)
{
    // Behind a value stands a comma or a closing bracket, never an opening one.
    const char *token = skip_space(*at);
    if (*token != '}' && *token != ']') {
        token = skip_space(token + 1);
        if (*token != '}' && *token != ']') {
            *at = token;
            return true;
        }
    }
    *at = token + 1;
    return false;
}

const char *oyez_json_read_key(const char *at, struct oyez_json_slice *key)
{
    const char *end = skip_string(at);
    *key = (struct oyez_json_slice){at, (size_t)(end - at)};
    return skip_space(skip_space(end) + 1);
}

bool oyez_json_next_member(const char **cursor, struct oyez_json_slice *key,
                           struct oyez_json_slice *value)
{
    // The cursor stands before the opening brace, or behind the member before.
    const char *at = skip_space(*cursor);
    if (*at == '}')
        return false;
    at = skip_space(at + 1);
    if (*at == '}')
        return false;
    key->text = at;
    at = skip_string(at);
    key->size = (size_t)(at - key->text);
    at = skip_space(skip_space(at) + 1);
    value->text = at;
    at = oyez_json_skip(at);
    value->size = (size_t)(at - value->text);
    *cursor = at;
    return true;
}

size_t oyez_json_compact(char *out, const char *text, size_t size)
{
    const char *end = text + size;
    char *to = out;
    while (text < end) {
        if (*text == '"') {
            const char *after = skip_string(text);
            memcpy(to, text, (size_t)(after - text));
            to += after - text;
            text = after;
        } else if (is_space(*text)) {
            text++;
        } else {
            *to++ = *text++;
        }
    }
    return (size_t)(to - out);
}
