// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "handler_bus.h"
#include "inproc.h"
#include "oyez/disk.h"
#include "oyez/json.h"
#include "oyez/query.h"
#include "recorder_fixture.h"
#include "wire/clock.h"

#define TYPE "session.created"

static void test_without_a_directory_nothing_is_recorded(void **state)
{
    struct handler_bus *bus = *state;
    struct oyez_event event = {.event_type = TYPE};
    struct oyez_receipt receipt;
    assert_int_equal(
        oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_SENT, HANDLER_PATIENCE_MS, &receipt),
        OYEZ_OK);
    assert_int_equal(receipt.position, 1);
    assert_int_equal(
        oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_RECORDED, HANDLER_PATIENCE_MS, NULL),
        OYEZ_ERR_NO_RECORDER);
}

static void test_with_one_it_is_there_after_a_restart(void **state)
{
    struct handler_bus *bus = *state;
    struct oyez_event event = {.event_type = TYPE};
    struct oyez_event *found = NULL;
    struct oyez_receipt receipt;
    const struct oyez_local_options options = {.directory = bus->directory, .listen = LOCAL_LISTEN};
    assert_int_equal(oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_CHECKPOINTED,
                                           HANDLER_PATIENCE_MS, &receipt),
                     OYEZ_OK);
    oyez_client_close(&bus->client);
    oyez_local_close(&bus->local);
    assert_int_equal(oyez_local_open(&bus->local, &options), OYEZ_OK);
    assert_int_equal(oyez_local_client(bus->local, &bus->client, NULL), OYEZ_OK);
    assert_int_equal(oyez_client_get(bus->client, receipt.event_id, &found, HANDLER_PATIENCE_MS),
                     OYEZ_OK);
    assert_string_equal(found->event_type, TYPE);
    oyez_event_free(&found);
}

static void test_a_directory_has_one_bus(void **state)
{
    struct handler_bus *bus = *state;
    oyez_local *second;
    const struct oyez_local_options options = {.directory = bus->directory, .listen = LOCAL_LISTEN};
    assert_int_equal(oyez_local_open(&second, &options), OYEZ_ERR_LOCKED);
    assert_null(second);
}

static void test_what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    oyez_local *local;
    struct oyez_local_options options = {.directory = "/dev/null/journal"};
    assert_int_equal(oyez_local_open(&local, &options), OYEZ_ERR_IO);
    options = (struct oyez_local_options){.listen = "nonsense"};
    assert_int_equal(oyez_local_open(&local, &options), OYEZ_ERR_INVALID);
    options = (struct oyez_local_options){.listen = "tcp://0.0.0.0:*"};
    assert_int_equal(oyez_local_open(&local, &options), OYEZ_ERR_FORBIDDEN);
    assert_null(local);
    oyez_local_close(&local);
    oyez_local_close(NULL);
}

static void test_others_reach_it_where_it_listens(void **state)
{
    (void)state;
    oyez_local *local;
    oyez_client *inside;
    oyez_client *outside;
    const struct oyez_local_options options = {.listen = "tcp://127.0.0.1:*"};
    assert_int_equal(oyez_local_open(&local, &options), OYEZ_OK);
    const struct oyez_client_options reach = {.endpoint = oyez_local_endpoint(local)};
    assert_int_equal(oyez_local_client(local, &inside, NULL), OYEZ_OK);
    assert_int_equal(oyez_client_open(&outside, &reach, HANDLER_PATIENCE_MS), OYEZ_OK);
    oyez_client_close(&outside);
    oyez_client_close(&inside);
    oyez_local_close(&local);
}

// A disk that is full from a certain moment on.
static atomic_bool disk_is_full;

static ssize_t write_or_fail(void *context, int file, const void *bytes, size_t size, off_t offset)
{
    (void)context;
    if (!disk_is_full)
        return pwrite(file, bytes, size, offset);
    errno = ENOSPC;
    return -1;
}

