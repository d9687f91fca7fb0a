// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "schema/characters.h"
#include "schema/violation.h"

static const struct plan_field votes = {.name = {"votes", 5}};
static const struct plan_field reason = {.name = {"reason", 6}};
static const struct plan_field steps = {.name = {"steps", 5}};

static struct violation begin(void)
{
    return (struct violation){.wrong = false};
}

static void test_a_path_leads_through_fields_keys_and_elements(void **state)
{
    (void)state;
    struct violation violation = begin();
    struct violation_step of_votes = {
        .field = &votes, .key = "alice", .key_size = 5, .element = SIZE_MAX};
    struct violation_step of_steps = {.parent = &of_votes, .field = &steps, .element = 3};
    struct violation_step of_reason = {.parent = &of_steps, .field = &reason, .element = SIZE_MAX};
    violation_wrong(&violation, &of_reason, "x", 1, "is %s", "wrong");
    assert_true(violation.wrong);
    assert_string_equal(violation.path, "details.votes[alice].steps[3].reason");
    assert_string_equal(violation.value, "x");
    assert_string_equal(violation.rule, "is wrong");
    violation = begin();
    violation_wrong(&violation, NULL, NULL, 0, "are too large");
    assert_string_equal(violation.path, "details");
    assert_string_equal(violation.value, "");
}

static void test_the_first_wrong_value_stays(void **state)
{
    (void)state;
    struct violation violation = begin();
    struct violation_step step = {.field = &votes, .element = SIZE_MAX};
    violation_wrong(&violation, &step, "1", 1, "is first");
    step.field = &reason;
    violation_wrong(&violation, &step, "2", 1, "is second");
    violation_wrong_header(&violation, "run_id", "3", 1, "is third");
    violation_missing(&violation, NULL, &steps);
    violation_missing_header(&violation, "run_id");
    assert_string_equal(violation.path, "details.votes");
    assert_string_equal(violation.value, "1");
    assert_string_equal(violation.rule, "is first");
    assert_false(violation.missing);
}

static void test_a_wrong_value_takes_the_place_of_a_missing_one(void **state)
{
    (void)state;
    struct violation violation = begin();
    struct violation_step parent = {.field = &steps, .element = 0};
    violation_missing(&violation, &parent, &reason);
    assert_true(violation.missing && !violation.wrong);
    assert_string_equal(violation.path, "details.steps[0].reason");
    assert_string_equal(violation.rule, "is required");
    violation_missing(&violation, NULL, &votes);
    violation_missing_header(&violation, "run_id");
    assert_string_equal(violation.path, "details.steps[0].reason");
    violation_wrong_header(&violation, "source", "x", 1, "is none of api, cli");
    assert_true(violation.wrong);
    assert_string_equal(violation.path, "source");
    assert_string_equal(violation.value, "x");
    assert_string_equal(violation.rule, "is none of api, cli");
}

static void test_values_are_cut_after_40_characters(void **state)
{
    (void)state;
    static const char forty[] = "😀123456789😀123456789😀123456789😀123456789";
    char longer[sizeof forty + 1];
    struct violation violation = begin();
    violation_wrong(&violation, NULL, forty, sizeof forty - 1, "is wrong");
    assert_string_equal(violation.value, forty);
    snprintf(longer, sizeof longer, "%sx", forty);
    violation = begin();
    violation_wrong(&violation, NULL, longer, sizeof longer - 1, "is wrong");
    assert_memory_equal(violation.value, forty, sizeof forty - 1);
    assert_string_equal(violation.value + sizeof forty - 1, "…");
    violation = begin();
    violation_wrong(&violation, NULL, "", 0, "is wrong");
    assert_string_equal(violation.value, "\"\"");
    violation = begin();
    violation_wrong(&violation, NULL, "a\x1b\n\xff\u202e", 7, "is wrong");
    assert_string_equal(violation.value, "a????");
}

static void test_the_widest_characters_fill_a_value_and_no_more(void **state)
{
    (void)state;
    char value[4 * 60];
    for (size_t i = 0; i < sizeof value; i += 4)
        memcpy(value + i, "😀", 4);
    struct violation violation = begin();
    violation_wrong(&violation, NULL, value, sizeof value, "is wrong");
    size_t count;
    assert_true(characters_count(violation.value, strlen(violation.value), &count));
    assert_int_equal(count, OYEZ_VIOLATION_VALUE_CHARACTERS + 1);
}

