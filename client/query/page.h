// SPDX-License-Identifier: MIT
// The answer to one question while it is being made: a QueryAnswer and the frames of its events.
#ifndef OYEZ_PAGE_H
#define OYEZ_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/journal.h"
#include "oyez/query_page.h"
#include "query.pb.h"

struct oyez_page {
    oyez_v1_QueryAnswer answer;
    uint8_t first[oyez_v1_QueryAnswer_size];
    uint8_t *bytes; // the events' frames, one behind the other
    size_t room;
    size_t ends[OYEZ_PAGE_EVENTS_MAX]; // of each
    struct oyez_query_frame other;     // one that is no event; bytes NULL = there is none
    struct oyez_query_frame frames[1 + OYEZ_PAGE_EVENTS_MAX];
};

// oyez_page_begin empties it. Zero it before the first time.
void oyez_page_begin(struct oyez_page *page, uint64_t request_id);
void oyez_page_free(struct oyez_page *page);

// oyez_page_takes: whether a frame of `size` bytes still belongs on the page. The first one always
// does.
bool oyez_page_takes(const struct oyez_page *page, size_t size);

// oyez_page_add makes room for the frame of one event; `index` is its record's. Write it before the
// next call. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_page_add(struct oyez_page *page, size_t size, uint64_t index, uint8_t **out);

// oyez_page_mark tells a gap or the end of an epoch; other records are nothing to tell. False when
// the page has no room for it.
bool oyez_page_mark(struct oyez_page *page, const struct oyez_journal_record *record);

// oyez_page_mark_expired tells positions that retention removed; OYEZ_POSITION_EPOCH_END: to the end.
// Nothing where `first` is above `last`. False when the page has no room for it.
bool oyez_page_mark_expired(struct oyez_page *page, uint64_t epoch, uint64_t first, uint64_t last);

// oyez_page_set_other puts a frame that is no event on a page without events; the bytes must live as
// long as the page.
void oyez_page_set_other(struct oyez_page *page, const void *bytes, size_t size);

// oyez_page_refuse puts what the last failing call found in place of an answer.
void oyez_page_refuse(struct oyez_page *page, oyez_err err);

// oyez_page_finish encodes the answer. *out is valid until the page begins again.
void oyez_page_finish(struct oyez_page *page, struct oyez_query_page *out);

#endif
