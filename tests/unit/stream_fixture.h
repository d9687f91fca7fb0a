// SPDX-License-Identifier: MIT
// A stream over a source that a test fills, and a clock that it sets.
#ifndef OYEZ_STREAM_FIXTURE_H
#define OYEZ_STREAM_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "stream_stage.h"

#define SOURCE_EVENTS_MAX 4096u

struct scripted_source {
    struct oyez_event events[SOURCE_EVENTS_MAX];
    char ids[SOURCE_EVENTS_MAX][16]; // plan_id of each: its number as text
    size_t given;                    // that are there
    size_t taken;
    oyez_err end; // what comes behind them; OYEZ_OK = nothing yet
    struct inbox_watch *watch;
    bool closed;
    uint64_t now_ms;
};

// A stream of the source by the source's clock. The source must outlive it.
oyez_stream *stream_of(struct scripted_source *source);

// `count` events come in: plan.created, with the numbers from the last one on, from 1, as plan_id.
void give(struct scripted_source *source, size_t count);

// Gives one event of that type.
void give_type(struct scripted_source *source, const char *event_type);

// The number of the event that the stream gives next, which must be there. Of a batch its last one's.
uint64_t next_number(oyez_stream *stream);

// What the stream gives when nothing is to come: the error.
oyez_err next_error(oyez_stream *stream);

uint64_t number_of(const struct oyez_event *event);

#endif
