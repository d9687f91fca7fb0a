// SPDX-License-Identifier: MIT
// The events of one workflow as a tree: each stands below the one that caused it.
#ifndef OYEZ_TRACE_TREE_H
#define OYEZ_TRACE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/event.h"

#define TRACE_EVENTS_MAX 100000u
#define TRACE_DEPTH_SHOWN_MAX 32u // deeper ones are drawn at this depth

// An event in its place. Nodes stand in the order in which a tree is read: each behind its cause,
// what one event caused in the order of the record.
struct trace_node {
    const struct oyez_event *event;
    size_t cause;     // index of the node that caused it; SIZE_MAX = a root
    unsigned depth;   // of a root 0
    bool last;        // of those that its cause caused
    int64_t after_ns; // broker time since the first event of the trace
    int64_t taken_ns; // from it to the last event below it
    size_t below;     // nodes below it
    bool failed;
};

// trace_tree_build arranges `count` events, given in the order of the record. A cause that is not
// among them, the event itself, or a cause in a ring of causes makes a root. *nodes is the caller's:
// free(). False without memory.
bool trace_tree_build(struct trace_node **nodes, struct oyez_event *const *events, size_t count);

// trace_tree_branches gives the branches to the left of a node, a text for each level of depth: a bar
// where the cause there has more to come. Returns how many there are.
unsigned trace_tree_branches(const char *levels[TRACE_DEPTH_SHOWN_MAX],
                             const struct trace_node *nodes, size_t at);

// trace_has_failed: the type's name says that something went wrong.
bool trace_has_failed(const char *event_type);

#endif
