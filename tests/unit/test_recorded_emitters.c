// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/recorder/recorded_emitters.h"

static struct oyez_uuid id(unsigned number)
{
    return (struct oyez_uuid){{[0] = 1, [14] = (uint8_t)(number >> 8), [15] = (uint8_t)number}};
}

static int open_table(void **state)
{
    oyez_err err = recorder_emitters_open((struct recorder_emitters **)state, 100);
    return err == OYEZ_OK ? 0 : -1;
}

static int close_table(void **state)
{
    recorder_emitters_close((struct recorder_emitters **)state);
    return 0;
}

// A durable record of an emitter; its time is its position.
static void note(struct recorder_emitters *emitters, unsigned emitter, uint64_t seq, uint64_t epoch,
                 uint64_t position)
{
    assert_int_equal(
        recorder_emitters_note(emitters, id(emitter), false, seq, epoch, position, position),
        OYEZ_OK);
}

static bool has(struct recorder_emitters *emitters, unsigned emitter, uint64_t seq)
{
    return recorder_emitter_has(recorder_emitters_find(emitters, id(emitter)), false, seq);
}

static void test_a_number_is_known_once_it_is_recorded(void **state)
{
    struct recorder_emitters *emitters = *state;
    assert_false(has(emitters, 1, 1));
    note(emitters, 1, 5, 1000, 1);
    note(emitters, 1, 6, 1000, 2);
    assert_false(has(emitters, 1, 4));
    assert_true(has(emitters, 1, 5));
    assert_true(has(emitters, 1, 6));
    assert_false(has(emitters, 1, 7));
    assert_false(has(emitters, 2, 5));
    assert_false(recorder_emitter_has(recorder_emitters_find(emitters, id(1)), true, 5));
}

static void test_lanes_have_numbers_of_their_own(void **state)
{
    struct recorder_emitters *emitters = *state;
    assert_int_equal(recorder_emitters_note(emitters, id(1), true, 9, 1000, 1, 1), OYEZ_OK);
    const struct recorder_emitter *emitter = recorder_emitters_find(emitters, id(1));
    assert_true(recorder_emitter_has(emitter, true, 9));
    assert_false(recorder_emitter_has(emitter, false, 9));
    // A receipt is of the durable lane.
    assert_int_equal(recorder_emitters_moved_count(emitters), 0);
}

static void test_a_jump_over_a_gap_is_a_loss(void **state)
{
    struct recorder_emitters *emitters = *state;
    note(emitters, 1, 1, 1000, 1);
    recorder_emitters_note_gap(emitters, 1000, 5);
    note(emitters, 1, 4, 1000, 6);
    const struct recorder_emitter *emitter = recorder_emitters_find(emitters, id(1));
    assert_int_equal(emitter->hole_count, 1);
    assert_int_equal(emitter->holes[0].first, 2);
    assert_int_equal(emitter->holes[0].last, 3);
    assert_false(has(emitters, 1, 2));
    assert_true(has(emitters, 1, 4));
    assert_int_equal(emitter->first, 1);
    assert_int_equal(emitter->epoch_through, 4);
}

static void test_a_jump_without_a_gap_was_refused_and_is_no_loss(void **state)
{
    struct recorder_emitters *emitters = *state;
    recorder_emitters_note_gap(emitters, 1000, 1);
    note(emitters, 1, 1, 1000, 2);
    note(emitters, 1, 4, 1000, 3);
    assert_int_equal(recorder_emitters_find(emitters, id(1))->hole_count, 0);
}

static void test_what_was_lost_in_one_epoch_may_come_in_the_next(void **state)
{
    struct recorder_emitters *emitters = *state;
    note(emitters, 1, 1, 1000, 1);
    recorder_emitters_note_gap(emitters, 1000, 6);
    note(emitters, 1, 7, 1000, 7); // 2 to 6 are lost
    note(emitters, 1, 2, 2000, 1);
    note(emitters, 1, 4, 2000, 2);
    const struct recorder_emitter *emitter = recorder_emitters_find(emitters, id(1));
    assert_int_equal(emitter->hole_count, 2);
    assert_false(has(emitters, 1, 3));
    assert_true(has(emitters, 1, 4));
    assert_false(has(emitters, 1, 5));
    assert_int_equal(emitter->first, 2);
    assert_int_equal(emitter->epoch_through, 4);
    note(emitters, 1, 3, 2000, 3);
    note(emitters, 1, 5, 2000, 4);
    note(emitters, 1, 6, 2000, 5);
    assert_int_equal(recorder_emitters_find(emitters, id(1))->hole_count, 0);
    assert_true(has(emitters, 1, 6));
}

