// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/journal/frame.h"
#include "client/journal/mark.h"
#include "journal_samples.h"

#define SEED 0x12345678u

static uint8_t commitment[32] = "thirty-two bytes of a commitment";

static struct oyez_journal_record samples[7];

static int make_samples(void **state)
{
    (void)state;
    samples[0] = sample_event(1);
    samples[1] = sample_personal(2);
    samples[2] = sample_event(3);
    samples[2].kind = OYEZ_RECORD_REPEAT;
    samples[3] = sample_personal(4);
    samples[3].kind = OYEZ_RECORD_PERSONAL_REPEAT;
    samples[2].commitment = samples[3].commitment = commitment;
    samples[2].first_index = samples[3].first_index = 77;
    samples[4] = sample_gap(5, 8);
    samples[5] = sample_epoch_end(8);
    samples[6] = sample_act();
    return 0;
}

// Encoded into memory of exactly its size, so that a sanitizer sees every step beyond it.
static uint8_t *encode(const struct oyez_journal_record *record, size_t *size)
{
    assert_int_equal(oyez_frame_check(record), OYEZ_OK);
    *size = oyez_frame_measure(record);
    uint8_t *bytes = malloc(*size);
    assert_non_null(bytes);
    oyez_frame_encode(bytes, record, 42, SEED);
    return bytes;
}

static enum oyez_frame_fault read_frame(const uint8_t *bytes, size_t size,
                                        struct oyez_journal_record *out)
{
    struct oyez_frame frame;
    enum oyez_frame_fault fault = oyez_frame_parse(&frame, bytes, size, SEED);

    if (fault == OYEZ_FRAME_OK)
        fault = oyez_frame_check_body(&frame, SEED);
    if (fault == OYEZ_FRAME_OK && !oyez_mark_is_kind(frame.kind))
        oyez_frame_record(&frame, out);
    return fault;
}

static void assert_part(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    assert_int_equal(a_size, b_size);
    if (a_size > 0)
        assert_memory_equal(a, b, a_size);
    else
        assert_null(a);
}

static void test_a_record_of_each_kind_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        const struct oyez_journal_record *in = &samples[i];
        struct oyez_journal_record out;
        size_t size;
        uint8_t *bytes = encode(in, &size);
        assert_int_equal(size % 8, 0);
        assert_int_equal(read_frame(bytes, size, &out), OYEZ_FRAME_OK);
        assert_int_equal(out.kind, in->kind);
        assert_int_equal(out.index, 42);
        assert_int_equal(out.epoch, in->epoch);
        assert_int_equal(out.position, in->position);
        assert_int_equal(out.broker_time, in->broker_time);
        assert_int_equal(out.emitter_seq, in->emitter_seq);
        assert_int_equal(out.type_seq, in->type_seq);
        assert_int_equal(out.flags, in->flags);
        assert_true(oyez_uuid_equal(out.emitter_id, in->emitter_id));
        assert_true(oyez_uuid_equal(out.event_id, in->event_id));
        assert_int_equal(out.first_index, in->first_index);
        assert_int_equal(out.last_position, in->last_position);
        assert_int_equal(out.reason, in->reason);
        assert_int_equal(out.highest_position, in->highest_position);
        assert_int_equal(out.next_epoch, in->next_epoch);
        assert_int_equal(out.clean, in->clean);
        assert_false(out.erased);
        free(bytes);
    }
}

static void test_the_emitters_bytes_come_back_as_they_were(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct oyez_journal_record out;
        size_t size;
        uint8_t *bytes = encode(&samples[i], &size);
        assert_int_equal(read_frame(bytes, size, &out), OYEZ_FRAME_OK);
        assert_part(out.header, out.header_size, samples[i].header, samples[i].header_size);
        assert_part(out.salt, out.salt_size, samples[i].salt, samples[i].salt_size);
        assert_part(out.signature, out.signature_size, samples[i].signature,
                    samples[i].signature_size);
        assert_part(out.details, out.details_size, samples[i].details, samples[i].details_size);
        assert_int_equal(out.details_format, samples[i].details_format);
        assert_null(out.commitment);
        free(bytes);
    }
}

