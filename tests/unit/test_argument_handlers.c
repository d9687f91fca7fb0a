// SPDX-License-Identifier: MIT
// As test_argument.c: streams, pollers, operations, lines, handlers and dead letters.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "argument_rows.h"
#include "local_bus.h"
#include "oyez/dead_letter.h"
#include "oyez/event_lines.h"
#include "oyez/handler.h"
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

static oyez_err handle(void *arg, const struct oyez_event *given)
{
    (void)arg;
    (void)given;
    return OYEZ_OK;
}

static void refuse_handler(struct local_bus *bus, struct oyez_handler_options options,
                           const char *words)
{
    oyez_handler *handler;
    REFUSED(words, oyez_handler_open(&handler, bus->client, &options, 0));
    assert_null(handler);
}

static void test_handler_options(void **state)
{
    struct local_bus *bus = *state;
    const oyez_err errors[] = {OYEZ_ERR_IO};
    const char *no_pattern[] = {""};
    struct oyez_handler_options good = {.run = handle};
    struct oyez_handler_options options;

#define WRONG(words, ...)                                                                          \
    options = good;                                                                                \
    options.__VA_ARGS__;                                                                           \
    refuse_handler(bus, options, words)

    WRONG("run", run = NULL);
    WRONG("name", name = "");
    WRONG("name", name = "a b");
    WRONG("patterns", pattern_count = 1);
    WRONG("mode", mode = (enum oyez_handler_mode)3);
    WRONG("key", key = (enum oyez_handler_key)3);
    WRONG("threads", threads = 2);
    WRONG("threads", threads = OYEZ_HANDLER_THREADS_MAX + 1);
    WRONG("retry.count", retry.count = 101);
    WRONG("retry.errors", retry.error_count = 1);
    WRONG("retry.error_count", retry.error_count = 17);
    WRONG("retry.first_ms", retry = (struct oyez_retry){.first_ms = 2, .max_ms = 1});
    good.mode = OYEZ_HANDLER_INLINE;
    WRONG("retry.count", retry = (struct oyez_retry){.count = 1, .errors = errors});
    WRONG("from", from = OYEZ_FROM_FIRST);
    WRONG("only_recorded", only_recorded = true);
    WRONG("pattern", patterns = no_pattern; options.pattern_count = 1);
#undef WRONG
}

static void test_handler_arguments(void **state)
{
    struct local_bus *bus = *state;
    oyez_handler *handler = NULL;
    struct oyez_handler_counters counters;
    const struct oyez_handler_options good = {.run = handle, .mode = OYEZ_HANDLER_INLINE};

    REFUSED("out", oyez_handler_open(NULL, bus->client, &good, 0));
    REFUSED("client", oyez_handler_open(&handler, NULL, &good, 0));
    REFUSED("options", oyez_handler_open(&handler, bus->client, NULL, 0));
    REFUSED("client", oyez_client_handle(NULL, "*", handle, NULL));
    REFUSED("pattern", oyez_client_handle(bus->client, NULL, handle, NULL));
    REFUSED("run", oyez_client_handle(bus->client, "*", NULL, NULL));
    oyez_handler_close(NULL);
    oyez_handler_close(&handler);
    oyez_handler_get_counters(NULL, &counters);
    assert_int_equal(counters.delivered, 0);
    assert_int_equal(oyez_handler_open(&handler, bus->client, &good, 0), OYEZ_OK);
    oyez_handler_get_counters(handler, NULL);
    oyez_handler_close(&handler);
    assert_null(handler);
}

static void test_dead_letter_arguments(void **state)
{
    struct local_bus *bus = *state;
    const struct oyez_uuid id = {{1}};
    struct oyez_dead_letter *letters;
    char long_reason[300] = "";

    memset(long_reason, 'x', sizeof long_reason - 1);
    REFUSED("client", oyez_client_dead_letters(NULL, &letters, &size, 0));
    REFUSED("letters", oyez_client_dead_letters(bus->client, NULL, &size, 0));
    REFUSED("count", oyez_client_dead_letters(bus->client, &letters, NULL, 0));
    REFUSED("client", oyez_client_retry_dead_letter(NULL, id, 0));
    REFUSED("client", oyez_client_discard_dead_letter(NULL, id, NULL, 0));
    REFUSED("reason", oyez_client_discard_dead_letter(bus->client, id, long_reason, 0));
    assert_int_equal(oyez_client_dead_letters(bus->client, &letters, &size, PATIENCE_MS),
                     OYEZ_ERR_NO_RECORDER);
}

#define test(function) cmocka_unit_test_setup_teardown(function, local_bus_open, local_bus_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_stream_arguments),      test(test_poller_arguments),
        test(test_operation_arguments),   test(test_event_lines_arguments),
        test(test_handler_options),       test(test_handler_arguments),
        test(test_dead_letter_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
