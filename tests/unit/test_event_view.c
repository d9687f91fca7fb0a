// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/query/event_view.h"
#include "recorded_events.h"
#include "wire/batch.h"

static struct oyez_event_view view;
static uint8_t emitted[8192];
static size_t emitted_size;
static struct oyez_event_parts parts;

// A record as the recorder makes it from what liboyez encodes.
static struct oyez_journal_record record_of(const struct oyez_event *event, bool personal)
{
    size_t header_size;
    emitted_size = oyez_event_measure(event, &header_size);
    assert_true(emitted_size <= sizeof emitted);
    oyez_event_encode(event, header_size, emitted);
    assert_int_equal(oyez_event_split(&parts, emitted, emitted_size), 0);
    return (struct oyez_journal_record){
        .kind = personal ? OYEZ_RECORD_PERSONAL_EVENT : OYEZ_RECORD_EVENT,
        .flags = OYEZ_RECORD_FAST,
        .index = 41,
        .epoch = RECORDED_EPOCH,
        .position = 5,
        .broker_time = RECORDED_TIME,
        .emitter_id = {.bytes = {1, 2, 3}},
        .emitter_seq = 6,
        .type_seq = 7,
        .header = parts.header,
        .header_size = parts.header_size,
        .salt = parts.salt,
        .salt_size = parts.salt_size,
        .signature = parts.signature,
        .signature_size = parts.signature_size,
        .details = parts.details,
        .details_size = parts.details_size,
        .details_format = (uint8_t)parts.details_format,
    };
}

static struct oyez_event signed_event(void)
{
    struct oyez_event event = recorded_event("plan.created", "{\"plan\":\"p-1\"}");
    event.salt = (const uint8_t *)"0123456789abcdef";
    event.signature = (const uint8_t *)"signed";
    event.signature_size = 6;
    event.plan_id = "p-1";
    event.tags[0] = (struct oyez_tag){"team", "blue"};
    return event;
}

static void test_the_view_has_header_details_and_stamp(void **state)
{
    (void)state;
    struct oyez_event event = signed_event();
    struct oyez_journal_record record = record_of(&event, true);
    assert_true(oyez_event_view_read(&view, &record));
    assert_string_equal(view.event.event_type, "plan.created");
    assert_string_equal(view.event.plan_id, "p-1");
    assert_string_equal(view.event.tags[0].value, "blue");
    assert_true(oyez_uuid_equal(view.event.event_id, event.event_id));
    assert_int_equal(view.event.details_size, event.details_size);
    assert_memory_equal(view.event.details, event.details, event.details_size);
    assert_memory_equal(view.event.salt, event.salt, OYEZ_SALT_SIZE);
    assert_int_equal(view.event.stamp.index, 42);
    assert_int_equal(view.event.stamp.position, 5);
    assert_int_equal(view.event.stamp.lane, OYEZ_LANE_FAST);
    assert_int_equal(view.event.stamp.flags, OYEZ_FLAG_FAST | OYEZ_FLAG_PERSONAL);
}

static void test_the_frame_holds_the_emitted_bytes_and_the_stamp(void **state)
{
    (void)state;
    struct oyez_event plain = recorded_event("plan.created", "{\"n\":1}");
    struct oyez_event empty = recorded_event("plan.created", NULL);
    struct oyez_event with_all = signed_event();
    const struct oyez_event *const events[] = {&plain, &empty, &with_all};
    empty.details = NULL;
    empty.details_size = 0;
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        struct oyez_journal_record record = record_of(events[i], false);
        uint8_t frame[8192];
        struct oyez_batch batch;
        const uint8_t *bytes;
        size_t event_size;
        assert_true(oyez_event_view_read(&view, &record));
        size_t size = oyez_event_view_frame_size(&view, &record);
        assert_true(size <= sizeof frame);
        oyez_event_view_write_frame(&view, &record, frame);
        assert_int_equal(oyez_batch_walk(&batch, frame, size), OYEZ_BATCH_OK);
        assert_int_equal(batch.event_count, 1);
        assert_int_equal(batch.epoch, RECORDED_EPOCH);
        assert_int_equal(batch.position, 5);
        assert_int_equal(batch.type_seq, 7);
        assert_int_equal(batch.broker_time, RECORDED_TIME);
        assert_int_equal(batch.emitter_seq, 6);
        assert_int_equal(batch.flags, OYEZ_FLAG_FAST);
        assert_memory_equal(batch.emitter_id, record.emitter_id.bytes, 16);
        const uint8_t *cursor = batch.events;
        assert_true(oyez_batch_next_event(&batch, &cursor, &bytes, &event_size));
        assert_int_equal(event_size, emitted_size);
        assert_memory_equal(bytes, emitted, emitted_size);
    }
}

static void test_what_is_no_event_is_not_shown(void **state)
{
    (void)state;
    struct oyez_event event = signed_event();
    const enum oyez_record_kind kinds[] = {
        OYEZ_RECORD_REPEAT, OYEZ_RECORD_PERSONAL_REPEAT, OYEZ_RECORD_GAP,     OYEZ_RECORD_EPOCH_END,
        OYEZ_RECORD_ERASED, OYEZ_RECORD_CATALOG_ADDED,   OYEZ_RECORD_ACT_LAST};
    struct oyez_journal_record record = record_of(&event, false);
    assert_true(oyez_event_view_read(&view, &record));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        record.kind = kinds[i];
        assert_false(oyez_event_view_read(&view, &record));
    }
    record.kind = OYEZ_RECORD_EVENT;
    record.erased = true;
    assert_false(oyez_event_view_read(&view, &record));
}

static void test_what_a_receiver_would_refuse_is_not_shown(void **state)
{
    (void)state;
    struct oyez_event event = signed_event();
    struct oyez_journal_record record = record_of(&event, false);
    record.details_format = 0;
    assert_false(oyez_event_view_read(&view, &record));
    record = record_of(&event, true);
    record.salt_size = 3;
    assert_false(oyez_event_view_read(&view, &record));
    record = record_of(&event, true);
    record.header_size--;
    assert_false(oyez_event_view_read(&view, &record));
    record = record_of(&event, true);
    record.header_size = OYEZ_HEADER_SIZE_MAX + 1;
    assert_false(oyez_event_view_read(&view, &record));
    event.event_type = "no type";
    record = record_of(&event, false);
    assert_false(oyez_event_view_read(&view, &record));
}

static void test_an_event_in_conflict_is_shown(void **state)
{
    (void)state;
    struct oyez_event event = signed_event();
    struct oyez_journal_record record = record_of(&event, false);
    record.flags |= OYEZ_RECORD_CONFLICT | OYEZ_RECORD_INVALID;
    assert_true(oyez_event_view_read(&view, &record));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_view_has_header_details_and_stamp),
        cmocka_unit_test(test_the_frame_holds_the_emitted_bytes_and_the_stamp),
        cmocka_unit_test(test_what_is_no_event_is_not_shown),
        cmocka_unit_test(test_what_a_receiver_would_refuse_is_not_shown),
        cmocka_unit_test(test_an_event_in_conflict_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