static void test_a_repeat_holds_no_content_and_a_personal_one_no_header(void **state)
{
    (void)state;
    for (size_t i = 2; i < 4; i++) {
        struct oyez_journal_record out;
        size_t size;
        uint8_t *bytes = encode(&samples[i], &size);
        assert_int_equal(read_frame(bytes, size, &out), OYEZ_FRAME_OK);
        assert_memory_equal(out.commitment, commitment, 32);
        assert_null(memmem(bytes, size, samples[i].details, samples[i].details_size));
        assert_int_equal(out.header_size, i == 2 ? SAMPLE_HEADER_SIZE : 0);
        assert_int_equal(memmem(bytes, size, SAMPLE_HEADER, SAMPLE_HEADER_SIZE) != NULL, i == 2);
        free(bytes);
    }
}

static void test_an_erased_frame_keeps_size_head_and_leaf(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        oyez_leaf_hasher *hasher = NULL;
        uint8_t before[512], after[512], hash[32];
        size_t size, before_size, after_size;
        struct oyez_journal_record out;
        struct oyez_journal_record erased = samples[i];
        uint8_t *whole = encode(&samples[i], &size);
        uint8_t *blank = malloc(size);

        assert_non_null(blank);
        assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
        assert_int_equal(oyez_leaf_build(hasher, &samples[i], before, &before_size), OYEZ_OK);
        assert_int_equal(oyez_leaf_commit(hasher, &samples[i], hash), OYEZ_OK);
        erased.commitment = hash;
        assert_int_equal(oyez_frame_measure(&erased), size);
        oyez_frame_encode(blank, &erased, 42, SEED);
        assert_memory_equal(blank, whole, 8);
        assert_memory_equal(blank + 16, whole + 16, 80);
        assert_null(memmem(blank, size, samples[i].details, 16));
        assert_int_equal(read_frame(blank, size, &out), OYEZ_FRAME_OK);
        assert_true(out.erased);
        assert_int_equal(oyez_leaf_build(hasher, &out, after, &after_size), OYEZ_OK);
        assert_int_equal(after_size, before_size);
        assert_memory_equal(after, before, before_size);
        oyez_leaf_hasher_close(&hasher);
        free(whole);
        free(blank);
    }
}

static void test_an_event_with_tiny_details_has_room_for_its_commitment(void **state)
{
    (void)state;
    struct oyez_journal_record record = sample_event(1);

    record.details = (const uint8_t *)"{}";
    record.details_size = 2;
    assert_true(oyez_frame_measure(&record) >= 96 + SAMPLE_HEADER_SIZE + 32);
    record.details_size = 0;
    record.header_size = 0;
    record.event_id = (struct oyez_uuid){{0}};
    assert_int_equal(oyez_frame_measure(&record), 96 + 32);
}

static void test_every_flipped_bit_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        struct oyez_journal_record out;
        size_t size;
        uint8_t *bytes = encode(&samples[i], &size);
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
            assert_int_not_equal(read_frame(bytes, size, &out), OYEZ_FRAME_OK);
            bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
        }
        free(bytes);
    }
}

static void test_every_shortened_frame_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        struct oyez_journal_record out;
        size_t size;
        uint8_t *bytes = encode(&samples[i], &size);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *part = malloc(cut + 1);
            assert_non_null(part);
            memcpy(part, bytes, cut);
            assert_int_equal(read_frame(part, cut, &out),
                             cut == 0 ? OYEZ_FRAME_NONE : OYEZ_FRAME_SHORT);
            free(part);
        }
        free(bytes);
    }
}

