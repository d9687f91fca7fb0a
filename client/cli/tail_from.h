// SPDX-License-Identifier: MIT
// Where a tail begins.
#ifndef OYEZ_TAIL_FROM_H
#define OYEZ_TAIL_FROM_H

#include <stdint.h>

#include "oyez/error.h"

enum tail_from_kind {
    TAIL_FROM_LIVE,   // with what is stamped from now on
    TAIL_FROM_FIRST,  // with the first that is recorded
    TAIL_FROM_LAST,   // with the last `count` that match
    TAIL_FROM_CURSOR, // with the event at `epoch`, `position`, or the first
                      // behind it
    TAIL_FROM_TIME,   // with the first that was stamped at `time` or later
};

struct tail_from {
    enum tail_from_kind kind;
    uint64_t count;
    uint64_t epoch;
    uint64_t position;
    int64_t time; // nanoseconds since 1970
};

// tail_from_read reads live, first, last:N, EPOCH:POSITION or a TIME before
// `now`. OYEZ_ERR_INVALID says what there is.
oyez_err tail_from_read(struct tail_from *out, const char *text, int64_t now);

#endif
