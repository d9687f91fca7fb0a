// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/recorder/record_message.h"
#include "journal_samples.h"

static uint8_t commitment[OYEZ_LEAF_HASH_SIZE] = "the commitment of what is gone";
static uint8_t large[1048576];

// Every kind of record as a reader shows it.
static size_t make_samples(struct oyez_journal_record out[16])
{
    size_t n = 0;
    out[n++] = sample_event(1);
    out[n++] = sample_personal(2);
    out[n] = sample_event(3);
    out[n].kind = OYEZ_RECORD_REPEAT;
    out[n].first_index = 0;
    out[n++].commitment = commitment;
    out[n] = sample_personal(4);
    out[n].kind = OYEZ_RECORD_PERSONAL_REPEAT;
    out[n].first_index = 1;
    out[n++].commitment = commitment;
    out[n] = sample_event(5);
    out[n].erased = true;
    out[n].flags = OYEZ_RECORD_FAST;
    out[n++].commitment = commitment;
    out[n] = sample_personal(6);
    out[n].erased = true;
    out[n++].commitment = commitment;
    out[n++] = sample_gap(7, 9);
    out[n++] = (struct oyez_journal_record){.kind = OYEZ_RECORD_EPOCH_END,
                                            .epoch = SAMPLE_EPOCH,
                                            .position = 9,
                                            .broker_time = 7,
                                            .highest_position = 12,
                                            .next_epoch = SAMPLE_EPOCH + 1,
                                            .clean = true};
    out[n++] = (struct oyez_journal_record){.kind = OYEZ_RECORD_CATALOG_ADDED,
                                            .broker_time = 9,
                                            .details = (const uint8_t *)"act",
                                            .details_size = 3};
    out[n] = sample_event(10);
    out[n].details_format = 0;
    out[n].event_id = (struct oyez_uuid){{0}};
    out[n].header = NULL;
    out[n].header_size = 0;
    out[n].flags = OYEZ_RECORD_INVALID;
    out[n].details = large;
    out[n++].details_size = sizeof large;
    for (size_t i = 0; i < n; i++)
        out[i].index = i;
    return n;
}

static void add(struct recorder_bytes *page, oyez_leaf_hasher *hasher,
                const struct oyez_journal_record *records, size_t count)
{
    const struct recorder_records_head head = {
        .end = 77, .before = commitment, .before_size = sizeof commitment};
    assert_int_equal(recorder_records_begin(page, &head), OYEZ_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(recorder_records_add(page, hasher, &records[i]), OYEZ_OK);
}

static void expect_bytes(const uint8_t *found, size_t size, const uint8_t *wanted, size_t as_wanted)
{
    assert_int_equal(size, as_wanted);
    if (size > 0)
        assert_memory_equal(found, wanted, size);
}

static void expect_same(const struct oyez_journal_record *found,
                        const struct oyez_journal_record *sent)
{
    bool gone = sent->commitment != NULL;
    assert_int_equal(found->kind, sent->kind);
    assert_int_equal(found->index, sent->index);
    assert_int_equal(found->first_index, sent->first_index);
    assert_int_equal(found->details_format, sent->details_format);
    assert_memory_equal(found->event_id.bytes, sent->event_id.bytes, OYEZ_UUID_SIZE);
    assert_int_equal(found->last_position, sent->last_position);
    assert_int_equal(found->next_epoch, sent->next_epoch);
    assert_int_equal(found->clean, sent->clean);
    if (gone) {
        assert_memory_equal(found->commitment, commitment, sizeof commitment);
        return;
    }
    expect_bytes(found->header, found->header_size, sent->header, sent->header_size);
    expect_bytes(found->salt, found->salt_size, sent->salt, sent->salt_size);
    expect_bytes(found->signature, found->signature_size, sent->signature, sent->signature_size);
    expect_bytes(found->details, found->details_size, sent->details, sent->details_size);
}

static void test_every_kind_of_record_arrives_as_it_was(void **state)
{
    oyez_leaf_hasher *hasher = NULL;
    struct recorder_bytes page = {.size = 0};
    struct oyez_journal_record samples[16];
    struct recorder_records_head head;
    struct recorder_copy copy;
    size_t offset = 0, count = make_samples(samples);
    uint64_t counted;
    (void)state;
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    add(&page, hasher, samples, count);
    assert_true(recorder_records_read(page.bytes, page.size, &head, &counted));
    assert_int_equal(counted, count);
    assert_int_equal(head.end, 77);
    assert_memory_equal(head.before, commitment, sizeof commitment);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(recorder_records_next(page.bytes, page.size, &offset, hasher, &copy),
                         OYEZ_OK);
        expect_same(&copy.record, &samples[i]);
    }
    assert_int_equal(recorder_records_next(page.bytes, page.size, &offset, hasher, &copy),
                     OYEZ_ERR_NOT_FOUND);
    recorder_bytes_free(&page);
    oyez_leaf_hasher_close(&hasher);
}

// A message with one bit turned is refused, or says another thing in its leaf; what hangs on the
// leaf never differs from it.
static void test_no_flipped_bit_brings_details_that_the_leaf_does_not_vouch_for(void **state)
{
    oyez_leaf_hasher *hasher = NULL;
    struct recorder_bytes page = {.size = 0};
    struct oyez_journal_record sample = sample_personal(1);
    uint8_t leaf[512];
    size_t leaf_size, refused = 0;
    (void)state;
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_leaf_build(hasher, &sample, leaf, &leaf_size), OYEZ_OK);
    add(&page, hasher, &sample, 1);
    for (size_t bit = 0; bit < page.size * 8; bit++) {
        struct recorder_records_head head;
        struct recorder_copy copy;
        uint64_t count;
        size_t offset = 0;
        page.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        // At the end of what it has, so that whoever reads on is caught.
        uint8_t *exact = malloc(page.size);
        assert_non_null(exact);
        memcpy(exact, page.bytes, page.size);
        (void)recorder_records_read(exact, page.size, &head, &count);
        oyez_err err = recorder_records_next(exact, page.size, &offset, hasher, &copy);
        refused += err != OYEZ_OK;
        if (err == OYEZ_OK && copy.leaf_size == leaf_size &&
            memcmp(copy.leaf, leaf, leaf_size) == 0 && copy.record.commitment == NULL)
            assert_memory_equal(copy.record.details, sample.details, sample.details_size);
        free(exact);
        page.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(refused > page.size);
    recorder_bytes_free(&page);
    oyez_leaf_hasher_close(&hasher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_record_arrives_as_it_was),
        cmocka_unit_test(test_no_flipped_bit_brings_details_that_the_leaf_does_not_vouch_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
