// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/recorder/rebuild.h"
#include "recorder_fixture.h"

static void record_some(struct recorder_fixture *fixture)
{
    fixture->told = (oyez_v1_Confirm){.epoch = 0};
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 2);
    recorder_publish(fixture, &(struct recorder_batch){.position = 3, .emitter = 2, .seq = 5});
    recorder_await_confirm(fixture, 3);
    fixture->told = (oyez_v1_Confirm){.epoch = 0};
}

// The broker went on meanwhile, to position 4. Nothing was lost, and nothing is forgotten.
static void go_on(struct recorder_fixture *fixture)
{
    recorder_start(fixture);
    recorder_welcome(fixture, 4);
    assert_int_equal(fixture->heard.body.hello.highest_epoch, 1000);
    assert_int_equal(fixture->heard.body.hello.recorded_epoch, 1000);
    assert_int_equal(fixture->heard.body.hello.recorded_position, 3);
    recorder_await_confirm(fixture, 3);
    assert_int_equal(recorder_decided(fixture, 1)->first, 1);
    assert_int_equal(recorder_decided(fixture, 1)->through, 2);
    assert_int_equal(recorder_decided(fixture, 2)->first, 5);
    recorder_beacon(fixture, 4);
    recorder_expect_repair(fixture, 4, 4);
    const struct recorder_batch missing = {
        .position = 4, .emitter = 1, .seq = 2, .flags = OYEZ_FLAG_RESENT};
    recorder_repair(fixture, 4, 1, 4, &missing, 1);
    recorder_await_confirm(fixture, 4);
    recorder_publish(fixture, &(struct recorder_batch){.position = 5, .emitter = 2, .seq = 5});
    recorder_await_confirm(fixture, 5);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 2#5\n"
                                     "repeat 1000:4 1#2 of 1\n"
                                     "repeat 1000:5 2#5 of 2\n");
}

static void remove_state(struct recorder_fixture *fixture)
{
    char path[128];
    snprintf(path, sizeof path, "%s/emitters.state", fixture->directory);
    assert_int_equal(unlink(path), 0);
}

static void test_a_restart_in_the_same_epoch_goes_on(void **state)
{
    record_some(*state);
    recorder_stop(*state);
    go_on(*state);
}

static void test_without_its_file_everything_comes_from_the_journal(void **state)
{
    record_some(*state);
    recorder_stop(*state);
    remove_state(*state);
    go_on(*state);
}

static void test_after_a_kill_everything_comes_from_the_journal(void **state)
{
    struct recorder_fixture *fixture = *state;
    record_some(fixture);
    recorder_kill(fixture);
    go_on(fixture);
    assert_non_null(strstr(fixture->log, "not closed cleanly: 0 bytes, 0 records"));
}

static void test_a_file_that_is_no_good_is_not_used(void **state)
{
    struct recorder_fixture *fixture = *state;
    char path[128];
    record_some(fixture);
    recorder_stop(fixture);
    snprintf(path, sizeof path, "%s/emitters.state", fixture->directory);
    FILE *file = fopen(path, "r+");
    assert_int_equal(fseek(file, 40, SEEK_SET), 0);
    assert_int_equal(fputc('x', file), 'x');
    fclose(file);
    go_on(fixture);
    assert_non_null(strstr(fixture->log, "emitters.state is of no use"));
}

// What would say that the journal has been shortened or exchanged.
static void remove_checkpoints(struct recorder_fixture *fixture)
{
    static const char *const names[] = {"checkpoint", "checkpoints"};
    char path[128];
    for (unsigned i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture->directory, names[i]);
        assert_int_equal(unlink(path), 0);
    }
}

// A file that tells of `count` records of another journal does not count for this one.
static void use_foreign_file(struct recorder_fixture *fixture, unsigned count)
{
    char path[128], aside[128];
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, count);
    recorder_await_confirm(fixture, count);
    recorder_stop(fixture);
    snprintf(path, sizeof path, "%s/emitters.state", fixture->directory);
    snprintf(aside, sizeof aside, "%s.aside", fixture->directory);
    assert_int_equal(rename(path, aside), 0);
    snprintf(path, sizeof path, "%s/%020d.seg", fixture->directory, 0);
    assert_int_equal(unlink(path), 0);
    remove_checkpoints(fixture);
    record_some(fixture);
    recorder_stop(fixture);
    snprintf(path, sizeof path, "%s/emitters.state", fixture->directory);
    assert_int_equal(rename(aside, path), 0);
    go_on(fixture);
    assert_non_null(strstr(fixture->log, "it tells of another journal"));
}

static void test_a_file_of_a_longer_journal_is_not_used(void **state)
{
    use_foreign_file(*state, 6);
}

