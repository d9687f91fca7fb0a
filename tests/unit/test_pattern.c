// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/pattern.h"
#include "pattern_topics.h"

static void test_star_is_any_run_of_characters_dots_too(void **state)
{
    (void)state;
    assert_true(oyez_pattern_matches("*", "plan.created"));
    assert_true(oyez_pattern_matches("plan.*", "plan.created"));
    assert_true(oyez_pattern_matches("plan.*", "plan.a.b"));
    assert_true(oyez_pattern_matches("plan.*", "plan."));
    assert_true(oyez_pattern_matches("*.errored", "plan.errored"));
    assert_true(oyez_pattern_matches("GIT.*.CREATED", "GIT.BRANCH.CREATED"));
    assert_true(oyez_pattern_matches("*a*a*", "banana"));
    assert_true(oyez_pattern_matches("**plan**", "plan"));
    assert_true(oyez_pattern_matches("*ab*abc", "xababxababc"));
    assert_false(oyez_pattern_matches("plan.*", "plan"));
    assert_false(oyez_pattern_matches("plan.*", "plans.created"));
    assert_false(oyez_pattern_matches("*.errored", "plan.errored.twice"));
    assert_false(oyez_pattern_matches("GIT.*.CREATED", "GIT.CREATED"));
    assert_false(oyez_pattern_matches("*a*b*c", "cba"));
}

static void test_without_a_star_it_is_the_whole_name(void **state)
{
    (void)state;
    assert_true(oyez_pattern_matches("plan.created", "plan.created"));
    assert_false(oyez_pattern_matches("plan.created", "plan.created2"));
    assert_false(oyez_pattern_matches("plan.created", "plan.create"));
    assert_false(oyez_pattern_matches("plan.created", "Plan.created"));
    assert_false(oyez_pattern_matches("planxcreated", "plan.created"));
}

static void test_many_stars_cost_little(void **state)
{
    (void)state;
    char text[201];
    char pattern[201] = "";
    memset(text, 'a', 200);
    text[200] = '\0';
    for (size_t i = 0; i < 99; i++)
        strcat(pattern, "*a");
    strcat(pattern, "b");
    assert_false(oyez_pattern_matches(pattern, text));
}

static void test_reserved_types_must_be_asked_for_by_name(void **state)
{
    (void)state;
    assert_false(oyez_pattern_matches("*", "oyez.heartbeat"));
    assert_false(oyez_pattern_matches("o*", "oyez.heartbeat"));
    assert_false(oyez_pattern_matches("*.heartbeat", "oyez.heartbeat"));
    assert_true(oyez_pattern_matches("oyez.*", "oyez.heartbeat"));
    assert_true(oyez_pattern_matches("oyez.heartbeat", "oyez.heartbeat"));
    assert_false(oyez_pattern_matches("*", "replay.01234567.plan.created"));
    assert_false(oyez_pattern_matches("re*", "replay.01234567.plan.created"));
    assert_false(oyez_pattern_matches("*.plan.created", "replay.01234567.plan.created"));
    assert_false(oyez_pattern_matches("@plan", "replay.01234567.plan.created"));
    assert_false(oyez_pattern_matches("oyez.*", "replay.01234567.plan.created"));
    assert_false(oyez_pattern_matches("replay.*", "oyez.heartbeat"));
    assert_true(oyez_pattern_matches("replay.*", "replay.01234567.plan.created"));
    assert_true(oyez_pattern_matches("replay.*.plan.*", "replay.01234567.plan.created"));
    assert_true(oyez_pattern_matches("*", "oyezlike.event"));
}

static void test_a_domain_is_all_its_types(void **state)
{
    (void)state;
    assert_true(oyez_pattern_matches("@plan", "plan.created"));
    assert_false(oyez_pattern_matches("@plan", "decision.created"));
    assert_true(oyez_pattern_matches("@governance", "ActionEvaluatedEvent"));
    assert_true(oyez_pattern_matches("@zakops/deal", "deal.created"));
    assert_false(oyez_pattern_matches("@cleveragents/deal", "deal.created"));
    assert_false(oyez_pattern_matches("@plan", "plan.unheard_of"));
    assert_false(oyez_pattern_matches("@plan", ""));
}

static void test_a_shared_domain_names_the_choices(void **state)
{
    (void)state;
    assert_int_equal(oyez_pattern_check("@agent"), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "pattern @agent: several catalogs have this domain: "
                                             "@zakops/agent, @projectai/agent");
    assert_false(oyez_pattern_matches("@agent", "agent.run_started"));
    assert_int_equal(oyez_pattern_check("@zakops/agent"), OYEZ_OK);
    assert_true(oyez_pattern_matches("@zakops/agent", "agent.run_started"));
    assert_int_equal(oyez_pattern_check("@projectai/agent"), OYEZ_OK);
    assert_false(oyez_pattern_matches("@projectai/agent", "agent.run_started"));
}

