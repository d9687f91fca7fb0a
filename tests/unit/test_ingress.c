// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker_frames.h"
#include "ingress.h"
#include "oyez/limits.h"
#include "wire/topic.h"

enum { DURABLE = 0, FAST = OYEZ_FLAG_FAST, TELL = OYEZ_FLAG_TELL, SESSION = 3, TYPES_LIMIT = 4 };

static const uint8_t alice[OYEZ_UUID_SIZE] = {1, 2, 3};
static const uint8_t mallory[OYEZ_UUID_SIZE] = {6, 6, 6};

struct fixture {
    struct oyez_counters counters;
    struct oyez_ingress ingress;
    struct test_frame frame;
    uint32_t emitter;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_int_equal(
        oyez_ingress_open(&f->ingress, &f->counters, OYEZ_RING_BYTES_MIN, TYPES_LIMIT, 8), OYEZ_OK);
    f->emitter = oyez_emitters_add(&f->ingress.emitters, alice, SESSION);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    oyez_ingress_close(&f->ingress);
    free(f);
    return 0;
}

static uint64_t counted(const struct fixture *f, enum oyez_counter counter)
{
    return oyez_counter_get(&f->counters, counter);
}

static bool take(struct fixture *f, uint64_t now_ms)
{
    return oyez_ingress_take(&f->ingress, f->frame.bytes, f->frame.size, now_ms);
}

static bool take_batch(struct fixture *f, const char *type, uint64_t seq, uint32_t flags,
                       uint32_t count)
{
    make_frame(&f->frame, type, alice, seq, flags, count, 10);
    return take(f, 1000);
}

static struct oyez_emitter *emitter(struct fixture *f)
{
    return &f->ingress.emitters.entries[f->emitter];
}

static struct oyez_batch stamped(const struct fixture *f)
{
    struct oyez_batch batch;
    assert_int_equal(oyez_batch_walk(&batch, f->frame.bytes, f->frame.size), OYEZ_BATCH_OK);
    return batch;
}

// What a batch meets when durable 5 and fast 5 are expected, and what it leaves behind.
struct rule {
    const char *name;
    const char *type;
    uint64_t seq;
    uint32_t flags;
    uint32_t count;
    bool is_taken;
    enum oyez_counter counter; // that moves
    uint64_t by;
    uint64_t durable_expected; // afterwards
    uint64_t fast_expected;
    bool owes_mark;
    bool owes_nack;
};

