// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/batch.h"

// One frame written by hand from proto/event.proto and the drawing in wire/batch.h: type "a.b",
// epoch 0x0102030405060708, position 2, type_seq 3, broker_time 4, emitter_seq 5, flags FAST and
// TELL, emitter id 00 to 0f, an event of 3 bytes, an empty one, and one of 200 bytes of 0xEE.
#define GOLDEN_BODY 4u
#define GOLDEN_EVENTS (GOLDEN_BODY + OYEZ_BATCH_PREFIX_SIZE)
#define GOLDEN_SIZE (GOLDEN_EVENTS + 5 + 2 + 3 + 200)
static uint8_t golden[GOLDEN_SIZE] = {
    'a',  '.',  'b',  0,                                     // event type
    0x09, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,    // epoch
    0x11, 0x02, 0,    0,    0,    0,    0,    0,    0,       // position
    0x19, 0x03, 0,    0,    0,    0,    0,    0,    0,       // type_seq
    0x21, 0x04, 0,    0,    0,    0,    0,    0,    0,       // broker_time
    0x29, 0x05, 0,    0,    0,    0,    0,    0,    0,       // emitter_seq
    0x35, 0x11, 0,    0,    0,                               // flags
    0x3A, 0x10, 0,    1,    2,    3,    4,    5,    6,    7, // emitter_id
    8,    9,    10,   11,   12,   13,   14,   15,            //
    0x42, 0x03, 0xAA, 0xBB, 0xCC,                            // three bytes
    0x42, 0x00,                                              // none
    0x42, 0xC8, 0x01,                                        // 200, filled in by main
};
static const uint8_t emitter_id[OYEZ_UUID_SIZE] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                   8, 9, 10, 11, 12, 13, 14, 15};

// Walks a copy of exactly `size` bytes on the heap, so that a sanitizer sees a read beyond them,
// and asserts that whatever the walk yields lies within. Returns the fault.
static enum oyez_batch_fault walk_copy(const uint8_t *frame, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    struct oyez_batch batch;
    const uint8_t *event;
    size_t event_size;
    uint32_t count = 0;

    assert_non_null(copy);
    memcpy(copy, frame, size);
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, copy, size);
    assert_in_range(fault, OYEZ_BATCH_OK, OYEZ_BATCH_FAULTS - 1);
    if (fault == OYEZ_BATCH_OK) {
        const uint8_t *end = copy + size;
        const uint8_t *cursor = batch.events;
        assert_ptr_equal(batch.event_type, copy);
        assert_int_equal(copy[batch.event_type_size], 0);
        assert_true(batch.emitter_id > copy && batch.emitter_id + OYEZ_UUID_SIZE <= end);
        assert_ptr_equal(batch.events + batch.events_size, end);
        for (; oyez_batch_next_event(&batch, &cursor, &event, &event_size); count++)
            assert_true(event > batch.events && event <= end &&
                        event_size <= (size_t)(end - event));
        assert_ptr_equal(cursor, end);
        assert_int_equal(count, batch.event_count);
    }
    free(copy);
    return fault;
}

static enum oyez_batch_fault walk_changed(size_t at, uint8_t value)
{
    uint8_t frame[GOLDEN_SIZE];

    memcpy(frame, golden, sizeof(frame));
    frame[at] = value;
    return walk_copy(frame, sizeof(frame));
}

// Writes a frame of `count` events of `event_size` zeros each into `frame`. Returns its size.
static size_t write_frame(uint8_t *frame, uint32_t count, size_t event_size)
{
    size_t size = oyez_batch_begin(frame, "plan.created", 12, emitter_id, 1, 0);

    for (uint32_t i = 0; i < count; i++) {
        size += oyez_batch_begin_event(frame + size, event_size);
        memset(frame + size, 0, event_size);
        size += event_size;
    }
    return size;
}

