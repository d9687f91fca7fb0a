// SPDX-License-Identifier: MIT
#include "tail_from.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "time_argument.h"

#define LAST "last:"

// A number of digits alone, up to `end`.
static bool read_number(uint64_t *out, const char *text, char end)
{
    size_t digits = strspn(text, "0123456789");
    errno = 0;
    *out = strtoull(text, NULL, 10);
    return digits > 0 && text[digits] == end && errno == 0;
}

// No time of RFC 3339 has digits alone before its first colon.
static bool read_cursor(struct tail_from *out, const char *text)
{
    const char *colon = strchr(text, ':');
    return colon != NULL && read_number(&out->epoch, text, ':') &&
           read_number(&out->position, colon + 1, '\0');
}

oyez_err tail_from_read(struct tail_from *out, const char *text, int64_t now)
{
    *out = (struct tail_from){.kind = TAIL_FROM_LIVE};
    if (strcmp(text, "live") == 0) {
        return OYEZ_OK;
    }
    if (strcmp(text, "first") == 0) {
        out->kind = TAIL_FROM_FIRST;
        return OYEZ_OK;
    }
    if (strncmp(text, LAST, strlen(LAST)) == 0) {
        out->kind = TAIL_FROM_LAST;
        return read_number(&out->count, text + strlen(LAST), '\0') && out->count > 0
                   ? OYEZ_OK
                   : oyez_fail(OYEZ_ERR_INVALID, "'%s': last:N takes a whole number from 1", text);
    }
    if (read_cursor(out, text)) {
        out->kind = TAIL_FROM_CURSOR;
        return OYEZ_OK;
    }
    out->kind = TAIL_FROM_TIME;
    if (time_argument_read(&out->time, text, now) != OYEZ_OK) {
        return oyez_fail(OYEZ_ERR_INVALID,
                         "'%s' is none of live, first, last:N, a cursor "
                         "EPOCH:POSITION, and a TIME "
                         "such as 2026-11-20T08:42:45Z or 15m",
                         text);
    }
    return OYEZ_OK;
}
