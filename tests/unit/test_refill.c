// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record_player.h"
#include "recorded_client.h"

#define E1 PLAYER_EPOCH
#define E2 (PLAYER_EPOCH + 1000)

// The broker died between the group commit and the mark, and nobody emits any more.
static void test_the_tail_of_an_epoch_comes_though_nothing_of_the_next_is_recorded(void **state)
{
    struct oyez_subscription_options recorded = {.only_recorded = true};
    struct player *player = player_open(*state, &recorded, 10, 4, 3);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_heartbeat(player, 11, 10, 5, 0, 0);
    player_begin_epoch(player, E2);
    player_heartbeat(player, 0, 0, 0, 0, 0);
    const oyez_v1_Query *query = player_hear(player);
    assert_int_equal(query->from_epoch, E1);
    assert_int_equal(query->from_position, 11);
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player_answer(player, E1, 11);
    player_expect(player, "", 'a', 11);
    // Behind a group commit or behind an hour of silence: it goes on asking, and ever less often.
    for (int i = 0; i < 3; i++)
        player_answer_not_yet(player, E1, 11);
    player_close(&player);
}

static void test_what_was_recorded_is_read_in_an_epoch_without_events(void **state)
{
    struct oyez_subscription_options recorded = {.from = OYEZ_FROM_FIRST, .only_recorded = true};
    struct player *player = player_open(*state, &recorded, 0, 0, 0);
    player_hear(player);
    player_record(player, E1 - 1, (struct played){'a', 7, 5, 1});
    player_answer(player, E1 - 1, 7);
    player_expect(player, "", 'a', 7);
    player_close(&player);
}

static void test_where_reading_ended_is_not_where_it_begins_next(void **state)
{
    struct player *player = player_open(*state, NULL, 10, 4, 3);
    player_publish(player, (struct played){'a', 12, 6, 2}); // 11 is lost
    player_hear(player);
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player->answer.next_index = 5; // the page is full, and it is enough
    player_answer(player, E1, 11);
    player_expect(player, "", 'a', 11);
    player_expect(player, "", 'a', 12);
    player_publish(player, (struct played){'a', 14, 8, 4}); // 13 is lost
    assert_int_equal(player_hear(player)->next_index, 0);
    player_record(player, E1, (struct played){'a', 13, 7, 3});
    player_answer(player, E1, 13);
    player_expect(player, "", 'a', 13);
    player_expect(player, "", 'a', 14);
    player_close(&player);
}

// A recorder may answer with more than was asked for, as it must where the patterns are too many.
static void test_the_last_ones_are_the_last_that_are_wanted(void **state)
{
    struct oyez_subscription_options last = {.from = OYEZ_FROM_LAST, .from_count = 2};
    struct player *player = player_open(*state, &last, 10, 4, 3);
    assert_true(player_hear(player)->reverse);
    player_record(player, E1, (struct played){'x', 9, 2, 9});
    player_record(player, E1, (struct played){'a', 8, 4, 8});
    player_record(player, E1, (struct played){'x', 7, 1, 7});
    player_record(player, E1, (struct played){'b', 6, 3, 6});
    player_record(player, E1, (struct played){'a', 5, 3, 5});
    player_answer(player, E1, 10);
    assert_int_equal(player_hear(player)->from_position, 6);
    player_close(&player);
}

#define RECORDED(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, recording_fixture_open, client_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORDED(test_the_tail_of_an_epoch_comes_though_nothing_of_the_next_is_recorded),
        RECORDED(test_what_was_recorded_is_read_in_an_epoch_without_events),
        RECORDED(test_where_reading_ended_is_not_where_it_begins_next),
        RECORDED(test_the_last_ones_are_the_last_that_are_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
