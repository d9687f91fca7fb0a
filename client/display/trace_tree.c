// SPDX-License-Identifier: MIT
#include "trace_tree.h"

#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

// Links between events by their place in the record: first child, next sibling.
struct links {
    size_t cause;
    size_t first;
    size_t last;
    size_t next;
};

struct id_place {
    struct oyez_uuid id;
    size_t place;
};

bool trace_has_failed(const char *event_type)
{
    static const char *const words[] = {"error",    "fail",   "reject",     "exhaust", "violat",
                                        "exceeded", "denied", "deadletter", "dlq",     NULL};
    for (const char *const *word = words; *word != NULL; word++) {
        if (strcasestr(event_type, *word) != NULL) {
            return true;
        }
    }
    return false;
}

static int by_id(const void *a, const void *b)
{
    const struct id_place *left = a;
    const struct id_place *right = b;
    int order = memcmp(left->id.bytes, right->id.bytes, OYEZ_UUID_SIZE);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static size_t find_cause(const struct id_place *ids, size_t count, const struct oyez_event *event)
{
    struct oyez_uuid wanted;
    if (event->causation_id == NULL ||
        oyez_uuid_from_text(&wanted, event->causation_id) != OYEZ_OK) {
        return NONE;
    }
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(ids[middle].id.bytes, wanted.bytes, OYEZ_UUID_SIZE) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && oyez_uuid_equal(ids[low].id, wanted) ? ids[low].place : NONE;
}

// An event cannot come before its cause; one that does is a ring, or clocks that disagree on who
// was first. Only causes that stand earlier are followed, so no ring is ever walked.
static void link_causes(struct links *links, struct oyez_event *const *events,
                        const struct id_place *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        links[i] = (struct links){NONE, NONE, NONE, NONE};
    }
    for (size_t i = 0; i < count; i++) {
        size_t cause = find_cause(ids, count, events[i]);
        if (cause == NONE || cause >= i) {
            continue;
        }
        links[i].cause = cause;
        if (links[cause].first == NONE) {
            links[cause].first = i;
        } else {
            links[links[cause].last].next = i;
        }
        links[cause].last = i;
    }
}

static int64_t moment_of(const struct oyez_event *event)
{
    return event->stamp.broker_time != 0 ? (int64_t)event->stamp.broker_time : event->occurred_at;
}

// Reads the tree without recursion: a workflow may be deeper than a stack.
static void arrange(struct trace_node *nodes, size_t *node_of, const struct links *links,
                    struct oyez_event *const *events, size_t count)
{
    size_t written = 0;
    for (size_t root = 0; root < count; root++) {
        if (links[root].cause != NONE) {
            continue;
        }
        size_t at = root;
        unsigned depth = 0;
        while (at != NONE) {
            node_of[at] = written;
            nodes[written++] = (struct trace_node){
                .event = events[at],
                .cause = links[at].cause == NONE ? NONE : node_of[links[at].cause],
                .depth = depth,
                .last = links[at].next == NONE,
                .after_ns = moment_of(events[at]) - moment_of(events[0]),
                .failed = trace_has_failed(events[at]->event_type),
            };
            if (links[at].first != NONE) {
                at = links[at].first;
                depth++;
                continue;
            }
            while (at != root && links[at].next == NONE) {
                at = links[at].cause;
                depth--;
            }
            at = at == root ? NONE : links[at].next;
        }
    }
}

static void sum_up(struct trace_node *nodes, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        struct trace_node *node = &nodes[i];
        if (node->cause == NONE) {
            continue;
        }
        struct trace_node *cause = &nodes[node->cause];
        cause->below += node->below + 1;
        int64_t end = node->after_ns + node->taken_ns - cause->after_ns;
        if (end > cause->taken_ns) {
            cause->taken_ns = end;
        }
    }
}

bool trace_tree_build(struct trace_node **nodes, struct oyez_event *const *events, size_t count)
{
    struct links *links = calloc(count + 1, sizeof *links);
    struct id_place *ids = calloc(count + 1, sizeof *ids);
    size_t *node_of = calloc(count + 1, sizeof *node_of);
    *nodes = calloc(count + 1, sizeof **nodes);
    bool made = links != NULL && ids != NULL && node_of != NULL && *nodes != NULL;
    if (made) {
        for (size_t i = 0; i < count; i++) {
            ids[i] = (struct id_place){events[i]->event_id, i};
        }
        qsort(ids, count, sizeof *ids, by_id);
        link_causes(links, events, ids, count);
        arrange(*nodes, node_of, links, events, count);
        sum_up(*nodes, count);
    } else {
        free(*nodes);
        *nodes = NULL;
    }
    free(links);
    free(ids);
    free(node_of);
    return made;
}

unsigned trace_tree_branches(const char *levels[TRACE_DEPTH_SHOWN_MAX],
                             const struct trace_node *nodes, size_t at)
{
    const struct trace_node *node = &nodes[at];
    unsigned shown = 0;
    while (node->cause != SIZE_MAX) {
        if (node->depth <= TRACE_DEPTH_SHOWN_MAX) {
            bool own = node == &nodes[at];
            levels[node->depth - 1] =
                own ? (node->last ? "└─ " : "├─ ") : (node->last ? "   " : "│  ");
            shown = shown > node->depth ? shown : node->depth;
        }
        node = &nodes[node->cause];
    }
    return shown;
}
