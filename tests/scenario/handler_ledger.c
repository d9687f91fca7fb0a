// SPDX-License-Identifier: MIT
// Events through four failing and four healthy handlers of one process, with a record, and a ledger of
// all of it. usage: handler_ledger DIRECTORY EVENTS [LISTEN]
// Every difference between the ledger and what the counters and dead letters say is a line on stdout,
// and exit 1.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oyez/dead_letter.h"
#include "oyez/handler.h"
#include "oyez/local.h"

#define KEYS 16u
#define HANDLERS 8u
#define LATE_EVENTS 2u // in all: each takes its whole limit
#define PATIENCE_MS 120000u

struct account {
    const char *name;
    enum oyez_handler_mode mode;
    uint64_t fails_every; // 0 = never
    uint32_t retries;
    uint32_t timeout_ms; // it overruns it LATE_EVENTS times
    bool ordered;        // of each key
    oyez_handler *handler;
    atomic_uint_fast64_t calls;
    atomic_uint_fast64_t out_of_order;
    uint64_t last[KEYS]; // of a key: one thread at a time
};

static struct account accounts[HANDLERS] = {
    {.name = "errors", .mode = OYEZ_HANDLER_DISPATCHED, .fails_every = 100, .ordered = true},
    {.name = "errors-inline", .mode = OYEZ_HANDLER_INLINE, .fails_every = 100},
    {.name = "errors-pool",
     .mode = OYEZ_HANDLER_POOL,
     .fails_every = 100,
     .retries = 2,
     .ordered = true},
    {.name = "late", .mode = OYEZ_HANDLER_DISPATCHED, .timeout_ms = 1500, .ordered = true},
    {.name = "well", .mode = OYEZ_HANDLER_DISPATCHED, .ordered = true},
    {.name = "well-too", .mode = OYEZ_HANDLER_DISPATCHED, .ordered = true},
    {.name = "well-inline", .mode = OYEZ_HANDLER_INLINE, .ordered = true},
    {.name = "well-pool", .mode = OYEZ_HANDLER_POOL, .ordered = true},
};

static oyez_local *local;
static oyez_client *client;
static uint64_t late_every;
static uint64_t differences;

static void give_up(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, oyez_error_detail());
    exit(2);
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void expect(const char *name, const char *what, uint64_t found, uint64_t expected)
{
    if (found == expected)
        return;
    printf("%s: %s: %" PRIu64 ", and the ledger has %" PRIu64 "\n", name, what, found, expected);
    differences++;
}

static oyez_err handle(void *arg, const struct oyez_event *event)
{
    struct account *account = arg;
    uint64_t number = event->aggregate_version;
    size_t key = (size_t)strtoul(event->correlation_id, NULL, 10);
    account->calls++;
    if (account->ordered && number < account->last[key])
        account->out_of_order++;
    account->last[key] = number;
    while (account->timeout_ms != 0 && number % late_every == 0 && oyez_handler_time_left() > 0)
        wait_ms(1);
    if (account->fails_every != 0 && number % account->fails_every == 0)
        return oyez_fail(OYEZ_ERR_IO, "number %" PRIu64, number);
    return OYEZ_OK;
}

static void open_handlers(void)
{
    static const char *const patterns[] = {"session.created"};
    for (size_t i = 0; i < HANDLERS; i++) {
        struct account *account = &accounts[i];
        struct oyez_handler_options options = {
            .name = account->name,
            .patterns = patterns,
            .pattern_count = 1,
            .run = handle,
            .arg = account,
            .mode = account->mode,
            .key = OYEZ_KEY_CORRELATION,
            .retry = {.count = account->retries, .first_ms = 1, .max_ms = 2},
            .timeout_ms = account->timeout_ms,
        };
        if (oyez_handler_open(&account->handler, client, &options, PATIENCE_MS) != OYEZ_OK)
            give_up(account->name);
    }
}

