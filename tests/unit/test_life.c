// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/recorder/admin_verb.h"
#include "client/recorder/life.h"
#include "oyez/archive.h"
#include "recorder_fixture.h"

#define EVENTS 100u // of broker times 101 to 200
#define WAIT_S 60   // a bound for machines under load
#define MS 1000000L

static atomic_ullong clock_ns;
static atomic_uint looks; // of whoever asks the clock

static uint64_t read_clock(void *context)
{
    (void)context;
    atomic_fetch_add(&looks, 1);
    return atomic_load(&clock_ns);
}

static int set_up(void **state)
{
    if (recorder_fixture_open(state) != 0)
        return -1;
    struct recorder_fixture *f = *state;
    atomic_store(&clock_ns, 100);
    f->disk.now = read_clock;
    f->options.segment_size = 4096;
    f->options.life_interval_ms = 5;
    return 0;
}

static void publish(struct recorder_fixture *f, unsigned from, unsigned through)
{
    for (unsigned position = from; position < through; position += 10) { // a group of its own each
        recorder_publish_run(f, position, 10);
        recorder_await_confirm(f, position + 9);
    }
}

static void pause_shortly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = MS}, NULL);
}

static bool is_late(time_t since)
{
    return time(NULL) - since > WAIT_S;
}

static bool has_logged(struct recorder_fixture *f, const char *text, unsigned *times)
{
    pthread_mutex_lock(&f->lock);
    *times = 0;
    for (const char *at = f->log; (at = strstr(at, text)) != NULL; at++)
        (*times)++;
    pthread_mutex_unlock(&f->lock);
    return *times > 0;
}

static void await_log(struct recorder_fixture *f, const char *text)
{
    time_t begun = time(NULL);
    unsigned times;
    while (!has_logged(f, text, &times)) {
        if (is_late(begun))
            fail_msg("not logged: %s", text);
        pause_shortly();
    }
}

// The thread has looked at all that is there, and again.
static void await_looks(unsigned count)
{
    time_t begun = time(NULL);
    unsigned before = atomic_load(&looks);
    while (atomic_load(&looks) - before < count) {
        assert_false(is_late(begun));
        pause_shortly();
    }
}

struct state {
    uint64_t begin;
    size_t sealed, archived;
    uint64_t oldest_plain; // the latest time in the first sealed segment that is not archived
    uint64_t newest_archived;
};

