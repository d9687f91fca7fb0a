// SPDX-License-Identifier: MIT
// The bytes of an act that erases events: a line for each, then who and why.
#ifndef OYEZ_ERASURE_ACT_H
#define OYEZ_ERASURE_ACT_H

#include "oyez/journal.h"

#define OYEZ_ERASURE_LINE_MAX 96u
#define OYEZ_ERASURE_ACT_MAX 61440u // bytes of one act, so that a leaf holds it

// An event as an act names it.
struct oyez_erasure_event {
    uint64_t epoch, position;
    struct oyez_uuid event_id;
};

// oyez_erasure_put_event writes its line, without a NUL, and tells its size.
size_t oyez_erasure_put_event(char out[OYEZ_ERASURE_LINE_MAX],
                              const struct oyez_journal_record *event);

// oyez_erasure_next_event reads the next event of an act: start with *at = 0. False: there is no other.
bool oyez_erasure_next_event(const struct oyez_journal_record *act, size_t *at,
                             struct oyez_erasure_event *out);

#endif
