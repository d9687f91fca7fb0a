// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "client/query/groups.h"
#include "oyez/pattern.h"
#include "recorded_events.h"

static oyez_v1_QueryAnswer answer;

static const char *key_of(oyez_v1_StatsBy by, const struct oyez_event *event)
{
    memset(&answer, 0, sizeof answer);
    assert_true(oyez_groups_count(&answer, by, event));
    assert_int_equal(answer.groups_count, 1);
    assert_int_equal(answer.groups[0].count, 1);
    return answer.groups[0].key;
}

static void test_each_way_of_counting_has_its_key(void **state)
{
    (void)state;
    struct oyez_event event = recorded_event("plan.created", NULL);
    event.stamp.broker_time = RECORDED_TIME + 61 * 60 * RECORDED_SECOND;
    event.actor_name = "planner";
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_TYPE, &event), "plan.created");
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_CATALOG, &event), "cleveragents");
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_HOUR, &event), "2025-11-20T10");
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_ACTOR, &event), "planner");
    // The id is who it is; the name is only what it is called.
    event.actor_id = "agent-7";
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_ACTOR, &event), "agent-7");
    const char *domain = key_of(oyez_v1_StatsBy_STATS_BY_DOMAIN, &event);
    char pattern[300];
    snprintf(pattern, sizeof pattern, "@cleveragents/%s", domain);
    assert_true(oyez_pattern_matches(pattern, "plan.created"));
}

static void test_what_is_absent_is_counted_under_the_empty_key(void **state)
{
    (void)state;
    struct oyez_event event = recorded_event("no.catalog.has.this", NULL);
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_DOMAIN, &event), "");
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_CATALOG, &event), "");
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_ACTOR, &event), "");
    event.stamp.broker_time = UINT64_MAX;
    assert_string_equal(key_of(oyez_v1_StatsBy_STATS_BY_HOUR, &event), "2262-04-11T23");
}

static void test_a_long_key_is_cut_between_characters(void **state)
{
    (void)state;
    char actor[400];
    struct oyez_event event = recorded_event("plan.created", NULL);
    event.actor_id = actor;
    // Two bytes each, one byte before: the cut at 256 would fall within one of them.
    actor[0] = 'x';
    for (size_t i = 1; i + 1 < sizeof actor; i += 2)
        memcpy(actor + i, "\xc3\xa9", 2);
    actor[399] = '\0';
    const char *key = key_of(oyez_v1_StatsBy_STATS_BY_ACTOR, &event);
    assert_int_equal(strlen(key), 255);
    assert_memory_equal(key, actor, 255);
}

static void test_a_full_table_refuses_a_new_key_and_counts_nothing(void **state)
{
    (void)state;
    char type[32] = "";
    struct oyez_event event = recorded_event(type, NULL);
    memset(&answer, 0, sizeof answer);
    for (unsigned i = 0; i < 128; i++) {
        snprintf(type, sizeof type, "github.type-%u", i);
        assert_true(oyez_groups_count(&answer, oyez_v1_StatsBy_STATS_BY_TYPE, &event));
    }
    assert_true(oyez_groups_count(&answer, oyez_v1_StatsBy_STATS_BY_TYPE, &event));
    assert_int_equal(answer.groups[127].count, 2);
    snprintf(type, sizeof type, "github.one-more");
    assert_false(oyez_groups_count(&answer, oyez_v1_StatsBy_STATS_BY_TYPE, &event));
    assert_int_equal(answer.groups_count, 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_way_of_counting_has_its_key),
        cmocka_unit_test(test_what_is_absent_is_counted_under_the_empty_key),
        cmocka_unit_test(test_a_long_key_is_cut_between_characters),
        cmocka_unit_test(test_a_full_table_refuses_a_new_key_and_counts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
