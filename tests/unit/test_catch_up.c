// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "record_player.h"
#include "recorded_client.h"
#include "subscription.h"

#define E1 PLAYER_EPOCH
#define E2 (PLAYER_EPOCH + 1000)
#define E3 (PLAYER_EPOCH + 2000)

// A live subscription at position 10, with 4 events of type a and 3 of type b before it.
static struct player *listening(void **state)
{
    return player_open(*state, NULL, 10, 4, 3);
}

static void expect_range(const oyez_v1_Query *query, uint64_t epoch, uint64_t position)
{
    assert_int_equal(query->from_epoch, epoch);
    assert_int_equal(query->from_position, position);
    assert_true(query->marks);
    assert_int_equal(query->patterns_count, 1);
    assert_string_equal(query->patterns[0], "tool.*");
}

static void test_what_is_lost_is_read_from_the_record_and_what_follows_waits(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_expect(player, "", 'a', 11);
    player_publish(player, (struct played){'b', 13, 4, 3}); // 12 is lost
    player_publish(player, (struct played){'a', 14, 7, 4});
    expect_range(player_hear(player), E1, 11);
    player_expect(player, "", 'b', 13); // of another type: nobody can know that it is late
    player_expect_none(player, "");
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player_record(player, E1, (struct played){'a', 12, 6, 2});
    player_record(player, E1, (struct played){'b', 13, 4, 3});
    player_answer(player, E1, 13);
    player_expect(player, "", 'a', 12);
    player_expect(player, "", 'a', 14);
    player_publish(player, (struct played){'a', 15, 8, 5});
    player_expect(player, "", 'a', 15);
    player_expect_none(player, "");
    assert_int_equal(counters_of(*state).gaps, 0);
    assert_int_equal(counters_of(*state).refilled, 1); // the others had come
    player_close(&player);
}

static void test_a_recorder_that_is_behind_is_asked_again(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 12, 6, 2});
    player_answer_not_yet(player, E1, 9);
    player_answer_not_yet(player, E1, 10);
    expect_range(player_hear(player), E1, 11);
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player_record(player, E1, (struct played){'a', 12, 6, 2});
    player_answer(player, E1, 12);
    player_expect(player, "", 'a', 11);
    player_expect(player, "", 'a', 12);
    player_expect_none(player, "");
    player_close(&player);
}

static void test_a_hole_that_the_record_has_no_event_for_is_passed(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 12, 6, 2});
    player_hear(player); // 11 was a repeat: no event
    player_answer(player, E1, 11);
    player_expect(player, "", 'a', 12);
    assert_true(player_hears_none(player));
    player_close(&player);
}

static void test_a_gap_of_the_record_is_told_where_it_lies(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 15, 7, 2});
    player_hear(player);
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player_mark_gap(player, E1, 12, 13);
    player_record(player, E1, (struct played){'b', 14, 9, 9});
    player_answer(player, E1, 14);
    player_expect(player, "", 'a', 11);
    player_expect(player, "gap unrecorded 12-13 ", 'b', 14);
    player_expect(player, "", 'a', 15);
    player_close(&player);
}

static void test_the_last_event_before_silence_is_found_by_the_heartbeat(void **state)
{
    struct player *player = listening(state);
    player_heartbeat(player, 10, 10, 0, 0, 0);
    player_heartbeat(player, 13, 10, 5, 0, 0); // 12 is lost
    expect_range(player_hear(player), E1, 11);
    player_record(player, E1, (struct played){'a', 12, 5, 1});
    player_answer(player, E1, 13);
    player_expect(player, "", 'a', 12);
    player_heartbeat(player, 20, 20, 0, 0, 0);
    assert_true(player_hears_none(player));
    player_close(&player);
}

