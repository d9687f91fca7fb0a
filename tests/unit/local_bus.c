// SPDX-License-Identifier: MIT
#include "local_bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "inproc.h"

static void take_notice(void *arg, const struct oyez_notice *notice)
{
    struct local_bus *bus = arg;
    if (notice->kind != OYEZ_NOTICE_NOT_EMITTED)
        return;
    bus->notices++;
    bus->notice_kind = notice->kind;
    snprintf(bus->notice_text, sizeof bus->notice_text, "%s", notice->text);
    sem_post(&bus->came);
}

int local_bus_open(void **state)
{
    struct local_bus *bus = calloc(1, sizeof *bus);
    const struct oyez_client_options options = {.on_notice = take_notice, .on_notice_arg = bus};
    assert_non_null(bus);
    assert_int_equal(sem_init(&bus->came, 0, 0), 0);
    const struct oyez_local_options local = {.listen = LOCAL_LISTEN};
    assert_int_equal(oyez_local_open(&bus->local, &local), OYEZ_OK);
    assert_int_equal(oyez_local_client(bus->local, &bus->client, &options), OYEZ_OK);
    *state = bus;
    return 0;
}

int local_bus_close(void **state)
{
    struct local_bus *bus = *state;
    oyez_client_close(&bus->client);
    oyez_local_close(&bus->local);
    sem_destroy(&bus->came);
    free(bus);
    return 0;
}

void local_bus_emit(struct local_bus *bus, const char *event_type, const char *details)
{
    const struct oyez_event event = {.event_type = event_type, .details = details};
    oyez_err err = oyez_client_emit(bus->client, &event, NULL);
    if (err != OYEZ_OK)
        fail_msg("%s: %s", oyez_strerror(err), oyez_error_detail());
}

void local_bus_await(struct local_bus *bus)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    assert_int_equal(sem_timedwait(&bus->came, &until), 0);
}
