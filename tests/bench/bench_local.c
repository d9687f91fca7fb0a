// SPDX-License-Identifier: MIT
// Handlers inside a process: what an emit to 0, 1, 4 and 16 inline handlers costs, beside an emit that
// is followed by a loop over as many function pointers, and how late a dispatched handler is.
//
// usage: bench_local [ROUNDS]    rounds of 4,096 events; each figure is the best of them
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "oyez/handler.h"
#include "oyez/local.h"

#define EVENTS 4096u
#define HANDLERS_MAX 16u
#define LATENCIES 20000u

static oyez_local *local;
static oyez_client *client;
static atomic_uint_fast64_t sum;
static uint64_t latencies[LATENCIES];
static atomic_uint latency_count;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void give_up(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, oyez_error_detail());
    exit(1);
}

// What a small handler does: looks at the event, and counts.
static oyez_err handle(void *arg, const struct oyez_event *event)
{
    atomic_uint_fast64_t *counter = arg;
    atomic_fetch_add_explicit(counter, event->event_id.bytes[15] | 1u, memory_order_relaxed);
    return OYEZ_OK;
}

struct loop {
    size_t count;
    oyez_handler_function *functions[HANDLERS_MAX];
};

static const struct oyez_event event = {
    .event_type = "session.created", .plan_id = "p-81f3c60", .details = "{\"client\":\"tui\"}"};

// Nanoseconds an event, with the loop behind each emit.
static double emit_block(const struct loop *loop)
{
    uint64_t began = now_ns();
    for (unsigned i = 0; i < EVENTS; i++) {
        if (oyez_client_emit(client, &event, NULL) != OYEZ_OK)
            give_up("emit");
        for (size_t f = 0; f < loop->count; f++)
            (void)loop->functions[f](&sum, &event);
    }
    uint64_t took = now_ns() - began;
    if (oyez_client_flush(client, OYEZ_LEVEL_SENT, 60000) != OYEZ_OK)
        give_up("flush");
    return (double)took / EVENTS;
}

static double best_of(unsigned rounds, const struct loop *loop)
{
    double best = 1e9;
    for (unsigned i = 0; i < rounds; i++) {
        double ns = emit_block(loop);
        best = ns < best ? ns : best;
    }
    return best;
}

// The loop alone.
static double time_loop(unsigned rounds, const struct loop *loop)
{
    double best = 1e9;
    for (unsigned round = 0; round < rounds; round++) {
        uint64_t began = now_ns();
        for (unsigned i = 0; i < EVENTS; i++) {
            for (size_t f = 0; f < loop->count; f++)
                (void)loop->functions[f](&sum, &event);
        }
        double ns = (double)(now_ns() - began) / EVENTS;
        best = ns < best ? ns : best;
    }
    return best;
}

static void compare(unsigned rounds, size_t count, double bare)
{
    oyez_handler *handlers[HANDLERS_MAX];
    struct loop none = {0};
    struct loop loop = {.count = count};
    struct oyez_handler_options options = {.run = handle, .arg = &sum, .mode = OYEZ_HANDLER_INLINE};
    for (size_t i = 0; i < count; i++)
        loop.functions[i] = handle;
    double looped = best_of(rounds, &loop);
    for (size_t i = 0; i < count; i++) {
        if (oyez_handler_open(&handlers[i], client, &options, 0) != OYEZ_OK)
            give_up("handler");
    }
    double inlined = best_of(rounds, &none);
    double alone = time_loop(rounds, &loop);
    printf("%2zu handlers: emit %7.1f ns; emit and a loop %7.1f ns: %.2f times; the handlers' part "
           "%6.1f ns, a loop alone %6.1f ns: %.2f times\n",
           count, inlined, looped, inlined / looped, inlined - bare, alone,
           (inlined - bare) / alone);
    for (size_t i = 0; i < count; i++)
        oyez_handler_close(&handlers[i]);
}

static oyez_err take_time(void *arg, const struct oyez_event *taken)
{
    (void)arg;
    unsigned i = latency_count;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    latencies[i] = (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec -
                   (uint64_t)taken->occurred_at;
    latency_count = i + 1;
    return OYEZ_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

// One event at a time, so that none waits for another.
static void time_dispatched(void)
{
    oyez_handler *handler;
    struct oyez_handler_options options = {.run = take_time};
    if (oyez_handler_open(&handler, client, &options, 5000) != OYEZ_OK)
        give_up("handler");
    for (unsigned i = 0; i < LATENCIES; i++) {
        if (oyez_client_emit(client, &event, NULL) != OYEZ_OK)
            give_up("emit");
        while (latency_count <= i)
            nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
    }
    oyez_handler_close(&handler);
    qsort(latencies, LATENCIES, sizeof latencies[0], compare_numbers);
    printf("dispatched, from emit to the handler: p50 %" PRIu64 " us, p99 %" PRIu64 " us\n",
           latencies[LATENCIES / 2] / 1000, latencies[LATENCIES / 100 * 99] / 1000);
}

int main(int argc, char **argv)
{
    static const size_t counts[] = {1, 4, 16};
    struct loop none = {0};
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
    if (oyez_local_open(&local, NULL) != OYEZ_OK ||
        oyez_local_client(local, &client, NULL) != OYEZ_OK)
        give_up("local");
    double bare = best_of(rounds, &none);
    printf(" 0 handlers: emit %7.1f ns\n", bare);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        compare(rounds, counts[i], bare);
    time_dispatched();
    oyez_client_close(&client);
    oyez_local_close(&local);
    return 0;
}