static void test_the_golden_frame_is_read(void **state)
{
    (void)state;
    struct oyez_batch batch;

    assert_int_equal(oyez_batch_walk(&batch, golden, sizeof(golden)), OYEZ_BATCH_OK);
    assert_ptr_equal(batch.event_type, golden);
    assert_int_equal(batch.event_type_size, 3);
    assert_int_equal(batch.body_offset, GOLDEN_BODY);
    assert_true(batch.epoch == UINT64_C(0x0102030405060708));
    assert_int_equal(batch.position, 2);
    assert_int_equal(batch.type_seq, 3);
    assert_int_equal(batch.broker_time, 4);
    assert_int_equal(batch.emitter_seq, 5);
    assert_int_equal(batch.flags, OYEZ_FLAG_FAST | OYEZ_FLAG_TELL);
    assert_memory_equal(batch.emitter_id, emitter_id, OYEZ_UUID_SIZE);
    assert_ptr_equal(batch.events, golden + GOLDEN_EVENTS);
    assert_int_equal(batch.events_size, sizeof(golden) - GOLDEN_EVENTS);
    assert_int_equal(batch.event_count, 3);
}

static void test_the_events_of_the_golden_frame_come_in_order(void **state)
{
    (void)state;
    static const size_t sizes[] = {3, 0, 200};
    static const size_t offsets[] = {2, 7, 10};
    struct oyez_batch batch;
    const uint8_t *event;
    size_t event_size;

    assert_int_equal(oyez_batch_walk(&batch, golden, sizeof(golden)), OYEZ_BATCH_OK);
    const uint8_t *cursor = batch.events;
    for (size_t i = 0; i < 3; i++) {
        assert_true(oyez_batch_next_event(&batch, &cursor, &event, &event_size));
        assert_int_equal(event_size, sizes[i]);
        assert_ptr_equal(event, golden + GOLDEN_EVENTS + offsets[i]);
    }
    assert_false(oyez_batch_next_event(&batch, &cursor, &event, &event_size));
    assert_false(oyez_batch_next_event(&batch, &cursor, &event, &event_size));
}

static void test_the_golden_frame_is_written(void **state)
{
    (void)state;
    uint8_t frame[GOLDEN_SIZE];
    size_t size = oyez_batch_begin(frame, "a.b", 3, emitter_id, 5, OYEZ_FLAG_FAST);

    assert_int_equal(size, GOLDEN_EVENTS);
    size += oyez_batch_begin_event(frame + size, 3);
    memcpy(frame + size, "\xAA\xBB\xCC", 3);
    size += 3;
    size += oyez_batch_begin_event(frame + size, 0);
    size += oyez_batch_begin_event(frame + size, 200);
    memset(frame + size, 0xEE, 200);
    size += 200;
    oyez_batch_set_flags(frame, GOLDEN_BODY, OYEZ_FLAG_FAST | OYEZ_FLAG_TELL);
    oyez_batch_stamp(frame, GOLDEN_BODY, UINT64_C(0x0102030405060708), 2, 3, 4);
    assert_int_equal(size, sizeof(golden));
    assert_memory_equal(frame, golden, sizeof(golden));
}

static void test_a_new_frame_is_not_stamped(void **state)
{
    (void)state;
    uint8_t frame[300];
    struct oyez_batch batch;

    memset(frame, 0xFF, sizeof(frame));
    size_t size = write_frame(frame, 1, 10);
    assert_int_equal(oyez_batch_walk(&batch, frame, size), OYEZ_BATCH_OK);
    assert_int_equal(batch.epoch | batch.position | batch.type_seq | batch.broker_time, 0);
    assert_int_equal(batch.emitter_seq, 1);
}

static void test_a_stamp_of_all_ones_fits_and_changes_nothing_else(void **state)
{
    (void)state;
    uint8_t frame[GOLDEN_SIZE];
    struct oyez_batch batch;

    memcpy(frame, golden, sizeof(frame));
    oyez_batch_stamp(frame, GOLDEN_BODY, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX);
    assert_int_equal(oyez_batch_walk(&batch, frame, sizeof(frame)), OYEZ_BATCH_OK);
    assert_true((batch.epoch & batch.position & batch.type_seq & batch.broker_time) == UINT64_MAX);
    oyez_batch_stamp(frame, GOLDEN_BODY, UINT64_C(0x0102030405060708), 2, 3, 4);
    assert_memory_equal(frame, golden, sizeof(golden));
}