static void test_a_frame_of_another_segment_does_not_pass(void **state)
{
    (void)state;
    struct oyez_frame frame;
    size_t size;
    uint8_t *bytes = encode(&samples[0], &size);

    assert_int_equal(oyez_frame_parse(&frame, bytes, size, SEED + 1), OYEZ_FRAME_HEAD_SUM);
    free(bytes);
}

static void test_a_newer_version_is_named(void **state)
{
    (void)state;
    struct oyez_frame frame;
    size_t size;
    uint8_t *bytes = encode(&samples[0], &size);

    assert_int_equal(oyez_frame_parse(&frame, bytes, size, SEED), OYEZ_FRAME_OK);
    bytes[24] = 2;
    oyez_frame_seal(bytes, size, frame.kept_end, SEED);
    assert_int_equal(oyez_frame_parse(&frame, bytes, size, SEED), OYEZ_FRAME_VERSION);
    free(bytes);
}

// Checksums made again after an edit: what a forger would do.
static void test_contradicting_fields_are_seen_behind_good_checksums(void **state)
{
    (void)state;
    static const struct {
        unsigned sample, offset, value;
    } edits[] = {
        {0, 12, 2},  // form
        {0, 13, 1},  // zeros behind it
        {0, 66, 8},  // flags
        {0, 86, 30}, // the event id would end beyond the header
        {2, 12, 0},  // a repeat that is whole
        {5, 112, 2}, // neither clean nor not
        {4, 12, 1},  // a gap with a commitment
        {4, 50, 1},  // a gap with an emitter
        {6, 90, 1},  // an act with a signature
    };

    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        struct oyez_frame frame;
        struct oyez_journal_record out;
        size_t size;
        uint8_t *bytes = encode(&samples[edits[i].sample], &size);
        assert_int_equal(oyez_frame_parse(&frame, bytes, size, SEED), OYEZ_FRAME_OK);
        bytes[edits[i].offset] = (uint8_t)edits[i].value;
        oyez_frame_seal(bytes, size, frame.kept_end, SEED);
        assert_int_equal(read_frame(bytes, size, &out), OYEZ_FRAME_FIELDS);
        free(bytes);
    }
}

static void test_bytes_behind_an_erased_commitment_are_seen(void **state)
{
    (void)state;
    struct oyez_journal_record erased = sample_personal(1);
    struct oyez_journal_record out;
    struct oyez_frame frame;
    size_t size;

    erased.commitment = commitment;
    uint8_t *bytes = encode(&erased, &size);
    assert_int_equal(oyez_frame_parse(&frame, bytes, size, SEED), OYEZ_FRAME_OK);
    bytes[frame.kept_end + 32] = 'x';
    oyez_frame_seal(bytes, size, frame.kept_end, SEED);
    assert_int_equal(read_frame(bytes, size, &out), OYEZ_FRAME_FIELDS);
    free(bytes);
}

static void test_records_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    struct oyez_journal_record record = sample_event(1);

    record.event_id.bytes[0] ^= 1;
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_INVALID);
    record = sample_event(1);
    record.flags = 8;
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_INVALID);
    record = sample_event(0);
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_INVALID);
    record = sample_gap(5, 4);
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_INVALID);
    record = sample_epoch_end(5);
    record.next_epoch = record.epoch;
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_INVALID);
    record.kind = (enum oyez_record_kind)32;
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_INVALID);
    record = sample_event(1);
    record.salt_size = 65536;
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_TOO_LARGE);
    record = sample_act();
    record.details_size = 65535;
    assert_int_equal(oyez_frame_check(&record), OYEZ_ERR_TOO_LARGE);
}

