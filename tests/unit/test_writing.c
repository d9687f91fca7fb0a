// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oyez/journal.h"
#include "recorder_fixture.h"

static void publish(struct recorder_fixture *fixture, uint64_t position, uint64_t seq,
                    uint32_t flags)
{
    recorder_publish(fixture, &(struct recorder_batch){
                                  .position = position, .emitter = 1, .seq = seq, .flags = flags});
}

static void test_a_resent_event_becomes_a_repeat(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1, 0);
    publish(fixture, 2, 1, OYEZ_FLAG_RESENT);
    publish(fixture, 3, 2, OYEZ_FLAG_RESENT);
    publish(fixture, 4, 3, OYEZ_FLAG_PERSONAL);
    publish(fixture, 5, 3, OYEZ_FLAG_PERSONAL | OYEZ_FLAG_RESENT);
    recorder_await_confirm(fixture, 5);
    assert_int_equal(recorder_decided(fixture, 1)->through, 3);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.events, 3);
    assert_int_equal(counters.repeats, 2);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "repeat 1000:2 1#1 of 0\n"
                                     "event 1000:3 1#2\n"
                                     "personal 1000:4 1#3\n"
                                     "personal-repeat 1000:5 1#3 of 3\n");
}

static void test_a_number_that_comes_again_with_another_id_is_a_conflict(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1, 0);
    recorder_publish(
        fixture, &(struct recorder_batch){
                     .position = 2, .emitter = 1, .seq = 1, .event_id = recorder_event_id(7, 7)});
    recorder_publish(fixture, &(struct recorder_batch){.position = 3,
                                                       .emitter = 1,
                                                       .seq = 1,
                                                       .flags = OYEZ_FLAG_RESENT,
                                                       .event_id = recorder_event_id(8, 8)});
    recorder_await_confirm(fixture, 3);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.conflicts, 2);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 1#1 conflict\n"
                                     "event 1000:3 1#1 conflict\n");
}

static void test_an_id_that_comes_again_with_another_content_is_a_conflict(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1, OYEZ_FLAG_LOOK_UP);
    const struct recorder_batch others[] = {
        {.position = 2, .emitter = 2, .seq = 1, .details = "{\"other\":1}"},
        {.position = 3, .emitter = 2, .seq = 2, .type = "plan.deleted"},
        {.position = 4, .emitter = 1, .seq = 1, .details = "{\"other\":1}"},
    };
    for (size_t i = 0; i < 3; i++) {
        struct recorder_batch batch = others[i];
        batch.flags = OYEZ_FLAG_LOOK_UP;
        batch.event_id = recorder_event_id(1, 1);
        recorder_publish(fixture, &batch);
    }
    recorder_await_confirm(fixture, 4);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 2#1 conflict\n"
                                     "event 1000:3 2#2 conflict\n"
                                     "event 1000:4 1#1 conflict\n");
}

static void test_without_the_flag_no_id_is_looked_up(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1, 0);
    recorder_publish(
        fixture, &(struct recorder_batch){
                     .position = 2, .emitter = 2, .seq = 1, .event_id = recorder_event_id(1, 1)});
    recorder_await_confirm(fixture, 2);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "event 1000:2 2#1\n");
}

static void test_an_event_lost_in_a_gap_comes_again_under_its_number_or_another(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    publish(fixture, 1, 1, 0);
    publish(fixture, 4, 4, 0);
    recorder_expect_repair(fixture, 2, 4);
    const struct recorder_batch rest = {.position = 4, .emitter = 1, .seq = 4};
    recorder_repair(fixture, 4, 4, 4, &rest, 1);
    // The emitter heard of it, and says the second again under a new number.
    recorder_publish(fixture, &(struct recorder_batch){.position = 5,
                                                       .emitter = 1,
                                                       .seq = 5,
                                                       .flags = OYEZ_FLAG_RESENT,
                                                       .event_id = recorder_event_id(1, 2)});
    recorder_await_confirm(fixture, 5);
    // In the next epoch the third comes with its own number: nobody had told of its loss.
    fixture->broker.epoch = 2000;
    publish(fixture, 1, 3, OYEZ_FLAG_RESENT);
    recorder_attach(fixture, 1);
    recorder_await_confirm(fixture, 1);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "event 1000:1 1#1\n"
                                     "gap 1000:2-3 overwritten @104\n"
                                     "event 1000:4 1#4\n"
                                     "event 1000:5 1#5\n"
                                     "end 1000:5 highest 5 next 2000 @101\n"
                                     "event 2000:1 1#3\n");
}

