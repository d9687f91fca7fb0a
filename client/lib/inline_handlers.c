// SPDX-License-Identifier: MIT
#include "inline_handlers.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "handler_call.h"
#include "handler_state.h"
#include "oyez/pattern.h"
#include "wire/clock.h"

#define BUCKETS 256u // a power of two
#define AWAIT_NS 100000

// The handlers of one event type, in the order in which they were opened.
struct inline_route {
    struct inline_route *next; // of its bucket
    struct inline_table *table;
    const char *event_type;
    size_t count;
    struct oyez_handler *handlers[];
};

// Replaced whole when a handler comes or goes; visits that still use the old one keep it.
struct inline_table {
    atomic_uint references; // the client, and each visit
    uint32_t visits;        // counted to time some of them
    const struct inline_route *last;
    struct inline_route *buckets[BUCKETS];
    size_t route_count;
    size_t count;
    struct oyez_handler *handlers[INLINE_HANDLERS_MAX];
};

static _Thread_local struct inline_visit *innermost;

static void release(struct inline_table *table)
{
    if (table == NULL || atomic_fetch_sub(&table->references, 1) != 1)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        struct inline_route *next;
        for (struct inline_route *route = table->buckets[i]; route != NULL; route = next) {
            next = route->next;
            free(route);
        }
    }
    free(table);
}

static struct inline_table *make_table(const struct inline_table *like)
{
    struct inline_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->references = 1;
    if (like != NULL) {
        table->count = like->count;
        memcpy(table->handlers, like->handlers, sizeof table->handlers);
    }
    return table;
}

static bool wants(const struct oyez_handler *handler, const char *event_type)
{
    for (size_t i = 0; i < handler->pattern_count; i++) {
        if (oyez_pattern_matches(handler->patterns[i], event_type))
            return true;
    }
    return false;
}

static struct inline_route *make_route(struct inline_table *table, const char *event_type)
{
    size_t name_size = strlen(event_type) + 1;
    struct inline_route *route =
        malloc(sizeof *route + table->count * sizeof route->handlers[0] + name_size);
    if (route == NULL)
        return NULL;
    char *name = (char *)&route->handlers[table->count];
    memcpy(name, event_type, name_size);
    *route = (struct inline_route){.table = table, .event_type = name};
    for (size_t i = 0; i < table->count; i++) {
        if (wants(table->handlers[i], event_type))
            route->handlers[route->count++] = table->handlers[i];
    }
    return route;
}