static void test_a_lost_heartbeat_is_made_up_for_by_a_beacon(void **state)
{
    struct player *player = listening(state);
    player_heartbeat(player, 10, 10, 0, 0, 0);
    player_heartbeat(player, 20, 20, 0, 0, 1);
    player_beacon(player, 21, 5, 3);
    expect_range(player_hear(player), E1, 11);
    player_record(player, E1, (struct played){'a', 12, 5, 1});
    player_answer(player, E1, 21);
    player_expect(player, "", 'a', 12);
    player_close(&player);
}

static void test_a_heartbeat_moves_the_place_that_a_hole_is_read_from(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_expect(player, "", 'a', 11);
    player_heartbeat(player, 40, 40, 5, 0, 0);
    player_publish(player, (struct played){'a', 50, 7, 3});
    expect_range(player_hear(player), E1, 41);
    player_record(player, E1, (struct played){'a', 45, 6, 2});
    player_answer(player, E1, 49);
    player_expect(player, "", 'a', 45);
    player_expect(player, "", 'a', 50);
    player_close(&player);
}

static void test_an_old_epoch_is_read_to_its_end_before_the_new_one_comes(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_publish(player, (struct played){'b', 12, 4, 2});
    player_expect(player, "", 'a', 11);
    player_expect(player, "", 'b', 12);
    player_begin_epoch(player, E2);
    player_publish(player, (struct played){'b', 1, 1, 2}); // 12 again: it was not recorded
    player_publish(player, (struct played){'a', 2, 1, 3});
    expect_range(player_hear(player), E1, 11);
    player_expect_none(player, "");
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player_mark_end(player, E1, 11, E2);
    player_answer(player, E1, UINT64_MAX);
    player_expect(player, "epoch 1000-2000 end 11 seen 12 phantoms 1 ", 'a', 2);
    assert_int_equal(counters_of(*state).repeated, 1);
    player_close(&player);
}

static void test_what_was_seen_and_not_recorded_does_not_come_from_the_record_either(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_expect(player, "", 'a', 11);
    player_begin_epoch(player, E2);
    player_publish(player, (struct played){'a', 3, 3, 3});
    player_hear(player);
    player_mark_end(player, E1, 0, E2);
    player_record(player, E2, (struct played){'a', 1, 1, 1}); // seen as 11
    player_record(player, E2, (struct played){'a', 2, 2, 2});
    player_answer(player, E2, 2);
    player_expect(player, "epoch 1000-2000 end 0 seen 11 phantoms 11 ", 'a', 2);
    player_expect(player, "", 'a', 3);
    player_close(&player);
}

// 12 of type a is lost, b comes, the broker dies: a again must not be taken for seen because b was.
static void test_what_was_lost_before_a_crash_comes_though_later_ones_were_seen(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'b', 12, 4, 2});
    player_expect(player, "", 'b', 12);
    player_begin_epoch(player, E2);
    player_publish(player, (struct played){'a', 1, 1, 1});
    player_publish(player, (struct played){'b', 2, 1, 2});
    player_publish(player, (struct played){'b', 3, 2, 3});
    player_hear(player);
    player_mark_end(player, E1, 10, E2);
    player_answer(player, E2, 0);
    player_expect(player, "epoch 1000-2000 end 10 seen 12 phantoms 2 ", 'a', 1);
    player_expect(player, "", 'b', 3);
    player_close(&player);
}

static void test_an_epoch_that_was_never_recorded_is_ended_too(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_expect(player, "", 'a', 11);
    player_begin_epoch(player, E3);
    player_publish(player, (struct played){'a', 1, 1, 2});
    player_hear(player);
    player_record(player, E3, (struct played){'a', 1, 1, 2});
    player_answer(player, E3, 1);
    player_expect(player, "epoch 1000-3000 end 0 seen 11 phantoms 11 ", 'a', 1);
    player_close(&player);
}