static void test_a_sync_batch_has_no_events(void **state)
{
    (void)state;
    struct oyez_batch batch;
    const uint8_t *event;
    size_t event_size;

    assert_int_equal(oyez_batch_walk(&batch, golden, GOLDEN_EVENTS), OYEZ_BATCH_OK);
    assert_int_equal(batch.event_count, 0);
    assert_int_equal(batch.events_size, 0);
    const uint8_t *cursor = batch.events;
    assert_false(oyez_batch_next_event(&batch, &cursor, &event, &event_size));
}

static void test_event_i_adds_i_to_the_numbers_of_the_stamp(void **state)
{
    (void)state;
    struct oyez_batch batch;

    assert_int_equal(oyez_batch_walk(&batch, golden, sizeof(golden)), OYEZ_BATCH_OK);
    struct oyez_stamp stamp = oyez_batch_event_stamp(&batch, 2);
    assert_true(stamp.epoch == UINT64_C(0x0102030405060708));
    assert_int_equal(stamp.position, 4);
    assert_int_equal(stamp.type_seq, 5);
    assert_int_equal(stamp.broker_time, 4);
    assert_int_equal(stamp.emitter_seq, 7);
    assert_memory_equal(stamp.emitter_id.bytes, emitter_id, OYEZ_UUID_SIZE);
    assert_int_equal(stamp.flags, OYEZ_FLAG_FAST | OYEZ_FLAG_TELL);
    assert_int_equal(stamp.lane, OYEZ_LANE_FAST);
    assert_int_equal(stamp.index, 0);
}

static void test_an_event_without_a_place_gets_none_by_adding(void **state)
{
    (void)state;
    uint8_t frame[300];
    struct oyez_batch batch;
    size_t size = write_frame(frame, 3, 1);

    assert_int_equal(oyez_batch_walk(&batch, frame, size), OYEZ_BATCH_OK);
    struct oyez_stamp stamp = oyez_batch_event_stamp(&batch, 2);
    assert_int_equal(stamp.position, 0);
    assert_int_equal(stamp.type_seq, 0);
    assert_int_equal(stamp.emitter_seq, 3);
    assert_int_equal(stamp.lane, OYEZ_LANE_DURABLE);
}

static void test_the_size_of_an_event_field_is_what_is_written(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,     1,     126,   127,     128,
                                   16383, 16384, 65536, 1 << 20, OYEZ_FRAME_SIZE_MAX - 100};
    static const size_t heads[] = {2, 2, 2, 2, 3, 3, 4, 4, 4, 4};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t out[8];
        assert_int_equal(oyez_batch_begin_event(out, sizes[i]), heads[i]);
        assert_int_equal(oyez_batch_event_field_size(sizes[i]), heads[i] + sizes[i]);
    }
}

static void test_a_frame_cut_at_any_byte_names_what_is_missing(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(golden); size++) {
        enum oyez_batch_fault expected = OYEZ_BATCH_TRUNCATED;
        if (size < GOLDEN_BODY)
            expected = OYEZ_BATCH_NO_NUL;
        else if (size < GOLDEN_BODY + OYEZ_BATCH_STAMP_SIZE)
            expected = OYEZ_BATCH_BAD_STAMP;
        else if (size < GOLDEN_EVENTS)
            expected = OYEZ_BATCH_BAD_EMITTER;
        else if (size == GOLDEN_EVENTS || size == GOLDEN_EVENTS + 5 || size == GOLDEN_EVENTS + 7)
            expected = OYEZ_BATCH_OK;
        if (walk_copy(golden, size) != expected)
            fail_msg("cut at %zu: not %s", size, oyez_batch_fault_name(expected));
    }
}

static void test_a_flipped_bit_never_leads_out_of_the_frame(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(golden); at++)
        for (unsigned bit = 0; bit < 8; bit++)
            (void)walk_changed(at, (uint8_t)(golden[at] ^ 1u << bit));
}