static void emit_all(uint64_t events)
{
    for (uint64_t number = 1; number <= events; number++) {
        char key[8];
        oyez_err err;
        snprintf(key, sizeof key, "%u", (unsigned)(number % 31 % KEYS));
        const struct oyez_event event = {.event_type = "session.created",
                                         .correlation_id = key,
                                         .aggregate_version = number,
                                         .has_aggregate_version = true};
        while ((err = oyez_client_emit(client, &event, NULL)) == OYEZ_ERR_FULL)
            wait_ms(1);
        if (err != OYEZ_OK)
            give_up("emit");
    }
}

static uint64_t failures_of(const struct account *account, uint64_t events)
{
    if (account->timeout_ms != 0)
        return events / late_every;
    return account->fails_every != 0 ? events / account->fails_every : 0;
}

static struct oyez_handler_counters await(const struct account *account, uint64_t events,
                                          uint64_t failures)
{
    struct oyez_handler_counters counters;
    uint64_t before = 0;
    for (uint32_t idle_ms = 0; idle_ms < PATIENCE_MS; idle_ms++) {
        oyez_handler_get_counters(account->handler, &counters);
        uint64_t now = counters.handled + counters.failed + counters.dead_lettered;
        if (now >= events + failures)
            break;
        idle_ms = now == before ? idle_ms : 0;
        before = now;
        wait_ms(1);
    }
    return counters;
}

static void check_account(const struct account *account, uint64_t events)
{
    uint64_t failures = failures_of(account, events);
    struct oyez_handler_counters counters = await(account, events, failures);
    expect(account->name, "delivered", counters.delivered, events);
    expect(account->name, "handled", counters.handled, events - failures);
    expect(account->name, "failed", counters.failed, failures);
    expect(account->name, "dead-lettered", counters.dead_lettered, failures);
    expect(account->name, "timed out", counters.timed_out, account->timeout_ms != 0 ? failures : 0);
    expect(account->name, "retried", counters.retried, failures * account->retries);
    expect(account->name, "in progress", counters.in_progress, 0);
    expect(account->name, "dropped", counters.dropped, 0);
    expect(account->name, "calls", account->calls, events + failures * account->retries);
    expect(account->name, "out of order", account->out_of_order, 0);
}

static void check_letters(uint64_t events)
{
    struct oyez_dead_letter *letters;
    size_t count;
    if (oyez_client_flush(client, OYEZ_LEVEL_RECORDED, PATIENCE_MS) != OYEZ_OK)
        give_up("flush");
    if (oyez_client_dead_letters(client, &letters, &count, PATIENCE_MS) != OYEZ_OK)
        give_up("dead letters");
    for (size_t i = 0; i < HANDLERS; i++) {
        uint64_t found = 0;
        for (size_t n = 0; n < count; n++)
            found += strcmp(letters[n].handler, accounts[i].name) == 0;
        expect(accounts[i].name, "letters on record", found, failures_of(&accounts[i], events));
    }
    printf("letters: %zu\n", count);
    free(letters);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: handler_ledger DIRECTORY EVENTS [LISTEN]\n");
        return 2;
    }
    const struct oyez_local_options options = {.directory = argv[1],
                                               .listen = argc > 3 ? argv[3] : NULL};
    uint64_t events = strtoull(argv[2], NULL, 10);
    late_every = events / LATE_EVENTS;
    if (oyez_local_open(&local, &options) != OYEZ_OK ||
        oyez_local_client(local, &client, NULL) != OYEZ_OK)
        give_up("local");
    open_handlers();
    emit_all(events);
    for (size_t i = 0; i < HANDLERS; i++)
        check_account(&accounts[i], events);
    check_letters(events);
    oyez_client_close(&client);
    oyez_local_close(&local);
    printf("events: %" PRIu64 ", differences: %" PRIu64 "\n", events, differences);
    return differences == 0 ? 0 : 1;
}