struct failure {
    atomic_uint times;
    oyez_err err;
    char line[256];
};

static void take_failure(void *arg, oyez_err err, const char *line)
{
    struct failure *failure = arg;
    failure->err = err;
    snprintf(failure->line, sizeof failure->line, "%s", line);
    failure->times++;
}

static bool is_healthy(oyez_client *client)
{
    static struct oyez_status status;
    assert_int_equal(oyez_client_status(client, &status, HANDLER_PATIENCE_MS), OYEZ_OK);
    return status.health == OYEZ_HEALTHY;
}

static void wait_until_ill(oyez_client *client)
{
    uint64_t until_ms = oyez_clock_monotonic_ms() + HANDLER_PATIENCE_MS;
    while (is_healthy(client)) {
        assert_true(oyez_clock_monotonic_ms() < until_ms);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static oyez_err count_call(void *arg, const struct oyez_event *event)
{
    atomic_uint *calls = arg;
    (void)event;
    (*calls)++;
    return OYEZ_OK;
}

static void test_a_failed_disk_is_health_and_a_callback(void **state)
{
    struct handler_bus bus = {.directory = "/tmp/local-bus-XXXXXX"};
    struct failure failure = {0};
    struct oyez_event event = {.event_type = TYPE};
    struct oyez_disk disk = *oyez_disk_system();
    atomic_uint calls = 0;
    char text[256];
    (void)state;
    disk.pwrite = write_or_fail;
    disk_is_full = false;
    assert_non_null(mkdtemp(bus.directory));
    const struct oyez_local_options options = {.directory = bus.directory,
                                               .listen = LOCAL_LISTEN,
                                               .disk = &disk,
                                               .on_failed = take_failure,
                                               .arg = &failure};
    const struct oyez_client_options client = {.close_timeout_ms = 1};
    assert_int_equal(oyez_local_open(&bus.local, &options), OYEZ_OK);
    assert_int_equal(oyez_local_client(bus.local, &bus.client, &client), OYEZ_OK);
    assert_int_equal(oyez_client_handle(bus.client, TYPE, count_call, &calls), OYEZ_OK);
    assert_int_equal(
        oyez_client_emit_wait(bus.client, &event, OYEZ_LEVEL_RECORDED, HANDLER_PATIENCE_MS, NULL),
        OYEZ_OK);
    assert_true(is_healthy(bus.client));
    assert_int_equal(oyez_local_failed(bus.local, text, sizeof text), OYEZ_OK);
    disk_is_full = true;
    handler_bus_emit(&bus, TYPE, NULL);
    handler_bus_await(&failure.times, 1);
    assert_int_equal(failure.err, OYEZ_ERR_NO_SPACE);
    assert_int_equal(oyez_local_failed(bus.local, text, sizeof text), OYEZ_ERR_NO_SPACE);
    assert_string_equal(text, failure.line);
    wait_until_ill(bus.client);
    // Live subscribers go on.
    handler_bus_await(&calls, 2);
    handler_bus_emit(&bus, TYPE, NULL);
    handler_bus_await(&calls, 3);
    assert_int_equal(failure.times, 1);
    oyez_client_close(&bus.client);
    disk_is_full = false;
    oyez_local_close(&bus.local);
    recorder_remove_directory(bus.directory);
}

#define plain(function)                                                                            \
    cmocka_unit_test_setup_teardown(function, handler_bus_open, handler_bus_close)
#define recorded(function)                                                                         \
    cmocka_unit_test_setup_teardown(function, handler_bus_open_recorded, handler_bus_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        plain(test_without_a_directory_nothing_is_recorded),
        recorded(test_with_one_it_is_there_after_a_restart),
        recorded(test_a_directory_has_one_bus),
        cmocka_unit_test(test_what_cannot_be_opened_says_why),
        cmocka_unit_test(test_others_reach_it_where_it_listens),
        cmocka_unit_test(test_a_failed_disk_is_health_and_a_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
