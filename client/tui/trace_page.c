// SPDX-License-Identifier: MIT
#include "trace_page.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "oyez/json.h"
#include "row.h"
#include "wire/envelope.h"

#define SUMMARY_COLUMNS 160u
#define BRANCHES_SIZE 512u

void trace_page_clear(struct trace_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        oyez_event_free(&page->events[i]);
    }
    free(page->events);
    free(page->nodes);
    text_lines_free(&page->lines);
    memset(page, 0, sizeof *page);
}

void trace_page_begin(struct trace_page *page, const char *id)
{
    trace_page_clear(page);
    snprintf(page->id, sizeof page->id, "%s", id);
    page->changed = true;
}

// What a handler emits is correlated by its cause's id where the cause has no correlation id.
bool trace_page_takes(const struct trace_page *page, const struct oyez_event *event)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    if (page->id[0] == '\0') {
        return false;
    }
    if (event->correlation_id != NULL) {
        return strcmp(event->correlation_id, page->id) == 0;
    }
    oyez_uuid_to_text(event->event_id, id);
    return strcmp(id, page->id) == 0;
}

static bool is_before(const struct oyez_stamp *a, const struct oyez_stamp *b)
{
    return a->epoch < b->epoch || (a->epoch == b->epoch && a->position < b->position);
}

static bool is_known(const struct trace_page *page, const struct oyez_event *event)
{
    for (size_t i = page->count; i-- > 0;) {
        if (oyez_uuid_equal(page->events[i]->event_id, event->event_id)) {
            return true;
        }
    }
    return false;
}

static bool has_room(struct trace_page *page)
{
    if (page->count < page->room) {
        return true;
    }
    size_t room = page->room > 0 ? page->room * 2 : 64;
    struct oyez_event **events = realloc(page->events, room * sizeof *events);
    if (events == NULL) {
        return false;
    }
    page->events = events;
    page->room = room;
    return true;
}

void trace_page_add(struct trace_page *page, const struct oyez_event *event)
{
    struct oyez_event *copy = NULL;
    size_t header_size;
    size_t bytes = sizeof *event + oyez_event_measure(event, &header_size);
    if (is_known(page, event)) {
        return;
    }
    if (page->count == TRACE_PAGE_EVENTS_MAX || page->bytes + bytes > TRACE_PAGE_BYTES_MAX ||
        !has_room(page) || oyez_event_copy(&copy, event) != OYEZ_OK) {
        page->truncated = true;
        page->changed = true;
        return;
    }
    size_t at = page->count;
    while (at > 0 && is_before(&event->stamp, &page->events[at - 1]->stamp)) {
        page->events[at] = page->events[at - 1];
        at--;
    }
    page->events[at] = copy;
    page->count++;
    page->bytes += bytes;
    page->changed = true;
}

static size_t find_folded(const struct trace_page *page, const struct oyez_event *event)
{
    size_t i = 0;
    while (i < page->folded_count && !oyez_uuid_equal(page->folded[i], event->event_id)) {
        i++;
    }
    return i;
}

static void put_branches(char *out, size_t size, const struct trace_node *nodes, size_t at)
{
    const char *levels[TRACE_DEPTH_SHOWN_MAX];
    unsigned shown = trace_tree_branches(levels, nodes, at);
    size_t used = strlen(out);
    for (unsigned i = 0; i < shown && used + 12 < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s", levels[i]);
    }
}

static void add_node(struct trace_page *page, size_t at, bool folded)
{
    const struct trace_node *node = &page->nodes[at];
    const struct oyez_event *event = node->event;
    char after[DURATION_TEXT_SIZE];
    char taken[DURATION_TEXT_SIZE];
    char label[BRANCHES_SIZE];
    char summary[1024];
    char text[2048];
    char below[DURATION_TEXT_SIZE + 48] = "";
    const char *actor = event->actor_name != NULL ? event->actor_name : event->actor_id;
    duration_write(after, node->after_ns);
    duration_write(taken, node->taken_ns);
    snprintf(label, sizeof label, "+%-10s ", after);
    put_branches(label, sizeof label, page->nodes, at);
    if (node->below > 0) {
        if (folded) {
            snprintf(below, sizeof below, " ▸ %zu more, %s", node->below, taken);
        } else {
            snprintf(below, sizeof below, " (%s)", taken);
        }
    }
    row_summary(event, SUMMARY_COLUMNS, summary, sizeof summary);
    int size =
        snprintf(text, sizeof text, "%s%s%s  %s%s%s", node->failed ? "✗ " : "", event->event_type,
                 below, actor != NULL ? actor : "", actor != NULL ? "  " : "", summary);
    size_t kept = size > 0 && (size_t)size < sizeof text ? (size_t)size : sizeof text - 1;
    text_lines_add(&page->lines, STYLE_FAINT, label, row_style(event->event_type), text, kept, at);
}

bool trace_page_build(struct trace_page *page)
{
    if (!page->changed) {
        return true;
    }
    free(page->nodes);
    page->nodes = NULL;
    text_lines_clear(&page->lines);
    page->changed = false;
    if (!trace_tree_build(&page->nodes, page->events, page->count)) {
        return false;
    }
    for (size_t at = 0; at < page->count;) {
        const struct trace_node *node = &page->nodes[at];
        bool folded = node->below > 0 && find_folded(page, node->event) < page->folded_count;
        add_node(page, at, folded);
        at += folded ? node->below + 1 : 1;
    }
    return true;
}

static const struct trace_node *node_of(const struct trace_page *page, size_t line)
{
    size_t at = line < page->lines.count ? page->lines.lines[line].subject : SIZE_MAX;
    return at < page->count && page->nodes != NULL ? &page->nodes[at] : NULL;
}

const struct oyez_event *trace_page_event(const struct trace_page *page, size_t line)
{
    const struct trace_node *node = node_of(page, line);
    return node != NULL ? node->event : NULL;
}

static void fold(struct trace_page *page, const struct oyez_event *event)
{
    if (page->folded_count < TRACE_PAGE_FOLDED_MAX) {
        page->folded[page->folded_count++] = event->event_id;
    }
}

void trace_page_fold(struct trace_page *page, size_t line)
{
    const struct trace_node *node = node_of(page, line);
    if (node == NULL || node->below == 0) {
        return;
    }
    size_t at = find_folded(page, node->event);
    if (at < page->folded_count) {
        page->folded[at] = page->folded[--page->folded_count];
    } else {
        fold(page, node->event);
    }
    page->changed = true;
}

void trace_page_fold_all(struct trace_page *page, bool all)
{
    page->folded_count = 0;
    for (size_t i = 0; all && page->nodes != NULL && i < page->count; i++) {
        if (page->nodes[i].below > 0) {
            fold(page, page->nodes[i].event);
        }
    }
    page->changed = true;
}
