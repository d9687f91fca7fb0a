// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/query/index_keys.h"
#include "oyez/pattern.h"
#include "wire/header.h"

#define TRACEPARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static struct oyez_event full_event(void)
{
    return (struct oyez_event){.event_type = "plan.created",
                               .correlation_id = "same",
                               .causation_id = "same",
                               .step_id = "same",
                               .actor_type = "agent",
                               .actor_id = "a-1",
                               .actor_name = "Ada",
                               .plan_id = "p-1",
                               .root_plan_id = "p-0",
                               .phase = "execute",
                               .state = "running",
                               .session_id = "s-1",
                               .project_name = "zebra",
                               .run_id = "r-1",
                               .thread_id = "t-1",
                               .user_id = "u-1",
                               .aggregate_id = "g-1",
                               .aggregate_type = "order",
                               .source = "tests",
                               .app_version = "1.2",
                               .environment = "test",
                               .schema_version = "1.0",
                               .traceparent = TRACEPARENT,
                               .tags = {{"team", "blue"}, {"deal", "d-7"}}};
}

static bool has_key(const struct oyez_event *event, uint64_t key)
{
    uint64_t keys[OYEZ_INDEX_KEYS_MAX];
    size_t count = oyez_index_keys_of(event, keys);
    for (size_t i = 0; i < count; i++)
        if (keys[i] == key)
            return true;
    return false;
}

static bool fulfils(const struct oyez_event *event, const char *condition)
{
    oyez_filter *filter = NULL;
    if (oyez_filter_open(&filter, &condition, 1) != OYEZ_OK)
        return false;
    bool matches = oyez_filter_matches(filter, event);
    oyez_filter_close(&filter);
    return matches;
}

static void test_the_same_value_in_two_fields_has_two_keys(void **state)
{
    (void)state;
    struct oyez_event event = full_event();
    uint64_t keys[OYEZ_INDEX_KEYS_MAX];
    size_t count = oyez_index_keys_of(&event, keys);
    assert_int_equal(count, 17);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(keys[i] != keys[j]);
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void test_short_values_of_different_fields_do_not_meet(void **state)
{
    (void)state;
    static uint64_t keys[OYEZ_INDEX_MARK * 1000];
    char value[8];
    size_t count = 0;
    for (unsigned field = 1; field <= OYEZ_INDEX_MARK; field++)
        for (int i = 0; i < 1000; i++)
            keys[count++] = oyez_index_key((enum oyez_index_field)field, value,
                                           (size_t)snprintf(value, sizeof value, "%d", i));
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count; i++)
        assert_true(keys[i] != keys[i - 1]);
}

static void test_an_event_has_each_key_once(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "a", .tags = {{"k", "v"}, {"k", "v"}, {"k", "w"}}};
    uint64_t keys[OYEZ_INDEX_KEYS_MAX];
    assert_int_equal(oyez_index_keys_of(&event, keys), 3);
}

static void test_what_is_absent_or_empty_has_no_key(void **state)
{
    (void)state;
    struct oyez_event event = {
        .event_type = "a", .plan_id = "", .tags = {{"k", ""}, {"l", NULL}, {"m", "v"}}};
    uint64_t keys[OYEZ_INDEX_KEYS_MAX];
    assert_int_equal(oyez_index_keys_of(&event, keys), 2);
    assert_true(has_key(&event, oyez_index_key(OYEZ_INDEX_EVENT_TYPE, "a", 1)));
    assert_true(has_key(&event, oyez_index_key_of_tag("m", "v")));
}

static void test_an_event_with_all_that_it_may_have_fits(void **state)
{
    (void)state;
    struct oyez_event event = full_event();
    char values[OYEZ_TAGS_MAX][8];
    for (size_t i = 0; i < OYEZ_TAGS_MAX; i++) {
        snprintf(values[i], sizeof values[i], "%zu", i);
        event.tags[i] = (struct oyez_tag){"k", values[i]};
    }
    uint64_t keys[OYEZ_INDEX_KEYS_MAX];
    assert_int_equal(oyez_index_keys_of(&event, keys), 15 + OYEZ_TAGS_MAX);
}

// The format's: another number here makes every index file of the world wrong.
static void test_keys_are_those_of_the_format(void **state)
{
    (void)state;
    assert_true(oyez_index_key(OYEZ_INDEX_EVENT_TYPE, "plan.created", 12) ==
                UINT64_C(0xF02C35062DA2F6A5));
    assert_true(oyez_index_key(OYEZ_INDEX_CORRELATION_ID, "c-1", 3) ==
                UINT64_C(0x04D86757766B65E1));
    assert_true(oyez_index_key_of_tag("team", "blue") == UINT64_C(0x1739065E4D7FC89A));
    assert_true(oyez_index_key(OYEZ_INDEX_TAG, "team\0blue", 9) == UINT64_C(0x1739065E4D7FC89A));
    assert_true(oyez_index_key(OYEZ_INDEX_MARK, "", 0) == UINT64_C(0x5318726A597085D4));
}

static void test_a_tag_does_not_begin_in_its_key_and_end_in_its_value(void **state)
{
    (void)state;
    assert_true(oyez_index_key_of_tag("ab", "c") != oyez_index_key_of_tag("a", "bc"));
}