static void test_unknown_domains_are_refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "@weather",      "@",    "@/",     "@/plan",        "@zakops/", "@plan/", "@zakop/deal",
        "@zakopsx/deal", "@pla", "@planx", "@zakops/deal/x"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        char detail[96];
        snprintf(detail, sizeof detail, "pattern %s: no catalog has this domain", patterns[i]);
        assert_int_equal(oyez_pattern_check(patterns[i]), OYEZ_ERR_INVALID);
        assert_string_equal(oyez_error_detail(), detail);
    }
}

static void test_what_no_type_can_be_is_refused(void **state)
{
    (void)state;
    char longest[218];
    memset(longest, '*', 217);
    longest[217] = '\0';
    assert_int_equal(oyez_pattern_check(longest), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "pattern: longer than 216 characters");
    assert_false(oyez_pattern_matches(longest, "plan.created"));
    longest[216] = '\0';
    assert_int_equal(oyez_pattern_check(longest), OYEZ_OK);
    static const char *const patterns[] = {"pl an",      "plan.?", "plan.[a]",
                                           "pl\xc3\xa9", "a/b",    "a\n"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        assert_int_equal(oyez_pattern_check(patterns[i]), OYEZ_ERR_INVALID);
        assert_false(oyez_pattern_matches(patterns[i], patterns[i]));
    }
    assert_int_equal(oyez_pattern_check(""), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_pattern_check(NULL), OYEZ_ERR_INVALID);
    assert_false(oyez_pattern_matches(NULL, "a"));
    assert_false(oyez_pattern_matches("a", NULL));
    assert_false(oyez_pattern_matches("", ""));
}

static void test_every_domain_of_the_table_can_be_named(void **state)
{
    (void)state;
    const struct oyez_type *type;
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        char pattern[128];
        snprintf(pattern, sizeof pattern, "@%s/%s", type->catalog->name, type->domain);
        assert_int_equal(oyez_pattern_check(pattern), OYEZ_OK);
        // What is reserved is shown to who asks for it by name alone.
        bool own = strcmp(type->catalog->name, "oyez") == 0;
        if (!type->open)
            assert_int_equal(oyez_pattern_matches(pattern, type->name), !own);
    }
}

struct topics {
    char text[2048]; // each topic in <>, its NUL as 0
};

static void collect(void *arg, const void *topic, size_t size)
{
    struct topics *topics = arg;
    const char *bytes = topic;
    strcat(topics->text, "<");
    for (size_t i = 0; i < size; i++) {
        const char letter[2] = {bytes[i] ? bytes[i] : '0', '\0'};
        strcat(topics->text, letter);
    }
    strcat(topics->text, ">");
}

static void expect_topics(const char *pattern, const char *expected)
{
    struct topics topics = {""};
    assert_int_equal(oyez_pattern_topics(pattern, collect, &topics), OYEZ_OK);
    assert_string_equal(topics.text, expected);
}

static void test_topics_are_as_narrow_as_zeromq_can_be(void **state)
{
    (void)state;
    expect_topics("*", "<>");
    expect_topics("*.errored", "<>");
    expect_topics("plan.*", "<plan.>");
    expect_topics("GIT.*.CREATED", "<GIT.>");
    expect_topics("plan.created", "<plan.created0>");
    expect_topics("oyez.*", "<oyez.>");
    expect_topics("@budget", "<budget.warning0><budget.exceeded0>");
    expect_topics("@github", "<github.>");
}

static void test_a_bad_pattern_has_no_topics(void **state)
{
    (void)state;
    struct topics topics = {""};
    assert_int_equal(oyez_pattern_topics("@agent", collect, &topics), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_pattern_topics("a b", collect, &topics), OYEZ_ERR_INVALID);
    assert_string_equal(topics.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_star_is_any_run_of_characters_dots_too),
        cmocka_unit_test(test_without_a_star_it_is_the_whole_name),
        cmocka_unit_test(test_many_stars_cost_little),
        cmocka_unit_test(test_reserved_types_must_be_asked_for_by_name),
        cmocka_unit_test(test_a_domain_is_all_its_types),
        cmocka_unit_test(test_a_shared_domain_names_the_choices),
        cmocka_unit_test(test_unknown_domains_are_refused),
        cmocka_unit_test(test_what_no_type_can_be_is_refused),
        cmocka_unit_test(test_every_domain_of_the_table_can_be_named),
        cmocka_unit_test(test_topics_are_as_narrow_as_zeromq_can_be),
        cmocka_unit_test(test_a_bad_pattern_has_no_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