static void test_a_file_of_another_journal_is_not_used(void **state)
{
    use_foreign_file(*state, 3);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[1024 * 1024];
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    file = fopen(to, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_a_file_that_is_ahead_of_its_journal_is_not_used(void **state)
{
    struct recorder_fixture *fixture = *state;
    char segment[128], aside[128];
    record_some(fixture);
    recorder_stop(fixture);
    snprintf(segment, sizeof segment, "%s/%020d.seg", fixture->directory, 0);
    snprintf(aside, sizeof aside, "%s/aside", fixture->directory);
    copy_file(segment, aside);
    recorder_start(fixture);
    recorder_attach(fixture, 3);
    recorder_publish_run(fixture, 4, 3);
    recorder_await_confirm(fixture, 6);
    recorder_stop(fixture);
    copy_file(aside, segment);
    remove_checkpoints(fixture);
    assert_int_equal(unlink(aside), 0);
    fixture->told = (oyez_v1_Confirm){.epoch = 0};
    go_on(fixture);
}

static void test_what_a_gap_swallowed_before_a_restart_is_told_after_it(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    recorder_publish_run(fixture, 1, 1);
    recorder_publish_run(fixture, 3, 1);
    recorder_expect_repair(fixture, 2, 3);
    recorder_repair(fixture, 0, 3, 3, NULL, 0); // 2 is lost, and 3 does not come yet
    recorder_await_confirm(fixture, 2);
    recorder_stop(fixture);
    fixture->told = (oyez_v1_Confirm){.epoch = 0};
    recorder_start(fixture);
    recorder_attach(fixture, 3);
    recorder_expect_repair(fixture, 3, 3);
    const struct recorder_batch next = {.position = 3, .emitter = 1, .seq = 3};
    recorder_repair(fixture, 3, 3, 3, &next, 1);
    recorder_await_confirm(fixture, 3);
    assert_int_equal(recorder_decided(fixture, 1)->through, 3);
    assert_int_equal(recorder_decided(fixture, 1)->lost_count, 1);
    assert_int_equal(recorder_decided(fixture, 1)->lost[0].first, 2);
    assert_int_equal(recorder_decided(fixture, 1)->lost[0].last, 2);
}

static void test_an_epoch_that_was_named_and_never_came_gets_its_end(void **state)
{
    struct recorder_fixture *fixture = *state;
    record_some(fixture);
    fixture->broker.epoch = 2000;
    recorder_heartbeat(fixture, 5, false); // nothing of it comes through
    fixture->broker.epoch = 3000;
    recorder_heartbeat(fixture, 0, false);
    recorder_attach(fixture, 0);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 2#5\n"
                                     "end 1000:3 highest 3 next 2000 @77\n");
    remove_state(fixture);
    fixture->broker.epoch = 4000;
    recorder_start(fixture);
    recorder_attach(fixture, 0);
    assert_int_equal(fixture->heard.body.hello.recorded_epoch, 2000);
    assert_int_equal(fixture->heard.body.hello.recorded_position, 0);
    recorder_publish(fixture, &(struct recorder_batch){.position = 1, .emitter = 3, .seq = 1});
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#2\n"
                                     "event 1000:3 2#5\n"
                                     "end 1000:3 highest 3 next 2000 @77\n"
                                     "end 2000:0 highest 0 next 4000 @101\n"
                                     "event 4000:1 3#1\n");
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

static void take_act(struct recorder_place *place, const char *text)
{
    const struct oyez_journal_record act = {.kind = OYEZ_RECORD_EXPIRED,
                                            .index = 9,
                                            .details = (const uint8_t *)text,
                                            .details_size = strlen(text)};
    assert_int_equal(recorder_place_take(place, NULL, &act), OYEZ_OK);
}

static void
test_the_act_of_retention_says_where_the_stream_stands_when_nothing_else_does(void **state)
{
    struct recorder_place place = {.epoch = 0};
    (void)state;
    take_act(&place, "event 1000:7 an act by type\n");
    assert_int_equal(place.epoch, 0);
    take_act(&place, "before 4\nlast 1000:7\nby x\nwhy y\n");
    assert_int_equal(place.epoch, 1000);
    assert_int_equal(place.position, 7);
    take_act(&place, "before 5\nlast 900:8\nby x\nwhy y\n"); // what is there says more
    assert_int_equal(place.epoch, 1000);
    place = (struct recorder_place){.epoch = 0};
    take_act(&place, "before 4\nlast 1000:18446744073709551615\nnext 1001\nby x\nwhy y\n");
    assert_int_equal(place.epoch, 1001);
    assert_int_equal(place.position, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_restart_in_the_same_epoch_goes_on),
        FIXED(test_without_its_file_everything_comes_from_the_journal),
        FIXED(test_after_a_kill_everything_comes_from_the_journal),
        FIXED(test_a_file_that_is_no_good_is_not_used),
        FIXED(test_a_file_of_a_longer_journal_is_not_used),
        FIXED(test_a_file_of_another_journal_is_not_used),
        FIXED(test_a_file_that_is_ahead_of_its_journal_is_not_used),
        FIXED(test_what_a_gap_swallowed_before_a_restart_is_told_after_it),
        FIXED(test_an_epoch_that_was_named_and_never_came_gets_its_end),
        cmocka_unit_test(
            test_the_act_of_retention_says_where_the_stream_stands_when_nothing_else_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
