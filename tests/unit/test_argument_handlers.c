// SPDX-License-Identifier: MIT
// As test_argument.c: streams, pollers, operations and lines.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "argument_rows.h"
#include "local_bus.h"
#include "oyez/event_lines.h"
#include "oyez/operation.h"
#include "oyez/poller.h"
#include "oyez/stream.h"

static int anything; // never looked into: the other argument is looked at first
static const struct oyez_event event = {.event_type = "github.push"};
static const struct oyez_event nameless;
static size_t size;
static char *text;

static bool let_through(void *arg, const struct oyez_stream_item *item)
{
    (void)arg;
    return item != NULL;
}

static oyez_err map(void *arg, const struct oyez_stream_item *item, void *value)
{
    (void)arg;
    (void)item;
    (void)value;
    return OYEZ_OK;
}

static void take(void *arg, const struct oyez_stream_item *item)
{
    (void)arg;
    (void)item;
}

static void test_stream_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_stream *stream;
    oyez_stream *none = NULL;
    struct oyez_stream_item item;
    struct oyez_stream_counters counters;
    int fd;
    const struct oyez_subscription_options patterns = {.pattern_count = 1};

    REFUSED("out", oyez_stream_open(NULL, bus->client, NULL, 0));
    REFUSED("client", oyez_stream_open(&stream, NULL, NULL, 0));
    REFUSED("options.patterns", oyez_stream_open(&stream, bus->client, &patterns, 0));
    assert_null(stream);
    assert_int_equal(oyez_stream_open(&stream, bus->client, NULL, PATIENCE_MS), OYEZ_OK);
    REFUSED("stream", oyez_stream_next(NULL, &item, 0));
    REFUSED("item", oyez_stream_next(stream, NULL, 0));
    REFUSED("stream", oyez_stream_fd(NULL, &fd));
    REFUSED("fd", oyez_stream_fd(stream, NULL));
    REFUSED("stream", oyez_stream_start(NULL, take, NULL));
    REFUSED("handler", oyez_stream_start(stream, NULL, NULL));
    oyez_stream_get_counters(NULL, &counters);
    assert_int_equal(counters.received, 0);
    oyez_stream_get_counters(stream, NULL);
    REFUSED("stream", oyez_stream_set_clock(NULL, NULL, NULL));
    REFUSED("stream", oyez_stream_filter(NULL, let_through, NULL));
    REFUSED("predicate", oyez_stream_filter(stream, NULL, NULL));
    REFUSED("stream", oyez_stream_where(NULL, NULL, 0));
    REFUSED("conditions", oyez_stream_where(stream, NULL, 1));
    REFUSED("stream", oyez_stream_take(NULL, 1));
    REFUSED("stream", oyez_stream_skip(NULL, 1));
    REFUSED("stream", oyez_stream_distinct(NULL, NULL, NULL, 1));
    REFUSED("count", oyez_stream_distinct(stream, NULL, NULL, 0));
    REFUSED("stream", oyez_stream_map(NULL, map, NULL, 1));
    REFUSED("mapper", oyez_stream_map(stream, NULL, NULL, 1));
    REFUSED("value_size", oyez_stream_map(stream, map, NULL, 0));
    REFUSED("stream", oyez_stream_scan(NULL, map, NULL, NULL, 1));
    REFUSED("accumulator", oyez_stream_scan(stream, NULL, NULL, NULL, 1));
    REFUSED("size", oyez_stream_scan(stream, map, NULL, NULL, 0));
    REFUSED("stream", oyez_stream_merge(NULL, &stream));
    REFUSED("other", oyez_stream_merge(stream, NULL));
    REFUSED("other", oyez_stream_merge(stream, &none));
    REFUSED("stream", oyez_stream_buffer(NULL, 1, 1));
    REFUSED("count", oyez_stream_buffer(stream, 0, 1));
    REFUSED("stream", oyez_stream_throttle(NULL, 1));
    REFUSED("interval_ms", oyez_stream_throttle(stream, 0));
    REFUSED("stream", oyez_stream_debounce(NULL, 1));
    REFUSED("quiet_ms", oyez_stream_debounce(stream, 0));
    oyez_stream_close(&stream);
    oyez_stream_close(NULL);
}

static void test_poller_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_poller *poller;
    oyez_stream *stream;
    oyez_stream *none = NULL;
    struct oyez_stream_item item;

    assert_int_equal(oyez_stream_open(&stream, bus->client, NULL, PATIENCE_MS), OYEZ_OK);
    REFUSED("out", oyez_poller_open(NULL, &stream, take, NULL, 0));
    REFUSED("stream", oyez_poller_open(&poller, NULL, take, NULL, 0));
    REFUSED("stream", oyez_poller_open(&poller, &none, take, NULL, 0));
    REFUSED("handler", oyez_poller_open(&poller, &stream, NULL, NULL, 0));
    assert_null(poller);
    REFUSED("poller", oyez_poller_start(NULL));
    REFUSED("poller", oyez_poller_stop(NULL, 0));
    assert_false(oyez_poller_is_running(NULL));
    REFUSED("poller", oyez_poller_poll(NULL, &item));
    REFUSED("item", oyez_poller_poll((void *)&anything, NULL));
    oyez_poller_close(NULL);
    oyez_stream_close(&stream);
}

static void test_operation_arguments(void **state)
{
    struct local_bus *bus = *state;
    struct oyez_operation operation;
    const struct oyez_operation_options options = {.completed = "github.push"};

    REFUSED("operation", oyez_operation_begin(NULL, bus->client, &options));
    REFUSED("client", oyez_operation_begin(&operation, NULL, &options));
    REFUSED("options", oyez_operation_begin(&operation, bus->client, NULL));
    REFUSED("operation", oyez_operation_complete(NULL, NULL));
    REFUSED("operation", oyez_operation_fail(NULL, NULL, NULL));
    oyez_operation_end(NULL);
}

static void test_event_lines_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_event_lines *lines;
    const struct oyez_event_lines_options good = {.file = stderr};
    const struct oyez_event_lines_options patterns = {.file = stderr, .pattern_count = 1};

    REFUSED("out", oyez_event_lines_open(NULL, bus->client, &good, 0));
    REFUSED("client", oyez_event_lines_open(&lines, NULL, &good, 0));
    REFUSED("options", oyez_event_lines_open(&lines, bus->client, NULL, 0));
    REFUSED("options.patterns", oyez_event_lines_open(&lines, bus->client, &patterns, 0));
    assert_null(lines);
    assert_int_equal(oyez_event_lines_lost(NULL), 0);
    REFUSED("event", oyez_event_line(NULL, OYEZ_LINE_JSON, &text, &size));
    REFUSED("event->event_type", oyez_event_line(&nameless, OYEZ_LINE_JSON, &text, &size));
    REFUSED("format", oyez_event_line(&event, (enum oyez_line_format)2, &text, &size));
    REFUSED("line", oyez_event_line(&event, OYEZ_LINE_JSON, NULL, &size));
    REFUSED("size", oyez_event_line(&event, OYEZ_LINE_JSON, &text, NULL));
    oyez_event_lines_close(NULL);
}

#define test(function) cmocka_unit_test_setup_teardown(function, local_bus_open, local_bus_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_stream_arguments),
        test(test_poller_arguments),
        test(test_operation_arguments),
        test(test_event_lines_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