static void test_from_the_first_joins_what_is_live(void **state)
{
    struct oyez_subscription_options first = {.from = OYEZ_FROM_FIRST};
    struct player *player = player_open(*state, &first, 10, 2, 1);
    assert_int_equal(player_hear(player)->from_epoch, 0);
    player_publish(player, (struct played){'a', 11, 3, 4});
    player_record(player, E1, (struct played){'a', 2, 1, 1});
    player_record(player, E1, (struct played){'b', 5, 1, 2});
    player_answer(player, E1, 6);
    player_expect(player, "", 'a', 2);
    player_expect(player, "", 'b', 5);
    expect_range(player_hear(player), E1, 7);
    player_record(player, E1, (struct played){'a', 9, 2, 3});
    player_record(player, E1, (struct played){'a', 11, 3, 4});
    player_answer(player, E1, 11);
    player_expect(player, "", 'a', 9);
    player_expect(player, "", 'a', 11);
    player_publish(player, (struct played){'b', 12, 2, 5});
    player_expect(player, "", 'b', 12);
    assert_true(player_hears_none(player));
    player_close(&player);
}

static void test_from_a_cursor_goes_through_ends_of_epochs(void **state)
{
    struct oyez_subscription_options cursor = {
        .from = OYEZ_FROM_CURSOR, .from_epoch = 500, .from_position = 7};
    struct player *player = player_open(*state, &cursor, 1, 1, 0);
    expect_range(player_hear(player), 500, 8);
    player_record(player, 500, (struct played){'a', 8, 3, 1});
    player_mark_end(player, 500, 8, 800);
    player_mark_gap(player, 800, 1, 2);
    player_mark_end(player, 800, 2, E1);
    player_record(player, E1, (struct played){'a', 1, 1, 2});
    player_answer(player, E1, 1);
    player_expect(player, "", 'a', 8);
    player_expect(player,
                  "epoch 500-800 end 8 seen 8 phantoms 0 gap unrecorded 1-2 "
                  "epoch 800-1000 end 2 seen 0 phantoms 0 ",
                  'a', 1);
    uint64_t epoch, position;
    oyez_subscription_get_cursor(((struct client_fixture *)*state)->subscription, &epoch,
                                 &position);
    assert_int_equal(epoch, E1);
    assert_int_equal(position, 1);
    player_close(&player);
}

static void test_the_last_ones_are_found_backwards(void **state)
{
    struct oyez_subscription_options last = {.from = OYEZ_FROM_LAST, .from_count = 2};
    struct player *player = player_open(*state, &last, 10, 4, 0);
    const oyez_v1_Query *query = player_hear(player);
    assert_true(query->reverse);
    assert_int_equal(query->limit, 2);
    player_record(player, E1, (struct played){'a', 9, 4, 4});
    player_record(player, E1, (struct played){'a', 6, 3, 3});
    player_answer(player, E1, 10);
    expect_range(player_hear(player), E1, 6);
    player_record(player, E1, (struct played){'a', 6, 3, 3});
    player_record(player, E1, (struct played){'a', 9, 4, 4});
    player_answer(player, E1, 10);
    player_expect(player, "", 'a', 6);
    player_expect(player, "", 'a', 9);
    player_close(&player);
}

static void test_only_what_is_recorded_is_shown(void **state)
{
    struct oyez_subscription_options recorded = {.only_recorded = true};
    struct player *player = player_open(*state, &recorded, 10, 4, 3);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_publish(player, (struct played){'a', 12, 6, 2});
    player_expect_none(player, "");
    assert_true(player_hears_none(player));
    player_heartbeat(player, 12, 11, 6, 0, 0);
    const oyez_v1_Query *query = player_hear(player);
    expect_range(query, E1, 11);
    assert_int_equal(query->to_epoch, E1);
    assert_int_equal(query->to_position, 11);
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player_answer(player, E1, 11);
    player_expect(player, "", 'a', 11);
    player_expect_none(player, "");
    player_heartbeat(player, 12, 12, 0, 0, 0);
    player_hear(player);
    player_record(player, E1, (struct played){'a', 12, 6, 2});
    player_answer(player, E1, 12);
    player_expect(player, "", 'a', 12);
    // Idle: others' events are recorded, and nothing need be read for it to be further.
    player_heartbeat(player, 40, 38, 0, 0, 0);
    player_expect_none(player, "");
    uint64_t epoch, position;
    oyez_subscription_get_cursor(((struct client_fixture *)*state)->subscription, &epoch,
                                 &position);
    assert_int_equal(position, 38);
    assert_true(player_hears_none(player));
    player_close(&player);
}

