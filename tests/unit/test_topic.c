// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "oyez/limits.h"
#include "wire/topic.h"

static bool valid(const char *name)
{
    return oyez_topic_is_valid(name, strlen(name));
}

static void test_names_of_every_seed_are_valid(void **state)
{
    (void)state;
    assert_true(valid("plan.created"));
    assert_true(valid("GIT.PULL_REQUEST.CREATED"));
    assert_true(valid("ActionEvaluatedEvent"));
    assert_true(valid("github.check-run.v2"));
    assert_true(valid("x"));
}

static void test_exactly_the_named_characters_are_allowed(void **state)
{
    (void)state;
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

    for (int c = 0; c < 256; c++) {
        bool expected = c != 0 && strchr(allowed, c) != NULL;
        for (size_t at = 0; at < 3; at++) {
            char name[3] = {'a', 'a', 'a'};
            name[at] = (char)c;
            assert_int_equal(oyez_topic_is_valid(name, sizeof(name)), expected);
        }
    }
}

static void test_a_name_has_1_to_200_bytes(void **state)
{
    (void)state;
    char name[OYEZ_EVENT_TYPE_SIZE_MAX + 1];

    memset(name, 'a', sizeof(name));
    assert_false(oyez_topic_is_valid(name, 0));
    assert_true(oyez_topic_is_valid(name, 1));
    assert_true(oyez_topic_is_valid(name, OYEZ_EVENT_TYPE_SIZE_MAX));
    assert_false(oyez_topic_is_valid(name, OYEZ_EVENT_TYPE_SIZE_MAX + 1));
}

static void test_a_name_ends_at_its_size(void **state)
{
    (void)state;
    assert_true(oyez_topic_is_valid("plan created", 4));
    assert_false(oyez_topic_is_valid("plan created", 5));
}

static void test_only_names_under_the_prefix_are_reserved(void **state)
{
    (void)state;
    assert_true(oyez_topic_is_reserved("oyez.gap", 8));
    assert_true(oyez_topic_is_reserved("oyez.", 5));
    assert_false(oyez_topic_is_reserved("oyez.", 4));
    assert_false(oyez_topic_is_reserved("oyezer.gap", 10));
    assert_false(oyez_topic_is_reserved("Oyez.gap", 8));
    assert_false(oyez_topic_is_reserved("a.oyez.gap", 10));
    assert_false(oyez_topic_is_reserved("", 0));
}

static void test_the_topics_of_the_server_are_valid_and_reserved(void **state)
{
    (void)state;
    static const char *const names[] = {OYEZ_TOPIC_HEARTBEAT, OYEZ_TOPIC_SYNC,
                                        OYEZ_TOPIC_BEACON_PREFIX "0123456789abcdef"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(valid(names[i]));
        assert_true(oyez_topic_is_reserved(names[i], strlen(names[i])));
    }
}

static const char *replayed(const char *name)
{
    return oyez_topic_replayed(name, strlen(name));
}

static void test_a_replays_topic_has_a_run_and_a_type(void **state)
{
    (void)state;
    char longest[OYEZ_TOPIC_SIZE_MAX + 2] = "replay.01234567.";

    assert_string_equal(replayed("replay.Ab_-1234.plan.created"), "plan.created");
    assert_string_equal(replayed("replay.01234567.a"), "a");
    assert_null(replayed("replay.01234567."));
    assert_null(replayed("replay.01234567"));
    assert_null(replayed("replay.0123456.a"));
    assert_null(replayed("replay.012345678.a"));
    assert_null(replayed("replay.0123.567.a"));
    assert_null(replayed("replay.0123 567.a"));
    assert_null(replayed("replay.01234567.a b"));
    assert_null(replayed("replay.01234567.oyez.gap"));
    assert_null(replayed("replay.01234567.replay.01234567.a"));
    assert_null(replayed("Replay.01234567.a"));
    assert_null(replayed("plan.created"));
    assert_null(replayed(""));
    memset(longest + 16, 'a', 200);
    assert_string_equal(replayed(longest), longest + 16);
    longest[216] = 'a';
    assert_null(replayed(longest));
}

static void test_every_name_under_the_prefix_of_replays_is_reserved(void **state)
{
    (void)state;
    assert_true(oyez_topic_is_reserved("replay.", 7));
    assert_true(oyez_topic_is_reserved("replay.x", 8));
    assert_true(oyez_topic_is_reserved("replay.01234567.plan.created", 28));
    assert_false(oyez_topic_is_reserved("replay", 6));
    assert_false(oyez_topic_is_reserved("replays.x", 9));
}

static void test_a_run_has_8_characters_without_a_dot(void **state)
{
    (void)state;
    assert_true(oyez_topic_is_run("Ab_-1234"));
    assert_false(oyez_topic_is_run("Ab_-123"));
    assert_false(oyez_topic_is_run("Ab_-12345"));
    assert_false(oyez_topic_is_run("Ab_-12.4"));
    assert_false(oyez_topic_is_run("Ab_-12*4"));
    assert_false(oyez_topic_is_run(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_every_seed_are_valid),
        cmocka_unit_test(test_exactly_the_named_characters_are_allowed),
        cmocka_unit_test(test_a_name_has_1_to_200_bytes),
        cmocka_unit_test(test_a_name_ends_at_its_size),
        cmocka_unit_test(test_only_names_under_the_prefix_are_reserved),
        cmocka_unit_test(test_the_topics_of_the_server_are_valid_and_reserved),
        cmocka_unit_test(test_a_replays_topic_has_a_run_and_a_type),
        cmocka_unit_test(test_every_name_under_the_prefix_of_replays_is_reserved),
        cmocka_unit_test(test_a_run_has_8_characters_without_a_dot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
