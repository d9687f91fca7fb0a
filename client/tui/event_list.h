// SPDX-License-Identifier: MIT
// Events in their order, in memory of a fixed size: at both ends one may be added, and what has no
// room any more leaves at the other. Events are kept as they are encoded on the wire. One thread at
// a time.
#ifndef OYEZ_EVENT_LIST_H
#define OYEZ_EVENT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"
#include "wire/envelope.h"

struct event_entry {
    size_t offset;
    size_t size;
    uint64_t number; // of an event in the live list, wherever a copy of it stands; 0 = none
    bool is_mark;    // no event but a line of text between two
    struct oyez_stamp stamp;
};

struct event_list {
    uint8_t *bytes;
    size_t bytes_max;
    struct event_entry *entries; // a ring
    size_t entries_max;
    size_t start; // of the ring
    size_t count;
    size_t used;      // bytes of the entries
    uint64_t first;   // the number by which the first entry is asked for; grows as entries leave
    uint64_t evicted; // entries that left for want of room
};

// An event taken out to be looked at.
struct event_reading {
    struct oyez_event event; // leads into the list and into `texts`
    char texts[OYEZ_DECODE_SCRATCH_SIZE];
};

// event_list_open takes its memory once. OYEZ_ERR_NO_MEMORY. event_list_close is NULL-safe.
oyez_err event_list_open(struct event_list *list, size_t bytes_max, size_t entries_max);
void event_list_close(struct event_list *list);
void event_list_clear(struct event_list *list);

// event_list_append adds behind the last, event_list_prepend before the first. `number` is kept with
// it. False: larger than all of the memory.
bool event_list_append(struct event_list *list, const struct oyez_event *event, uint64_t number);
bool event_list_prepend(struct event_list *list, const struct oyez_event *event, uint64_t number);

// event_list_append_mark adds a line of text that is no event.
bool event_list_append_mark(struct event_list *list, const char *text, uint64_t number);

// event_list_append_copy and _prepend_copy add what another list has.
bool event_list_append_copy(struct event_list *list, const struct event_list *from, uint64_t at);
bool event_list_prepend_copy(struct event_list *list, const struct event_list *from, uint64_t at);

// Entries are asked for by numbers: list->first is that of the first, and an entry keeps its number
// for as long as it is there.
#define EVENT_LIST_FIRST (UINT64_C(1) << 62)            // of a list that is empty
uint64_t event_list_end(const struct event_list *list); // behind the last
bool event_list_has(const struct event_list *list, uint64_t at);
const struct event_entry *event_list_entry(const struct event_list *list, uint64_t at);

// event_list_read decodes an event. False: a mark, or bytes that cannot be read.
bool event_list_read(const struct event_list *list, uint64_t at, struct event_reading *out);

// event_list_mark_text: the text of a mark and its size.
const char *event_list_mark_text(const struct event_list *list, uint64_t at, size_t *size);

// event_list_find_cursor finds the first event at or behind a cursor; event_list_end if there is
// none. Events stand in the order of the record.
uint64_t event_list_find_cursor(const struct event_list *list, uint64_t epoch, uint64_t position);

// event_list_find_time does the same for a broker time.
uint64_t event_list_find_time(const struct event_list *list, int64_t time);

#endif