static void test_any_byte_anywhere_never_leads_out_of_the_frame(void **state)
{
    (void)state;
    for (size_t at = 0; at < GOLDEN_EVENTS + 12; at++)
        for (unsigned value = 0; value < 256; value++)
            (void)walk_changed(at, (uint8_t)value);
}

static void test_an_event_type_ends_within_201_bytes(void **state)
{
    (void)state;
    uint8_t frame[300];

    memset(frame, 'a', sizeof(frame));
    assert_int_equal(walk_copy(frame, sizeof(frame)), OYEZ_BATCH_NO_NUL);
    frame[201] = 0;
    assert_int_equal(walk_copy(frame, sizeof(frame)), OYEZ_BATCH_NO_NUL);
    frame[200] = 0;
    assert_int_equal(walk_copy(frame, sizeof(frame)), OYEZ_BATCH_BAD_STAMP);
    char type[OYEZ_EVENT_TYPE_SIZE_MAX];
    memset(type, 'a', sizeof(type));
    size_t size = oyez_batch_begin(frame, type, sizeof(type), emitter_id, 1, 0);
    assert_int_equal(walk_copy(frame, size), OYEZ_BATCH_OK);
}

static void test_only_the_topic_of_a_replay_may_have_216_bytes(void **state)
{
    (void)state;
    uint8_t frame[300];
    char topic[OYEZ_TOPIC_SIZE_MAX + 1] = "replay.01234567.";

    memset(topic + 16, 'a', OYEZ_EVENT_TYPE_SIZE_MAX);
    size_t size = oyez_batch_begin(frame, topic, OYEZ_TOPIC_SIZE_MAX, emitter_id, 1, 0);
    assert_int_equal(walk_copy(frame, size), OYEZ_BATCH_OK);
    frame[0] = 'R';
    assert_int_equal(walk_copy(frame, size), OYEZ_BATCH_NO_NUL);
    frame[0] = 'r';
    frame[OYEZ_TOPIC_SIZE_MAX] = 'a';
    frame[OYEZ_TOPIC_SIZE_MAX + 1] = 0;
    assert_int_equal(walk_copy(frame, size), OYEZ_BATCH_NO_NUL);
}

static void test_an_empty_or_odd_event_type_is_bad(void **state)
{
    (void)state;
    assert_int_equal(walk_copy(golden + 3, sizeof(golden) - 3), OYEZ_BATCH_BAD_TYPE);
    assert_int_equal(walk_changed(0, ' '), OYEZ_BATCH_BAD_TYPE);
    assert_int_equal(walk_changed(1, '*'), OYEZ_BATCH_BAD_TYPE);
    assert_int_equal(walk_changed(2, 0xC3), OYEZ_BATCH_BAD_TYPE);
}

static void test_no_frame_at_all_has_no_nul(void **state)
{
    (void)state;
    struct oyez_batch batch;

    assert_int_equal(oyez_batch_walk(&batch, NULL, 0), OYEZ_BATCH_NO_NUL);
}

static void test_every_tag_of_the_stamp_is_looked_at(void **state)
{
    (void)state;
    static const size_t tags[] = {0, 9, 18, 27, 36, 45};

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        for (unsigned value = 0; value < 256; value++) {
            size_t at = GOLDEN_BODY + tags[i];
            enum oyez_batch_fault expected =
                value == golden[at] ? OYEZ_BATCH_OK : OYEZ_BATCH_BAD_STAMP;
            assert_int_equal(walk_changed(at, (uint8_t)value), expected);
        }
}

static void test_unknown_flags_are_a_bad_stamp(void **state)
{
    (void)state;
    assert_int_equal(walk_changed(GOLDEN_BODY + 46, 0x1F), OYEZ_BATCH_OK);
    assert_int_equal(walk_changed(GOLDEN_BODY + 46, 0x40), OYEZ_BATCH_BAD_STAMP);
    assert_int_equal(walk_changed(GOLDEN_BODY + 49, 0x01), OYEZ_BATCH_BAD_STAMP);
}

