// SPDX-License-Identifier: MIT
// A bus inside the test, with a client on it, and a ledger of what its handlers were given.
#ifndef OYEZ_HANDLER_BUS_H
#define OYEZ_HANDLER_BUS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "oyez/handler.h"
#include "oyez/local.h"

#define HANDLER_PATIENCE_MS 60000u

struct handler_bus {
    oyez_local *local;
    oyez_client *client;
    char directory[64]; // "" = nothing is recorded
    atomic_bool closed; // OYEZ_NOTICE_CLOSED has come
};

// cmocka set-ups and tear-down: without and with a record.
int handler_bus_open(void **state);
int handler_bus_open_recorded(void **state);
int handler_bus_close(void **state);

void handler_bus_emit(struct handler_bus *bus, const char *type, const char *correlation_id);

// Waits until a number is at least so large.
void handler_bus_await(atomic_uint *number, unsigned at_least);

// Waits until as many events are settled, and returns the counters.
struct oyez_handler_counters handler_bus_await_settled(oyez_handler *handler, uint64_t at_least);

#endif
