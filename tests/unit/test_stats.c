// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "scripted_recorder.h"

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct scripted_recorder));
    assert_non_null(*state);
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void test_groups_of_all_pages_are_summed_and_the_largest_is_first(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_group(answer, "plan.created", 3);
    scripted_group(answer, "deal.created", 10);
    answer->answer.next_index = 100;
    answer = scripted_answer(recorder);
    scripted_group(answer, "plan.created", 8);
    scripted_group(answer, "agent.started", 10);
    struct oyez_stats_group *groups = NULL;
    size_t count = 0;
    assert_int_equal(oyez_stats_with(scripted_ask, recorder,
                                     &(struct oyez_stats_options){.by = OYEZ_STATS_BY_HOUR},
                                     &groups, &count, 1000),
                     OYEZ_OK);
    assert_int_equal(count, 3);
    assert_string_equal(groups[0].key, "plan.created");
    assert_int_equal(groups[0].count, 11);
    assert_string_equal(groups[1].key, "agent.started");
    assert_string_equal(groups[2].key, "deal.created");
    assert_int_equal(recorder->asked[0].body.stats.by, oyez_v1_StatsBy_STATS_BY_HOUR);
    assert_int_equal(recorder->asked[1].body.stats.next_index, 100);
    free(groups);
}

static void test_many_pages_of_many_groups_stay_exact(void **state)
{
    struct scripted_recorder *recorder = *state;
    for (unsigned page = 0; page < SCRIPT_MAX; page++) {
        struct scripted_answer *answer = scripted_answer(recorder);
        for (unsigned i = 0; i < 100; i++) {
            char key[32];
            snprintf(key, sizeof key, "key-%03u", (page * 37 + i) % 1000);
            scripted_group(answer, key, 1);
        }
        answer->answer.next_index = page + 1 < SCRIPT_MAX ? page + 1 : 0;
    }
    struct oyez_stats_group *groups = NULL;
    size_t count = 0;
    assert_int_equal(oyez_stats_with(scripted_ask, recorder,
                                     &(struct oyez_stats_options){.by = OYEZ_STATS_BY_TYPE},
                                     &groups, &count, 1000),
                     OYEZ_OK);
    assert_int_equal(count, 1000);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += groups[i].count;
        assert_true(i == 0 || groups[i].count <= groups[i - 1].count);
    }
    assert_int_equal(sum, 100 * SCRIPT_MAX);
    free(groups);
}

static void test_nothing_recorded_is_no_group(void **state)
{
    struct scripted_recorder *recorder = *state;
    scripted_answer(recorder);
    struct oyez_stats_group *groups = NULL;
    size_t count = 1;
    assert_int_equal(oyez_stats_with(scripted_ask, recorder,
                                     &(struct oyez_stats_options){.by = OYEZ_STATS_BY_TYPE},
                                     &groups, &count, 1000),
                     OYEZ_OK);
    assert_int_equal(count, 0);
    free(groups);
}

static void test_half_a_count_is_none(void **state)
{
    struct scripted_recorder *recorder = *state;
    struct scripted_answer *answer = scripted_answer(recorder);
    scripted_group(answer, "plan.created", 3);
    answer->answer.next_index = 100;
    scripted_answer(recorder)->err = OYEZ_ERR_TIMEOUT;
    struct oyez_stats_group *groups = NULL;
    size_t count = 1;
    assert_int_equal(oyez_stats_with(scripted_ask, recorder,
                                     &(struct oyez_stats_options){.by = OYEZ_STATS_BY_TYPE},
                                     &groups, &count, 1000),
                     OYEZ_ERR_TIMEOUT);
    assert_null(groups);
    assert_int_equal(count, 0);
    assert_int_equal(oyez_stats_with(scripted_ask, recorder,
                                     &(struct oyez_stats_options){.by = (enum oyez_stats_by)5},
                                     &groups, &count, 1000),
                     OYEZ_ERR_INVALID);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_groups_of_all_pages_are_summed_and_the_largest_is_first),
        TEST(test_many_pages_of_many_groups_stay_exact),
        TEST(test_nothing_recorded_is_no_group),
        TEST(test_half_a_count_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
