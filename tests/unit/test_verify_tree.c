// SPDX-License-Identifier: MIT
// Tree, hash files, checkpoints, keys and erasures, as oyez_journal_verify judges them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "checkpointed_journal.h"

static struct fake_disk *fake;
static const struct oyez_disk *disk;
static struct oyez_note_signer signer; // the key at the beginning
static struct oyez_journal_verdict verdict;
static char told[8192];

static int set_up(void **state)
{
    (void)state;
    fake = fake_disk_new();
    disk = fake_disk_table(fake);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_disk_free(fake);
    return 0;
}

static void keep(void *arg, const struct oyez_journal_problem *problem)
{
    size_t used = strlen(told);

    (void)arg;
    snprintf(told + used, sizeof(told) - used, "%s:%llu: %llu: %s%s\n", problem->file,
             (unsigned long long)problem->offset, (unsigned long long)problem->index,
             problem->derived ? "notice: " : "", problem->what);
}

static void verify_with(const struct oyez_note_verifier *key,
                        const struct oyez_journal_outside *outside, size_t count)
{
    const struct oyez_journal_verify_options options = {
        .disk = disk, .key = key, .outside = outside, .outside_count = count, .problem = keep};

    told[0] = '\0';
    assert_int_equal(oyez_journal_verify("journal", &options, &verdict), OYEZ_OK);
}

static void verify(void)
{
    verify_with(&signer.verifier, NULL, 0);
}

static void assert_told(uint64_t problems, const char *what)
{
    if (verdict.problems != problems || strstr(told, what) == NULL)
        fail_msg("%llu problems, not %llu with \"%s\": %s", (unsigned long long)verdict.problems,
                 (unsigned long long)problems, what, told);
}

static void assert_good(void)
{
    if (verdict.problems != 0)
        fail_msg("told: %s", told);
}

// Some segments, a checkpoint behind each half, closed.
static void make(uint64_t events)
{
    oyez_journal *journal = open_keyed(fake, NULL, NULL);

    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    commit_events(journal, 1, events / 2);
    assert_int_equal(oyez_journal_checkpoint(journal), OYEZ_OK);
    commit_events(journal, events / 2 + 1, events);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_true(fake_disk_count(fake, ".seg") > 2);
}

static void test_every_record_is_under_a_checkpoint_of_the_key(void **state)
{
    struct oyez_hash *roots;
    uint64_t records;

    (void)state;
    make(600);
    verify();
    assert_good();
    roots = roots_of(disk, &records);
    assert_int_equal(verdict.covered, 600);
    assert_int_equal(verdict.signed_records, 600);
    assert_true(verdict.checkpoints >= 2 && verdict.signed_checkpoints == verdict.checkpoints);
    assert_true(verdict.has_root);
    assert_memory_equal(verdict.root, &roots[records], sizeof(verdict.root));
    free(roots);
}

static void test_without_a_key_no_signature_counts(void **state)
{
    (void)state;
    make(100);
    verify_with(NULL, NULL, 0);
    assert_good();
    assert_int_equal(verdict.covered, 100);
    assert_int_equal(verdict.signed_checkpoints, 0);
}

static void test_another_key_is_named(void **state)
{
    struct oyez_note_signer other;

    (void)state;
    make(100);
    assert_int_equal(oyez_note_signer_make(&other, "example.org/other"), OYEZ_OK);
    verify_with(&other.verifier, NULL, 0);
    if (strstr(told, "is signed by none of the journal's keys") == NULL)
        fail_msg("told: %s", told);
    assert_int_equal(verdict.signed_records, 0);
}

static void test_a_wrong_hash_file_is_a_notice(void **state)
{
    static const char *const names[] = {"hash.L0", "hash.L1"};
    size_t size;

    (void)state;
    make(600);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *bytes = fake_disk_file(fake, names[i], &size);
        bytes[size / 2] ^= 1;
        verify();
        assert_told(0, names[i]);
        assert_non_null(strstr(told, "notice: 1 hashes are not those of the records"));
        assert_int_equal(verdict.derived, 1);
        fake_disk_file(fake, names[i], &size)[size / 2] ^= 1;
    }
    fake_disk_resize(fake, "hash.L0", 100);
    verify();
    assert_told(0, "notice: hashes are missing");
    fake_disk_remove(fake, "hash.L0");
    verify();
    assert_told(0, "notice: hashes are missing");
    assert_int_equal(verdict.covered, 600);
}

