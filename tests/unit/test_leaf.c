// SPDX-License-Identifier: MIT
// The leaf's bytes are fixed for ever: each test builds them by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/sha.h>
#include <string.h>

#include "journal_samples.h"

static oyez_leaf_hasher *hasher;
static uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
static uint8_t expected[OYEZ_LEAF_SIZE_MAX];
static size_t expected_size;

static void expect(const void *data, size_t size)
{
    memcpy(expected + expected_size, data, size);
    expected_size += size;
}

static void expect_u64(uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        expected[expected_size++] = (uint8_t)(value >> 8 * i);
}

static void expect_u32(uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        expected[expected_size++] = (uint8_t)(value >> 8 * i);
}

static void expect_prefix(const struct oyez_journal_record *record)
{
    uint8_t begin[2] = {1, (uint8_t)record->kind};

    expected_size = 0;
    expect(begin, 2);
    expect_u64(record->epoch);
    expect_u64(record->position);
    expect_u64(record->broker_time);
}

static void expect_stamp(const struct oyez_journal_record *record)
{
    expect_prefix(record);
    expect(record->emitter_id.bytes, 16);
    expect(&record->flags, 1);
    expect_u64(record->emitter_seq);
    expect_u64(record->type_seq);
}

static void expect_commitment(const struct oyez_journal_record *record, bool personal)
{
    size_t start = expected_size;
    uint8_t hash[32];

    expect(&record->details_format, 1);
    expect_u32((uint32_t)record->salt_size);
    if (record->salt_size > 0)
        expect(record->salt, record->salt_size);
    expect_u32((uint32_t)record->signature_size);
    if (record->signature_size > 0)
        expect(record->signature, record->signature_size);
    if (personal) {
        expect_u32((uint32_t)record->header_size);
        expect(record->header, record->header_size);
    }
    expect_u32((uint32_t)record->details_size);
    expect(record->details, record->details_size);
    SHA256(expected + start, expected_size - start, hash);
    expected_size = start;
    expect(hash, 32);
}

static void assert_leaf(const struct oyez_journal_record *record)
{
    size_t size = 0;

    assert_int_equal(oyez_leaf_build(hasher, record, leaf, &size), OYEZ_OK);
    assert_int_equal(size, expected_size);
    assert_int_equal(oyez_leaf_size(record), expected_size);
    assert_memory_equal(leaf, expected, expected_size);
}

static void assert_event_leaf(const struct oyez_journal_record *record)
{
    expect_stamp(record);
    expect_commitment(record, false);
    expect(record->header, record->header_size);
    assert_leaf(record);
}

static void test_an_event_is_stamp_commitment_and_header(void **state)
{
    (void)state;
    struct oyez_journal_record record = sample_event(5);

    assert_event_leaf(&record);
    assert_int_equal(expected_size, 59 + 32 + SAMPLE_HEADER_SIZE);
    record.kind = OYEZ_RECORD_REPEAT;
    assert_event_leaf(&record);
}

static void test_lane_and_flags_are_in_the_leaf(void **state)
{
    (void)state;
    for (uint8_t flags = 0; flags < 8; flags++) {
        struct oyez_journal_record record = sample_event(5);
        record.flags = flags;
        assert_event_leaf(&record);
        assert_int_equal(leaf[42], flags);
    }
}

static void test_a_personal_event_shows_only_id_type_and_time(void **state)
{
    (void)state;
    enum oyez_record_kind kinds[] = {OYEZ_RECORD_PERSONAL_EVENT, OYEZ_RECORD_PERSONAL_REPEAT};

    for (unsigned i = 0; i < 2; i++) {
        struct oyez_journal_record record = sample_personal(9);
        record.kind = kinds[i];
        expect_stamp(&record);
        expect(record.event_id.bytes, 16);
        expect("plan.created", 12);
        expect_u64((uint64_t)record.occurred_at);
        expect_commitment(&record, true);
        assert_leaf(&record);
        assert_int_equal(expected_size, 59 + 16 + 12 + 8 + 32);
    }
}

