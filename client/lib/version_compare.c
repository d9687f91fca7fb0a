// SPDX-License-Identifier: MIT
#include <string.h>

#include "oyez/versioning.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_identifier_character(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static bool is_number(const char *text, size_t size)
{
    size_t digits = 0;
    while (digits < size && is_digit(text[digits]))
        digits++;
    return size > 0 && digits == size;
}

// Numbers may have any number of digits: their length decides before their digits do.
static int compare_numbers(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size != b_size)
        return a_size < b_size ? -1 : 1;
    return memcmp(a, b, a_size);
}

// Identifiers with dots between them, up to `end`. `strict`: numbers without leading zeros.
static bool are_identifiers(const char *text, const char *end, bool strict)
{
    while (true) {
        const char *dot = text;
        while (dot < end && is_identifier_character(*dot))
            dot++;
        size_t size = (size_t)(dot - text);
        if (size == 0 || (strict && size > 1 && text[0] == '0' && is_number(text, size)))
            return false;
        if (dot == end)
            return true;
        if (*dot != '.')
            return false;
        text = dot + 1;
    }
}

// The parts of a version: core ends where the pre-release or the build begins.
struct version {
    const char *text;
    const char *core_end;
    const char *pre; // behind the '-'; NULL = none
    const char *pre_end;
};

static bool split(struct version *out, const char *text)
{
    const char *end = text + strlen(text);
    const char *build = memchr(text, '+', (size_t)(end - text));
    const char *stop = build != NULL ? build : end;
    const char *dash = memchr(text, '-', (size_t)(stop - text));
    *out = (struct version){.text = text, .core_end = dash != NULL ? dash : stop};
    if (dash != NULL) {
        out->pre = dash + 1;
        out->pre_end = stop;
    }
    int dots = 0;
    for (const char *c = text; c < out->core_end; c++)
        dots += *c == '.';
    for (const char *c = text; c < out->core_end; c++) {
        if (!is_digit(*c) && *c != '.')
            return false;
    }
    return dots == 2 && are_identifiers(text, out->core_end, true) &&
           (dash == NULL || are_identifiers(out->pre, stop, true)) &&
           (build == NULL || are_identifiers(build + 1, end, false));
}

static int compare_identifiers(const char *a, const char *a_end, const char *b, const char *b_end)
{
    while (true) {
        const char *a_stop = memchr(a, '.', (size_t)(a_end - a));
        const char *b_stop = memchr(b, '.', (size_t)(b_end - b));
        size_t a_size = (size_t)((a_stop != NULL ? a_stop : a_end) - a);
        size_t b_size = (size_t)((b_stop != NULL ? b_stop : b_end) - b);
        bool a_number = is_number(a, a_size);
        bool b_number = is_number(b, b_size);
        int order;
        if (a_number && b_number) {
            order = compare_numbers(a, a_size, b, b_size);
        } else if (a_number != b_number) {
            order = a_number ? -1 : 1;
        } else {
            order = memcmp(a, b, a_size < b_size ? a_size : b_size);
            order = order != 0 ? order : (a_size > b_size) - (a_size < b_size);
        }
        if (order != 0)
            return order;
        if (a_stop == NULL || b_stop == NULL)
            return (a_stop != NULL) - (b_stop != NULL);
        a = a_stop + 1;
        b = b_stop + 1;
    }
}

int oyez_version_compare(const char *a, const char *b, bool *valid)
{
    if (valid != NULL)
        *valid = false;
    if (a == NULL || b == NULL)
        return 0;
    struct version left;
    struct version right;
    bool both = split(&left, a) && split(&right, b);
    if (valid != NULL)
        *valid = both;
    if (!both)
        return 0;
    int order = compare_identifiers(left.text, left.core_end, right.text, right.core_end);
    if (order != 0)
        return order;
    if (left.pre == NULL || right.pre == NULL)
        return (left.pre == NULL) - (right.pre == NULL);
    return compare_identifiers(left.pre, left.pre_end, right.pre, right.pre_end);
}
