// SPDX-License-Identifier: MIT
#include "schema/json_number.h"

#include <stdio.h>
#include <string.h>

#include "schema/number_text.h"

// Far outside of what any double or integer has, exponents stay where they are.
#define EXPONENT_MAX 100000000

struct number {
    bool negative;
    const char *whole; // digits before the point
    size_t whole_size;
    const char *fraction; // digits behind it
    size_t fraction_size;
    long exponent;
};

static size_t count_digits(const char *at, const char *end)
{
    size_t count = 0;
    while (at + count < end && at[count] >= '0' && at[count] <= '9')
        count++;
    return count;
}

static bool split_exponent(struct number *number, const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    size_t digits = count_digits(at, end);
    if (digits == 0 || at + digits != end)
        return false;
    for (; at < end && number->exponent < EXPONENT_MAX; at++)
        number->exponent = number->exponent * 10 + (*at - '0');
    if (negative)
        number->exponent = -number->exponent;
    return true;
}

static bool split(const char *text, size_t size, struct number *number)
{
    const char *at = text;
    const char *end = text + size;
    *number = (struct number){.negative = size > 0 && *at == '-'};
    at += number->negative;
    number->whole = at;
    number->whole_size = count_digits(at, end);
    if (number->whole_size == 0 || (number->whole_size > 1 && *at == '0'))
        return false;
    at += number->whole_size;
    if (at < end && *at == '.') {
        number->fraction = ++at;
        number->fraction_size = count_digits(at, end);
        if (number->fraction_size == 0)
            return false;
        at += number->fraction_size;
    }
    if (at == end)
        return true;
    return (*at == 'e' || *at == 'E') && split_exponent(number, at + 1, end);
}

static char digit_at(const struct number *number, size_t i)
{
    return i < number->whole_size ? number->whole[i] : number->fraction[i - number->whole_size];
}

bool json_number_is_valid(const char *text, size_t size)
{
    struct number number;
    return split(text, size, &number);
}

static bool append_digit(uint64_t *sum, unsigned digit)
{
    return !__builtin_mul_overflow(*sum, 10, sum) && !__builtin_add_overflow(*sum, digit, sum);
}

enum json_integer_result json_integer_read(const char *text, size_t size, struct json_integer *out)
{
    struct number number;
    if (!split(text, size, &number))
        return JSON_INTEGER_NO_NUMBER;
    size_t digits = number.whole_size + number.fraction_size;
    long point = (long)number.whole_size + number.exponent; // where it stands in the end
    uint64_t sum = 0;
    for (size_t i = 0; i < digits; i++) {
        unsigned digit = (unsigned)(digit_at(&number, i) - '0');
        if ((long)i >= point && digit != 0)
            return JSON_INTEGER_NOT_WHOLE;
        if ((long)i < point && !append_digit(&sum, digit))
            return JSON_INTEGER_TOO_LARGE;
    }
    for (long i = (long)digits; sum > 0 && i < point; i++) {
        if (!append_digit(&sum, 0))
            return JSON_INTEGER_TOO_LARGE;
    }
    *out = (struct json_integer){.negative = number.negative && sum > 0, .magnitude = sum};
    return JSON_INTEGER_OK;
}

// Few digits and a small power of ten are both exact as doubles, so one operation rounds once.
static bool read_short(const struct number *number, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t digits = number->whole_size + number->fraction_size;
    if (digits > 15)
        return false;
    long power = number->exponent - (long)number->fraction_size;
    if (power < -22 || power > 22)
        return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < digits; i++)
        sum = sum * 10 + (uint64_t)(digit_at(number, i) - '0');
    double value = (double)sum;
    value = power < 0 ? value / powers[-power] : value * powers[power];
    *out = number->negative ? -value : value;
    return true;
}

// No double, and no middle between two, has more digits than 767: what stands behind them only
// matters as more than nothing.
static bool read_long(const struct number *number, double *out)
{
    enum { KEPT_MAX = 768 };
    char text[KEPT_MAX + 32];
    size_t digits = number->whole_size + number->fraction_size;
    size_t first = 0;
    while (first < digits && digit_at(number, first) == '0')
        first++;
    size_t at = 0;
    if (number->negative)
        text[at++] = '-';
    text[at++] = '0';
    size_t kept = 0;
    for (; kept < KEPT_MAX && first + kept < digits; kept++)
        text[at++] = digit_at(number, first + kept);
    long power = number->exponent + (long)number->whole_size - (long)(first + kept);
    for (size_t i = first + kept; i < digits; i++) {
        if (digit_at(number, i) != '0') {
            text[at++] = '1';
            power--;
            break;
        }
    }
    snprintf(text + at, sizeof text - at, "e%ld", power);
    return number_from_text(text, out);
}

bool json_double_read(const char *text, size_t size, double *out)
{
    struct number number;
    if (!split(text, size, &number))
        return false;
    return read_short(&number, out) || read_long(&number, out);
}
