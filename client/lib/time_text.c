// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "argument.h"
#include "oyez/json.h"

#define NANOSECONDS INT64_C(1000000000)
#define SECONDS_A_DAY 86400
#define YEAR_FIRST 1970
#define YEAR_LAST 2262

void oyez_time_to_text(int64_t nanoseconds, char text[OYEZ_TIME_TEXT_SIZE])
{
    if (text == NULL)
        return;
    int64_t seconds = nanoseconds / NANOSECONDS;
    int64_t fraction = nanoseconds % NANOSECONDS;
    if (fraction < 0) {
        fraction += NANOSECONDS;
        seconds--;
    }
    time_t clock = (time_t)seconds;
    struct tm tm;
    gmtime_r(&clock, &tm);
    // 64 bits of nanoseconds end in 2262, so every part has its width; the masks tell gcc.
    snprintf(text, OYEZ_TIME_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ",
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
             (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
             (unsigned)tm.tm_sec % 100, (unsigned)fraction);
}

// Exactly `digits` digits at *at, and moves behind them; -1 when they are not.
static int read_number(const char **at, int digits)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return -1;
        number = number * 10 + (c - '0');
    }
    *at += digits;
    return number;
}

static bool read_character(const char **at, const char *choices)
{
    if (**at == '\0' || strchr(choices, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

// Days from 1970-01-01 to a date. A loop of at most 292 years is cheap enough and plainly right.
static int64_t count_days(int year, int month, int day)
{
    int64_t days = day - 1;
    for (int y = YEAR_FIRST; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    return days;
}

// Seconds since 1970 of "2026-11-20T08:42:45", offset not applied.
static bool read_date_time(const char **at, int64_t *seconds, bool *leap_second)
{
    int year = read_number(at, 4);
    if (year < YEAR_FIRST - 1 || year > YEAR_LAST || !read_character(at, "-"))
        return false;
    int month = read_number(at, 2);
    if (month < 1 || month > 12 || !read_character(at, "-"))
        return false;
    int day = read_number(at, 2);
    if (day < 1 || day > days_in_month(year, month) || !read_character(at, "Tt"))
        return false;
    int hour = read_number(at, 2);
    if (hour < 0 || hour > 23 || !read_character(at, ":"))
        return false;
    int minute = read_number(at, 2);
    if (minute < 0 || minute > 59 || !read_character(at, ":"))
        return false;
    int second = read_number(at, 2);
    if (second < 0 || second > 60)
        return false;
    // The last evening of 1969 may be 1970 in UTC.
    int64_t days =
        year < YEAR_FIRST ? count_days(YEAR_FIRST, month, day) - 365 : count_days(year, month, day);
    *seconds = days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
    *leap_second = second == 60;
    return true;
}

static bool read_fraction(const char **at, int64_t *nanoseconds)
{
    int64_t unit = NANOSECONDS / 10;
    *nanoseconds = 0;
    if (**at != '.')
        return true;
    (*at)++;
    if (**at < '0' || **at > '9')
        return false;
    for (; **at >= '0' && **at <= '9' && unit > 0; (*at)++, unit /= 10)
        *nanoseconds += (**at - '0') * unit;
    return true;
}

// Seconds that the local time is ahead of UTC.
static bool read_offset(const char **at, int64_t *seconds)
{
    *seconds = 0;
    if (read_character(at, "Zz"))
        return true;
    bool west = **at == '-';
    if (!read_character(at, "+-"))
        return false;
    int hour = read_number(at, 2);
    if (hour < 0 || hour > 23 || !read_character(at, ":"))
        return false;
    int minute = read_number(at, 2);
    if (minute < 0 || minute > 59)
        return false;
    *seconds = (west ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

oyez_err oyez_time_from_text(int64_t *nanoseconds, const char *text)
{
    REQUIRE_ARGUMENT(nanoseconds);
    REQUIRE_ARGUMENT(text);
    const char *at = text;
    int64_t seconds;
    int64_t fraction;
    int64_t offset;
    bool leap_second;
    if (!read_date_time(&at, &seconds, &leap_second) || !read_fraction(&at, &fraction) ||
        !read_offset(&at, &offset) || *at != '\0')
        return oyez_fail(OYEZ_ERR_INVALID, "not an RFC 3339 time such as 2026-11-20T08:42:45Z");
    seconds -= offset;
    // Leap seconds end days in UTC; counted as :60 they are already the next day's first second.
    if (leap_second && seconds % SECONDS_A_DAY != 0)
        return oyez_fail(OYEZ_ERR_INVALID, "second 60 only stands at the end of a day in UTC");
    int64_t total;
    if (seconds < 0 || __builtin_mul_overflow(seconds, NANOSECONDS, &total) ||
        __builtin_add_overflow(total, fraction, &total))
        return oyez_fail(OYEZ_ERR_INVALID, "a time before 1970 or after April 2262");
    *nanoseconds = total;
    return OYEZ_OK;
}
