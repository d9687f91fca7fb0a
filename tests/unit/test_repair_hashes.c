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
#include "oyez/expire.h"
#include "oyez/repair.h"

#define EVENTS 700u // of a tree with two levels of tiles
#define GONE 600u

static char base[64], directory[80], key[96];
static unsigned moved;

static int set_up(void **state)
{
    (void)state;
    moved = 0;
    snprintf(base, sizeof(base), "/tmp/oyez-hashes-XXXXXX");
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
    (void)from;
    assert_int_equal(access(to, F_OK), 0);
    moved++;
}

static void path_of(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", directory, name);
}

static bool is_there(const char *name)
{
    char path[128];

    path_of(path, name);
    return access(path, F_OK) == 0;
}

static void remove_file(const char *name)
{
    char path[128];

    path_of(path, name);
    assert_int_equal(unlink(path), 0);
}

static void change_byte(const char *name, long at)
{
    char path[128];

    path_of(path, name);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_not_equal(byte, EOF);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    fputc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

static oyez_journal *open_journal(void)
{
    const struct oyez_journal_options options = {.key = key, .segment_size = 4096};
    oyez_journal *journal = NULL;

    if (oyez_journal_open(&journal, directory, &options, NULL) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    return journal;
}

static void add(oyez_journal *journal, uint64_t from, uint64_t to)
{
    for (uint64_t number = from; number <= to; number++) {
        struct oyez_journal_record record = sample_event(number);
        record.event_id = (struct oyez_uuid){{0}};
        assert_int_equal(oyez_journal_append(journal, &record, NULL), OYEZ_OK);
        if (number % 5 == 0)
            assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
    }
    assert_int_equal(oyez_journal_commit(journal, NULL), OYEZ_OK);
}

// What is left begins with the record that is returned; the act is at *act.
static uint64_t make_expired(uint64_t *act)
{
    const struct oyez_expiry_limits limits = {.before = GONE};
    oyez_journal *journal = open_journal();
    struct oyez_expiry expiry;

    add(journal, 1, EVENTS);
    assert_int_equal(oyez_expiry_survey(&expiry, directory, NULL, &limits), OYEZ_OK);
    uint64_t begin = expiry.before;
    *act = oyez_journal_next_index(journal);
    assert_int_equal(oyez_journal_expire(journal, &expiry, NULL, 0, "a test", "old", NULL),
                     OYEZ_OK);
    oyez_expiry_free(&expiry);
    add(journal, EVENTS + 1, EVENTS + 50);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_in_range(begin, 257, GONE);
    return begin;
}

static struct oyez_journal_verdict verify(void)
{
    struct oyez_journal_verdict verdict;

    assert_int_equal(oyez_journal_verify(directory, NULL, &verdict), OYEZ_OK);
    return verdict;
}

static void assert_whole(uint64_t begin, uint64_t records)
{
    struct oyez_journal_verdict verdict = verify();

    assert_int_equal(verdict.problems, 0);
    assert_int_equal(verdict.derived, 0);
    assert_true(verdict.has_root);
    assert_int_equal(verdict.expired, begin);
    assert_int_equal(begin + verdict.records, records);
    assert_int_equal(verdict.covered, records);
}

static void assert_rebuilt(uint64_t begin)
{
    struct oyez_journal_report report;
    uint64_t records = begin + verify().records;

    moved = 0;
    if (oyez_repair_rebuild_hashes(directory, key, count_moved, NULL, &report) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    assert_int_equal(report.hashed, records - begin);
    assert_whole(begin, records);
    assert_false(is_there("hash.L0.new") || is_there("hash.L1.new"));
}

static void test_the_hashes_of_what_expired_are_carried_over(void **state)
{
    uint64_t act, begin = make_expired(&act);

    (void)state;
    assert_rebuilt(begin);
    assert_int_equal(moved, 2);
    assert_true(is_there("hash.L0.damaged") && is_there("hash.L1.damaged"));
    // Of what is there they are made again.
    change_byte("hash.L0", (long)(begin + 3) * 32);
    assert_true(verify().derived > 0);
    assert_rebuilt(begin);
}

static void test_levels_above_are_made_of_the_leaves_of_what_expired(void **state)
{
    uint64_t act, begin = make_expired(&act);

    (void)state;
    change_byte("hash.L1", 40);
    assert_true(verify().problems > 0);
    assert_rebuilt(begin);
    remove_file("hash.L1");
    assert_true(verify().problems > 0);
    assert_rebuilt(begin);
}

static void assert_refused(const char *why)
{
    moved = 0;
    assert_int_equal(oyez_repair_rebuild_hashes(directory, key, count_moved, NULL, NULL),
                     OYEZ_ERR_CORRUPT);
    if (strstr(oyez_error_detail(), why) == NULL)
        fail_msg("%s", oyez_error_detail());
    assert_int_equal(moved, 0);
    assert_true(is_there("hash.L1"));
    assert_false(is_there("hash.L0.new") || is_there("hash.L1.new"));
}

static void test_leaves_that_nothing_makes_again_are_left_alone(void **state)
{
    uint64_t act, begin = make_expired(&act);

    (void)state;
    change_byte("hash.L0", 40);
    assert_refused("put hash.L0 back");
    change_byte("hash.L0", 40);
    char path[128];
    path_of(path, "hash.L0");
    assert_int_equal(truncate(path, (long)(begin - 1) * 32), 0);
    assert_refused("put the file back");
    remove_file("hash.L0");
    assert_refused("put the file back");
}

static void test_a_damaged_record_is_told_before_anything_is_moved(void **state)
{
    char name[64];
    uint64_t act, begin = make_expired(&act);

    (void)state;
    snprintf(name, sizeof(name), "%020llu.seg", (unsigned long long)begin);
    change_byte(name, 400);
    assert_refused(name);
}

static void test_a_loss_keeps_the_hashes_of_what_expired(void **state)
{
    struct oyez_repair_loss loss;
    uint64_t act, begin = make_expired(&act);

    (void)state;
    // The upper level, and the end, are what was damaged.
    change_byte("hash.L1", 40);
    if (oyez_repair_accept_loss(directory, key, act + 20, count_moved, NULL, &loss) != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    assert_true(loss.contradicts);
    assert_in_range(loss.kept, act + 1, act + 20);
    assert_true(is_there("hash.L0.damaged") && is_there("hash.L0"));
    // Once more: now there is no checkpoint.
    assert_int_equal(oyez_repair_accept_loss(directory, key, act + 10, count_moved, NULL, &loss),
                     OYEZ_OK);
    assert_false(loss.contradicts);
    // Another journal, under another name, goes on from there.
    oyez_journal *journal = open_journal();
    uint64_t next = oyez_journal_next_index(journal);
    assert_int_equal(next, loss.kept);
    add(journal, next, next + 9);
    assert_int_equal(oyez_journal_close(&journal), OYEZ_OK);
    assert_whole(begin, next + 10);
}

static void test_a_loss_is_checked_against_a_checkpoint_of_what_is_kept(void **state)
{
    struct oyez_repair_loss loss;
    uint64_t act;

    (void)state;
    (void)make_expired(&act);
    change_byte("hash.L0", 40);
    assert_int_equal(oyez_repair_accept_loss(directory, key, act + 20, count_moved, NULL, &loss),
                     OYEZ_ERR_CORRUPT);
    assert_int_equal(moved, 0);
    assert_int_equal(access(key, F_OK), 0);
}

static void test_the_act_that_removed_the_beginning_is_not_given_up(void **state)
{
    struct oyez_repair_loss loss;
    uint64_t act, begin = make_expired(&act);
    const uint64_t below[] = {act, begin + 5, begin, 3};

    (void)state;
    for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
        assert_int_equal(
            oyez_repair_accept_loss(directory, key, below[i], count_moved, NULL, &loss),
            OYEZ_ERR_INVALID);
        assert_non_null(strstr(oyez_error_detail(), "have expired, and the act that says so"));
    }
    assert_int_equal(moved, 0);
    assert_whole(begin, begin + verify().records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_the_hashes_of_what_expired_are_carried_over),
        TEST(test_levels_above_are_made_of_the_leaves_of_what_expired),
        TEST(test_leaves_that_nothing_makes_again_are_left_alone),
        TEST(test_a_damaged_record_is_told_before_anything_is_moved),
        TEST(test_a_loss_keeps_the_hashes_of_what_expired),
        TEST(test_a_loss_is_checked_against_a_checkpoint_of_what_is_kept),
        TEST(test_the_act_that_removed_the_beginning_is_not_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