static void test_what_breaks_a_rule_is_recorded_and_flagged(void **state)
{
    struct recorder_fixture *fixture = *state;
    recorder_begin(fixture);
    const struct recorder_batch batches[] = {
        {.position = 1, .emitter = 1, .seq = 1, .flags = OYEZ_FLAG_PERSONAL, .no_salt = true},
        {.position = 2, .emitter = 1, .seq = 2, .header_type = "plan.deleted"},
        {.position = 3, .emitter = 1, .seq = 3, .rubbish = true},
        {.position = 4, .emitter = 1, .seq = 4, .rubbish = true, .flags = OYEZ_FLAG_PERSONAL},
        {.position = 5, .emitter = 1, .seq = 5},
    };
    for (size_t i = 0; i < 5; i++)
        recorder_publish(fixture, &batches[i]);
    recorder_await_confirm(fixture, 5);
    struct oyez_recorder_counters counters;
    oyez_recorder_get_counters(fixture->recorder, &counters);
    assert_int_equal(counters.invalid, 4);
    recorder_stop(fixture);
    recorder_expect_journal(fixture, "personal 1000:1 1#1 invalid\n"
                                     "event 1000:2 1#2 invalid\n"
                                     "event 1000:3 1#3 invalid\n"
                                     "personal 1000:4 1#4 invalid\n"
                                     "event 1000:5 1#5\n");
}

static void test_a_batch_is_recorded_event_by_event_as_it_came(void **state)
{
    struct recorder_fixture *fixture = *state;
    oyez_journal_reader *reader;
    struct oyez_journal_record record;
    recorder_begin(fixture);
    recorder_publish(fixture, &(struct recorder_batch){.position = 1,
                                                       .emitter = 1,
                                                       .seq = 4,
                                                       .count = 2,
                                                       .flags = OYEZ_FLAG_FAST | OYEZ_FLAG_TELL,
                                                       .details = "{\"goal\":\"ship\"}"});
    recorder_await_confirm(fixture, 2);
    recorder_stop(fixture);
    assert_int_equal(oyez_journal_reader_open(&reader, fixture->directory, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
    assert_int_equal(record.kind, OYEZ_RECORD_CATALOG_ADDED);
    for (uint64_t i = 0; i < 2; i++) {
        assert_int_equal(oyez_journal_reader_next(reader, &record), OYEZ_OK);
        struct oyez_uuid id = recorder_event_id(1, 4 + i);
        assert_memory_equal(record.event_id.bytes, id.bytes, OYEZ_UUID_SIZE);
        assert_int_equal(record.flags, OYEZ_RECORD_FAST);
        assert_int_equal(record.position, 1 + i);
        assert_int_equal(record.type_seq, 1 + i);
        assert_int_equal(record.emitter_seq, 4 + i);
        assert_int_equal(record.broker_time, 101);
        assert_int_equal(record.details_format, OYEZ_DETAILS_JSON);
        assert_int_equal(record.details_size, 15);
        assert_memory_equal(record.details, "{\"goal\":\"ship\"}", 15);
    }
    oyez_journal_reader_close(&reader);
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_resent_event_becomes_a_repeat),
        FIXED(test_a_number_that_comes_again_with_another_id_is_a_conflict),
        FIXED(test_an_id_that_comes_again_with_another_content_is_a_conflict),
        FIXED(test_without_the_flag_no_id_is_looked_up),
        FIXED(test_an_event_lost_in_a_gap_comes_again_under_its_number_or_another),
        FIXED(test_what_breaks_a_rule_is_recorded_and_flagged),
        FIXED(test_a_batch_is_recorded_event_by_event_as_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
