// SPDX-License-Identifier: MIT
#include "time_argument.h"

#include <string.h>
#include <time.h>

#include "oyez/json.h"

#define NANOSECONDS INT64_C(1000000000)

int64_t time_argument_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

static oyez_err refuse(const char *text)
{
    return oyez_fail(OYEZ_ERR_INVALID,
                     "'%s' is no time: neither RFC 3339 such as 2026-11-20T08:42:45Z, nor so long "
                     "ago, such as 90s, 15m, 2h or 3d",
                     text);
}

static int64_t seconds_of(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 60 * 60;
    case 'd':
        return 24 * 60 * 60;
    default:
        return 0;
    }
}

oyez_err time_argument_read(int64_t *out, const char *text, int64_t now)
{
    size_t digits = strspn(text, "0123456789");
    int64_t seconds = digits > 0 ? seconds_of(text[digits]) : 0;
    if (seconds == 0 || text[digits + 1] != '\0') {
        return oyez_time_from_text(out, text) == OYEZ_OK ? OYEZ_OK : refuse(text);
    }
    int64_t number = 0;
    int64_t ago;
    for (size_t i = 0; i < digits; i++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, text[i] - '0', &number)) {
            return refuse(text);
        }
    }
    if (__builtin_mul_overflow(number, seconds * NANOSECONDS, &ago)) {
        return refuse(text);
    }
    // Before 1970 there was nothing: 0 would mean no limit, and that is what it comes to.
    *out = ago < now ? now - ago : 0;
    return OYEZ_OK;
}