static void test_the_emitter_id_has_its_tag_and_16_bytes(void **state)
{
    (void)state;
    assert_int_equal(walk_changed(GOLDEN_BODY + 50, 0x42), OYEZ_BATCH_BAD_EMITTER);
    assert_int_equal(walk_changed(GOLDEN_BODY + 51, 15), OYEZ_BATCH_BAD_EMITTER);
    assert_int_equal(walk_changed(GOLDEN_BODY + 51, 17), OYEZ_BATCH_BAD_EMITTER);
}

static void test_a_second_stamp_or_emitter_is_refused_behind_any_event(void **state)
{
    (void)state;
    static const size_t places[] = {0, 5, 7};
    static const uint8_t tags[] = {0x09, 0x11, 0x19, 0x21, 0x29, 0x35, 0x3A, 0x08, 0x3F};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        for (size_t j = 0; j < sizeof(tags); j++)
            assert_int_equal(walk_changed(GOLDEN_EVENTS + places[i], tags[j]), OYEZ_BATCH_REPEATED);
}

static void test_a_second_stamp_behind_the_last_event_is_refused(void **state)
{
    (void)state;
    uint8_t frame[GOLDEN_SIZE + 9];

    memcpy(frame, golden, GOLDEN_SIZE);
    memcpy(frame + GOLDEN_SIZE, golden + GOLDEN_BODY + 9, 9);
    assert_int_equal(walk_copy(frame, sizeof(frame)), OYEZ_BATCH_REPEATED);
}

static void test_every_other_tag_is_an_unknown_field(void **state)
{
    (void)state;
    for (unsigned tag = 0; tag < 256; tag++)
        if ((tag < 0x08 || tag > 0x3F) && tag != 0x42)
            assert_int_equal(walk_changed(GOLDEN_EVENTS, (uint8_t)tag), OYEZ_BATCH_UNKNOWN_FIELD);
}

static void test_a_length_is_a_minimal_varint_within_the_frame(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[6];
        size_t size;
        enum oyez_batch_fault expected;
    } cases[] = {
        {{0x42, 0x01, 0xAA}, 3, OYEZ_BATCH_OK},
        {{0x42, 0x02, 0xAA}, 3, OYEZ_BATCH_TRUNCATED},
        {{0x42}, 1, OYEZ_BATCH_TRUNCATED},
        {{0x42, 0x80}, 2, OYEZ_BATCH_TRUNCATED},
        {{0x42, 0x80, 0x00}, 3, OYEZ_BATCH_TRUNCATED},
        {{0x42, 0x81, 0x00, 0xAA}, 4, OYEZ_BATCH_TRUNCATED},
        {{0x42, 0x81, 0x80, 0x00, 0xAA}, 5, OYEZ_BATCH_TRUNCATED},
        {{0x42, 0x81, 0x80, 0x80, 0x00, 0xAA}, 6, OYEZ_BATCH_TRUNCATED},
        {{0x42, 0xFF, 0xFF, 0x7F, 0xAA}, 5, OYEZ_BATCH_TRUNCATED},
        {{0x42, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, 6, OYEZ_BATCH_TRUNCATED},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t frame[GOLDEN_EVENTS + 6];
        memcpy(frame, golden, GOLDEN_EVENTS);
        memcpy(frame + GOLDEN_EVENTS, cases[i].bytes, cases[i].size);
        if (walk_copy(frame, GOLDEN_EVENTS + cases[i].size) != cases[i].expected)
            fail_msg("case %zu", i);
    }
}

static void test_a_batch_holds_at_most_4096_events(void **state)
{
    (void)state;
    static uint8_t frame[3 * OYEZ_BATCH_EVENTS_MAX + 200];

    assert_int_equal(walk_copy(frame, write_frame(frame, OYEZ_BATCH_EVENTS_MAX, 1)), OYEZ_BATCH_OK);
    assert_int_equal(walk_copy(frame, write_frame(frame, OYEZ_BATCH_EVENTS_MAX + 1, 1)),
                     OYEZ_BATCH_TOO_MANY);
}

