// SPDX-License-Identifier: MIT
#include "schema/well_known.h"

#include <inttypes.h>
#include <stdio.h>

#define SECONDS_A_DAY INT64_C(86400)
#define NANOSECONDS 1000000000
#define TIMESTAMP_MIN INT64_C(-62135596800) // 0001-01-01T00:00:00Z
#define TIMESTAMP_MAX INT64_C(253402300799) // 9999-12-31T23:59:59Z
#define DURATION_MAX INT64_C(315576000000)  // 10,000 years of 365.25 days

// A 400-year cycle has 146,097 days; year 0 here begins in March, so that leap days come last.
#define DAYS_A_CYCLE 146097
#define DAYS_TO_1970 719468

struct reader {
    const char *at;
    const char *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take(struct reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool take_either(struct reader *reader, char a, char b)
{
    return take(reader, a) || take(reader, b);
}

static bool read_digits(struct reader *reader, int count, int min, int max, int *number)
{
    *number = 0;
    if (reader->end - reader->at < count)
        return false;
    for (; count > 0; count--, reader->at++) {
        if (!is_digit(*reader->at))
            return false;
        *number = *number * 10 + (*reader->at - '0');
    }
    return *number >= min && *number <= max;
}

static bool read_fraction(struct reader *reader, int32_t *nanoseconds)
{
    int32_t unit = NANOSECONDS / 10;
    *nanoseconds = 0;
    if (!take(reader, '.'))
        return true;
    const char *first = reader->at;
    for (; reader->at < reader->end && is_digit(*reader->at); reader->at++, unit /= 10) {
        // A tenth digit would be lost.
        if (unit == 0)
            return false;
        *nanoseconds += (*reader->at - '0') * unit;
    }
    return reader->at > first;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static int64_t days_from_date(int year, int month, int day)
{
    year -= month <= 2;
    int cycle = year / 400;
    int year_of_cycle = year - cycle * 400;
    int month_from_march = (month + 9) % 12;
    int day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return (int64_t)cycle * DAYS_A_CYCLE + day_of_cycle - DAYS_TO_1970;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    // Never negative: year 1 is the first.
    int from_start = (int)(days + DAYS_TO_1970);
    int cycle = from_start / DAYS_A_CYCLE;
    int in_cycle = from_start % DAYS_A_CYCLE;
    int year_of_cycle = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int day_of_year = in_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = cycle * 400 + year_of_cycle + (*month <= 2);
}

static bool read_offset(struct reader *reader, int64_t *seconds)
{
    int hour;
    int minute;
    *seconds = 0;
    if (take_either(reader, 'Z', 'z'))
        return true;
    bool west = take(reader, '-');
    if (!west && !take(reader, '+'))
        return false;
    if (!read_digits(reader, 2, 0, 23, &hour) || !take(reader, ':') ||
        !read_digits(reader, 2, 0, 59, &minute))
        return false;
    *seconds = (west ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

bool timestamp_from_text(const char *text, size_t size, struct well_known *out)
{
    struct reader reader = {text, text + size};
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int64_t offset;
    if (!read_digits(&reader, 4, 0, 9999, &year) || !take(&reader, '-') ||
        !read_digits(&reader, 2, 1, 12, &month) || !take(&reader, '-') ||
        !read_digits(&reader, 2, 1, days_in_month(year, month), &day) ||
        !take_either(&reader, 'T', 't'))
        return false;
    if (!read_digits(&reader, 2, 0, 23, &hour) || !take(&reader, ':') ||
        !read_digits(&reader, 2, 0, 59, &minute) || !take(&reader, ':') ||
        !read_digits(&reader, 2, 0, 59, &second))
        return false;
    if (!read_fraction(&reader, &out->nanoseconds) || !read_offset(&reader, &offset) ||
        reader.at != reader.end)
        return false;
    // January of the year 0 would lie before the first cycle.
    if (year == 0 && month <= 2)
        return false;
    out->seconds = days_from_date(year, month, day) * SECONDS_A_DAY + hour * 3600 + minute * 60 +
                   second - offset;
    return out->seconds >= TIMESTAMP_MIN && out->seconds <= TIMESTAMP_MAX;
}

// Returns the bytes, as few groups of three digits as tell it all.
static int print_fraction(char *out, size_t room, int32_t nanoseconds)
{
    if (nanoseconds == 0)
        return 0;
    if (nanoseconds % 1000000 == 0)
        return snprintf(out, room, ".%03d", (int)nanoseconds / 1000000);
    if (nanoseconds % 1000 == 0)
        return snprintf(out, room, ".%06d", (int)nanoseconds / 1000);
    return snprintf(out, room, ".%09d", (int)nanoseconds);
}

size_t timestamp_to_text(const struct well_known *time, char text[WELL_KNOWN_TEXT_SIZE])
{
    if (time->seconds < TIMESTAMP_MIN || time->seconds > TIMESTAMP_MAX || time->nanoseconds < 0 ||
        time->nanoseconds >= NANOSECONDS)
        return 0;
    int64_t days = time->seconds / SECONDS_A_DAY;
    int rest = (int)(time->seconds % SECONDS_A_DAY);
    if (rest < 0) {
        rest += (int)SECONDS_A_DAY;
        days--;
    }
    int year;
    int month;
    int day;
    date_from_days(days, &year, &month, &day);
    int size = snprintf(text, WELL_KNOWN_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d", year, month,
                        day, rest / 3600, rest / 60 % 60, rest % 60);
    size += print_fraction(text + size, WELL_KNOWN_TEXT_SIZE - (size_t)size, time->nanoseconds);
    text[size++] = 'Z';
    text[size] = '\0';
    return (size_t)size;
}

bool duration_from_text(const char *text, size_t size, struct well_known *out)
{
    struct reader reader = {text, text + size};
    bool negative = take(&reader, '-');
    const char *first = reader.at;
    int64_t seconds = 0;
    for (; reader.at < reader.end && is_digit(*reader.at); reader.at++) {
        seconds = seconds * 10 + (*reader.at - '0');
        if (seconds > DURATION_MAX)
            return false;
    }
    if (reader.at == first || !read_fraction(&reader, &out->nanoseconds) || !take(&reader, 's') ||
        reader.at != reader.end)
        return false;
    out->seconds = negative ? -seconds : seconds;
    if (negative)
        out->nanoseconds = -out->nanoseconds;
    return true;
}

size_t duration_to_text(const struct well_known *duration, char text[WELL_KNOWN_TEXT_SIZE])
{
    int64_t seconds = duration->seconds;
    int32_t nanoseconds = duration->nanoseconds;
    bool mixed = (seconds > 0 && nanoseconds < 0) || (seconds < 0 && nanoseconds > 0);
    if (seconds < -DURATION_MAX || seconds > DURATION_MAX || nanoseconds <= -NANOSECONDS ||
        nanoseconds >= NANOSECONDS || mixed)
        return 0;
    bool negative = seconds < 0 || nanoseconds < 0;
    int size = snprintf(text, WELL_KNOWN_TEXT_SIZE, "%s%" PRId64, negative ? "-" : "",
                        negative ? -seconds : seconds);
    size += print_fraction(text + size, WELL_KNOWN_TEXT_SIZE - (size_t)size,
                           negative ? -nanoseconds : nanoseconds);
    text[size++] = 's';
    text[size] = '\0';
    return (size_t)size;
}
