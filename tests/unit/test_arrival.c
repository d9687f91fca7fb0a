// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/recorder/arrival.h"

static uint8_t frame[8192];

// A batch of one event, walked; `event` leads to its bytes.
static struct oyez_batch batch_of(const struct oyez_event *event, uint32_t flags,
                                  const uint8_t **bytes, size_t *size)
{
    static const uint8_t emitter_id[OYEZ_UUID_SIZE] = {1, [15] = 9};
    static const char type[] = "plan.created";
    struct oyez_batch batch;
    size_t header_size, event_size = oyez_event_measure(event, &header_size);
    size_t used = oyez_batch_begin(frame, type, strlen(type), emitter_id, 7, flags);
    used += oyez_batch_begin_event(frame + used, event_size);
    used += oyez_event_encode(event, header_size, frame + used);
    oyez_batch_stamp(frame, sizeof type, 1000, 20, 30, 40);
    assert_int_equal(oyez_batch_walk(&batch, frame, used), OYEZ_BATCH_OK);
    const uint8_t *cursor = batch.events;
    assert_true(oyez_batch_next_event(&batch, &cursor, bytes, size));
    return batch;
}

static struct oyez_event good_event(void)
{
    return (struct oyez_event){.event_id = {{2, [15] = 8}},
                               .event_type = "plan.created",
                               .occurred_at = 5,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = "{\"a\":1}",
                               .details_size = 7};
}

static struct oyez_journal_record read_event(struct recorder_arrivals *arrivals,
                                             const struct oyez_event *event, uint32_t flags)
{
    const uint8_t *bytes;
    size_t size;
    struct oyez_journal_record record;
    struct oyez_batch batch = batch_of(event, flags, &bytes, &size);
    assert_int_equal(recorder_arrival_read(arrivals, &batch, 2, bytes, size, &record), OYEZ_OK);
    return record;
}

static void test_a_record_has_the_bytes_that_came(void **state)
{
    (void)state;
    static struct recorder_arrivals arrivals;
    static const uint8_t salt[OYEZ_SALT_SIZE] = {3};
    struct oyez_event event = good_event();
    event.salt = salt;
    event.signature = (const uint8_t *)"signed";
    event.signature_size = 6;
    struct oyez_journal_record record = read_event(&arrivals, &event, OYEZ_FLAG_PERSONAL);
    assert_int_equal(record.kind, OYEZ_RECORD_PERSONAL_EVENT);
    assert_int_equal(record.flags, 0);
    assert_int_equal(record.epoch, 1000);
    assert_int_equal(record.position, 22);
    assert_int_equal(record.type_seq, 32);
    assert_int_equal(record.emitter_seq, 9);
    assert_int_equal(record.broker_time, 40);
    assert_int_equal(record.emitter_id.bytes[15], 9);
    assert_true(oyez_uuid_equal(record.event_id, event.event_id));
    assert_int_equal(record.event_type_size, 12);
    assert_memory_equal(record.event_type, "plan.created", 12);
    assert_int_equal(record.occurred_at, 5);
    assert_int_equal(record.salt_size, OYEZ_SALT_SIZE);
    assert_memory_equal(record.signature, "signed", 6);
    assert_memory_equal(record.details, "{\"a\":1}", 7);
    assert_int_equal(record.details_format, OYEZ_DETAILS_JSON);
    recorder_arrivals_free(&arrivals);
}

static void test_lanes_and_kinds_come_from_the_batch(void **state)
{
    (void)state;
    static struct recorder_arrivals arrivals;
    struct oyez_event event = good_event();
    struct oyez_journal_record record = read_event(&arrivals, &event, OYEZ_FLAG_FAST);
    assert_int_equal(record.kind, OYEZ_RECORD_EVENT);
    assert_int_equal(record.flags, OYEZ_RECORD_FAST);
    recorder_arrivals_free(&arrivals);
}

static void test_a_broken_rule_is_flagged_and_the_parts_are_kept(void **state)
{
    (void)state;
    static struct recorder_arrivals arrivals;
    struct oyez_event event = good_event();
    struct oyez_journal_record record = read_event(&arrivals, &event, OYEZ_FLAG_PERSONAL);
    assert_int_equal(record.flags, OYEZ_RECORD_INVALID);
    assert_int_equal(record.details_size, 7);
    event.event_type = "plan.deleted";
    record = read_event(&arrivals, &event, 0);
    assert_int_equal(record.flags, OYEZ_RECORD_INVALID);
    assert_int_equal(record.details_format, OYEZ_DETAILS_JSON);
    event = good_event();
    event.event_id = (struct oyez_uuid){{0}};
    record = read_event(&arrivals, &event, 0);
    assert_int_equal(record.flags, OYEZ_RECORD_INVALID);
    recorder_arrivals_free(&arrivals);
}

static void test_what_cannot_be_read_is_kept_whole(void **state)
{
    (void)state;
    static struct recorder_arrivals arrivals;
    struct oyez_event event = good_event();
    const uint8_t *bytes;
    size_t size;
    struct oyez_journal_record record;
    struct oyez_batch batch = batch_of(&event, OYEZ_FLAG_PERSONAL, &bytes, &size);
    // Cut anywhere: a part of an event is no event.
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *part = malloc(cut + 1);
        memcpy(part, bytes, cut);
        assert_int_equal(recorder_arrival_read(&arrivals, &batch, 0, part, cut, &record), OYEZ_OK);
        assert_int_equal(record.flags, OYEZ_RECORD_INVALID);
        if (record.details_format == 0) {
            assert_int_equal(record.kind, OYEZ_RECORD_PERSONAL_EVENT);
            assert_int_equal(record.header_size, 0);
            assert_int_equal(record.salt_size, 0);
            assert_true(oyez_uuid_is_zero(record.event_id));
            assert_int_equal(record.details_size, 13 + cut);
            assert_memory_equal(record.details, "plan.created", 13);
            assert_memory_equal(record.details + 13, part, cut);
        }
        free(part);
    }
    recorder_arrivals_free(&arrivals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_has_the_bytes_that_came),
        cmocka_unit_test(test_lanes_and_kinds_come_from_the_batch),
        cmocka_unit_test(test_a_broken_rule_is_flagged_and_the_parts_are_kept),
        cmocka_unit_test(test_what_cannot_be_read_is_kept_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