static const struct rule rules[] = {
    {"the expected durable batch is taken", "plan.created", 5, DURABLE, 3, true, OYEZ_COUNT_EVENTS,
     3, 8, 5, true, false},
    {"a durable duplicate is dropped and answered", "plan.created", 4, DURABLE, 1, false,
     OYEZ_COUNT_DUPLICATE, 1, 5, 5, true, false},
    {"an old durable batch that ends before the expected one is a duplicate", "plan.created", 1,
     DURABLE, 4, false, OYEZ_COUNT_DUPLICATE, 1, 5, 5, true, false},
    {"a half overlap is rubbish", "plan.created", 4, DURABLE, 2, false, OYEZ_COUNT_HALF_OVERLAP, 1,
     5, 5, false, false},
    {"a durable jump is dropped and asked for", "plan.created", 6, DURABLE, 1, false,
     OYEZ_COUNT_OUT_OF_ORDER, 1, 5, 5, false, true},
    {"the expected fast batch is taken", "plan.created", 5, FAST, 2, true, OYEZ_COUNT_EVENTS, 2, 5,
     7, true, false},
    {"a fast jump is taken and its loss counted", "plan.created", 9, FAST, 1, true,
     OYEZ_COUNT_FAST_LOST, 4, 5, 10, true, false},
    {"a fast duplicate is dropped", "plan.created", 4, FAST, 9, false, OYEZ_COUNT_DUPLICATE, 1, 5,
     5, false, false},
    {"a sync of what is there gets a mark", OYEZ_TOPIC_SYNC, 5, DURABLE, 0, false, OYEZ_COUNT_SYNCS,
     1, 5, 5, true, false},
    {"a late sync gets a mark", OYEZ_TOPIC_SYNC, 2, DURABLE, 0, false, OYEZ_COUNT_SYNCS, 1, 5, 5,
     true, false},
    {"a sync ahead of what is there gets a NACK", OYEZ_TOPIC_SYNC, 7, DURABLE, 0, false,
     OYEZ_COUNT_SYNCS, 1, 5, 5, false, true},
    {"a fast sync of what is there gets a mark", OYEZ_TOPIC_SYNC, 5, FAST, 0, false,
     OYEZ_COUNT_SYNCS, 1, 5, 5, true, false},
    {"a late fast sync gets a mark", OYEZ_TOPIC_SYNC, 3, FAST, 0, false, OYEZ_COUNT_SYNCS, 1, 5, 5,
     true, false},
    {"a fast sync ahead of what is there shows a loss", OYEZ_TOPIC_SYNC, 9, FAST, 0, false,
     OYEZ_COUNT_FAST_LOST, 4, 5, 9, true, false},
    {"number 0 is none", "plan.created", 0, DURABLE, 1, false, OYEZ_COUNT_BAD_NUMBER, 1, 5, 5,
     false, false},
    {"numbers end before they wrap around", "plan.created", UINT64_MAX, FAST, 1, false,
     OYEZ_COUNT_BAD_NUMBER, 1, 5, 5, false, false},
    {"an empty batch that is no sync is rubbish", "plan.created", 5, DURABLE, 0, false,
     OYEZ_COUNT_NO_EVENTS, 1, 5, 5, false, false},
    {"an event under a reserved type is rubbish", "oyez.heartbeat", 5, FAST, 1, false,
     OYEZ_COUNT_RESERVED_TYPE, 1, 5, 5, false, false},
    {"a sync with events is a reserved type", OYEZ_TOPIC_SYNC, 5, DURABLE, 1, false,
     OYEZ_COUNT_RESERVED_TYPE, 1, 5, 5, false, false},
    {"an empty batch of another reserved type is none either", "oyez.gap", 5, DURABLE, 0, false,
     OYEZ_COUNT_RESERVED_TYPE, 1, 5, 5, false, false},
};

static void test_every_rule_of_the_order_check_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];
        void *fresh;
        set_up(&fresh);
        struct fixture *f = fresh;
        emitter(f)->durable_expected = emitter(f)->fast_expected = 5;
        print_message("    %s\n", rule->name);
        assert_int_equal(take_batch(f, rule->type, rule->seq, rule->flags, rule->count),
                         rule->is_taken);
        assert_int_equal(counted(f, rule->counter), rule->by);
        assert_int_equal(emitter(f)->durable_expected, rule->durable_expected);
        assert_int_equal(emitter(f)->fast_expected, rule->fast_expected);
        assert_int_equal(emitter(f)->owes_mark, rule->owes_mark);
        assert_int_equal(emitter(f)->owes_nack, rule->owes_nack);
        assert_int_equal(f->ingress.position, rule->is_taken ? rule->count : 0);
        tear_down(&fresh);
    }
}

static void test_the_stamp_numbers_events_and_types_densely(void **state)
{
    struct fixture *f = *state;
    assert_true(take_batch(f, "plan.created", 1, DURABLE, 3));
    struct oyez_batch batch = stamped(f);
    assert_int_equal(batch.epoch, f->ingress.epoch);
    assert_int_equal(batch.position, 1);
    assert_int_equal(batch.type_seq, 1);
    uint64_t first_time = batch.broker_time;
    assert_true(first_time > 0);
    assert_true(take_batch(f, "plan.done", 1, FAST, 2));
    batch = stamped(f);
    assert_int_equal(batch.position, 4);
    assert_int_equal(batch.type_seq, 1);
    assert_true(take_batch(f, "plan.created", 4, DURABLE, 1));
    batch = stamped(f);
    assert_int_equal(batch.position, 6);
    assert_int_equal(batch.type_seq, 4);
    assert_true(batch.broker_time >= first_time);
    assert_int_equal(counted(f, OYEZ_COUNT_BATCHES), 3);
    assert_int_equal(counted(f, OYEZ_COUNT_EVENTS), 6);
}

