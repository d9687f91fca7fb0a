// SPDX-License-Identifier: MIT
#include "place_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "time_argument.h"

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
// No epoch is so small: it counts microseconds since 1970.
#define HOURS_MAX 24

// Numbers between colons; how many there are, 0 where it is something else.
static size_t read_numbers(uint64_t numbers[3], const char *text)
{
    size_t count = 0;
    while (count < 3) {
        char *end;
        size_t digits = strspn(text, "0123456789");
        errno = 0;
        numbers[count++] = strtoull(text, &end, 10);
        if (digits == 0 || errno != 0 || (*end != ':' && *end != '\0')) {
            return 0;
        }
        if (*end == '\0') {
            return count;
        }
        text = end + 1;
    }
    return 0;
}

static bool read_day_time(struct place_text *out, const uint64_t numbers[3], size_t count,
                          int64_t now)
{
    struct tm parts;
    time_t today = (time_t)(now / NANOSECONDS_PER_SECOND);
    uint64_t seconds = count == 3 ? numbers[2] : 0;
    if (numbers[0] >= HOURS_MAX || numbers[1] >= 60 || seconds >= 60 ||
        localtime_r(&today, &parts) == NULL) {
        return false;
    }
    parts.tm_hour = (int)numbers[0];
    parts.tm_min = (int)numbers[1];
    parts.tm_sec = (int)seconds;
    parts.tm_isdst = -1;
    out->time = (int64_t)mktime(&parts) * NANOSECONDS_PER_SECOND;
    return true;
}

oyez_err place_text_read(struct place_text *out, const char *text, int64_t now)
{
    uint64_t numbers[3] = {0};
    *out = (struct place_text){0};
    if (strcmp(text, "first") == 0) {
        return OYEZ_OK;
    }
    if (strcmp(text, "last") == 0) {
        out->time = INT64_MAX;
        return OYEZ_OK;
    }
    size_t count = read_numbers(numbers, text);
    if (count >= 2 && read_day_time(out, numbers, count, now)) {
        return OYEZ_OK;
    }
    if (count == 2) {
        out->by_cursor = true;
        out->epoch = numbers[0];
        out->position = numbers[1];
        return OYEZ_OK;
    }
    if (time_argument_read(&out->time, text, now) == OYEZ_OK) {
        return OYEZ_OK;
    }
    return oyez_fail(OYEZ_ERR_INVALID,
                     "'%.60s' is no place: 18:05, 15m, 2026-11-20T18:05:00Z, "
                     "EPOCH:POSITION, first or last",
                     text);
}
