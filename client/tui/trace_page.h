// SPDX-License-Identifier: MIT
// A workflow as a tree that can be folded, and that grows while it is looked at. One thread at a time.
#ifndef OYEZ_TRACE_PAGE_H
#define OYEZ_TRACE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/event.h"
#include "text_lines.h"
#include "trace_tree.h"

#define TRACE_PAGE_EVENTS_MAX 5000u
#define TRACE_PAGE_BYTES_MAX (16u * 1024u * 1024u)
#define TRACE_PAGE_FOLDED_MAX 512u
#define TRACE_ID_SIZE 600u

struct trace_page {
    char id[TRACE_ID_SIZE];     // the correlation id; "" = there is no trace
    struct oyez_event **events; // in the order of the record; copies
    size_t count;
    size_t room;
    size_t bytes;
    bool complete;  // all that was recorded has come
    bool truncated; // there are more than are kept
    bool changed;   // the lines are older than the events
    char failure[200];
    struct oyez_uuid folded[TRACE_PAGE_FOLDED_MAX];
    size_t folded_count;
    struct trace_node *nodes;
    struct text_lines lines; // subjects are nodes
};

void trace_page_clear(struct trace_page *page);

// trace_page_begin forgets the workflow before and begins another.
void trace_page_begin(struct trace_page *page, const char *id);

// trace_page_takes: the event belongs to the workflow.
bool trace_page_takes(const struct trace_page *page, const struct oyez_event *event);

// trace_page_add copies an event into its place in the order of the record, once.
void trace_page_add(struct trace_page *page, const struct oyez_event *event);

// trace_page_build makes nodes and lines anew where something changed. False: no memory.
bool trace_page_build(struct trace_page *page);

// trace_page_fold folds or unfolds the node of a line.
void trace_page_fold(struct trace_page *page, size_t line);

// trace_page_fold_all folds every node that caused something, or unfolds all.
void trace_page_fold_all(struct trace_page *page, bool all);

// trace_page_event: of a line; NULL = none.
const struct oyez_event *trace_page_event(const struct trace_page *page, size_t line);

#endif