static void test_time_never_goes_back_in_an_epoch(void **state)
{
    struct fixture *f = *state;
    const uint64_t future = UINT64_C(4102444800000000000);
    f->ingress.broker_time = future;
    assert_true(take_batch(f, "plan.created", 1, DURABLE, 1));
    assert_true(stamped(f).broker_time == future);
}

static void test_what_is_stamped_stands_in_the_ring_as_published(void **state)
{
    struct fixture *f = *state;
    struct oyez_ring_cursor cursor;
    struct oyez_ring_frame kept;
    assert_true(take_batch(f, "plan.created", 1, DURABLE, 2));
    assert_true(oyez_ring_find(&f->ingress.ring, 2, &cursor));
    assert_true(oyez_ring_next(&f->ingress.ring, &cursor, &kept));
    assert_int_equal(kept.size, f->frame.size);
    assert_memory_equal(kept.data, f->frame.bytes, kept.size);
    assert_int_equal(kept.count, 2);
}

static void test_a_stamp_that_is_already_there_is_forged(void **state)
{
    struct fixture *f = *state;
    for (unsigned field = 0; field < 4; field++) {
        make_frame(&f->frame, "plan.created", alice, 1, DURABLE, 1, 10);
        oyez_batch_stamp(f->frame.bytes, f->frame.body_offset, field == 0, field == 1, field == 2,
                         field == 3);
        assert_false(take(f, 1000));
        assert_int_equal(counted(f, OYEZ_COUNT_FORGED_STAMP), field + 1);
    }
}

static void test_malformed_frames_count_under_the_name_of_their_fault(void **state)
{
    struct fixture *f = *state;
    static uint8_t rubbish[OYEZ_FRAME_SIZE_MAX + 1];
    memset(rubbish, 'x', sizeof rubbish);
    assert_false(oyez_ingress_take(&f->ingress, rubbish, sizeof rubbish, 0));
    assert_int_equal(counted(f, OYEZ_COUNT_TOO_LARGE), 1);
    assert_false(oyez_ingress_take(&f->ingress, rubbish, 1000, 0));
    assert_int_equal(counted(f, OYEZ_COUNT_NO_NUL), 1);
    make_frame(&f->frame, "plan.created", alice, 1, DURABLE, 1, 10);
    f->frame.bytes[0] = '!';
    assert_false(take(f, 0));
    assert_int_equal(counted(f, OYEZ_COUNT_BAD_TYPE), 1);
    make_frame(&f->frame, "plan.created", alice, 1, DURABLE, 1, 10);
    f->frame.size -= 1;
    assert_false(take(f, 0));
    assert_int_equal(counted(f, OYEZ_COUNT_TRUNCATED), 1);
    assert_int_equal(f->ingress.position, 0);
    assert_int_equal(counted(f, OYEZ_COUNT_BYTES_IN),
                     sizeof rubbish + 1000 + 2 * f->frame.size + 1);
}

static void test_an_emitter_without_a_session_is_not_heard(void **state)
{
    struct fixture *f = *state;
    make_frame(&f->frame, "plan.created", mallory, 1, DURABLE, 1, 10);
    assert_false(take(f, 0));
    assert_int_equal(counted(f, OYEZ_COUNT_NO_HELLO), 1);
    oyez_emitters_detach(&f->ingress.emitters, f->emitter);
    assert_false(take_batch(f, "plan.created", 1, DURABLE, 1));
    assert_int_equal(counted(f, OYEZ_COUNT_NO_HELLO), 2);
    assert_int_equal(emitter(f)->durable_expected, 1);
    assert_int_equal(f->ingress.types.count, 0);
}