static void test_without_a_recorder_losses_are_told_at_once_in_their_place(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_publish(player, (struct played){'a', 14, 8, 4});
    player_expect(player, "", 'a', 11);
    player_expect(player, "gap lost tool.invoked 6-7 ", 'a', 14);
    player_heartbeat(player, 20, 0, 8, 5, 0);
    player_expect_none(player, "gap lost tool.retried 4-5 ");
    assert_int_equal(counters_of(*state).gaps, 4);
    player_begin_epoch(player, E2);
    player_publish(player, (struct played){'a', 1, 1, 2}); // told as lost before: it may come
    player_expect(player, "epoch 1000-2000 unrecorded 0 seen 14 phantoms 0 ", 'a', 1);
    player_close(&player);
}

static void test_without_a_recorder_nothing_comes_twice_either(void **state)
{
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 11, 5, 1});
    player_publish(player, (struct played){'a', 12, 6, 2});
    player_expect(player, "", 'a', 11);
    player_expect(player, "", 'a', 12);
    player_begin_epoch(player, E2);
    player_publish(player, (struct played){'a', 1, 1, 2});
    player_publish(player, (struct played){'a', 2, 2, 3});
    player_expect(player, "epoch 1000-2000 unrecorded 0 seen 12 phantoms 0 ", 'a', 2);
    player_close(&player);
}

static void test_without_a_recorder_there_is_no_beginning_in_the_record(void **state)
{
    struct client_fixture *fixture = *state;
    struct oyez_subscription_options first = {.from = OYEZ_FROM_FIRST};
    welcome(fixture, 1);
    assert_int_equal(oyez_subscription_open(&fixture->subscription, fixture->client, &first, 20000),
                     OYEZ_ERR_NO_RECORDER);
    assert_null(fixture->subscription);
}

static void test_a_place_that_is_none_is_refused(void **state)
{
    struct client_fixture *fixture = *state;
    const struct oyez_subscription_options wrong[] = {
        {.from = (enum oyez_from)9},
        {.from = OYEZ_FROM_LAST},
        {.from = OYEZ_FROM_TIME, .from_time = -1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(
            oyez_subscription_open(&fixture->subscription, fixture->client, &wrong[i], 0),
            OYEZ_ERR_INVALID);
}

static void test_a_recorder_that_does_not_answer_is_told_once(void **state)
{
    struct client_fixture *fixture = *state;
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 12, 6, 2});
    oyez_v1_FromBroker refusal = {.which_body = oyez_v1_FromBroker_refusal_tag};
    refusal.body.refusal.reason = oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER;
    bool told = false;
    while (!told) {
        player_hear(player);
        refusal.request_id = player->question_id;
        fake_broker_say(&fixture->broker, &refusal);
        pthread_mutex_lock(&fixture->lock);
        for (size_t i = 0; i < fixture->notice_count && i < FIXTURE_KEPT; i++)
            told = told || fixture->notices[i].kind == OYEZ_NOTICE_WAITING;
        pthread_mutex_unlock(&fixture->lock);
    }
    player_hear(player);
    player_record(player, E1, (struct played){'a', 11, 5, 1});
    player_answer(player, E1, 11);
    player_expect(player, "", 'a', 11);
    player_expect(player, "", 'a', 12);
    player_close(&player);
}

// Whoever ends in the middle of a question leaves nothing behind (the sanitizer says so).
static void test_closing_while_the_record_is_asked_ends_the_question(void **state)
{
    struct client_fixture *fixture = *state;
    struct player *player = listening(state);
    player_publish(player, (struct played){'a', 12, 6, 2});
    player_hear(player);
    oyez_subscription_close(&fixture->subscription);
    oyez_client_close(&fixture->client);
    player_close(&player);
}

