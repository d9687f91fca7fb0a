// SPDX-License-Identifier: MIT
// A bus in the process, a client, and a semaphore that handlers post.
#ifndef OYEZ_LOCAL_BUS_H
#define OYEZ_LOCAL_BUS_H

#include <semaphore.h>

#include "oyez/client.h"
#include "oyez/local.h"

#define PATIENCE_MS 20000u

struct local_bus {
    oyez_local *local;
    oyez_client *client;
    sem_t came;
    uint64_t notices;
    enum oyez_notice_kind notice_kind; // the last one
    char notice_text[256];
};

// cmocka set-up and tear-down; *state is the bus.
int local_bus_open(void **state);
int local_bus_close(void **state);

// Emits; the event must be good.
void local_bus_emit(struct local_bus *bus, const char *event_type, const char *details);

// Waits until `came` was posted once more.
void local_bus_await(struct local_bus *bus);

#endif
