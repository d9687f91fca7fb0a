// SPDX-License-Identifier: MIT
// What operators cost an event, beside a plain loop over the same source that does the same. Turn by
// turn, so that both meet the same machine; the best turn of each counts.
//
//   bench_stream [EVENTS]     10,000,000 by default; fewer for the operators that copy
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stream_stage.h"

#define TURNS 5

struct endless {
    struct oyez_event events[16];
    uint64_t left;
};

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static oyez_err receive(void *arg, const struct oyez_event **event)
{
    struct endless *source = arg;
    if (source->left == 0)
        return OYEZ_ERR_CLOSED;
    *event = &source->events[source->left-- & 15];
    return OYEZ_OK;
}

static void watch(void *arg, struct inbox_watch *watch)
{
    (void)arg;
    (void)watch;
}

static void nothing(void *arg)
{
    (void)arg;
}

static uint64_t still(void *arg)
{
    (void)arg;
    return 1;
}

static bool is_plan(void *arg, const struct oyez_stream_item *item)
{
    (void)arg;
    return item->event->event_type[0] == 'p';
}

static oyez_err count_one(void *arg, const struct oyez_stream_item *item, void *state)
{
    (void)arg;
    (void)item;
    ++*(uint64_t *)state;
    return OYEZ_OK;
}

static void add_none(oyez_stream *stream)
{
    (void)stream;
}

static void add_filter(oyez_stream *stream)
{
    oyez_stream_filter(stream, is_plan, NULL);
}

static void add_four_filters(oyez_stream *stream)
{
    for (int i = 0; i < 4; i++)
        oyez_stream_filter(stream, is_plan, NULL);
}

static void add_skip_and_take(oyez_stream *stream)
{
    oyez_stream_skip(stream, 1);
    oyez_stream_take(stream, UINT64_MAX);
}

static void add_scan(oyez_stream *stream)
{
    oyez_stream_scan(stream, count_one, NULL, NULL, sizeof(uint64_t));
}

static void add_distinct(oyez_stream *stream)
{
    oyez_stream_distinct(stream, NULL, NULL, 8);
}

static void add_buffer(oyez_stream *stream)
{
    oyez_stream_buffer(stream, 100, 1000);
}

static void add_throttle(oyez_stream *stream)
{
    oyez_stream_throttle(stream, 1000);
}

static void fill(struct endless *source, uint64_t count)
{
    source->left = count;
    for (unsigned i = 0; i < 16; i++)
        source->events[i] = (struct oyez_event){.event_type = "plan.created",
                                                .plan_id = "plan-1",
                                                .event_id.bytes = {(uint8_t)i},
                                                .details = "{\"goal\":\"Take direct debits\"}"};
}

// The loop that a program would write in place of the chain.
static double run_loop(struct endless *source, uint64_t count, bool filters)
{
    const struct oyez_event *event;
    uint64_t seen = 0;
    fill(source, count);
    oyez_err (*volatile next)(void *, const struct oyez_event **) = receive;
    bool (*volatile predicate)(void *, const struct oyez_stream_item *) = is_plan;
    double began = now_ns();
    while (next(source, &event) == OYEZ_OK) {
        struct oyez_stream_item item = {.event = event};
        if (!filters || predicate(NULL, &item))
            seen++;
    }
    double took = now_ns() - began;
    return seen == count ? took / (double)count : -1;
}

static double run_chain(struct endless *source, uint64_t count, void (*add)(oyez_stream *))
{
    const struct stream_source from = {.receive = receive,
                                       .watch = watch,
                                       .announce_end = nothing,
                                       .close = nothing,
                                       .arg = source};
    oyez_stream *stream = NULL;
    struct oyez_stream_item item;
    fill(source, count);
    if (stream_new(&stream, &from) != OYEZ_OK)
        return -1;
    oyez_stream_set_clock(stream, still, NULL);
    add(stream);
    double began = now_ns();
    oyez_err err;
    while ((err = oyez_stream_next(stream, &item, 0)) == OYEZ_OK || err == OYEZ_ERR_TIMEOUT)
        continue;
    double took = now_ns() - began;
    oyez_stream_close(&stream);
    return err == OYEZ_ERR_CLOSED ? took / (double)count : -1;
}

static void compare(const char *name, uint64_t count, void (*add)(oyez_stream *), bool filters)
{
    static struct endless source;
    double loop = 1e9;
    double chain = 1e9;
    for (int i = 0; i < TURNS; i++) {
        double took = run_loop(&source, count, filters);
        loop = took < loop ? took : loop;
        took = run_chain(&source, count, add);
        chain = took < chain ? took : chain;
    }
    printf("%-22s %8.1f %8.1f %8.1f\n", name, loop, chain, chain - loop);
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    printf("ns an event %18s %8s %8s\n", "loop", "stream", "more");
    compare("no operator", count, add_none, false);
    compare("filter", count, add_filter, true);
    compare("four filters", count, add_four_filters, true);
    compare("skip and take", count, add_skip_and_take, false);
    compare("scan", count, add_scan, false);
    compare("distinct, 8 event ids", count / 10, add_distinct, false);
    compare("buffer of 100", count / 10, add_buffer, false);
    compare("throttle, all kept", count / 10, add_throttle, false);
    return 0;
}
