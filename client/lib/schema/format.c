// SPDX-License-Identifier: MIT
#include "schema/format.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

// RFC 5321: a path of 256 bytes with its angle brackets, a local part of 64.
#define EMAIL_SIZE_MAX 254u
#define EMAIL_LOCAL_SIZE_MAX 64u

// The ctype functions ask the locale; these formats are ASCII.
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_uuid(const char *text, size_t size)
{
    if (size != 36)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex)
            return false;
    }
    return true;
}

// As many digits as `pattern` has zeros, other characters as they stand in it.
static bool has_shape(const char *text, const char *pattern)
{
    for (; *pattern != '\0'; pattern++, text++) {
        if (*pattern == '0' ? !is_digit(*text) : *text != *pattern)
            return false;
    }
    return true;
}

static int two_digits(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

static bool is_date(const char *at)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = two_digits(at) * 100 + two_digits(at + 2);
    int month = two_digits(at + 5);
    int day = two_digits(at + 8);
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

static bool is_offset(const char *at, size_t left)
{
    if (left == 1)
        return *at == 'Z' || *at == 'z';
    return left == 6 && (*at == '+' || *at == '-') && has_shape(at + 1, "00:00") &&
           two_digits(at + 1) < 24 && two_digits(at + 4) < 60;
}

static bool is_timestamp(const char *text, size_t size)
{
    enum { DATE = 10, SECONDS = 19 };
    if (size <= SECONDS || !has_shape(text, "0000-00-00") || !is_date(text))
        return false;
    if ((text[DATE] != 'T' && text[DATE] != 't') || !has_shape(text + DATE + 1, "00:00:00"))
        return false;
    if (two_digits(text + 11) > 23 || two_digits(text + 14) > 59 || two_digits(text + 17) > 60)
        return false;
    size_t at = SECONDS;
    if (text[at] == '.') {
        size_t first = ++at;
        while (at < size && is_digit(text[at]))
            at++;
        if (at == first)
            return false;
    }
    return is_offset(text + at, size - at);
}

static bool is_domain(const char *text, size_t size)
{
    size_t label = 0;
    bool dotted = false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool edge = i + 1 == size || text[i + 1] == '.';
        if (c == '.') {
            if (label == 0)
                return false;
            dotted = true;
            label = 0;
        } else if (c == '-') {
            if (label++ == 0 || edge)
                return false;
        } else if (is_letter(c) || is_digit(c) || (uint8_t)c >= 0x80) {
            label++;
        } else {
            return false;
        }
    }
    return dotted && label > 0;
}

static bool is_email(const char *text, size_t size)
{
    const char *sign = size <= EMAIL_SIZE_MAX ? memchr(text, '@', size) : NULL;
    if (sign == NULL)
        return false;
    size_t local = (size_t)(sign - text);
    if (local == 0 || local > EMAIL_LOCAL_SIZE_MAX || text[0] == '.' || sign[-1] == '.')
        return false;
    for (size_t i = 0; i < local; i++) {
        bool special = memchr("()<>[]:;,\\\"", text[i], 11) != NULL;
        bool twin_dot = text[i] == '.' && text[i + 1] == '.';
        if ((uint8_t)text[i] <= ' ' || text[i] == 0x7f || special || twin_dot)
            return false;
    }
    return is_domain(sign + 1, size - local - 1);
}

// Digits without a leading zero. Returns the bytes, 0 = none.
static size_t measure_number(const char *at, size_t left)
{
    size_t size = 0;
    while (size < left && is_digit(at[size]))
        size++;
    return size > 1 && at[0] == '0' ? 0 : size;
}

// Identifiers between dots, of digits, letters and "-". Numbers of a pre-release have no leading
// zero, those of build metadata may.
static bool are_identifiers(const char *at, size_t size, bool strict)
{
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && at[i] != '.') {
            if (!is_digit(at[i]) && !is_letter(at[i]) && at[i] != '-')
                return false;
            continue;
        }
        size_t length = i - start;
        size_t digits = 0;
        while (digits < length && is_digit(at[start + digits]))
            digits++;
        if (length == 0 || (strict && digits == length && length > 1 && at[start] == '0'))
            return false;
        start = i + 1;
    }
    return true;
}

static bool is_semver(const char *text, size_t size)
{
    size_t at = 0;
    for (int part = 0; part < 3; part++) {
        size_t digits = measure_number(text + at, size - at);
        if (digits == 0)
            return false;
        at += digits;
        if (part < 2 && (at == size || text[at++] != '.'))
            return false;
    }
    const char *plus = at < size ? memchr(text + at, '+', size - at) : NULL;
    size_t end = plus != NULL ? (size_t)(plus - text) : size;
    if (plus != NULL && !are_identifiers(plus + 1, size - end - 1, false))
        return false;
    if (at == end)
        return true;
    return text[at] == '-' && are_identifiers(text + at + 1, end - at - 1, true);
}

bool format_matches(enum plan_format format, const char *text, size_t size)
{
    switch (format) {
    case PLAN_FORMAT_UUID:
        return is_uuid(text, size);
    case PLAN_FORMAT_TIMESTAMP:
        return is_timestamp(text, size);
    case PLAN_FORMAT_EMAIL:
        return is_email(text, size);
    case PLAN_FORMAT_SEMVER:
        return is_semver(text, size);
    case PLAN_FORMAT_NONE:
        break;
    }
    return true;
}

const char *format_name(enum plan_format format)
{
    switch (format) {
    case PLAN_FORMAT_UUID:
        return "a UUID";
    case PLAN_FORMAT_TIMESTAMP:
        return "an RFC 3339 time";
    case PLAN_FORMAT_EMAIL:
        return "an email address";
    case PLAN_FORMAT_SEMVER:
        return "a semantic version";
    case PLAN_FORMAT_NONE:
        break;
    }
    return "any text";
}