static void test_the_trace_is_found_by_its_digits_and_by_the_whole_traceparent(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "a", .traceparent = TRACEPARENT};
    uint64_t digits = oyez_index_key(OYEZ_INDEX_TRACE_ID, "0af7651916cd43dd8448eb211c80319c", 32),
             key;
    assert_true(has_key(&event, digits));
    assert_true(oyez_index_key_of_condition("traceparent=" TRACEPARENT, &key));
    assert_true(key == digits);
}

static void test_what_is_no_traceparent_has_no_key(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0",
                                        "00",
                                        "00-",
                                        "00-0af7651916cd43dd8448eb211c80319c",
                                        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
                                        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                        "00 0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                        "00-0af7651916cd43dd8448eb211c80319c0-b7ad6b7169203331-01"};
    char condition[128];
    uint64_t key, keys[OYEZ_INDEX_KEYS_MAX];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct oyez_event event = {.event_type = "a", .traceparent = wrong[i]};
        assert_int_equal(oyez_index_keys_of(&event, keys), 1);
        snprintf(condition, sizeof condition, "traceparent=%s", wrong[i]);
        assert_false(oyez_index_key_of_condition(condition, &key));
    }
}

// For each field, whatever the condition: an event that fulfils it has the key.
static void test_an_event_that_fulfils_a_condition_has_its_key(void **state)
{
    (void)state;
    struct oyez_event event = full_event();
    char condition[256];
    uint64_t key;
    size_t found = 0;
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind != OYEZ_HEADER_TEXT)
            continue;
        snprintf(condition, sizeof condition, "%s=%s", field->name,
                 oyez_header_text(&event, field));
        assert_true(fulfils(&event, condition));
        if (!oyez_index_key_of_condition(condition, &key))
            continue;
        assert_true(has_key(&event, key));
        found++;
    }
    assert_int_equal(found, 15);
    assert_true(fulfils(&event, "type=plan.created"));
    assert_true(oyez_index_key_of_condition("type=plan.created", &key) && has_key(&event, key));
    assert_true(fulfils(&event, "tag.deal=d-7"));
    assert_true(oyez_index_key_of_condition("tag.deal=d-7", &key) && has_key(&event, key));
}

static void test_a_value_may_have_an_equals_sign(void **state)
{
    (void)state;
    struct oyez_event event = {.event_type = "a", .plan_id = "x=y", .tags = {{"plan_id", "x=y"}}};
    uint64_t key;
    assert_true(fulfils(&event, "plan_id=x=y"));
    assert_true(oyez_index_key_of_condition("plan_id=x=y", &key) && has_key(&event, key));
    assert_true(fulfils(&event, "tag.plan_id=x=y"));
    assert_true(oyez_index_key_of_condition("tag.plan_id=x=y", &key) && has_key(&event, key));
}

// Longer than any header; the key is made of what is left after the cut, the same for both.
static void test_a_tag_beyond_all_bounds_has_the_same_key_in_event_and_condition(void **state)
{
    (void)state;
    static char value[3 * OYEZ_HEADER_SIZE_MAX], condition[4 * OYEZ_HEADER_SIZE_MAX];
    uint64_t key;
    memset(value, 'v', sizeof value - 1);
    struct oyez_event event = {.event_type = "a", .tags = {{"k", value}}};
    snprintf(condition, sizeof condition, "tag.k=%s", value);
    assert_true(oyez_index_key_of_condition(condition, &key) && has_key(&event, key));
}

static void test_other_conditions_have_no_key(void **state)
{
    (void)state;
    static const char *const conditions[] = {"",
                                             "plan_id",
                                             "=x",
                                             "plan_id=",
                                             "type=",
                                             "tag.k=",
                                             "tag.=v",
                                             "tag.k",
                                             "details.plan_id=p",
                                             "event_id=01900000-0001-7000-8000-000000000007",
                                             "occurred_at=2026-11-20T08:42:45Z",
                                             "phase=execute",
                                             "state=running",
                                             "source=tests",
                                             "actor_type=agent",
                                             "aggregate_version=1",
                                             "schema_version=1.0",
                                             "plan=p-1",
                                             "plan_idx=p",
                                             "Plan_id=p",
                                             "tag=x",
                                             "typ=x"};
    uint64_t key;
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
        assert_false(oyez_index_key_of_condition(conditions[i], &key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_value_in_two_fields_has_two_keys),
        cmocka_unit_test(test_short_values_of_different_fields_do_not_meet),
        cmocka_unit_test(test_an_event_has_each_key_once),
        cmocka_unit_test(test_what_is_absent_or_empty_has_no_key),
        cmocka_unit_test(test_an_event_with_all_that_it_may_have_fits),
        cmocka_unit_test(test_keys_are_those_of_the_format),
        cmocka_unit_test(test_a_tag_does_not_begin_in_its_key_and_end_in_its_value),
        cmocka_unit_test(test_the_trace_is_found_by_its_digits_and_by_the_whole_traceparent),
        cmocka_unit_test(test_what_is_no_traceparent_has_no_key),
        cmocka_unit_test(test_an_event_that_fulfils_a_condition_has_its_key),
        cmocka_unit_test(test_a_value_may_have_an_equals_sign),
        cmocka_unit_test(test_a_tag_beyond_all_bounds_has_the_same_key_in_event_and_condition),
        cmocka_unit_test(test_other_conditions_have_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
