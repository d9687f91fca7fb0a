// SPDX-License-Identifier: MIT
// The recorded part of a tail: read up to where the live part has surely begun,
// so that nothing is missing between the two, and nothing comes twice.
#ifndef OYEZ_TAIL_HISTORY_H
#define OYEZ_TAIL_HISTORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/query.h"
#include "tail_from.h"

struct tail_history {
    struct tail_from from;
    oyez_client *client;
    oyez_subscription *subscription; // proved active, without a handler
    struct oyez_query_options query; // patterns and conditions
    uint32_t timeout_ms;
    // Shows one event; false = that was the last.
    bool (*show)(void *arg, const struct oyez_event *event);
    // Whether it is time to end.
    bool (*is_over)(void *arg);
    void *arg;

    // Filled in while it is read.
    bool ended;     // show or is_over said so: no live part
    bool has_shown; // an event with this cursor:
    uint64_t epoch; // of the event shown last
    uint64_t position;
    bool was_answered; // by a recorder, once
    atomic_bool is_reading;
    atomic_bool missed; // the live part dropped events meanwhile
};

// tail_history_read shows what is recorded, until it has reached the place
// where the broker stood when this began. OYEZ_OK: go on with the live part, or
// history->ended. Fails where nobody answers at first (OYEZ_ERR_NO_RECORDER and
// so on); a recorder that goes later is told on stderr, and is no failure.
// Blocks.
oyez_err tail_history_read(struct tail_history *history);

// tail_history_has: whether a live event was shown already, or comes before
// where the tail begins.
bool tail_history_has(const struct tail_history *history, const struct oyez_event *event);

// tail_history_takes a notice: while history is read, live events that were
// lost or dropped are no news, for they are read again. True: there is nothing
// to tell. On the client's thread.
bool tail_history_takes(struct tail_history *history, const struct oyez_notice *notice);

#endif
