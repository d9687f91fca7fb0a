// SPDX-License-Identifier: MIT
// An event of a batch as the journal is to have it, before anybody asks whether it is known.
#ifndef OYEZ_RECORDER_ARRIVAL_H
#define OYEZ_RECORDER_ARRIVAL_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"
#include "wire/batch.h"
#include "wire/envelope.h"

// Reads events; one for a thread.
struct recorder_arrivals {
    struct oyez_event event;
    char scratch[OYEZ_DECODE_SCRATCH_SIZE];
    uint8_t *unreadable; // bytes of an event whose envelope cannot be read
    size_t unreadable_room;
};

// recorder_arrival_read makes the record of event number `i` of a batch; event_type is set in any
// case. Pointers lead into the event and into `arrivals`, until the next call. An event that breaks
// a rule is flagged invalid; one whose envelope cannot be read has details_format 0.
// OYEZ_ERR_NO_MEMORY.
oyez_err recorder_arrival_read(struct recorder_arrivals *arrivals, const struct oyez_batch *batch,
                               uint32_t i, const uint8_t *event, size_t size,
                               struct oyez_journal_record *out);

void recorder_arrivals_free(struct recorder_arrivals *arrivals);

#endif