static void test_the_hash_of_a_damaged_record_stands_in_for_it(void **state)
{
    size_t size;

    (void)state;
    make(100);
    uint8_t *bytes = fake_disk_file(fake, FIRST_SEGMENT, &size);
    bytes[64 + 150] ^= 1; // in the first record's body
    verify();
    assert_told(1, "body checksum");
    assert_int_equal(verdict.unread, 1);
    assert_int_equal(verdict.signed_records, 100);
    fake_disk_remove(fake, "hash.L0");
    verify();
    assert_told(2, "cannot be read, nor its hash");
    assert_int_equal(verdict.signed_records, 0);
}

static void test_checkpoints_that_are_gone_are_named(void **state)
{
    (void)state;
    make(100);
    fake_disk_remove(fake, OYEZ_CHECKPOINT_FILE);
    verify();
    assert_told(0, "can be made from the history");
    fake_disk_remove(fake, OYEZ_CHECKPOINT_HISTORY_FILE);
    verify();
    assert_good();
    assert_int_equal(verdict.checkpoints, 0);
}

static void test_a_history_that_is_gone_or_cut_is_named(void **state)
{
    size_t size;

    (void)state;
    make(100);
    (void)fake_disk_file(fake, OYEZ_CHECKPOINT_HISTORY_FILE, &size);
    fake_disk_resize(fake, OYEZ_CHECKPOINT_HISTORY_FILE, size - 8);
    verify();
    assert_told(1, "the history was cut");
    fake_disk_remove(fake, OYEZ_CHECKPOINT_HISTORY_FILE);
    verify();
    assert_told(1, "the history of checkpoints is missing");
}

static void test_a_forged_signature_is_named(void **state)
{
    size_t size;

    (void)state;
    make(100);
    uint8_t *bytes = fake_disk_file(fake, OYEZ_CHECKPOINT_FILE, &size);
    bytes[size - 20] = bytes[size - 20] == 'A' ? 'B' : 'A';
    verify();
    assert_told(1, "has a forged signature");
}

static void test_a_checkpoint_from_elsewhere_holds_or_is_named(void **state)
{
    struct oyez_journal_outside outside = {.name = "kept"};
    struct oyez_checkpoint other = {.size = 50};
    char text[OYEZ_CHECKPOINT_TEXT_SIZE], note[OYEZ_CHECKPOINT_NOTE_SIZE];

    (void)state;
    make(100);
    outside.note = (const char *)fake_disk_file(fake, OYEZ_CHECKPOINT_FILE, &outside.note_size);
    verify_with(&signer.verifier, &outside, 1);
    assert_good();
    assert_int_equal(verdict.outside_records, 100);
    snprintf(other.origin, sizeof(other.origin), "%s", signer.verifier.name);
    for (other.size = 50; other.size <= 150; other.size += 100) {
        assert_int_equal(oyez_note_sign(text, oyez_checkpoint_write(&other, text), &signer, 1, note,
                                        sizeof(note), &outside.note_size),
                         OYEZ_OK);
        outside.note = note;
        verify_with(&signer.verifier, &outside, 1);
        assert_told(1, "kept:0: ");
        assert_non_null(strstr(told, "the journal was rebuilt or cut"));
        assert_int_equal(verdict.outside, 0);
    }
}

