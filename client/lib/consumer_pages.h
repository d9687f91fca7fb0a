// SPDX-License-Identifier: MIT
// The record as one consumer reads it: page by page from a cursor, with what stands in it where no
// event does. One thread at a time.
#ifndef OYEZ_CONSUMER_PAGES_H
#define OYEZ_CONSUMER_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "question.h"

struct consumer_pages {
    struct question question;
    uint64_t epoch; // everything up to here has been given out, or passed over
    uint64_t position;
    size_t at;      // the page's event to give next
    size_t at_mark; // and its mark
    bool more;      // the record goes on behind this page
};

// consumer_pages_open begins behind a cursor. OYEZ_ERR_INVALID (a pattern), OYEZ_ERR_TOO_LARGE.
oyez_err consumer_pages_open(struct consumer_pages *pages, oyez_query_ask *ask, void *arg,
                             const char *const *patterns, size_t pattern_count);
void consumer_pages_seek(struct consumer_pages *pages, uint64_t epoch, uint64_t position);

// What consumer_pages_next found.
enum consumer_found {
    CONSUMER_PAGE_ENDS,  // nothing: turn the page
    CONSUMER_EVENT,      // question.event, valid until the next call
    CONSUMER_GAP,        // *gap
    CONSUMER_UNREADABLE, // an event that cannot be read; the error's detail says which
};

// consumer_pages_next gives what comes next on this page and steps behind it.
enum consumer_found consumer_pages_next(struct consumer_pages *pages, struct oyez_gap *gap);

// consumer_pages_turn asks for the page behind this one, which is at its end. The errors of
// question_put; then nothing has changed. Blocks.
oyez_err consumer_pages_turn(struct consumer_pages *pages, uint32_t timeout_ms);

#endif
