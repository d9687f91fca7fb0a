// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checkpointed_journal.h"
#include "oyez/proof.h"

#define RECORDS 42u

static struct fake_disk *fake;
static const struct oyez_disk *disk;
static oyez_leaf_hasher *hasher;
static struct oyez_note_signer signer;

// Records of all kinds among them.
static int set_up(void **state)
{
    oyez_journal *journal;

    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    journal = open_keyed(fake, NULL, NULL);
    commit_events(journal, 1, 38);
    const struct oyez_journal_record more[] = {sample_personal(39), sample_gap(40, 44),
                                               sample_epoch_end(44), sample_act()};
    for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
        assert_int_equal(oyez_journal_append(journal, &more[i], NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    return oyez_leaf_hasher_open(&hasher) == OYEZ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    oyez_leaf_hasher_close(&hasher);
    fake_disk_free(fake);
    return 0;
}

static oyez_err check(const char *bytes, size_t size, uint8_t *leaf, struct oyez_proof *proof)
{
    oyez_err err = oyez_proof_read(proof, bytes, size, leaf);

    return err == OYEZ_OK ? oyez_proof_check(proof, hasher, &signer.verifier, 1, NULL, NULL) : err;
}

static void test_each_record_is_proven_and_its_leaf_tells_what_it_is(void **state)
{
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record, told;
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);

    (void)state;
    assert_non_null(leaf);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    for (uint64_t index = 0; index < RECORDS; index++) {
        struct oyez_proof proof;
        char *bytes;
        size_t size;
        assert_int_equal(oyez_journal_prove(reader, index, NULL, 0, &bytes, &size), OYEZ_OK);
        assert_int_equal(check(bytes, size, leaf, &proof), OYEZ_OK);
        assert_int_equal(proof.index, index);
        assert_int_equal(oyez_journal_reader_read(reader, index, &record), OYEZ_OK);
        assert_int_equal(oyez_leaf_read(&told, proof.leaf, proof.leaf_size), OYEZ_OK);
        assert_int_equal(told.kind, record.kind);
        assert_int_equal(told.epoch, record.epoch);
        assert_int_equal(told.position, record.position);
        assert_int_equal(told.broker_time, record.broker_time);
        assert_int_equal(told.last_position, record.last_position);
        assert_int_equal(told.reason, record.reason);
        assert_int_equal(told.highest_position, record.highest_position);
        assert_int_equal(told.next_epoch, record.next_epoch);
        assert_int_equal(told.emitter_seq, record.emitter_seq);
        assert_int_equal(told.type_seq, record.type_seq);
        free(bytes);
    }
    oyez_journal_reader_close(&reader);
    free(leaf);
}

static void test_a_leaf_is_held_against_its_event(void **state)
{
    static const uint64_t indexes[] = {0, 38}; // an ordinary one, a personal one
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record, leaf;
    uint8_t *bytes = malloc(OYEZ_LEAF_SIZE_MAX);
    size_t size;

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(oyez_journal_reader_read(reader, indexes[i], &record), OYEZ_OK);
        assert_int_equal(oyez_leaf_build(hasher, &record, bytes, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_read(&leaf, bytes, size), OYEZ_OK);
        assert_int_equal(oyez_leaf_check_event(hasher, &leaf, &record), OYEZ_OK);
        struct oyez_journal_record other = record;
        other.details_format = 2;
        assert_int_equal(oyez_leaf_check_event(hasher, &leaf, &other), OYEZ_ERR_CORRUPT);
        other = record;
        other.details_size--;
        assert_int_equal(oyez_leaf_check_event(hasher, &leaf, &other), OYEZ_ERR_CORRUPT);
        other = record;
        other.header_size--;
        assert_int_equal(oyez_leaf_check_event(hasher, &leaf, &other), OYEZ_ERR_CORRUPT);
        other = record;
        other.salt = (const uint8_t *)"fedcba9876543210";
        other.salt_size = 16;
        assert_int_equal(oyez_leaf_check_event(hasher, &leaf, &other), OYEZ_ERR_CORRUPT);
        for (size_t cut = 0; cut < 60; cut++)
            assert_int_equal(oyez_leaf_read(&leaf, bytes, cut), OYEZ_ERR_MALFORMED);
    }
    oyez_journal_reader_close(&reader);
    free(bytes);
}

static void test_no_changed_proof_is_let_through(void **state)
{
    oyez_journal_reader *reader = NULL;
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);
    struct oyez_proof proof;
    char *bytes;
    size_t size;

    (void)state;
    assert_non_null(leaf);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    assert_int_equal(oyez_journal_prove(reader, 20, NULL, 0, &bytes, &size), OYEZ_OK);
    for (size_t i = 0; i < size * 8; i++) {
        bytes[i / 8] = (char)(bytes[i / 8] ^ (1 << i % 8));
        assert_int_not_equal(check(bytes, size, leaf, &proof), OYEZ_OK);
        bytes[i / 8] = (char)(bytes[i / 8] ^ (1 << i % 8));
    }
    for (size_t cut = 0; cut < size; cut++)
        assert_int_not_equal(check(bytes, cut, leaf, &proof), OYEZ_OK);
    assert_int_equal(check(bytes, size, leaf, &proof), OYEZ_OK);
    free(bytes);
    oyez_journal_reader_close(&reader);
    free(leaf);
}

