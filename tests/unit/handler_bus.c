// SPDX-License-Identifier: MIT
#include "handler_bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "inproc.h"
#include "recorder_fixture.h"
#include "wire/clock.h"

static void take_notice(void *arg, const struct oyez_notice *notice)
{
    struct handler_bus *bus = arg;
    if (notice->kind == OYEZ_NOTICE_CLOSED)
        bus->closed = true;
}

static int open_bus(void **state, bool recorded)
{
    struct handler_bus *bus = calloc(1, sizeof *bus);
    assert_non_null(bus);
    if (recorded) {
        snprintf(bus->directory, sizeof bus->directory, "/tmp/local-bus-XXXXXX");
        assert_non_null(mkdtemp(bus->directory));
    }
    struct oyez_local_options options = {.directory = recorded ? bus->directory : NULL,
                                         .listen = LOCAL_LISTEN};
    struct oyez_client_options client = {
        .name = "test", .on_notice = take_notice, .on_notice_arg = bus};
    assert_int_equal(oyez_local_open(&bus->local, &options), OYEZ_OK);
    assert_int_equal(oyez_local_client(bus->local, &bus->client, &client), OYEZ_OK);
    *state = bus;
    return 0;
}

int handler_bus_open(void **state)
{
    return open_bus(state, false);
}

int handler_bus_open_recorded(void **state)
{
    return open_bus(state, true);
}

int handler_bus_close(void **state)
{
    struct handler_bus *bus = *state;
    oyez_client_close(&bus->client);
    oyez_local_close(&bus->local);
    if (bus->directory[0] != '\0') {
        char key[80];
        snprintf(key, sizeof key, "%s.key", bus->directory);
        recorder_remove_directory(bus->directory);
        (void)remove(key);
    }
    free(bus);
    return 0;
}

void handler_bus_emit(struct handler_bus *bus, const char *type, const char *correlation_id)
{
    struct oyez_event event = {.event_type = type, .correlation_id = correlation_id};
    oyez_err err;
    while ((err = oyez_client_emit(bus->client, &event, NULL)) == OYEZ_ERR_FULL)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(err, OYEZ_OK);
}

void handler_bus_await(atomic_uint *number, unsigned at_least)
{
    uint64_t until_ms = oyez_clock_monotonic_ms() + HANDLER_PATIENCE_MS;
    while (*number < at_least) {
        assert_true(oyez_clock_monotonic_ms() < until_ms);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

struct oyez_handler_counters handler_bus_await_settled(oyez_handler *handler, uint64_t at_least)
{
    uint64_t until_ms = oyez_clock_monotonic_ms() + HANDLER_PATIENCE_MS;
    struct oyez_handler_counters counters;
    for (;;) {
        oyez_handler_get_counters(handler, &counters);
        if (counters.handled + counters.failed >= at_least)
            return counters;
        assert_true(oyez_clock_monotonic_ms() < until_ms);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}
