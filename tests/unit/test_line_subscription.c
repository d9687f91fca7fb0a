// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "local_bus.h"
#include "oyez/event_lines.h"

struct written {
    struct local_bus *bus;
    char line[512];
};

static void write_line(void *arg, const char *line, size_t size)
{
    struct written *written = arg;
    assert_int_equal(strlen(line), size);
    snprintf(written->line, sizeof written->line, "%s", line);
    sem_post(&written->bus->came);
}

static void test_each_event_is_a_line_for_the_writer(void **state)
{
    struct written written = {.bus = *state};
    const char *patterns[] = {"github.*"};
    const struct oyez_event_lines_options options = {
        .patterns = patterns, .pattern_count = 1, .writer = write_line, .writer_arg = &written};
    oyez_event_lines *lines = NULL;
    assert_int_equal(oyez_event_lines_open(&lines, written.bus->client, &options, PATIENCE_MS),
                     OYEZ_OK);
    local_bus_emit(written.bus, "actor.invoked", "{\"actor\":\"coder\"}");
    local_bus_emit(written.bus, "github.push", "{\"n\": 7}");
    local_bus_await(written.bus);
    assert_non_null(strstr(written.line, " event=github.push "));
    assert_non_null(strstr(written.line, " details={\"n\":7}"));
    assert_int_equal(oyez_event_lines_lost(lines), 0);
    oyez_event_lines_close(&lines);
    assert_null(lines);
}

// Waits until the client's one dispatcher has handed out so many events, and is done with them.
static void await_received(struct local_bus *bus, uint64_t count)
{
    struct oyez_client_counters counters = {0};
    while (counters.received < count) {
        sched_yield();
        oyez_client_get_counters(bus->client, &counters);
    }
}

static void write_some_to(struct local_bus *bus, FILE *file, uint64_t *lost)
{
    const struct oyez_event_lines_options options = {.format = OYEZ_LINE_JSON, .file = file};
    oyez_event_lines *lines = NULL;
    assert_int_equal(oyez_event_lines_open(&lines, bus->client, &options, PATIENCE_MS), OYEZ_OK);
    for (int i = 0; i < 4; i++)
        local_bus_emit(bus, "github.push", "{}");
    await_received(bus, 4); // so three are written
    *lost = oyez_event_lines_lost(lines);
    oyez_event_lines_close(&lines); // and now the fourth is
}

static void test_a_file_has_a_line_for_each_event(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    uint64_t lost;
    write_some_to(*state, file, &lost);
    fclose(file);
    assert_int_equal(lost, 0);
    size_t count = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    assert_int_equal(count, 4);
    free(text);
}

static void test_lines_that_cannot_be_written_are_counted(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    uint64_t lost;
    write_some_to(*state, full, &lost);
    (void)fclose(full);
    assert_in_range(lost, 3, 4);
}

static void test_either_a_writer_or_a_file(void **state)
{
    struct local_bus *bus = *state;
    oyez_event_lines *lines = NULL;
    const struct oyez_event_lines_options none = {0};
    const struct oyez_event_lines_options both = {.writer = write_line, .file = stdout};
    const struct oyez_event_lines_options format = {.writer = write_line,
                                                    .format = (enum oyez_line_format)7};
    assert_int_equal(oyez_event_lines_open(&lines, bus->client, &none, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_event_lines_open(&lines, bus->client, &both, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_event_lines_open(&lines, bus->client, &format, 0), OYEZ_ERR_INVALID);
    assert_null(lines);
}

#define test(function) cmocka_unit_test_setup_teardown(function, local_bus_open, local_bus_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_each_event_is_a_line_for_the_writer),
        test(test_a_file_has_a_line_for_each_event),
        test(test_lines_that_cannot_be_written_are_counted),
        test(test_either_a_writer_or_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