static void test_what_is_not_covered_or_not_there_is_not_proven(void **state)
{
    oyez_journal_reader *reader = NULL;
    char note[OYEZ_NOTE_SIZE_MAX], *bytes = NULL;
    size_t size, note_size;
    struct oyez_journal_record act = sample_act();

    (void)state;
    assert_int_equal(oyez_checkpoint_load("journal", disk, note, &note_size), OYEZ_OK);
    oyez_journal *journal = open_keyed(fake, NULL, NULL);
    assert_int_equal(oyez_journal_append(journal, &act, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    assert_int_equal(oyez_journal_prove(reader, RECORDS, NULL, 0, &bytes, &size),
                     OYEZ_ERR_NOT_FOUND);
    assert_non_null(strstr(oyez_error_detail(), "not yet"));
    assert_int_equal(oyez_journal_prove(reader, RECORDS + 1, NULL, 0, &bytes, &size),
                     OYEZ_ERR_NOT_FOUND);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    assert_int_equal(oyez_journal_prove(reader, RECORDS, NULL, 0, &bytes, &size), OYEZ_OK);
    free(bytes);
    // Against an older checkpoint that somebody holds.
    assert_int_equal(oyez_journal_prove(reader, 3, note, note_size, &bytes, &size), OYEZ_OK);
    free(bytes);
    assert_int_equal(oyez_journal_prove(reader, RECORDS, note, note_size, &bytes, &size),
                     OYEZ_ERR_NOT_FOUND);
    oyez_journal_reader_close(&reader);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_hash_files_that_are_wrong_give_no_proof(void **state)
{
    oyez_journal_reader *reader = NULL;
    char *bytes = NULL;
    size_t size;

    (void)state;
    fake_disk_file(fake, "hash.L0", &size)[32 * 21] ^= 1;
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    assert_int_equal(oyez_journal_prove(reader, 20, NULL, 0, &bytes, &size), OYEZ_ERR_CORRUPT);
    assert_null(bytes);
    fake_disk_remove(fake, "hash.L0");
    assert_int_equal(oyez_journal_prove(reader, 20, NULL, 0, &bytes, &size), OYEZ_ERR_CORRUPT);
    oyez_journal_reader_close(&reader);
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_each_record_is_proven_and_its_leaf_tells_what_it_is),
        IN_MEMORY(test_a_leaf_is_held_against_its_event),
        IN_MEMORY(test_no_changed_proof_is_let_through),
        IN_MEMORY(test_what_is_not_covered_or_not_there_is_not_proven),
        IN_MEMORY(test_hash_files_that_are_wrong_give_no_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
