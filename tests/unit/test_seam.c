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

// 11 and 12 were lost before the recorder, 13 came: its emitter's number is above theirs.
static struct player *behind_a_gap(void **state)
{
    struct player *player = player_open(*state, NULL, 10, 4, 3);
    player_publish(player, (struct played){'a', 13, 7, 3});
    player_hear(player);
    player_mark_gap(player, E1, 11, 12);
    player_answer(player, E1, 12);
    player_expect(player, "gap unrecorded 11-12 ", 'a', 13);
    return player;
}

static void test_what_was_lost_before_the_recorder_may_come_in_the_next_epoch(void **state)
{
    struct player *player = behind_a_gap(state);
    player_begin_epoch(player, E2); // before the emitter had a receipt: it sends all again
    player_publish(player, (struct played){'a', 1, 1, 1});
    player_hear(player);
    player_mark_end(player, E1, 13, E2);
    player_answer(player, E2, 0);
    player_hear(player);
    player_record(player, E2, (struct played){'a', 1, 1, 1});
    player_answer(player, E2, 1);
    player_expect(player, "epoch 1000-2000 end 13 seen 13 phantoms 0 ", 'a', 1);
    player_close(&player);
}

static void test_what_came_behind_a_gap_does_not_come_again(void **state)
{
    struct player *player = behind_a_gap(state);
    player_begin_epoch(player, E2);
    player_publish(player, (struct played){'a', 1, 1, 3}); // 13 again: a repeat in the record
    player_publish(player, (struct played){'a', 2, 2, 4});
    player_hear(player);
    player_mark_end(player, E1, 13, E2);
    player_answer(player, E2, 0);
    player_hear(player);
    player_answer(player, E2, 1);
    player_expect(player, "epoch 1000-2000 end 13 seen 13 phantoms 0 ", 'a', 2);
    player_close(&player);
}

static void test_a_type_that_no_head_has_told_begins_where_the_record_says(void **state)
{
    struct player *player = player_open_among_many(*state, 10);
    player_publish(player, (struct played){'a', 13, 2, 2}); // 12 may be the first, and is lost
    const oyez_v1_Query *query = player_hear(player);
    assert_int_equal(query->from_position, 11);
    player_record(player, E1, (struct played){'a', 12, 1, 1});
    player_answer(player, E1, 12);
    player_expect(player, "", 'a', 12);
    player_expect(player, "", 'a', 13);
    player_publish(player, (struct played){'a', 14, 3, 3});
    player_expect(player, "", 'a', 14);
    assert_true(player_hears_none(player));
    player_close(&player);
}

static void test_a_head_tells_of_a_type_that_none_has_told_before(void **state)
{
    struct player *player = player_open_among_many(*state, 10);
    player_heartbeat(player, 12, 12, 9, 0, 0); // 12 is lost
    player_hear(player);
    player_record(player, E1, (struct played){'a', 12, 9, 1});
    player_answer(player, E1, 12);
    player_expect(player, "", 'a', 12);
    player_close(&player);
}

// The broker comes back and has no recorder, or has one.
static void come_back(struct player *player, bool recorder)
{
    player_begin_epoch(player, E2);
    player->fixture->broker.recorder = recorder;
    player_heartbeat(player, 0, 0, 0, 0, 0);
    welcome(player->fixture, 1);
    player_beacon(player, 0, 0, 0);
}

static void test_a_bus_that_comes_back_without_a_recorder_goes_on_live(void **state)
{
    struct player *player = player_open(*state, NULL, 10, 4, 3);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_expect(player, "", 'a', 11);
    come_back(player, false);
    player_publish(player, (struct played){'a', 2, 2, 3}); // 1 is lost
    player_expect(player,
                  "epoch 1000-2000 unrecorded 0 seen 11 phantoms 0 gap lost tool.invoked 1-1 ", 'a',
                  2);
    player_publish(player, (struct played){'a', 3, 3, 4});
    player_expect(player, "", 'a', 3);
    player_close(&player);
}

static void test_a_bus_that_comes_back_with_a_recorder_loses_nothing_from_then_on(void **state)
{
    ((struct client_fixture *)*state)->broker.recorder = false;
    struct player *player = player_open(*state, NULL, 10, 4, 3);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_expect(player, "", 'a', 11);
    come_back(player, true);
    player_publish(player, (struct played){'a', 2, 2, 3}); // 1 is lost
    const oyez_v1_Query *query = player_hear(player);
    assert_int_equal(query->from_epoch, E2);
    player_record(player, E2, (struct played){'a', 1, 1, 2});
    player_answer(player, E2, 1);
    player_expect(player, "epoch 1000-2000 unrecorded 0 seen 11 phantoms 0 ", 'a', 1);
    player_expect(player, "", 'a', 2);
    player_close(&player);
}

#define RECORDED(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, recording_fixture_open, client_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORDED(test_what_was_lost_before_the_recorder_may_come_in_the_next_epoch),
        RECORDED(test_what_came_behind_a_gap_does_not_come_again),
        RECORDED(test_a_type_that_no_head_has_told_begins_where_the_record_says),
        RECORDED(test_a_head_tells_of_a_type_that_none_has_told_before),
        RECORDED(test_a_bus_that_comes_back_without_a_recorder_goes_on_live),
        RECORDED(test_a_bus_that_comes_back_with_a_recorder_loses_nothing_from_then_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