static void test_a_refused_type_takes_its_numbers_and_is_told(void **state)
{
    struct fixture *f = *state;
    char type[32];
    for (unsigned i = 1; i <= TYPES_LIMIT; i++) {
        snprintf(type, sizeof type, "type.%u", i);
        assert_true(take_batch(f, type, i, DURABLE, 1));
    }
    assert_false(take_batch(f, "one.too.many", 5, DURABLE, 3));
    assert_false(take_batch(f, "one.too.many", 1, FAST, 2));
    assert_int_equal(emitter(f)->durable_expected, 8);
    assert_int_equal(emitter(f)->fast_expected, 3);
    assert_int_equal(emitter(f)->refused, 5);
    assert_int_equal(counted(f, OYEZ_COUNT_REFUSED_TYPES), 5);
    assert_true(emitter(f)->owes_mark);
    assert_int_equal(f->ingress.debts.refusals_count, 2);
    assert_string_equal(f->ingress.debts.refusals[0].event_type, "one.too.many");
    assert_int_equal(f->ingress.debts.refusals[0].emitter_seq, 5);
    assert_int_equal(f->ingress.debts.refusals[0].count, 3);
    assert_true(f->ingress.debts.refusals[1].fast);
    assert_int_equal(f->ingress.position, TYPES_LIMIT);
    assert_true(take_batch(f, "type.1", 8, DURABLE, 1));
    assert_int_equal(stamped(f).type_seq, 2);
}

static void test_a_batch_that_asks_is_told_its_stamp(void **state)
{
    struct fixture *f = *state;
    assert_true(take_batch(f, "plan.created", 1, DURABLE, 2));
    assert_int_equal(emitter(f)->stamps.count, 0);
    assert_true(take_batch(f, "plan.created", 3, DURABLE | TELL, 2));
    assert_int_equal(emitter(f)->stamps.count, 1);
    const struct oyez_tell *tell = &f->ingress.debts.tells[emitter(f)->stamps.first];
    assert_int_equal(tell->emitter_seq, 3);
    assert_int_equal(tell->position, 3);
    assert_int_equal(tell->count, 2);
    assert_false(tell->fast);
    assert_true(tell->broker_time == stamped(f).broker_time);
}

static void test_a_replay_is_passed_on_as_it_is_and_takes_no_place(void **state)
{
    struct fixture *f = *state;
    struct test_frame before;
    // Whatever its number: nobody counts them.
    for (uint64_t seq = 9; seq < 10; seq -= 4) {
        make_frame(&f->frame, "replay.01234567.plan.created", alice, seq, FAST | OYEZ_FLAG_PERSONAL,
                   2, 10);
        before = f->frame;
        assert_true(take(f, 1000));
        assert_memory_equal(f->frame.bytes, before.bytes, before.size);
    }
    assert_int_equal(counted(f, OYEZ_COUNT_REPLAYED), 6);
    assert_int_equal(counted(f, OYEZ_COUNT_EVENTS), 0);
    assert_int_equal(f->ingress.position, 0);
    assert_int_equal(oyez_ring_first_position(&f->ingress.ring), 0);
    assert_int_equal(emitter(f)->fast_expected, 1);
    assert_true(take_batch(f, "plan.created", 1, FAST, 1));
    assert_int_equal(stamped(f).position, 1);
    assert_int_equal(stamped(f).type_seq, 1);
}