static void test_a_mark_comes_back_and_every_flipped_bit_is_seen(void **state)
{
    (void)state;
    const struct oyez_mark in = {.kind = OYEZ_MARK_SEAL,
                                 .clean = true,
                                 .index = 9,
                                 .group_start = 500,
                                 .synced = 500,
                                 .chain = 0xABCD,
                                 .span = {1, 2, 3, 4, 5, 6}};
    struct oyez_mark out;
    struct oyez_frame frame;
    struct oyez_journal_record record;
    uint8_t bytes[OYEZ_MARK_SEAL_SIZE];

    assert_int_equal(oyez_mark_encode(bytes, &in, SEED), sizeof(bytes));
    assert_int_equal(oyez_frame_parse(&frame, bytes, sizeof(bytes), SEED), OYEZ_FRAME_OK);
    assert_int_equal(oyez_frame_check_body(&frame, SEED), OYEZ_FRAME_OK);
    assert_true(oyez_mark_decode(&out, &frame, 500));
    assert_int_equal(out.index, 9);
    assert_int_equal(out.chain, 0xABCD);
    assert_true(out.clean);
    assert_memory_equal(&out.span, &in.span, sizeof(in.span));
    assert_false(oyez_mark_decode(&out, &frame, 501));
    for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
        assert_int_not_equal(read_frame(bytes, sizeof(bytes), &record), OYEZ_FRAME_OK);
        bytes[bit / 8] = (uint8_t)(bytes[bit / 8] ^ 1u << bit % 8);
    }
}

// A commit at the end of what there is: nothing behind its 56 bytes is looked at.
static void test_a_mark_of_the_smallest_size_is_read_within_itself(void **state)
{
    (void)state;
    const struct oyez_mark in = {.kind = OYEZ_MARK_COMMIT, .index = 1};
    struct oyez_journal_record record;
    uint8_t *bytes = malloc(OYEZ_MARK_SIZE);

    assert_non_null(bytes);
    assert_int_equal(oyez_mark_encode(bytes, &in, SEED), OYEZ_MARK_SIZE);
    assert_int_equal(read_frame(bytes, OYEZ_MARK_SIZE, &record), OYEZ_FRAME_OK);
    free(bytes);
}

static void test_a_span_covers_what_was_added(void **state)
{
    (void)state;
    struct oyez_journal_span span = {0};
    struct oyez_journal_record act = sample_act();
    struct oyez_journal_record gap = sample_gap(3, 9);
    struct oyez_journal_record second = sample_event(2);

    oyez_journal_span_add(&span, &act);
    assert_int_equal(span.first_epoch, 0);
    oyez_journal_span_add(&span, &second);
    oyez_journal_span_add(&span, &gap);
    assert_int_equal(span.first_position, 2);
    assert_int_equal(span.last_position, 9);
    assert_int_equal(span.time_min, second.broker_time);
    assert_int_equal(span.time_max, second.broker_time);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_of_each_kind_comes_back),
        cmocka_unit_test(test_the_emitters_bytes_come_back_as_they_were),
        cmocka_unit_test(test_a_repeat_holds_no_content_and_a_personal_one_no_header),
        cmocka_unit_test(test_an_erased_frame_keeps_size_head_and_leaf),
        cmocka_unit_test(test_an_event_with_tiny_details_has_room_for_its_commitment),
        cmocka_unit_test(test_every_flipped_bit_is_seen),
        cmocka_unit_test(test_every_shortened_frame_is_seen),
        cmocka_unit_test(test_a_frame_of_another_segment_does_not_pass),
        cmocka_unit_test(test_a_newer_version_is_named),
        cmocka_unit_test(test_contradicting_fields_are_seen_behind_good_checksums),
        cmocka_unit_test(test_bytes_behind_an_erased_commitment_are_seen),
        cmocka_unit_test(test_records_that_contradict_themselves_are_refused),
        cmocka_unit_test(test_a_mark_comes_back_and_every_flipped_bit_is_seen),
        cmocka_unit_test(test_a_mark_of_the_smallest_size_is_read_within_itself),
        cmocka_unit_test(test_a_span_covers_what_was_added),
    };
    return cmocka_run_group_tests(tests, make_samples, NULL);
}
