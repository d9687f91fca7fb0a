// SPDX-License-Identifier: MIT
// The recorder's catalogs: stored once, before their first event; events judged that nobody judged.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oyez/journal_catalogs.h"
#include "recorder_fixture.h"

// The kinds of all records, a letter each: catalog, event, repeat, other.
static const char *kinds(const struct recorder_fixture *fixture)
{
    static char letters[128];
    oyez_journal_reader *reader;
    struct oyez_journal_record record;
    size_t count = 0;
    assert_int_equal(oyez_journal_reader_open(&reader, fixture->directory, NULL), OYEZ_OK);
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK && count < sizeof letters - 1)
        letters[count++] = record.kind == OYEZ_RECORD_CATALOG_ADDED ? 'c'
                           : record.kind == OYEZ_RECORD_EVENT       ? 'e'
                           : record.kind == OYEZ_RECORD_REPEAT      ? 'r'
                                                                    : 'o';
    oyez_journal_reader_close(&reader);
    letters[count] = '\0';
    return letters;
}

static void publish(struct recorder_fixture *fixture, uint64_t position, const char *type,
                    const char *details, uint32_t flags)
{
    recorder_publish(fixture, &(struct recorder_batch){.position = position,
                                                       .emitter = 1,
                                                       .seq = position,
                                                       .type = type,
                                                       .details = details,
                                                       .flags = flags});
}

static void test_a_catalog_stands_once_before_its_first_event(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, "plan.created", NULL, 0);
    publish(fixture, 2, "plan.created", NULL, 0);
    publish(fixture, 3, "session.created", NULL, 0);
    publish(fixture, 4, "deal.created", NULL, 0);
    publish(fixture, 5, "nobody.knows", NULL, 0);
    recorder_await_confirm(fixture, 5);
    recorder_stop(fixture);
    assert_string_equal(kinds(fixture), "ceeecee");
    assert_non_null(strstr(fixture->log, "nobody.knows"));
}

static void test_after_a_restart_it_is_not_stored_again(void **state)
{
    struct recorder_fixture *fixture = *state;
    char path[128];
    recorder_begin(fixture);
    publish(fixture, 1, "plan.created", NULL, 0);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    snprintf(path, sizeof path, "%s/catalogs.state", fixture->directory);
    // With the file, and without.
    for (uint64_t position = 2; position <= 3; position++) {
        assert_int_equal(access(path, R_OK), 0);
        if (position == 3)
            assert_int_equal(unlink(path), 0);
        recorder_start(fixture);
        recorder_attach(fixture, position - 1);
        publish(fixture, position, "plan.created", NULL, 0);
        recorder_await_confirm(fixture, position);
        recorder_stop(fixture);
    }
    assert_string_equal(kinds(fixture), "ceee");
}

static void test_the_act_has_the_time_of_its_event(void **state)
{
    struct recorder_fixture *fixture = *state;
    oyez_journal_reader *reader;
    struct oyez_journal_record record;
    recorder_begin(fixture);
    publish(fixture, 1, "plan.created", NULL, 0);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    assert_int_equal(oyez_journal_reader_open(&reader, fixture->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
    assert_int_equal(record.kind, OYEZ_RECORD_CATALOG_ADDED);
    assert_int_equal(record.broker_time, 101);
    oyez_journal_reader_close(&reader);
}

static void test_only_events_that_nobody_judged_are_judged(void **state)
{
    struct recorder_fixture *fixture = *state;
    struct oyez_recorder_counters counters;
    recorder_begin(fixture);
    publish(fixture, 1, "tool.retried", "{\"attempt\":0}", 0);
    publish(fixture, 2, "tool.retried", "{\"attempt\":0}", OYEZ_FLAG_CHECKED);
    publish(fixture, 3, "tool.retried", "{\"attempt\":-1}", 0);
    publish(fixture, 4, "nobody.knows", "{}", 0);
    recorder_await_confirm(fixture, 4);
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.invalid_events, 2);
    assert_int_equal(counters.invalid, 0);
    recorder_stop(fixture);
    // Told once, with the rule; and no leaf says anything of it.
    const char *told = strstr(fixture->log, "details.attempt: 0 is below the minimum 1");
    assert_non_null(told);
    assert_null(strstr(told, "-1 is below"));
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 1#3\n"
                                     "event 1000:4 1#4\n");
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_catalog_stands_once_before_its_first_event),
        FIXED(test_after_a_restart_it_is_not_stored_again),
        FIXED(test_the_act_has_the_time_of_its_event),
        FIXED(test_only_events_that_nobody_judged_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
