// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sessions.h"

static uint32_t add(struct oyez_sessions *sessions, const char *id, uint64_t now_ms)
{
    uint32_t session = oyez_sessions_add(sessions, id, strlen(id), now_ms);
    if (session != OYEZ_NONE)
        sessions->entries[session].emitter = session;
    return session;
}

static uint32_t find(struct oyez_sessions *sessions, const char *id)
{
    return oyez_sessions_find(sessions, id, strlen(id));
}

static void test_a_session_is_found_by_its_whole_routing_id(void **state)
{
    (void)state;
    struct oyez_sessions sessions;
    oyez_sessions_init(&sessions, 10);
    uint32_t session = add(&sessions, "abcde", 0);
    assert_int_equal(find(&sessions, "abcde"), session);
    assert_int_equal(find(&sessions, "abcd"), OYEZ_NONE);
    assert_int_equal(find(&sessions, "abcdf"), OYEZ_NONE);
    oyez_sessions_free(&sessions);
}

static void test_routing_ids_of_the_largest_size_differ_in_their_last_byte(void **state)
{
    (void)state;
    struct oyez_sessions sessions;
    oyez_sessions_init(&sessions, 10);
    uint8_t id[OYEZ_ROUTING_ID_SIZE_MAX] = {1};
    uint32_t one = oyez_sessions_add(&sessions, id, sizeof id, 0);
    id[sizeof id - 1] = 9;
    uint32_t two = oyez_sessions_add(&sessions, id, sizeof id, 0);
    assert_int_not_equal(one, two);
    assert_int_equal(oyez_sessions_find(&sessions, id, sizeof id), two);
    oyez_sessions_free(&sessions);
}

static void test_a_full_table_refuses_until_one_leaves(void **state)
{
    (void)state;
    struct oyez_sessions sessions;
    oyez_sessions_init(&sessions, 2);
    uint32_t one = add(&sessions, "1", 0);
    add(&sessions, "2", 0);
    assert_int_equal(add(&sessions, "3", 0), OYEZ_NONE);
    oyez_sessions_remove(&sessions, one);
    assert_int_equal(find(&sessions, "1"), OYEZ_NONE);
    assert_int_equal(add(&sessions, "3", 0), one);
    assert_int_equal(sessions.count, 2);
    oyez_sessions_free(&sessions);
}

static void test_the_silent_are_found_longest_silent_first(void **state)
{
    (void)state;
    struct oyez_sessions sessions;
    oyez_sessions_init(&sessions, 10);
    uint32_t one = add(&sessions, "1", 100), two = add(&sessions, "2", 110);
    uint32_t three = add(&sessions, "3", 120);
    oyez_sessions_hear(&sessions, one, 130);
    assert_int_equal(oyez_sessions_silent(&sessions, 110), OYEZ_NONE);
    assert_int_equal(oyez_sessions_silent(&sessions, 131), two);
    oyez_sessions_remove(&sessions, two);
    assert_int_equal(oyez_sessions_silent(&sessions, 131), three);
    oyez_sessions_remove(&sessions, three);
    assert_int_equal(oyez_sessions_silent(&sessions, 131), one);
    oyez_sessions_remove(&sessions, one);
    assert_int_equal(oyez_sessions_silent(&sessions, UINT64_MAX), OYEZ_NONE);
    oyez_sessions_free(&sessions);
}

static void test_entries_are_used_again_and_the_table_stays_small(void **state)
{
    (void)state;
    struct oyez_sessions sessions;
    oyez_sessions_init(&sessions, 16384);
    add(&sessions, "stays", 0);
    for (int i = 0; i < 50000; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        oyez_sessions_remove(&sessions, add(&sessions, id, 0));
    }
    assert_int_equal(sessions.used, 2);
    assert_int_equal(sessions.count, 1);
    assert_int_not_equal(find(&sessions, "stays"), OYEZ_NONE);
    oyez_sessions_free(&sessions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_found_by_its_whole_routing_id),
        cmocka_unit_test(test_routing_ids_of_the_largest_size_differ_in_their_last_byte),
        cmocka_unit_test(test_a_full_table_refuses_until_one_leaves),
        cmocka_unit_test(test_the_silent_are_found_longest_silent_first),
        cmocka_unit_test(test_entries_are_used_again_and_the_table_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