static void test_several_events_share_256_kib(void **state)
{
    (void)state;
    static uint8_t frame[OYEZ_BATCH_SIZE_MAX + 8];
    size_t room = OYEZ_BATCH_SIZE_MAX - 13 - OYEZ_BATCH_PREFIX_SIZE - 2 * 4;
    size_t size = write_frame(frame, 2, (room - 3) / 2);

    size += oyez_batch_begin_event(frame + size, 1) + 1;
    assert_int_equal(size, OYEZ_BATCH_SIZE_MAX);
    assert_int_equal(walk_copy(frame, size), OYEZ_BATCH_OK);
    frame[size - 2] = 2;
    assert_int_equal(walk_copy(frame, size + 1), OYEZ_BATCH_TOO_LARGE);
}

static void test_one_event_alone_may_fill_the_largest_frame(void **state)
{
    (void)state;
    static uint8_t frame[OYEZ_FRAME_SIZE_MAX + 1];
    size_t room = OYEZ_FRAME_SIZE_MAX - 13 - OYEZ_BATCH_PREFIX_SIZE - 4;

    assert_int_equal(write_frame(frame, 1, room), OYEZ_FRAME_SIZE_MAX);
    assert_int_equal(walk_copy(frame, OYEZ_FRAME_SIZE_MAX), OYEZ_BATCH_OK);
    assert_int_equal(write_frame(frame, 1, room + 1), OYEZ_FRAME_SIZE_MAX + 1);
    assert_int_equal(walk_copy(frame, OYEZ_FRAME_SIZE_MAX + 1), OYEZ_BATCH_TOO_LARGE);
}

static void test_every_fault_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < OYEZ_BATCH_FAULTS; i++) {
        const char *name = oyez_batch_fault_name((enum oyez_batch_fault)i);
        assert_non_null(name);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, oyez_batch_fault_name((enum oyez_batch_fault)j));
    }
    assert_string_equal(oyez_batch_fault_name(OYEZ_BATCH_BAD_STAMP), "bad_stamp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_golden_frame_is_read),
        cmocka_unit_test(test_the_events_of_the_golden_frame_come_in_order),
        cmocka_unit_test(test_the_golden_frame_is_written),
        cmocka_unit_test(test_a_new_frame_is_not_stamped),
        cmocka_unit_test(test_a_stamp_of_all_ones_fits_and_changes_nothing_else),
        cmocka_unit_test(test_a_sync_batch_has_no_events),
        cmocka_unit_test(test_event_i_adds_i_to_the_numbers_of_the_stamp),
        cmocka_unit_test(test_an_event_without_a_place_gets_none_by_adding),
        cmocka_unit_test(test_the_size_of_an_event_field_is_what_is_written),
        cmocka_unit_test(test_a_frame_cut_at_any_byte_names_what_is_missing),
        cmocka_unit_test(test_a_flipped_bit_never_leads_out_of_the_frame),
        cmocka_unit_test(test_any_byte_anywhere_never_leads_out_of_the_frame),
        cmocka_unit_test(test_an_event_type_ends_within_201_bytes),
        cmocka_unit_test(test_only_the_topic_of_a_replay_may_have_216_bytes),
        cmocka_unit_test(test_an_empty_or_odd_event_type_is_bad),
        cmocka_unit_test(test_no_frame_at_all_has_no_nul),
        cmocka_unit_test(test_every_tag_of_the_stamp_is_looked_at),
        cmocka_unit_test(test_unknown_flags_are_a_bad_stamp),
        cmocka_unit_test(test_the_emitter_id_has_its_tag_and_16_bytes),
        cmocka_unit_test(test_a_second_stamp_or_emitter_is_refused_behind_any_event),
        cmocka_unit_test(test_a_second_stamp_behind_the_last_event_is_refused),
        cmocka_unit_test(test_every_other_tag_is_an_unknown_field),
        cmocka_unit_test(test_a_length_is_a_minimal_varint_within_the_frame),
        cmocka_unit_test(test_a_batch_holds_at_most_4096_events),
        cmocka_unit_test(test_several_events_share_256_kib),
        cmocka_unit_test(test_one_event_alone_may_fill_the_largest_frame),
        cmocka_unit_test(test_every_fault_has_a_name_of_its_own),
    };

    memset(golden + GOLDEN_SIZE - 200, 0xEE, 200);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