static void test_the_commitment_of_an_erased_event_takes_the_place_of_its_content(void **state)
{
    (void)state;
    struct oyez_journal_record record = sample_personal(9);
    uint8_t commitment[32];
    uint8_t before[256];
    size_t size = 0;

    assert_int_equal(oyez_leaf_build(hasher, &record, before, &size), OYEZ_OK);
    assert_int_equal(oyez_leaf_commit(hasher, &record, commitment), OYEZ_OK);
    record.salt = record.signature = record.header = record.details = NULL;
    record.salt_size = record.signature_size = record.header_size = record.details_size = 0;
    record.commitment = commitment;
    expected_size = size;
    memcpy(expected, before, size);
    assert_leaf(&record);
}

static void test_the_parts_of_a_commitment_cannot_be_shifted_into_each_other(void **state)
{
    (void)state;
    struct oyez_journal_record a = sample_event(1);
    struct oyez_journal_record b = a;
    uint8_t one[32], other[32];

    a.salt = (const uint8_t *)"ab";
    a.salt_size = 2;
    b.salt = (const uint8_t *)"a";
    b.salt_size = 1;
    b.signature = (const uint8_t *)"b";
    b.signature_size = 1;
    assert_int_equal(oyez_leaf_commit(hasher, &a, one), OYEZ_OK);
    assert_int_equal(oyez_leaf_commit(hasher, &b, other), OYEZ_OK);
    assert_memory_not_equal(one, other, 32);
}

static void test_gap_epoch_end_and_act_have_their_bytes(void **state)
{
    (void)state;
    struct oyez_journal_record gap = sample_gap(3, 9);
    struct oyez_journal_record end = sample_epoch_end(9);
    struct oyez_journal_record act = sample_act();
    uint8_t reason = 1, clean = 0;

    expect_prefix(&gap);
    expect_u64(9);
    expect(&reason, 1);
    assert_leaf(&gap);
    expect_prefix(&end);
    expect_u64(11);
    expect_u64(end.next_epoch);
    expect(&clean, 1);
    assert_leaf(&end);
    expect_prefix(&act);
    expect("catalog: shop", 13);
    assert_leaf(&act);
}

static void test_a_leaf_above_64_kib_is_refused(void **state)
{
    (void)state;
    static uint8_t header[OYEZ_LEAF_SIZE_MAX];
    struct oyez_journal_record record = sample_event(1);
    size_t size = 0;

    record.header = header;
    record.header_size = OYEZ_LEAF_SIZE_MAX - 91;
    assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
    assert_int_equal(size, OYEZ_LEAF_SIZE_MAX);
    record.header_size++;
    assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_ERR_TOO_LARGE);
    record.kind = (enum oyez_record_kind)7;
    assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_ERR_INVALID);
}

// The second leaf of the tree vectors of Certificate Transparency is the byte 00.
static void test_a_leaf_is_hashed_as_rfc_6962_says(void **state)
{
    (void)state;
    static const uint8_t empty[] = {0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3, 0x7a, 0x98,
                                    0x9c, 0xa5, 0x44, 0xe6, 0xbb, 0x78, 0x0a, 0x2c,
                                    0x78, 0x90, 0x1d, 0x3f, 0xb3, 0x37, 0x38, 0x76,
                                    0x85, 0x11, 0xa3, 0x06, 0x17, 0xaf, 0xa0, 0x1d};
    uint8_t hash[32];

    assert_int_equal(oyez_leaf_hash(hasher, NULL, 0, hash), OYEZ_OK);
    assert_memory_equal(hash, empty, 32);
}

static int open_hasher(void **state)
{
    (void)state;
    return oyez_leaf_hasher_open(&hasher) == OYEZ_OK ? 0 : -1;
}

static int close_hasher(void **state)
{
    (void)state;
    oyez_leaf_hasher_close(&hasher);
    oyez_leaf_hasher_close(&hasher);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_is_stamp_commitment_and_header),
        cmocka_unit_test(test_lane_and_flags_are_in_the_leaf),
        cmocka_unit_test(test_a_personal_event_shows_only_id_type_and_time),
        cmocka_unit_test(test_the_commitment_of_an_erased_event_takes_the_place_of_its_content),
        cmocka_unit_test(test_the_parts_of_a_commitment_cannot_be_shifted_into_each_other),
        cmocka_unit_test(test_gap_epoch_end_and_act_have_their_bytes),
        cmocka_unit_test(test_a_leaf_above_64_kib_is_refused),
        cmocka_unit_test(test_a_leaf_is_hashed_as_rfc_6962_says),
    };
    return cmocka_run_group_tests(tests, open_hasher, close_hasher);
}
