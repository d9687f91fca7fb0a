// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client/recorder/witness.h"
#include "journal_samples.h"

static int set_up(void **state)
{
    static struct recorder_witness witness;
    assert_int_equal(recorder_witness_open(&witness, 8), OYEZ_OK);
    *state = &witness;
    return 0;
}

static int tear_down(void **state)
{
    recorder_witness_close(*state);
    return 0;
}

static enum recorder_witness_verdict take(struct recorder_witness *witness,
                                          enum recorder_witness_source source, uint64_t epoch,
                                          uint64_t position, uint8_t what)
{
    uint8_t hash[OYEZ_LEAF_HASH_SIZE] = {what};
    return recorder_witness_take(witness, source, epoch, position, hash);
}

static void test_whichever_comes_second_is_compared(void **state)
{
    static const enum recorder_witness_source orders[][2] = {{RECORDER_SEEN, RECORDER_COPIED},
                                                             {RECORDER_COPIED, RECORDER_SEEN}};
    for (uint64_t i = 0; i < 2; i++) {
        assert_int_equal(take(*state, orders[i][0], 1000, 1 + i, 5), RECORDER_WITNESS_FIRST);
        assert_int_equal(take(*state, orders[i][1], 1000, 1 + i, 5), RECORDER_WITNESS_SAME);
        assert_int_equal(take(*state, orders[i][0], 1000, 3 + i, 5), RECORDER_WITNESS_FIRST);
        assert_int_equal(take(*state, orders[i][1], 1000, 3 + i, 6), RECORDER_WITNESS_DIFFERS);
    }
}

static void test_what_is_seen_twice_is_compared_once(void **state)
{
    assert_int_equal(take(*state, RECORDER_SEEN, 1000, 1, 5), RECORDER_WITNESS_FIRST);
    assert_int_equal(take(*state, RECORDER_SEEN, 1000, 1, 5), RECORDER_WITNESS_FIRST);
    assert_int_equal(take(*state, RECORDER_COPIED, 1000, 1, 5), RECORDER_WITNESS_SAME);
    assert_int_equal(take(*state, RECORDER_SEEN, 1000, 1, 5), RECORDER_WITNESS_FIRST);
}

static void test_a_position_of_another_epoch_is_another_position(void **state)
{
    assert_int_equal(take(*state, RECORDER_SEEN, 1000, 1, 5), RECORDER_WITNESS_FIRST);
    assert_int_equal(take(*state, RECORDER_COPIED, 2000, 1, 6), RECORDER_WITNESS_FIRST);
    assert_int_equal(take(*state, RECORDER_SEEN, 2000, 1, 6), RECORDER_WITNESS_SAME);
}

static void test_later_positions_take_the_room_of_earlier_ones(void **state)
{
    assert_int_equal(take(*state, RECORDER_SEEN, 1000, 1, 5), RECORDER_WITNESS_FIRST);
    assert_int_equal(take(*state, RECORDER_SEEN, 1000, 9, 6), RECORDER_WITNESS_FIRST);
    assert_int_equal(take(*state, RECORDER_COPIED, 1000, 1, 7), RECORDER_WITNESS_FIRST);
    assert_int_equal(take(*state, RECORDER_COPIED, 1000, 9, 6), RECORDER_WITNESS_SAME);
}

static void test_what_was_seen_in_a_range_is_counted(void **state)
{
    uint64_t lowest = 0;
    for (uint64_t position = 2; position <= 6; position++)
        take(*state, position == 4 ? RECORDER_COPIED : RECORDER_SEEN, 1000, position, 5);
    assert_int_equal(recorder_witness_count(*state, 1000, 3, 5, &lowest), 2);
    assert_int_equal(lowest, 3);
    assert_int_equal(recorder_witness_count(*state, 2000, 1, UINT64_MAX, &lowest), 0);
}

static void hash_leaf(struct oyez_journal_record *record, uint8_t hash[OYEZ_LEAF_HASH_SIZE])
{
    static uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    oyez_leaf_hasher *hasher = NULL;
    size_t size;
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_leaf_build(hasher, record, leaf, &size), OYEZ_OK);
    assert_int_equal(recorder_witness_hash(hasher, leaf, size, hash), OYEZ_OK);
    oyez_leaf_hasher_close(&hasher);
}

static void test_what_the_recorder_decides_makes_no_difference(void **state)
{
    uint8_t event[OYEZ_LEAF_HASH_SIZE], repeat[OYEZ_LEAF_HASH_SIZE], other[OYEZ_LEAF_HASH_SIZE];
    struct oyez_journal_record record;
    (void)state;
    for (int personal = 0; personal < 2; personal++) {
        record = personal ? sample_personal(3) : sample_event(3);
        hash_leaf(&record, event);
        record.kind = personal ? OYEZ_RECORD_PERSONAL_REPEAT : OYEZ_RECORD_REPEAT;
        record.flags = OYEZ_RECORD_CONFLICT;
        hash_leaf(&record, repeat);
        assert_memory_equal(event, repeat, sizeof event);
        record.flags = OYEZ_RECORD_INVALID;
        hash_leaf(&record, other);
        assert_memory_not_equal(event, other, sizeof event);
    }
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_whichever_comes_second_is_compared),
        FIXED(test_what_is_seen_twice_is_compared_once),
        FIXED(test_a_position_of_another_epoch_is_another_position),
        FIXED(test_later_positions_take_the_room_of_earlier_ones),
        FIXED(test_what_was_seen_in_a_range_is_counted),
        cmocka_unit_test(test_what_the_recorder_decides_makes_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