#define MANY 9u

static bool are_active(struct client_fixture *fixture, oyez_subscription *const *many)
{
    bool active = true;
    pthread_mutex_lock(&fixture->client->inbox_lock);
    for (size_t i = 0; i < MANY; i++)
        active = active && many[i]->active;
    pthread_mutex_unlock(&fixture->client->inbox_lock);
    return active;
}

// Each new subscription may ask for a beacon of its own, and makes the one before it obsolete.
static void prove_all(struct player *player, oyez_subscription *const *many)
{
    do {
        player_beacon(player, 10, 4, 3);
        for (int i = 0; i < 100 && !are_active(player->fixture, many); i++)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    } while (!are_active(player->fixture, many));
}

static void test_many_at_one_place_ask_together(void **state)
{
    struct client_fixture *fixture = *state;
    struct oyez_subscription_options handled = {.handler = handle, .handler_arg = fixture};
    oyez_subscription *many[MANY];
    struct player *player = listening(state);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(oyez_subscription_open(&many[i], fixture->client, &handled, 0), OYEZ_OK);
    prove_all(player, many);
    player_begin_epoch(player, E2);
    player_publish(player, (struct played){'a', 1, 1, 3});
    const oyez_v1_Query *query = player_hear(player);
    assert_int_equal(query->from_position, 11);
    assert_int_equal(query->patterns_count, 0);
    player_record(player, E1, (struct played){'b', 11, 4, 2});
    player_mark_end(player, E1, 11, E2);
    player_answer(player, E1, UINT64_MAX);
    player_expect(player, "", 'b', 11);
    player_expect(player, "epoch 1000-2000 end 11 seen 11 phantoms 0 ", 'a', 1);
    await_seen(fixture, MANY * 2);
    assert_true(player_hears_none(player));
    for (size_t i = 0; i < MANY; i++)
        oyez_subscription_close(&many[i]);
    player_close(&player);
}

#define RECORDED(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, recording_fixture_open, client_fixture_tear_down)
#define PLAIN(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, client_fixture_open, client_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORDED(test_what_is_lost_is_read_from_the_record_and_what_follows_waits),
        RECORDED(test_a_recorder_that_is_behind_is_asked_again),
        RECORDED(test_a_hole_that_the_record_has_no_event_for_is_passed),
        RECORDED(test_a_gap_of_the_record_is_told_where_it_lies),
        RECORDED(test_the_last_event_before_silence_is_found_by_the_heartbeat),
        RECORDED(test_a_lost_heartbeat_is_made_up_for_by_a_beacon),
        RECORDED(test_a_heartbeat_moves_the_place_that_a_hole_is_read_from),
        RECORDED(test_an_old_epoch_is_read_to_its_end_before_the_new_one_comes),
        RECORDED(test_what_was_seen_and_not_recorded_does_not_come_from_the_record_either),
        RECORDED(test_what_was_lost_before_a_crash_comes_though_later_ones_were_seen),
        RECORDED(test_an_epoch_that_was_never_recorded_is_ended_too),
        RECORDED(test_from_the_first_joins_what_is_live),
        RECORDED(test_from_a_cursor_goes_through_ends_of_epochs),
        RECORDED(test_the_last_ones_are_found_backwards),
        RECORDED(test_only_what_is_recorded_is_shown),
        RECORDED(test_a_recorder_that_does_not_answer_is_told_once),
        RECORDED(test_closing_while_the_record_is_asked_ends_the_question),
        RECORDED(test_many_at_one_place_ask_together),
        PLAIN(test_without_a_recorder_losses_are_told_at_once_in_their_place),
        PLAIN(test_without_a_recorder_nothing_comes_twice_either),
        PLAIN(test_without_a_recorder_there_is_no_beginning_in_the_record),
        PLAIN(test_a_place_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