static void test_long_paths_are_cut_within_their_room(void **state)
{
    (void)state;
    char name[120];
    char key[300];
    memset(name, 'n', sizeof name);
    memset(key, 'k', sizeof key);
    struct violation_step chain[40];
    for (size_t size = 1; size < sizeof name; size++) {
        struct plan_field field = {.name = {name, size}};
        for (size_t i = 0; i < 40; i++)
            chain[i] = (struct violation_step){.parent = i > 0 ? &chain[i - 1] : NULL,
                                               .field = &field,
                                               .key = i % 2 == 0 ? key : NULL,
                                               .key_size = sizeof key,
                                               .element = i};
        struct violation violation = begin();
        memset(violation.path, 1, sizeof violation.path);
        memset(violation.rule, 1, 1);
        violation_wrong(&violation, &chain[39], NULL, 0, "is wrong");
        assert_true(strlen(violation.path) < OYEZ_VIOLATION_PATH_SIZE);
        assert_memory_equal(violation.path, "details.n", 9);
        assert_string_equal(violation.rule, "is wrong");
    }
}

static void test_a_chain_deeper_than_any_path_is_shown_in_part(void **state)
{
    (void)state;
    struct violation_step chain[200];
    for (size_t i = 0; i < 200; i++)
        chain[i] = (struct violation_step){
            .parent = i > 0 ? &chain[i - 1] : NULL, .field = &steps, .element = i};
    struct violation violation = begin();
    violation_wrong(&violation, &chain[199], NULL, 0, "is wrong");
    assert_true(strlen(violation.path) < OYEZ_VIOLATION_PATH_SIZE);
}

static void test_long_rules_are_cut_and_printable(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'r', sizeof text);
    text[0] = '\x1b';
    text[sizeof text - 1] = '\0';
    struct violation violation = begin();
    violation_wrong(&violation, NULL, NULL, 0, "is %s", text);
    assert_true(strlen(violation.rule) < sizeof violation.rule);
    assert_memory_equal(violation.rule, "is ?rrr", 7);
    // A character that the cut goes through.
    for (size_t i = 1; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "ä", 2);
    violation = begin();
    violation_wrong_header(&violation, "run_id", NULL, 0, "%s", text);
    size_t count;
    assert_true(characters_count(violation.rule, strlen(violation.rule), &count));
}

static void test_the_first_deprecated_field_nobody_was_told_of_is_noted(void **state)
{
    (void)state;
    atomic_bool told[2] = {true, false};
    struct plan_field fields[2] = {{.deprecated_told = &told[0]}, {.deprecated_told = &told[1]}};
    struct violation violation = begin();
    violation_note_deprecated(&violation, &fields[0]);
    assert_null(violation.deprecated);
    violation_note_deprecated(&violation, &fields[1]);
    assert_ptr_equal(violation.deprecated, &fields[1]);
    told[0] = false;
    violation_note_deprecated(&violation, &fields[0]);
    assert_ptr_equal(violation.deprecated, &fields[1]);
    assert_false(told[0]);
    assert_false(violation.wrong || violation.missing);
}

static void test_a_failure_names_catalog_type_path_value_and_rule(void **state)
{
    (void)state;
    static const struct oyez_catalog catalog = {.name = "cleveragents"};
    static const struct oyez_type type = {.name = "tool.retried", .catalog = &catalog};
    static const struct plan_field attempt = {.name = {"attempt", 7}};
    struct violation violation = begin();
    assert_int_equal(violation_fail(&violation, &type), OYEZ_OK);
    violation_missing(&violation, NULL, &attempt);
    assert_int_equal(violation_fail(&violation, &type), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(),
                        "cleveragents: tool.retried: details.attempt: is required");
    struct violation_step step = {.field = &attempt, .element = SIZE_MAX};
    violation_wrong(&violation, &step, "0", 1, "is below the minimum %d", 1);
    assert_int_equal(violation_fail(&violation, &type), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(),
                        "cleveragents: tool.retried: details.attempt: 0 is below the minimum 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path_leads_through_fields_keys_and_elements),
        cmocka_unit_test(test_the_first_wrong_value_stays),
        cmocka_unit_test(test_a_wrong_value_takes_the_place_of_a_missing_one),
        cmocka_unit_test(test_values_are_cut_after_40_characters),
        cmocka_unit_test(test_the_widest_characters_fill_a_value_and_no_more),
        cmocka_unit_test(test_long_paths_are_cut_within_their_room),
        cmocka_unit_test(test_a_chain_deeper_than_any_path_is_shown_in_part),
        cmocka_unit_test(test_long_rules_are_cut_and_printable),
        cmocka_unit_test(test_the_first_deprecated_field_nobody_was_told_of_is_noted),
        cmocka_unit_test(test_a_failure_names_catalog_type_path_value_and_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