static struct state look(struct recorder_fixture *f)
{
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_segment segment;
    struct oyez_journal_storage storage;
    struct state state = {.oldest_plain = UINT64_MAX};
    size_t count;
    assert_int_equal(oyez_journal_reader_open(&reader, f->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_refresh(reader, &count), OYEZ_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(oyez_journal_reader_segment(reader, i, &segment), OYEZ_OK);
        assert_int_equal(oyez_journal_reader_storage(reader, i, &storage), OYEZ_OK);
        if (i == 0)
            state.begin = segment.first_index;
        if (!segment.sealed)
            continue;
        state.sealed++;
        state.archived += storage.packed > 0;
        if (segment.time_max == 0) // acts alone
            continue;
        if (storage.packed > 0)
            state.newest_archived = segment.time_max;
        else if (segment.time_max < state.oldest_plain)
            state.oldest_plain = segment.time_max;
    }
    oyez_journal_reader_close(&reader);
    return state;
}

static struct oyez_journal_verdict stop_and_verify(struct recorder_fixture *f)
{
    struct oyez_journal_verdict verdict;
    recorder_stop(f);
    assert_int_equal(oyez_journal_verify(f->directory, NULL, &verdict), OYEZ_OK);
    assert_int_equal(verdict.problems, 0);
    assert_true(verdict.has_root);
    return verdict;
}

static void test_without_a_rule_nothing_is_looked_after(void **state)
{
    struct recorder_fixture *f = *state;
    struct recorder_life *life = (void *)f;
    recorder_begin(f);
    assert_int_equal(recorder_life_open(&life, f->recorder, &f->options), OYEZ_OK);
    assert_null(life);
    recorder_life_close(&life);
    assert_null(recorder_life_rules(f->recorder));
    publish(f, 1, EVENTS);
    assert_int_equal(look(f).archived, 0);
    assert_int_equal(stop_and_verify(f).events, EVENTS);
}

static void test_a_segment_older_than_the_setting_is_archived(void **state)
{
    struct recorder_fixture *f = *state;
    f->options.archive_after = 50;
    recorder_begin(f);
    publish(f, 1, EVENTS);
    assert_int_equal(look(f).archived, 0); // nothing is as old as that
    assert_true(look(f).sealed > 3);
    atomic_store(&clock_ns, 200); // what was before 150 is
    await_log(f, "archived ");
    await_looks(20);
    struct state found = look(f);
    assert_in_range(found.archived, 1, found.sealed - 1);
    assert_true(found.newest_archived < 150);
    assert_true(found.oldest_plain >= 150);
    assert_int_equal(found.begin, 0);
    assert_int_equal(stop_and_verify(f).events, EVENTS);
}

static void test_old_segments_go_by_their_age(void **state)
{
    struct recorder_fixture *f = *state;
    f->options.keep.keep_for = 50;
    recorder_begin(f);
    publish(f, 1, EVENTS);
    assert_int_equal(recorder_life_rules(f->recorder)->keep_for, 50);
    assert_int_equal(look(f).begin, 0);
    atomic_store(&clock_ns, 200);
    await_log(f, "the journal begins with record");
    await_looks(20);
    struct state found = look(f);
    assert_in_range(found.begin, 10, 50);
    assert_true(found.oldest_plain >= 150);
    assert_int_equal(stop_and_verify(f).expired, found.begin);
}

// Long before the time has come.
static void test_a_segment_that_ends_is_a_reason_to_look(void **state)
{
    struct recorder_fixture *f = *state;
    f->options.keep.keep_size = 1;
    f->options.life_interval_ms = 0; // an hour
    recorder_begin(f);
    publish(f, 1, EVENTS);
    await_log(f, "the journal begins with record");
    assert_true(stop_and_verify(f).expired > 0);
}

static void test_old_events_of_a_type_are_blanked(void **state)
{
    struct recorder_fixture *f = *state;
    assert_int_equal(oyez_retention_add_type(&f->options.keep, "plan.*=1s"), OYEZ_OK);
    f->options.keep.types[0].keep_for = 50;
    recorder_begin(f);
    publish(f, 1, EVENTS);
    atomic_store(&clock_ns, 171);
    await_log(f, "events by their types");
    await_looks(20);
    assert_int_equal(stop_and_verify(f).erased, 20); // of the times 101 to 120
}

static void ask(struct recorder_fixture *f, const char *verb, const char *lines)
{
    char text[128];
    struct recorder_request request = {.next = text};
    struct recorder_reply reply = {.size = 0};
    strncpy(text, lines, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    recorder_verb_find(verb)->answer(f->recorder, &request, &reply);
    if (strstr(reply.text, "\"error\"") != NULL)
        fail_msg("%s", reply.text);
}

static void test_a_hold_that_keeps_something_is_told_once(void **state)
{
    struct recorder_fixture *f = *state;
    unsigned times;
    f->options.keep.keep_for = 50;
    recorder_begin(f);
    publish(f, 1, EVENTS);
    ask(f, "hold", "hold suit-7\npattern plan.*\nwhy a letter\n");
    atomic_store(&clock_ns, 200);
    await_log(f, "the hold suit-7 keeps what would go by the rules");
    await_looks(20);
    assert_true(has_logged(f, "the hold suit-7", &times));
    assert_int_equal(times, 1);
    assert_int_equal(look(f).begin, 0);
    ask(f, "release", "hold suit-7\nwhy settled\n");
    await_log(f, "the journal begins with record");
    assert_true(stop_and_verify(f).expired > 0);
}

static void test_files_that_a_repair_set_aside_are_told_once_and_segments_go(void **state)
{
    struct recorder_fixture *f = *state;
    char path[sizeof f->directory + 64];
    unsigned times;
    f->options.keep.keep_for = 50;
    assert_int_equal(oyez_retention_add_type(&f->options.keep, "plan.*=1s"), OYEZ_OK);
    f->options.keep.types[0].keep_for = 1;
    recorder_begin(f);
    snprintf(path, sizeof path, "%s/00000000000000000003.seg.damaged", f->directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    publish(f, 1, EVENTS);
    atomic_store(&clock_ns, 200);
    await_log(f, "events were not blanked by their types");
    await_log(f, "the journal begins with record");
    await_looks(20);
    assert_true(has_logged(f, "not blanked", &times));
    assert_int_equal(times, 1);
    assert_int_equal(unlink(path), 0);
    await_log(f, "by their types\n");
    struct oyez_journal_verdict verdict = stop_and_verify(f);
    assert_true(verdict.expired > 0);
    assert_true(verdict.erased > 0);
}

static void test_it_ends_with_the_recorder_in_the_middle_of_its_work(void **state)
{
    struct recorder_fixture *f = *state;
    f->options.archive_after = 1;
    f->options.keep.keep_size = 20000;
    atomic_store(&clock_ns, 1000); // all is old
    recorder_begin(f);
    publish(f, 1, EVENTS);
    struct oyez_journal_verdict verdict = stop_and_verify(f);
    assert_true(verdict.expired + verdict.records >= EVENTS);
}

static void test_it_ends_with_a_journal_that_fails_under_it(void **state)
{
    struct recorder_fixture *f = *state;
    f->options.archive_after = 50;
    f->options.keep.keep_for = 50;
    recorder_begin(f);
    publish(f, 1, EVENTS);
    pthread_mutex_lock(&f->lock);
    f->write_error = EIO;
    pthread_mutex_unlock(&f->lock);
    atomic_store(&clock_ns, 200);
    recorder_await_failure(f);
    recorder_stop(f);
    assert_int_equal(f->failures, 1);
}

int main(void)
{
#define WITH_RECORDER(test) cmocka_unit_test_setup_teardown(test, set_up, recorder_fixture_close)
    const struct CMUnitTest tests[] = {
        WITH_RECORDER(test_without_a_rule_nothing_is_looked_after),
        WITH_RECORDER(test_a_segment_older_than_the_setting_is_archived),
        WITH_RECORDER(test_old_segments_go_by_their_age),
        WITH_RECORDER(test_a_segment_that_ends_is_a_reason_to_look),
        WITH_RECORDER(test_old_events_of_a_type_are_blanked),
        WITH_RECORDER(test_a_hold_that_keeps_something_is_told_once),
        WITH_RECORDER(test_files_that_a_repair_set_aside_are_told_once_and_segments_go),
        WITH_RECORDER(test_it_ends_with_the_recorder_in_the_middle_of_its_work),
        WITH_RECORDER(test_it_ends_with_a_journal_that_fails_under_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