static void test_numbers_below_the_lowest_are_new(void **state)
{
    struct recorder_emitters *emitters = *state;
    note(emitters, 1, 10, 1000, 1);
    note(emitters, 1, 5, 2000, 1);
    assert_true(has(emitters, 1, 5));
    assert_false(has(emitters, 1, 7));
    assert_true(has(emitters, 1, 10));
    note(emitters, 1, 6, 2000, 2);
    assert_true(has(emitters, 1, 6));
}

static void test_the_oldest_holes_are_forgotten_first(void **state)
{
    struct recorder_emitters *emitters = *state;
    uint64_t seq = 1, position = 1;
    note(emitters, 1, seq, 1000, position);
    for (unsigned i = 0; i < RECORDER_HOLES_MAX + 2; i++) {
        recorder_emitters_note_gap(emitters, 1000, ++position);
        seq += 2;
        note(emitters, 1, seq, 1000, ++position);
    }
    const struct recorder_emitter *emitter = recorder_emitters_find(emitters, id(1));
    assert_int_equal(emitter->hole_count, RECORDER_HOLES_MAX);
    assert_int_equal(emitter->holes[0].first, 6);
    assert_int_equal(emitter->holes[RECORDER_HOLES_MAX - 1].first, seq - 1);
}

static void test_the_emitter_idle_for_longest_goes(void **state)
{
    struct recorder_emitters *emitters = *state;
    for (unsigned i = 1; i <= 100; i++)
        note(emitters, i, 1, 1000, i);
    recorder_emitters_clear_moved(emitters);
    note(emitters, 1, 2, 1000, 101);
    for (unsigned i = 101; i <= 150; i++)
        note(emitters, i, 1, 1000, i);
    assert_int_equal(recorder_emitters_count(emitters), 100);
    assert_true(has(emitters, 1, 2));
    for (unsigned i = 2; i <= 51; i++)
        assert_null(recorder_emitters_find(emitters, id(i)));
    for (unsigned i = 52; i <= 150; i++)
        assert_true(has(emitters, i, 1));
    unsigned walked = 0;
    for (const struct recorder_emitter *emitter = recorder_emitters_oldest(emitters);
         emitter != NULL; emitter = recorder_emitters_newer(emitters, emitter))
        walked++;
    assert_int_equal(walked, 100);
}

static void test_each_emitter_moves_once(void **state)
{
    struct recorder_emitters *emitters = *state;
    note(emitters, 1, 1, 1000, 1);
    note(emitters, 2, 1, 1000, 2);
    note(emitters, 1, 2, 1000, 3);
    assert_int_equal(recorder_emitters_moved_count(emitters), 2);
    recorder_emitters_clear_moved(emitters);
    assert_int_equal(recorder_emitters_moved_count(emitters), 0);
    note(emitters, 2, 2, 2000, 1);
    recorder_emitters_clear_moved(emitters);
    recorder_emitters_move_all(emitters, 1000);
    assert_int_equal(recorder_emitters_moved_count(emitters), 1);
    assert_int_equal(recorder_emitters_moved(emitters, 0)->id.bytes[15], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_number_is_known_once_it_is_recorded, open_table,
                                        close_table),
        cmocka_unit_test_setup_teardown(test_lanes_have_numbers_of_their_own, open_table,
                                        close_table),
        cmocka_unit_test_setup_teardown(test_a_jump_over_a_gap_is_a_loss, open_table, close_table),
        cmocka_unit_test_setup_teardown(test_a_jump_without_a_gap_was_refused_and_is_no_loss,
                                        open_table, close_table),
        cmocka_unit_test_setup_teardown(test_what_was_lost_in_one_epoch_may_come_in_the_next,
                                        open_table, close_table),
        cmocka_unit_test_setup_teardown(test_numbers_below_the_lowest_are_new, open_table,
                                        close_table),
        cmocka_unit_test_setup_teardown(test_the_oldest_holes_are_forgotten_first, open_table,
                                        close_table),
        cmocka_unit_test_setup_teardown(test_the_emitter_idle_for_longest_goes, open_table,
                                        close_table),
        cmocka_unit_test_setup_teardown(test_each_emitter_moves_once, open_table, close_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