static void test_any_key_of_a_rotated_journal_verifies_all_of_it(void **state)
{
    struct oyez_note_verifier keys[3];
    oyez_journal *journal = NULL;

    (void)state;
    make(100);
    journal = open_keyed(fake, NULL, NULL);
    keys[0] = signer.verifier;
    for (unsigned i = 1; i < 3; i++)
        assert_int_equal(oyez_journal_rotate_key(journal, &keys[i]), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    for (unsigned i = 0; i < 3; i++) {
        verify_with(&keys[i], NULL, 0);
        assert_good();
        assert_int_equal(verdict.rotations, 2);
        assert_int_equal(verdict.signed_records, 102);
    }
}

static void test_a_mirror_signs_with_a_key_of_its_own(void **state)
{
    struct oyez_journal_record act = sample_act();
    struct oyez_note_signer primary[2];
    char text[2 * OYEZ_NOTE_VKEY_SIZE + 2], vkeys[2][OYEZ_NOTE_VKEY_SIZE];
    oyez_journal *journal = NULL;

    (void)state;
    make(100);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(oyez_note_signer_make(&primary[i], "example.org/primary"), OYEZ_OK);
        oyez_note_verifier_write(&primary[i].verifier, vkeys[i]);
    }
    act.kind = OYEZ_RECORD_KEY_ROTATED;
    act.details = (const uint8_t *)text;
    act.details_size = (size_t)snprintf(text, sizeof(text), "%s\n%s\n", vkeys[0], vkeys[1]);
    journal = open_keyed(fake, NULL, NULL);
    assert_int_equal(oyez_journal_append(journal, &act, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    verify();
    assert_good();
    assert_int_equal(verdict.signed_records, 101);
}

// An event that is stored as erased, and an act that names it, or another.
static void append_erased(uint64_t position, const char *act_text)
{
    static const uint8_t commitment[OYEZ_LEAF_HASH_SIZE] = {1};
    struct oyez_journal_options options = small_journal(fake);
    struct oyez_journal_record record = sample_event(position), act = sample_act();
    oyez_journal *journal = NULL;

    record.commitment = commitment;
    record.details = NULL;
    act.kind = OYEZ_RECORD_ERASED;
    act.details = (const uint8_t *)act_text;
    act.details_size = strlen(act_text);
    assert_int_equal(oyez_journal_open(&journal, "journal", &options, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_append(journal, &act, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_blank_needs_an_act_that_names_it(void **state)
{
    (void)state;
    append_erased(1, "event 1763629200000000:1 01900000-0001-7000-8000-000000000007\n"
                     "by auditor\nwhy a request\n");
    verify_with(NULL, NULL, 0);
    assert_good();
    assert_int_equal(verdict.erased, 1);
    append_erased(2, "event 1763629200000000:3 01900000-0001-7000-8000-000000000007\nby me\n");
    verify_with(NULL, NULL, 0);
    assert_told(1, "2: the event was blanked, and no act of erasure covers it");
    append_erased(3, "by nobody\n");
    verify_with(NULL, NULL, 0);
    assert_told(2, "an act of erasure that names no event");
}

static void test_threads_change_nothing(void **state)
{
    struct oyez_journal_verdict one, many;
    struct oyez_journal_verify_options options = {.disk = disk, .threads = 1};

    (void)state;
    make(900);
    options.key = &signer.verifier;
    options.disk = disk;
    assert_int_equal(oyez_journal_verify("journal", &options, &one), OYEZ_OK);
    options.threads = 7;
    assert_int_equal(oyez_journal_verify("journal", &options, &many), OYEZ_OK);
    assert_memory_equal(&one, &many, sizeof(one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_every_record_is_under_a_checkpoint_of_the_key),
        TEST(test_without_a_key_no_signature_counts),
        TEST(test_another_key_is_named),
        TEST(test_a_wrong_hash_file_is_a_notice),
        TEST(test_the_hash_of_a_damaged_record_stands_in_for_it),
        TEST(test_checkpoints_that_are_gone_are_named),
        TEST(test_a_history_that_is_gone_or_cut_is_named),
        TEST(test_a_forged_signature_is_named),
        TEST(test_a_checkpoint_from_elsewhere_holds_or_is_named),
        TEST(test_any_key_of_a_rotated_journal_verifies_all_of_it),
        TEST(test_a_mirror_signs_with_a_key_of_its_own),
        TEST(test_a_blank_needs_an_act_that_names_it),
        TEST(test_threads_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