static void test_a_replay_keeps_to_the_rules_of_a_batch(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"replay.x", "replay.0123456.a", "replay.01234567.oyez.gap",
                                        "replay.01234567"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(take_batch(f, names[i], 1, FAST, 1));
    assert_int_equal(counted(f, OYEZ_COUNT_RESERVED_TYPE), 4);
    assert_false(take_batch(f, "replay.01234567.a", 1, DURABLE, 1));
    assert_false(take_batch(f, "replay.01234567.a", 1, FAST | TELL, 1));
    assert_int_equal(counted(f, OYEZ_COUNT_RESERVED_TYPE), 6);
    assert_false(take_batch(f, "replay.01234567.a", 1, FAST, 0));
    assert_int_equal(counted(f, OYEZ_COUNT_NO_EVENTS), 1);
    assert_false(take_batch(f, "replay.01234567.a", 0, FAST, 1));
    assert_int_equal(counted(f, OYEZ_COUNT_BAD_NUMBER), 1);
    make_frame(&f->frame, "replay.01234567.a", mallory, 1, FAST, 1, 10);
    assert_false(take(f, 1000));
    assert_int_equal(counted(f, OYEZ_COUNT_NO_HELLO), 1);
    make_frame(&f->frame, "replay.01234567.a", alice, 1, FAST, 1, 10);
    oyez_batch_stamp(f->frame.bytes, f->frame.body_offset, 0, 1, 0, 0);
    assert_false(take(f, 1000));
    assert_int_equal(counted(f, OYEZ_COUNT_FORGED_STAMP), 1);
    assert_int_equal(counted(f, OYEZ_COUNT_REPLAYED), 0);
}

static void test_a_hello_raises_the_expected_numbers_and_never_lowers_them(void **state)
{
    struct fixture *f = *state;
    oyez_ingress_greet(&f->ingress, f->emitter, 50, 7);
    assert_int_equal(emitter(f)->durable_expected, 50);
    assert_int_equal(emitter(f)->fast_expected, 7);
    oyez_ingress_greet(&f->ingress, f->emitter, 10, 0);
    assert_int_equal(emitter(f)->durable_expected, 50);
    assert_int_equal(emitter(f)->fast_expected, 7);
    assert_int_equal(emitter(f)->fast_lost, 0);
}

static void test_a_new_epoch_begins_everything_anew_and_lies_above(void **state)
{
    struct fixture *f = *state;
    assert_true(take_batch(f, "plan.created", 1, DURABLE | TELL, 2));
    uint64_t instance = f->ingress.instance, told = f->ingress.epoch + 60000000u;
    oyez_ingress_roll_over(&f->ingress, told);
    assert_true(f->ingress.epoch == told + 1);
    assert_true(f->ingress.instance != instance);
    assert_int_equal(oyez_ring_first_position(&f->ingress.ring), 0);
    assert_int_equal(f->ingress.types.count, 0);
    assert_false(take_batch(f, "plan.created", 3, DURABLE, 1));
    assert_int_equal(counted(f, OYEZ_COUNT_NO_HELLO), 1);
    f->emitter = oyez_emitters_add(&f->ingress.emitters, alice, SESSION);
    oyez_ingress_greet(&f->ingress, f->emitter, 3, 1);
    assert_true(take_batch(f, "plan.created", 3, DURABLE, 1));
    assert_int_equal(stamped(f).position, 1);
    assert_int_equal(stamped(f).type_seq, 1);
    assert_true(stamped(f).epoch == told + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_rule_of_the_order_check_holds),
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_the_stamp_numbers_events_and_types_densely),
        TEST(test_time_never_goes_back_in_an_epoch),
        TEST(test_what_is_stamped_stands_in_the_ring_as_published),
        TEST(test_a_stamp_that_is_already_there_is_forged),
        TEST(test_malformed_frames_count_under_the_name_of_their_fault),
        TEST(test_an_emitter_without_a_session_is_not_heard),
        TEST(test_a_refused_type_takes_its_numbers_and_is_told),
        TEST(test_a_batch_that_asks_is_told_its_stamp),
        TEST(test_a_replay_is_passed_on_as_it_is_and_takes_no_place),
        TEST(test_a_replay_keeps_to_the_rules_of_a_batch),
        TEST(test_a_hello_raises_the_expected_numbers_and_never_lowers_them),
        TEST(test_a_new_epoch_begins_everything_anew_and_lies_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
