// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/recorder/commits.h"

static struct recorder_emitter emitter(struct recorder_range *holes, uint32_t count)
{
    return (struct recorder_emitter){.id = {{[15] = 1}},
                                     .epoch = 1000,
                                     .first = 10,
                                     .epoch_through = 100,
                                     .holes = holes,
                                     .hole_count = count};
}

static void test_only_losses_of_this_epoch_are_told(void **state)
{
    (void)state;
    struct recorder_commit commit = {0};
    struct recorder_range holes[] = {{5, 6}, {20, 29}, {101, 110}};
    struct recorder_emitter moved = emitter(holes, 3);
    recorder_commit_decide(&commit, &moved);
    assert_int_equal(commit.decided_count, 1);
    assert_int_equal(commit.decided[0].first, 10);
    assert_int_equal(commit.decided[0].through, 100);
    assert_int_equal(commit.decided[0].lost_count, 1);
    assert_int_equal(commit.decided[0].lost[0].first, 20);
    assert_int_equal(commit.decided[0].lost[0].last, 29);
    recorder_commit_free(&commit);
}

static void test_many_losses_go_on_in_entries_that_are_each_true(void **state)
{
    (void)state;
    struct recorder_commit commit = {0};
    struct recorder_range holes[10];
    for (uint64_t i = 0; i < 10; i++)
        holes[i] = (struct recorder_range){12 + 4 * i, 13 + 4 * i};
    struct recorder_emitter moved = emitter(holes, 10);
    recorder_commit_decide(&commit, &moved);
    assert_int_equal(commit.decided_count, 2);
    assert_int_equal(commit.decided[0].lost_count, 8);
    assert_int_equal(commit.decided[0].through, holes[8].first - 1);
    assert_int_equal(commit.decided[1].lost_count, 2);
    assert_int_equal(commit.decided[1].lost[0].first, holes[8].first);
    assert_int_equal(commit.decided[1].first, 10);
    assert_int_equal(commit.decided[1].through, 100);
    recorder_commit_free(&commit);
}

static void test_two_commits_of_an_epoch_become_one(void **state)
{
    (void)state;
    struct recorder_commit into = {.any = true, .epoch = 1000, .position = 5};
    struct recorder_commit from = {.any = true, .epoch = 1000, .position = 9};
    struct recorder_emitter moved = emitter(NULL, 0);
    recorder_commit_decide(&into, &moved);
    recorder_commit_decide(&from, &moved);
    recorder_commit_tell(&from, &(oyez_v1_Told){.position = 7});
    recorder_commit_merge(&into, &from);
    assert_int_equal(into.position, 9);
    assert_int_equal(into.decided_count, 2);
    assert_int_equal(into.told_count, 1);
    assert_false(from.any);
    assert_int_equal(from.decided_count, 0);
    recorder_commit_merge(&into, &from);
    assert_int_equal(into.position, 9);
    recorder_commit_free(&into);
    recorder_commit_free(&from);
}

static void test_a_new_epoch_takes_the_place_of_the_old(void **state)
{
    (void)state;
    struct recorder_commit into = {.any = true, .epoch = 1000, .position = 5};
    struct recorder_commit from = {.any = true, .epoch = 2000, .position = 1};
    struct recorder_emitter moved = emitter(NULL, 0);
    recorder_commit_decide(&into, &moved);
    from.state = malloc(3);
    from.state_size = 3;
    recorder_commit_merge(&into, &from);
    assert_int_equal(into.epoch, 2000);
    assert_int_equal(into.position, 1);
    assert_int_equal(into.decided_count, 0);
    assert_non_null(into.state);
    assert_null(from.state);
    assert_false(from.any);
    recorder_commit_free(&into);
    recorder_commit_free(&from);
}

static void test_beyond_the_bound_all_is_to_be_told_anew(void **state)
{
    (void)state;
    struct recorder_commit commit = {0};
    struct recorder_emitter moved = emitter(NULL, 0);
    for (size_t i = 0; i < RECORDER_DECIDED_MAX; i++)
        recorder_commit_decide(&commit, &moved);
    assert_false(commit.incomplete);
    recorder_commit_decide(&commit, &moved);
    assert_true(commit.incomplete);
    assert_int_equal(commit.decided_count, RECORDER_DECIDED_MAX);
    recorder_commit_free(&commit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_losses_of_this_epoch_are_told),
        cmocka_unit_test(test_many_losses_go_on_in_entries_that_are_each_true),
        cmocka_unit_test(test_two_commits_of_an_epoch_become_one),
        cmocka_unit_test(test_a_new_epoch_takes_the_place_of_the_old),
        cmocka_unit_test(test_beyond_the_bound_all_is_to_be_told_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