static size_t bucket_of(const char *event_type)
{
    uint32_t hash = 2166136261u;
    for (const char *at = event_type; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    return (hash ^ hash >> 16) & (BUCKETS - 1);
}

static const struct inline_route *find_route(struct inline_table *table, const char *event_type)
{
    if (table->last != NULL && strcmp(table->last->event_type, event_type) == 0)
        return table->last;
    size_t bucket = bucket_of(event_type);
    struct inline_route *route = table->buckets[bucket];
    while (route != NULL && strcmp(route->event_type, event_type) != 0)
        route = route->next;
    if (route == NULL) {
        route = make_route(table, event_type);
        if (route == NULL)
            return NULL;
        route->next = table->buckets[bucket];
        table->buckets[bucket] = route;
        table->route_count++;
    }
    table->last = route;
    return route;
}

oyez_err inline_find(struct oyez_client *client, const char *event_type, struct inline_visit *visit)
{
    visit->route = NULL;
    if (client->inlines == NULL)
        return OYEZ_OK;
    if (client->inlines->route_count >= INLINE_ROUTES_MAX) {
        struct inline_table *fresh = make_table(client->inlines);
        if (fresh == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the inline handlers");
        release(client->inlines);
        client->inlines = fresh;
    }
    const struct inline_route *route = find_route(client->inlines, event_type);
    if (route == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the inline handlers of %s", event_type);
    visit->client = client;
    visit->route = route->count > 0 ? route : NULL;
    return OYEZ_OK;
}

// Under the client's lock nobody else adds: a plain store is enough, and cheaper.
static void add_one(atomic_uint_fast64_t *counter)
{
    uint_fast64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + 1, memory_order_relaxed);
}

void inline_announce(struct inline_visit *visit)
{
    if (visit->route == NULL)
        return;
    struct inline_table *table = visit->route->table;
    atomic_fetch_add_explicit(&table->references, 1, memory_order_relaxed);
    visit->timed = table->visits++ % HANDLER_TIMED_EVERY == 0;
    visit->next = 0;
    visit->passed_over = 0;
    for (size_t i = 0; i < visit->route->count; i++)
        add_one(&visit->route->handlers[i]->counters.delivered);
}

static void settle_failure(struct oyez_handler *handler, const struct oyez_event *event,
                           oyez_err err, bool late)
{
    struct handling handling = {.event = event, .attempts = 1};
    struct letter_failure failure = {.err = late ? OYEZ_ERR_TIMEOUT : err, .timed_out = late};
    if (!late)
        letter_failure_set_text(&failure, oyez_error_detail());
    if (late)
        handler->counters.timed_out++;
    (void)handler_tell_failure(handler, &handling, &failure, false);
    // The last word: whoever closes the handler goes on from here.
    handler->counters.failed++;
}

// The frames of a visit, one for all its handlers.
struct frames {
    struct context_frame context;
    struct handler_call call;
};

static void call_timed(struct frames *frames, struct oyez_handler *handler,
                       const struct oyez_event *event)
{
    uint64_t began_ns = handler_timing_now_ns();
    uint64_t limit_ns = handler->timeout_ms * UINT64_C(1000000);
    if (limit_ns != 0)
        frames->call.deadline_ms = oyez_clock_monotonic_ms() + handler->timeout_ms;
    oyez_err err = handler->run(handler->arg, event);
    frames->call.deadline_ms = UINT64_MAX;
    context_trim(&frames->context);
    uint64_t took_ns = handler_timing_now_ns() - began_ns;
    handler_timing_add(&handler->timing, took_ns);
    bool late = limit_ns != 0 && took_ns > limit_ns;
    if (err != OYEZ_OK || late)
        settle_failure(handler, event, err, late);
    else
        atomic_fetch_add_explicit(&handler->counters.handled, 1, memory_order_release);
}

static void call(struct frames *frames, struct oyez_handler *handler,
                 const struct oyez_event *event)
{
    oyez_err err = handler->run(handler->arg, event);
    context_trim(&frames->context);
    if (err != OYEZ_OK)
        settle_failure(handler, event, err, false);
    else
        atomic_fetch_add_explicit(&handler->counters.handled, 1, memory_order_release);
}

void inline_run(struct inline_visit *visit, const struct oyez_event *event)
{
    const struct inline_route *route = visit->route;
    if (route == NULL)
        return;
    struct inline_table *table = route->table;
    struct frames frames;
    visit->outer = innermost;
    innermost = visit;
    context_enter(&frames.context, event);
    handler_call_enter(&frames.call, visit->client, NULL, UINT64_MAX);
    while (visit->next < route->count) {
        size_t i = visit->next++;
        struct oyez_handler *handler = route->handlers[i];
        if ((visit->passed_over >> i & 1) != 0)
            continue;
        frames.call.handler = handler;
        if (atomic_load_explicit(&handler->closing, memory_order_acquire))
            handler->counters.skipped++;
        else if (visit->timed || handler->timeout_ms != 0)
            call_timed(&frames, handler, event);
        else
            call(&frames, handler, event);
    }
    handler_call_leave(&frames.call);
    context_leave(&frames.context);
    innermost = visit->outer;
    release(table);
}

oyez_err inline_check_depth(void)
{
    unsigned depth = 0;
    for (const struct inline_visit *visit = innermost; visit != NULL; visit = visit->outer)
        depth++;
    if (depth < OYEZ_INLINE_DEPTH_MAX)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_TOO_LARGE, "inline handlers that emit are %u deep", depth);
}

oyez_err inline_add(struct oyez_client *client, struct oyez_handler *handler)
{
    oyez_err err = OYEZ_OK;
    pthread_mutex_lock(&client->lock);
    struct inline_table *table = make_table(client->inlines);
    handler->spare = make_table(NULL);
    if (table == NULL || handler->spare == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for inline handlers");
    else if (table->count == INLINE_HANDLERS_MAX)
        err = oyez_fail(OYEZ_ERR_TOO_LARGE, "%u inline handlers are open; the limit is %u",
                        INLINE_HANDLERS_MAX, INLINE_HANDLERS_MAX);
    if (err == OYEZ_OK) {
        table->handlers[table->count++] = handler;
        release(client->inlines);
        client->inlines = table;
    } else {
        release(table);
        release(handler->spare);
        handler->spare = NULL;
    }
    pthread_mutex_unlock(&client->lock);
    return err;
}

void inline_remove(struct oyez_client *client, struct oyez_handler *handler)
{
    pthread_mutex_lock(&client->lock);
    struct inline_table *before = client->inlines;
    struct inline_table *table = handler->spare;
    handler->spare = NULL;
    for (size_t i = 0; i < before->count; i++) {
        if (before->handlers[i] != handler)
            table->handlers[table->count++] = before->handlers[i];
    }
    if (table->count == 0) {
        release(table);
        table = NULL;
    }
    client->inlines = table;
    pthread_mutex_unlock(&client->lock);
    release(before);
}

bool inline_is_quiet(const struct oyez_handler *handler)
{
    const struct handler_counters *counters = &handler->counters;
    uint64_t settled = atomic_load_explicit(&counters->handled, memory_order_acquire) +
                       atomic_load_explicit(&counters->failed, memory_order_acquire) +
                       atomic_load_explicit(&counters->skipped, memory_order_acquire);
    return settled == atomic_load_explicit(&counters->delivered, memory_order_relaxed);
}

// Visits of this thread will not call what is closing: they say so now, because somebody may wait for
// that on another thread, for whom this one waits.
static void pass_over(void)
{
    for (struct inline_visit *visit = innermost; visit != NULL; visit = visit->outer) {
        for (size_t i = visit->next; i < visit->route->count; i++) {
            struct oyez_handler *handler = visit->route->handlers[i];
            if ((visit->passed_over >> i & 1) == 0 && handler->closing) {
                visit->passed_over |= UINT64_C(1) << i;
                handler->counters.skipped++;
            }
        }
    }
}

void inline_await(struct oyez_handler *handler)
{
    const struct handler_counters *counters = &handler->counters;
    unsigned own = handler_call_count(handler);
    for (;;) {
        pass_over();
        uint64_t settled = counters->handled + counters->failed + counters->skipped + own;
        if (settled >= counters->delivered)
            return;
        nanosleep(&(struct timespec){.tv_nsec = AWAIT_NS}, NULL);
    }
}

void inline_forget(struct oyez_client *client)
{
    release(client->inlines);
    client->inlines = NULL;
}
