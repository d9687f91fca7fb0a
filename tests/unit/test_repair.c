// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal_samples.h"
#include "oyez/checkpoint.h"
#include "oyez/repair.h"

static char base[64], directory[80], key[96];
static unsigned moved;

static int set_up(void **state)
{
    (void)state;
    moved = 0;
    snprintf(base, sizeof(base), "/tmp/oyez-repair-XXXXXX");
    if (mkdtemp(base) == NULL)
        return -1;
    snprintf(directory, sizeof(directory), "%s/journal", base);
    snprintf(key, sizeof(key), "%s.key", directory);
    return 0;
}

static int tear_down(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", base);
    return system(command);
}

static void count_moved(void *arg, const char *from, const char *to)
{
    (void)arg;
    assert_int_not_equal(access(from, F_OK) == 0 && strstr(from, ".seg") == NULL, 1);
    assert_int_equal(access(to, F_OK), 0);
    moved++;
}

// The new file has the old one's name by now.
static void count_moved_copy(void *arg, const char *from, const char *to)
{
    (void)arg;
    assert_int_equal(access(from, F_OK), 0);
    assert_int_equal(access(to, F_OK), 0);
    moved++;
}

static bool is_there(const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void put(const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static oyez_journal *open_journal(void)
{
    const struct oyez_journal_options options = {.key = key, .segment_size = 4096};
    oyez_journal *journal = NULL;

    assert_int_equal(oyez_journal_open(&journal, directory, &options, NULL), OYEZ_OK);
    return journal;
}

static void add(oyez_journal *journal, uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number <= to; number++) {
        struct oyez_journal_record record = sample_event(number);
        record.event_id = (struct oyez_uuid){{0}};
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
}

static void make(uint64_t events)
{
    oyez_journal *journal = open_journal();

    add(journal, 1, events);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static struct oyez_journal_verdict verify(void)
{
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_journal_verify(directory, NULL, &verdict), OYEZ_OK);
    return verdict;
}

static void test_a_journal_that_is_written_is_refused(void **state)
{
    struct oyez_repair_loss loss;
    oyez_journal *journal = open_journal();

    (void)state;
    add(journal, 1, 5);
    assert_int_equal(oyez_repair_accept_loss(directory, key, 2, count_moved, NULL, &loss),
                     OYEZ_ERR_LOCKED);
    assert_int_equal(oyez_repair_rebuild_hashes(directory, key, count_moved, NULL, NULL),
                     OYEZ_ERR_LOCKED);
    assert_int_equal(oyez_repair_open_once(directory, key, NULL), OYEZ_ERR_LOCKED);
    assert_int_equal(moved, 0);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_nothing_is_made_where_no_journal_is(void **state)
{
    (void)state;
    assert_int_equal(oyez_repair_open_once(directory, key, NULL), OYEZ_ERR_NO_JOURNAL);
    assert_int_not_equal(access(directory, F_OK), 0);
}

static void test_hash_files_are_made_anew_and_the_old_ones_kept(void **state)
{
    struct oyez_journal_report report;

    (void)state;
    make(60);
    assert_int_equal(oyez_repair_rebuild_hashes(directory, key, count_moved, NULL, &report),
                     OYEZ_OK);
    assert_int_equal(report.hashed, 60);
    assert_int_equal(moved, 1);
    assert_true(is_there("hash.L0.damaged"));
    assert_int_equal(verify().derived, 0);
}

static void test_without_the_key_the_hash_files_stay(void **state)
{
    (void)state;
    make(60);
    assert_int_equal(oyez_repair_rebuild_hashes(directory, "/no/such.key", count_moved, NULL, NULL),
                     OYEZ_ERR_NOT_FOUND);
    assert_true(is_there("hash.L0"));
}

static void test_a_loss_that_contradicts_a_checkpoint_ends_the_journal(void **state)
{
    struct oyez_journal_verdict verdict;
    struct oyez_repair_loss loss;
    oyez_journal *journal;

    (void)state;
    make(60);
    assert_true(verify().segments > 2);
    put("00000000000000000000.idx");
    for (uint64_t index = 50; index > 0; index -= 10) {
        assert_int_equal(oyez_repair_accept_loss(directory, key, index, count_moved, NULL, &loss),
                         OYEZ_OK);
        assert_int_equal(loss.kept, index);
        assert_int_equal(loss.contradicts, index == 50); // then there is no checkpoint any more
        verdict = verify();
        assert_int_equal(verdict.problems, 0);
        assert_int_equal(verdict.records, index);
    }
    // It told of records that are no more.
    assert_false(is_there("00000000000000000000.idx"));
    assert_true(is_there("checkpoint.damaged") && is_there("checkpoints.damaged"));
    assert_int_not_equal(access(key, F_OK), 0);
    // Another journal, under another name, goes on from there.
    journal = open_journal();
    add(journal, 11, 20);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    verdict = verify();
    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.covered, 20);
}

static void test_a_loss_of_what_nobody_vouched_for_keeps_the_key(void **state)
{
    const struct oyez_journal_options options = {.segment_size = 4096};
    struct oyez_repair_loss loss;
    oyez_journal *journal = NULL;

    (void)state;
    make(10);
    // Without a key, so without a checkpoint.
    assert_int_equal(oyez_journal_open(&journal, directory, &options, NULL), OYEZ_OK);
    add(journal, 11, 20);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_int_equal(oyez_repair_accept_loss(directory, key, 15, count_moved, NULL, &loss),
                     OYEZ_OK);
    assert_int_equal(loss.kept, 15);
    assert_false(loss.contradicts);
    assert_true(is_there("checkpoint"));
    assert_int_equal(access(key, F_OK), 0);
    assert_int_equal(oyez_repair_open_once(directory, key, NULL), OYEZ_OK);
    assert_int_equal(verify().covered, 15);
}

static void test_all_of_it_may_be_given_up(void **state)
{
    struct oyez_repair_loss loss;

    (void)state;
    make(30);
    assert_int_equal(oyez_repair_accept_loss(directory, key, 0, count_moved, NULL, &loss), OYEZ_OK);
    assert_int_equal(loss.kept, 0);
    assert_int_equal(verify().records, 0);
}

static size_t read_history(uint8_t *bytes, size_t room)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/checkpoints", directory);
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    return size;
}

static void write_history(const uint8_t *bytes, size_t size)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/checkpoints", directory);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

// Five checkpoints, the last of them over 50 records. Returns the size of the history.
static size_t make_five(uint8_t *bytes, size_t room)
{
    for (uint64_t number = 1; number <= 41; number += 10) {
        oyez_journal *journal = open_journal();
        add(journal, number, number + 9);
        assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    }
    size_t size = read_history(bytes, room);
    assert_true(size < room);
    return size;
}

static void assert_opens(oyez_err expected)
{
    const struct oyez_journal_options options = {.key = key};
    oyez_journal *journal = NULL;

    assert_int_equal(oyez_journal_open(&journal, directory, &options, NULL), expected);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
}

static void test_a_cut_history_is_made_anew_from_what_is_left(void **state)
{
    static uint8_t bytes[65536];
    size_t size = make_five(bytes, sizeof(bytes));
    uint64_t all = verify().checkpoints, kept;

    (void)state;
    for (size_t cut = 0; cut + 600 < size; cut += size / 7) { // not in the newest entry
        write_history(bytes, cut);
        assert_int_equal(verify().problems, 1);
        assert_opens(OYEZ_ERR_CORRUPT);
        moved = 0;
        assert_int_equal(oyez_repair_rebuild_checkpoints(directory, count_moved_copy, NULL, &kept),
                         OYEZ_OK);
        assert_int_equal(moved, 1);
        assert_true(kept >= 1 && kept < all);
        assert_opens(OYEZ_OK);
        struct oyez_journal_verdict verdict = verify();
        assert_int_equal(verdict.problems, 0);
        assert_int_equal(verdict.checkpoints, kept);
        assert_int_equal(verdict.covered, 50);
    }
}

static void test_what_stands_behind_damage_in_a_history_is_kept(void **state)
{
    static uint8_t bytes[65536];
    size_t size = make_five(bytes, sizeof(bytes));
    uint64_t all = verify().checkpoints, kept;
    unsigned lost = 0;

    (void)state;
    for (size_t at = 0; at < size; at += size / 11) {
        bytes[at] ^= 1;
        write_history(bytes, size);
        bytes[at] ^= 1;
        assert_int_equal(oyez_repair_rebuild_checkpoints(directory, count_moved_copy, NULL, &kept),
                         OYEZ_OK);
        if (at < 32) // the header is made from the segments, and the last entry from `checkpoint`
            assert_int_equal(kept, all);
        assert_in_range(kept, all - 1, all);
        lost += kept < all;
        assert_int_equal(verify().problems, 0);
        assert_opens(OYEZ_OK);
    }
    assert_true(lost > 5);
}

static void test_a_missing_history_has_the_newest_again(void **state)
{
    static uint8_t bytes[65536];
    char path[128];
    uint64_t kept;

    (void)state;
    (void)make_five(bytes, sizeof(bytes));
    snprintf(path, sizeof(path), "%s/checkpoints", directory);
    assert_int_equal(unlink(path), 0);
    assert_opens(OYEZ_ERR_CORRUPT);
    moved = 0;
    assert_int_equal(oyez_repair_rebuild_checkpoints(directory, count_moved_copy, NULL, &kept),
                     OYEZ_OK);
    assert_int_equal(moved, 0);
    assert_int_equal(kept, 1);
    assert_opens(OYEZ_OK);
    assert_int_equal(verify().problems, 0);
    assert_int_equal(oyez_repair_rebuild_checkpoints("/no/such", NULL, NULL, &kept),
                     OYEZ_ERR_NO_JOURNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_journal_that_is_written_is_refused),
        TEST(test_nothing_is_made_where_no_journal_is),
        TEST(test_hash_files_are_made_anew_and_the_old_ones_kept),
        TEST(test_without_the_key_the_hash_files_stay),
        TEST(test_a_loss_that_contradicts_a_checkpoint_ends_the_journal),
        TEST(test_a_loss_of_what_nobody_vouched_for_keeps_the_key),
        TEST(test_all_of_it_may_be_given_up),
        TEST(test_a_cut_history_is_made_anew_from_what_is_left),
        TEST(test_what_stands_behind_damage_in_a_history_is_kept),
        TEST(test_a_missing_history_has_the_newest_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
