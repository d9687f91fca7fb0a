// SPDX-License-Identifier: MIT
// A record of the journal as an event: for filters, and as the bus frame in which it travels.
#ifndef OYEZ_EVENT_VIEW_H
#define OYEZ_EVENT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/event.h"
#include "oyez/journal.h"
#include "wire/envelope.h"

// Bytes around a header that stands alone in an Event: tag and length.
#define OYEZ_EVENT_VIEW_WRAPPING 8u

struct oyez_event_view {
    struct oyez_event event; // stamp filled in; pointers lead into the record and the view
    char texts[OYEZ_DECODE_SCRATCH_SIZE];
    uint8_t wrapped[OYEZ_HEADER_SIZE_MAX + OYEZ_EVENT_VIEW_WRAPPING];
};

// oyez_event_view_read makes an event of a record; the view lives as long as the record. False for
// what readers do not see: repeats, gaps, ends of epochs and acts; events that were erased; and
// events whose envelope cannot be read (flagged invalid, verify counts them). An event in conflict
// is one: it happened, and its record says so.
bool oyez_event_view_read(struct oyez_event_view *view, const struct oyez_journal_record *record);

// oyez_event_view_frame_size: bytes of the bus frame of a viewed record.
size_t oyez_event_view_frame_size(const struct oyez_event_view *view,
                                  const struct oyez_journal_record *record);

// oyez_event_view_write_frame writes exactly those bytes: type, NUL, a Batch of this one event.
// Header, details, salt and signature are the stored bytes; around them the Event is written as
// liboyez writes it.
void oyez_event_view_write_frame(const struct oyez_event_view *view,
                                 const struct oyez_journal_record *record, uint8_t *out);

#endif
