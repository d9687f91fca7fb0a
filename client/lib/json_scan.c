// SPDX-License-Identifier: MIT
#include "json_scan.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/envelope.h"

static const char rule_syntax[] = "not a JSON object";
static const char rule_nested[] = "not a JSON object or array";
static const char rule_depth[] = "objects and arrays nested too deeply";
static const char rule_utf8[] = "not UTF-8";
static const char rule_control[] = "a control character in a string";
static const char rule_surrogate[] = "half a surrogate pair";
static const char rule_nul_key[] = "a NUL in a key";
static const char rule_number[] = "a number too large for a double";

struct scan {
    const uint8_t *at;
    const uint8_t *end;
    const char *rule; // broken at `at`
    size_t depth_max;
    size_t depth;
    bool in_object[OYEZ_JSON_EVENT_DEPTH_MAX];
};

static bool refuse(struct scan *scan, const char *rule)
{
    scan->rule = rule;
    return false;
}

// 0 at the end: a NUL byte is no token either.
static uint8_t peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : 0;
}

static uint8_t peek_token(struct scan *scan)
{
    while (scan->at < scan->end) {
        uint8_t c = *scan->at;
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return c;
        scan->at++;
    }
    return 0;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

// The four digits after \u at `at`; -1 when they are not.
static int read_code_unit(const struct scan *scan, const uint8_t *at)
{
    int unit = 0;
    if (scan->end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        uint8_t c = at[i];
        uint8_t lower = c | 0x20;
        if (is_digit(c))
            unit = unit * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            unit = unit * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return unit;
}

static bool scan_unicode_escape(struct scan *scan, bool is_key)
{
    const uint8_t *digits = scan->at + 2;
    int unit = read_code_unit(scan, digits);
    if (unit < 0)
        return refuse(scan, rule_syntax);
    if (unit == 0 && is_key)
        return refuse(scan, rule_nul_key);
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return refuse(scan, rule_surrogate);
    if (unit < 0xD800 || unit > 0xDBFF) {
        scan->at = digits + 4;
        return true;
    }
    const uint8_t *second = digits + 4;
    if (scan->end - second < 6 || second[0] != '\\' || second[1] != 'u')
        return refuse(scan, rule_surrogate);
    int low = read_code_unit(scan, second + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return refuse(scan, rule_surrogate);
    scan->at = second + 6;
    return true;
}

static bool scan_escape(struct scan *scan, bool is_key)
{
    if (scan->end - scan->at < 2) {
        scan->at = scan->end;
        return refuse(scan, rule_syntax);
    }
    switch (scan->at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        scan->at += 2;
        return true;
    case 'u':
        return scan_unicode_escape(scan, is_key);
    default:
        return refuse(scan, rule_syntax);
    }
}

static bool scan_multibyte(struct scan *scan)
{
    uint8_t lead = *scan->at;
    size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if ((size_t)(scan->end - scan->at) < size || !oyez_utf8_is_valid(scan->at, size))
        return refuse(scan, rule_utf8);
    scan->at += size;
    return true;
}

static bool scan_string(struct scan *scan, bool is_key)
{
    scan->at++;
    while (scan->at < scan->end) {
        uint8_t c = *scan->at;
        if (c == '"') {
            scan->at++;
            return true;
        }
        if (c == '\\') {
            if (!scan_escape(scan, is_key))
                return false;
        } else if (c >= 0x80) {
            if (!scan_multibyte(scan))
                return false;
        } else if (c < 0x20) {
            return refuse(scan, rule_control);
        } else {
            scan->at++;
        }
    }
    return refuse(scan, rule_syntax);
}

// The exponent behind e or E; far outside of what any double has it stays where it is.
static long long read_exponent(const uint8_t *at, const uint8_t *end)
{
    long long exponent = 0;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;
    for (; at < end && exponent < 1000000000000; at++)
        exponent = exponent * 10 + (*at - '0');
    return negative ? -exponent : exponent;
}

// Whether a number of the grammar rounds to infinity. The first digits decide, however many there
// are; written as an integer they do not depend on the locale's decimal point.
static bool is_beyond_double(const uint8_t *at, const uint8_t *end)
{
    enum { KEPT_MAX = 40, LARGEST_POWER = 309 };
    char text[KEPT_MAX + 8];
    size_t kept = 0;
    long long exponent = 0;
    bool fraction = false;
    for (at += *at == '-'; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        bool keep = kept < KEPT_MAX && (kept > 0 || *at != '0');
        bool leading_zero = kept == 0 && *at == '0';
        if (keep)
            text[kept++] = (char)*at;
        if (fraction && (keep || leading_zero))
            exponent--;
        else if (!fraction && !keep && !leading_zero)
            exponent++;
    }
    if (at < end)
        exponent += read_exponent(at + 1, end);
    long long power = exponent + (long long)kept;
    if (kept == 0 || power < LARGEST_POWER)
        return false;
    if (power > LARGEST_POWER)
        return true;
    snprintf(text + kept, sizeof text - kept, "e%d", (int)exponent);
    return isinf(strtod(text, NULL));
}

static bool scan_digits(struct scan *scan)
{
    const uint8_t *start = scan->at;
    while (scan->at < scan->end && is_digit(*scan->at))
        scan->at++;
    return scan->at > start || refuse(scan, rule_syntax);
}

static bool scan_number(struct scan *scan)
{
    const uint8_t *start = scan->at;
    scan->at += peek(scan) == '-';
    if (peek(scan) == '0')
        scan->at++;
    else if (!scan_digits(scan))
        return false;
    bool large = scan->at - start > 300;
    if (peek(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        large = true;
        scan->at++;
        scan->at += peek(scan) == '-' || peek(scan) == '+';
        if (!scan_digits(scan))
            return false;
    }
    if (large && is_beyond_double(start, scan->at)) {
        scan->at = start;
        return refuse(scan, rule_number);
    }
    return true;
}

static bool scan_literal(struct scan *scan, const char *literal, size_t size)
{
    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, literal, size) != 0)
        return refuse(scan, rule_syntax);
    scan->at += size;
    return true;
}

static bool scan_scalar(struct scan *scan, uint8_t first)
{
    switch (first) {
    case '"':
        return scan_string(scan, false);
    case 't':
        return scan_literal(scan, "true", 4);
    case 'f':
        return scan_literal(scan, "false", 5);
    case 'n':
        return scan_literal(scan, "null", 4);
    default:
        return scan_number(scan);
    }
}

static bool scan_key(struct scan *scan)
{
    if (peek_token(scan) != '"')
        return refuse(scan, rule_syntax);
    if (!scan_string(scan, true))
        return false;
    if (peek_token(scan) != ':')
        return refuse(scan, rule_syntax);
    scan->at++;
    return true;
}

// Enters an object or array; leaves it at once when it is empty.
static bool scan_opening(struct scan *scan, bool object, bool *empty)
{
    if (scan->depth == scan->depth_max)
        return refuse(scan, rule_depth);
    scan->at++;
    *empty = peek_token(scan) == (object ? '}' : ']');
    if (*empty) {
        scan->at++;
        return true;
    }
    scan->in_object[scan->depth++] = object;
    return object ? scan_key(scan) : true;
}

// After a value: leaves what ends here, up to where the next value begins, or to the very end.
static bool scan_closings(struct scan *scan)
{
    while (scan->depth > 0) {
        bool object = scan->in_object[scan->depth - 1];
        uint8_t c = peek_token(scan);
        if (c == ',') {
            scan->at++;
            return object ? scan_key(scan) : true;
        }
        if (c != (object ? '}' : ']'))
            return refuse(scan, rule_syntax);
        scan->at++;
        scan->depth--;
    }
    return true;
}

static bool scan_text(struct scan *scan)
{
    do {
        uint8_t c = peek_token(scan);
        if (c == '{' || c == '[') {
            bool empty;
            if (!scan_opening(scan, c == '{', &empty))
                return false;
            if (!empty)
                continue;
        } else if (!scan_scalar(scan, c)) {
            return false;
        }
        if (!scan_closings(scan))
            return false;
    } while (scan->depth > 0);
    peek_token(scan);
    return scan->at == scan->end || refuse(scan, rule_syntax);
}

static bool scan_whole(const char *text, size_t size, size_t depth_max, bool array_too,
                       struct oyez_json_fault *fault)
{
    assert(depth_max <= OYEZ_JSON_EVENT_DEPTH_MAX);
    const uint8_t *start = (const uint8_t *)text;
    struct scan scan = {.at = start, .end = start + size, .depth_max = depth_max};
    uint8_t first = peek_token(&scan);
    bool opens = first == '{' || (array_too && first == '[');
    if (opens ? scan_text(&scan) : refuse(&scan, rule_syntax))
        return true;
    fault->rule = array_too && scan.rule == rule_syntax ? rule_nested : scan.rule;
    fault->byte = (size_t)(scan.at - start) + 1;
    return false;
}

bool oyez_json_scan(const char *text, size_t size, size_t depth_max, struct oyez_json_fault *fault)
{
    return scan_whole(text, size, depth_max, false, fault);
}

bool oyez_json_scan_nested(const char *text, size_t size, size_t depth_max,
                           struct oyez_json_fault *fault)
{
    return scan_whole(text, size, depth_max, true, fault);
}
