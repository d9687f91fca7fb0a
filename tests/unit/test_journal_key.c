// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "checkpointed_journal.h"

static struct fake_disk *fake;
static const struct oyez_disk *disk;
static struct ledger ledger;

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    ledger = (struct ledger){.count = 0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

static void assert_refused(const struct oyez_journal_options *options, oyez_err err,
                           const char *saying)
{
    oyez_journal *journal = NULL;

    assert_int_equal(oyez_journal_open(&journal, "journal", options, NULL), err);
    if (strstr(oyez_error_detail(), saying) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", oyez_error_detail(), saying);
}

static void test_the_key_is_asked_for_where_checkpoints_need_it(void **state)
{
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);

    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    options.origin = "example.org/other";
    assert_refused(&options, OYEZ_ERR_INVALID, "not of example.org/other");
    options.origin = NULL;
    fake_disk_set_mode(fake, KEY, 0640);
    assert_refused(&options, OYEZ_ERR_FORBIDDEN, "chmod 600");
    fake_disk_set_mode(fake, KEY, 0600);
    fake_disk_remove(fake, KEY);
    assert_refused(&options, OYEZ_ERR_INVALID, "no such key");
}

static void test_another_key_is_refused(void **state)
{
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    struct oyez_note_signer signer;
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);

    (void)state;
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    struct oyez_checkpoint newest = newest_of(disk);
    fake_disk_remove(fake, KEY);
    assert_int_equal(oyez_key_make(&signer, KEY, newest.origin, disk), OYEZ_OK);
    assert_refused(&options, OYEZ_ERR_INVALID, "not the key that signed");
}

static void test_an_origin_may_be_given(void **state)
{
    struct oyez_journal_options options = keyed_journal(fake, NULL);
    oyez_journal *journal = NULL;

    (void)state;
    options.origin = "not a name";
    assert_refused(&options, OYEZ_ERR_INVALID, "no spaces");
    options.origin = "example.org/shop";
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_string_equal(newest_of(disk).origin, "example.org/shop");
}

// Which of two keys have signed the newest checkpoint.
static void read_signers(const struct oyez_note_verifier keys[2], bool out[2])
{
    struct oyez_note note;
    char bytes[OYEZ_NOTE_SIZE_MAX];
    size_t size;

    assert_int_equal(oyez_checkpoint_load("journal", disk, bytes, &size), OYEZ_OK);
    assert_int_equal(oyez_note_parse(&note, bytes, size), OYEZ_OK);
    assert_int_equal(oyez_note_verify(&note, keys, 2, out), OYEZ_OK);
}

static void test_a_rotation_is_recorded_and_signed_by_both(void **state)
{
    struct oyez_note_verifier keys[2];
    struct oyez_note_signer signer;
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    char text[2][OYEZ_NOTE_VKEY_SIZE], act[2 * OYEZ_NOTE_VKEY_SIZE + 2];
    bool by[2];

    (void)state;
    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_verifier(journal, &keys[0]), OYEZ_OK);
    assert_int_equal(oyez_journal_rotate_key(journal, &keys[1]), OYEZ_OK);
    assert_false(oyez_note_verifier_equal(&keys[0], &keys[1]));
    assert_string_equal(keys[0].name, keys[1].name);
    read_signers(keys, by);
    assert_true(by[0] && by[1]);
    assert_int_equal(newest_of(disk).size, 4);
    struct oyez_journal_record record;
    assert_int_equal(oyez_journal_read(journal, 3, &record), OYEZ_OK);
    assert_int_equal(record.kind, OYEZ_RECORD_KEY_ROTATED);
    for (unsigned i = 0; i < 2; i++)
        oyez_note_verifier_write(&keys[i], text[i]);
    int size = snprintf(act, sizeof(act), "%s\n%s\n", text[0], text[1]);
    assert_int_equal(record.details_size, size);
    assert_memory_equal(record.details, act, record.details_size);
    struct oyez_journal_record event = sample_event(4);
    assert_int_equal(oyez_journal_append(journal, &event, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    read_signers(keys, by);
    assert_true(!by[0] && by[1]);
    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    assert_true(oyez_note_verifier_equal(&signer.verifier, &keys[1]));
    check_ledger(disk, &ledger);
}

// Whatever a crash leaves of a rotation, the key that is there has signed the newest checkpoint,
// and what the journal says of keys is true.
static void cut_rotation(unsigned changes, enum fake_cut cut, unsigned seed)
{
    struct oyez_note_verifier old, now;
    oyez_journal *journal = open_keyed(fake, &ledger, NULL);
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    size_t acts = 0, size;

    commit_events(journal, 1, 3);
    assert_int_equal(oyez_journal_verifier(journal, &old), OYEZ_OK);
    fake_disk_stop_after(fake, changes);
    oyez_err err = oyez_journal_rotate_key(journal, NULL);
    struct oyez_journal_record event = sample_event(4);
    if (err == OYEZ_OK && oyez_journal_append(journal, &event, NULL) == OYEZ_OK &&
        oyez_journal_commit(journal, NULL) == OYEZ_OK)
        (void)oyez_journal_checkpoint(journal); // the new key's alone
    (void)oyez_journal_close(&journal);
    fake_disk_cut(fake, cut, seed);
    journal = open_keyed(fake, &ledger, NULL);
    assert_int_equal(oyez_journal_verifier(journal, &now), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_null(fake_disk_file(fake, KEY ".next", &size));
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK)
        acts += record.kind == OYEZ_RECORD_KEY_ROTATED;
    oyez_journal_reader_close(&reader);
    assert_int_equal(acts, !oyez_note_verifier_equal(&old, &now));
    assert_true(err != OYEZ_OK || acts == 1);
    check_ledger(disk, &ledger);
    (void)newest_of(disk);
}

static void test_no_power_cut_leaves_a_rotation_half_done(void **state)
{
    unsigned changes = 1;

    for (; changes < 40; changes++)
        for (unsigned seed = 0; seed < 24; seed++) {
            tear_down(state);
            set_up(state);
            cut_rotation(changes, seed < 2 ? (enum fake_cut)seed : FAKE_CUT_SOME, seed);
        }
}

int main(void)
{
#define IN_MEMORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_MEMORY(test_the_key_is_asked_for_where_checkpoints_need_it),
        IN_MEMORY(test_another_key_is_refused),
        IN_MEMORY(test_an_origin_may_be_given),
        IN_MEMORY(test_a_rotation_is_recorded_and_signed_by_both),
        IN_MEMORY(test_no_power_cut_leaves_a_rotation_half_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
