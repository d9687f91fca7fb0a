// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "broker/decisions.h"

enum { SENT_MAX = 256, EPOCH = 11, INSTANCE = 22 };

struct sent {
    uint32_t session;
    oyez_v1_FromBroker message;
};

struct fixture {
    struct oyez_counters counters;
    struct oyez_emitters emitters;
    struct oyez_debts debts;
    struct oyez_decisions decisions;
    uint64_t position; // given out last
    enum oyez_payment answer;
    struct sent sent[SENT_MAX];
    size_t sent_count;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    oyez_emitters_init(&f->emitters, 3);
    assert_int_equal(oyez_debts_open(&f->debts, &f->emitters, &f->counters), OYEZ_OK);
    oyez_decisions_init(&f->decisions, &f->emitters, &f->debts, &f->counters);
    f->decisions.is_on = true;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    oyez_debts_close(&f->debts);
    oyez_emitters_clear(&f->emitters);
    free(f);
    return 0;
}

static enum oyez_payment send_message(void *arg, uint32_t session,
                                      const oyez_v1_FromBroker *message)
{
    struct fixture *f = arg;
    if (f->answer != OYEZ_PAID)
        return f->answer;
    assert_true(f->sent_count < SENT_MAX);
    f->sent[f->sent_count++] = (struct sent){session, *message};
    return OYEZ_PAID;
}

static void pay(struct fixture *f)
{
    f->sent_count = 0;
    oyez_debts_pay(&f->debts, EPOCH, INSTANCE, 0, send_message, f);
}

// The only receipt of this round.
static const oyez_v1_Receipt *pay_receipt(struct fixture *f)
{
    pay(f);
    assert_int_equal(f->sent_count, 1);
    assert_int_equal(f->sent[0].message.which_body, oyez_v1_FromBroker_receipt_tag);
    return &f->sent[0].message.body.receipt;
}

static void pay_nothing(struct fixture *f)
{
    pay(f);
    assert_int_equal(f->sent_count, 0);
}

static uint32_t add_emitter(struct fixture *f, uint8_t number)
{
    uint8_t id[OYEZ_UUID_SIZE] = {number};
    return oyez_emitters_add(&f->emitters, id, 100u + number);
}

// The broker takes the next `count` durable events of an emitter.
static void accept(struct fixture *f, uint32_t emitter, uint64_t count)
{
    f->emitters.entries[emitter].durable_expected += count;
    f->position += count;
    oyez_decisions_accept(&f->decisions, emitter, f->position);
}

static oyez_v1_Decided decided_of(const struct fixture *f, uint32_t emitter, uint64_t first,
                                  uint64_t through)
{
    oyez_v1_Decided decided = {.first = first, .through = through};
    memcpy(decided.emitter_id, f->emitters.entries[emitter].id, OYEZ_UUID_SIZE);
    return decided;
}

static void decide(struct fixture *f, uint32_t emitter, uint64_t first, uint64_t through)
{
    oyez_v1_Decided decided = decided_of(f, emitter, first, through);
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
}

static void check_lost(const oyez_v1_Receipt *receipt, pb_size_t i, uint64_t first, uint64_t last)
{
    assert_true(i < receipt->lost_count);
    assert_int_equal(receipt->lost[i].first, first);
    assert_int_equal(receipt->lost[i].last, last);
}

static void test_what_is_recorded_is_receipted_to_its_emitter(void **state)
{
    struct fixture *f = *state;
    uint32_t one = add_emitter(f, 1), two = add_emitter(f, 2);
    accept(f, one, 3);
    accept(f, two, 2);
    decide(f, one, 1, 3);
    decide(f, two, 1, 1);
    pay(f);
    assert_int_equal(f->sent_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const oyez_v1_Receipt *receipt = &f->sent[i].message.body.receipt;
        assert_int_equal(receipt->epoch, EPOCH);
        assert_int_equal(receipt->instance, INSTANCE);
        assert_int_equal(receipt->durable_through, f->sent[i].session == 101 ? 3 : 1);
        assert_int_equal(receipt->lost_count, 0);
    }
    assert_int_equal(oyez_counter_get(&f->counters, OYEZ_COUNT_RECEIPTS), 2);
    oyez_decisions_settle(&f->decisions, 3);
    pay_nothing(f);
}

static void test_numbers_before_the_first_recorded_were_lost(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 9);
    decide(f, emitter, 4, 9);
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->durable_through, 9);
    assert_int_equal(receipt->lost_count, 1);
    check_lost(receipt, 0, 1, 3);
    assert_int_equal(oyez_counter_get(&f->counters, OYEZ_COUNT_UNRECORDED), 3);
}

static void test_numbers_below_the_floor_were_not_lost(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    f->emitters.entries[emitter].durable_expected = 50;
    oyez_decisions_greet(&f->decisions, emitter, 50);
    pay_nothing(f);
    accept(f, emitter, 5);
    decide(f, emitter, 50, 54);
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->durable_through, 54);
    assert_int_equal(receipt->lost_count, 0);
}

static void test_lost_ranges_between_are_passed_on(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 20);
    oyez_v1_Decided decided = decided_of(f, emitter, 1, 20);
    decided.lost_count = 3;
    decided.lost[0] = (oyez_v1_Range){3, 4};
    decided.lost[1] = (oyez_v1_Range){9, 9};
    decided.lost[2] = (oyez_v1_Range){10, 12};
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->durable_through, 20);
    assert_int_equal(receipt->lost_count, 2);
    check_lost(receipt, 0, 3, 4);
    check_lost(receipt, 1, 9, 12);
}

static void test_what_no_confirm_named_was_lost_at_the_tail(void **state)
{
    struct fixture *f = *state;
    uint32_t some = add_emitter(f, 1), all = add_emitter(f, 2), later = add_emitter(f, 3);
    accept(f, some, 5);
    accept(f, all, 2);
    accept(f, later, 1);
    decide(f, some, 1, 3);
    oyez_decisions_settle(&f->decisions, 7); // not yet what came last
    pay(f);
    assert_int_equal(f->sent_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const oyez_v1_Receipt *receipt = &f->sent[i].message.body.receipt;
        assert_int_equal(receipt->lost_count, 1);
        if (f->sent[i].session == 101)
            check_lost(receipt, 0, 4, 5);
        else
            check_lost(receipt, 0, 1, 2);
        assert_int_equal(receipt->durable_through, f->sent[i].session == 101 ? 5 : 2);
    }
    assert_int_equal(f->emitters.entries[later].receipted_through, 0);
    assert_true(f->emitters.entries[later].awaits_receipt);
}

static void test_an_emitter_that_goes_on_is_judged_by_its_latest_event(void **state)
{
    struct fixture *f = *state;
    uint32_t one = add_emitter(f, 1), two = add_emitter(f, 2);
    accept(f, one, 1);
    accept(f, two, 1);
    accept(f, one, 1); // position 3
    decide(f, two, 1, 1);
    oyez_decisions_settle(&f->decisions, 2);
    assert_int_equal(pay_receipt(f)->durable_through, 1);
    assert_int_equal(f->sent[0].session, 102);
    decide(f, one, 1, 2);
    oyez_decisions_settle(&f->decisions, 3);
    assert_int_equal(pay_receipt(f)->lost_count, 0);
    assert_int_equal(f->decisions.first, OYEZ_NONE);
    assert_int_equal(f->decisions.last, OYEZ_NONE);
}

static void test_repeated_and_late_entries_say_nothing_new(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 10);
    oyez_v1_Decided late = decided_of(f, emitter, 2, 5);
    oyez_v1_Decided decided = decided_of(f, emitter, 2, 10);
    late.lost_count = decided.lost_count = 1;
    late.lost[0] = decided.lost[0] = (oyez_v1_Range){4, 4};
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->durable_through, 10);
    assert_int_equal(receipt->lost_count, 2);
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
    assert_true(oyez_decisions_decide(&f->decisions, &late));
    pay_nothing(f);
    assert_int_equal(oyez_counter_get(&f->counters, OYEZ_COUNT_UNRECORDED), 2);
}

static void test_a_cumulative_entry_adds_only_what_is_new(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 10);
    decide(f, emitter, 1, 4);
    pay_receipt(f);
    oyez_v1_Decided decided = decided_of(f, emitter, 1, 10);
    decided.lost_count = 2;
    decided.lost[0] = (oyez_v1_Range){2, 2};
    decided.lost[1] = (oyez_v1_Range){4, 6};
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->lost_count, 1);
    check_lost(receipt, 0, 5, 6);
}

// An emitter that the broker forgot and took in again sends again what the recorder has already.
static void test_no_receipt_goes_beyond_what_was_accepted(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 4);
    decide(f, emitter, 1, 9);
    assert_int_equal(pay_receipt(f)->durable_through, 4);
    accept(f, emitter, 5);
    oyez_decisions_settle(&f->decisions, f->position);
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->durable_through, 9);
    assert_int_equal(receipt->lost_count, 0);
}

static void test_rubbish_and_strangers_are_passed_over(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 4);
    oyez_v1_Decided decided = decided_of(f, emitter, 0, 3);
    assert_false(oyez_decisions_decide(&f->decisions, &decided));
    decided = decided_of(f, emitter, 3, 2);
    assert_false(oyez_decisions_decide(&f->decisions, &decided));
    decided = decided_of(f, emitter, 1, 3);
    decided.emitter_id[0] = 99;
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
    oyez_v1_Told told = {.count = 1, .emitter_seq = 1};
    assert_false(oyez_decisions_told(&f->decisions, &told));
    told.emitter_id.size = OYEZ_UUID_SIZE;
    assert_true(oyez_decisions_told(&f->decisions, &told));
    told.count = 0;
    assert_false(oyez_decisions_told(&f->decisions, &told));
    pay_nothing(f);
}

static void test_a_hello_brings_the_last_receipt_and_its_losses_again(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 20);
    oyez_v1_Decided decided = decided_of(f, emitter, 4, 20);
    decided.lost_count = 1;
    decided.lost[0] = (oyez_v1_Range){8, 9};
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
    assert_int_equal(pay_receipt(f)->lost_count, 2);
    oyez_decisions_greet(&f->decisions, emitter, 6); // 1 to 5 did arrive
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->durable_through, 20);
    assert_int_equal(receipt->lost_count, 1);
    check_lost(receipt, 0, 8, 9);
    oyez_decisions_greet(&f->decisions, emitter, 21);
    pay_nothing(f);
}

static void test_there_is_always_room_for_one_more_loss(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 100);
    for (uint64_t i = 1; i <= OYEZ_LOST_MAX + 4; i++) {
        oyez_v1_Decided decided = decided_of(f, emitter, 1, 4 * i);
        decided.lost_count = 1;
        decided.lost[0] = (oyez_v1_Range){4 * i - 1, 4 * i - 1};
        assert_true(oyez_decisions_decide(&f->decisions, &decided));
    }
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->lost_count, OYEZ_LOST_MAX);
    check_lost(receipt, 0, 3, 3);
    // Rather too much than too little.
    check_lost(receipt, OYEZ_LOST_MAX - 1, 4 * OYEZ_LOST_MAX - 1, 4 * (OYEZ_LOST_MAX + 4) - 1);
    oyez_v1_Decided decided = decided_of(f, emitter, 1, 95);
    decided.lost_count = 1;
    decided.lost[0] = (oyez_v1_Range){90, 91};
    assert_true(oyez_decisions_decide(&f->decisions, &decided));
    receipt = pay_receipt(f);
    assert_int_equal(receipt->lost_count, 1); // the oldest, long told, made room
    check_lost(receipt, 0, 90, 91);
}

static void test_where_a_batch_was_recorded_comes_with_the_receipt(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 7);
    oyez_v1_Told told = {.emitter_id = {.size = OYEZ_UUID_SIZE},
                         .emitter_seq = 3,
                         .count = 2,
                         .position = 33,
                         .index = 44,
                         .duplicate = true,
                         .broker_time = 55};
    told.emitter_id.bytes[0] = 1;
    decide(f, emitter, 1, 7);
    assert_true(oyez_decisions_told(&f->decisions, &told));
    const oyez_v1_Receipt *receipt = pay_receipt(f);
    assert_int_equal(receipt->told_count, 1);
    assert_int_equal(receipt->told[0].emitter_id.size, 0);
    assert_int_equal(receipt->told[0].emitter_seq, 3);
    assert_int_equal(receipt->told[0].count, 2);
    assert_int_equal(receipt->told[0].position, 33);
    assert_int_equal(receipt->told[0].index, 44);
    assert_true(receipt->told[0].duplicate);
    assert_int_equal(receipt->told[0].broker_time, 55);
    pay_nothing(f);
}

static void test_an_emitter_that_is_forgotten_leaves_the_list(void **state)
{
    struct fixture *f = *state;
    uint32_t one = add_emitter(f, 1), two = add_emitter(f, 2), three = add_emitter(f, 3);
    accept(f, one, 1);
    accept(f, two, 1);
    accept(f, three, 1);
    oyez_emitters_detach(&f->emitters, two);
    oyez_debts_forget(&f->debts, two);
    oyez_decisions_forget(&f->decisions, two);
    oyez_decisions_forget(&f->decisions, two);
    uint32_t four = add_emitter(f, 4);
    assert_int_equal(four, two);
    oyez_decisions_settle(&f->decisions, 3);
    pay(f);
    assert_int_equal(f->sent_count, 2);
    assert_int_equal(f->sent[0].session, 101);
    assert_int_equal(f->sent[1].session, 103);
}

static void test_without_a_recorder_nothing_is_kept(void **state)
{
    struct fixture *f = *state;
    f->decisions.is_on = false;
    uint32_t emitter = add_emitter(f, 1);
    accept(f, emitter, 3);
    oyez_decisions_greet(&f->decisions, emitter, 2);
    oyez_decisions_settle(&f->decisions, 3);
    pay_nothing(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_recorded_is_receipted_to_its_emitter),
        TEST(test_numbers_before_the_first_recorded_were_lost),
        TEST(test_numbers_below_the_floor_were_not_lost),
        TEST(test_lost_ranges_between_are_passed_on),
        TEST(test_what_no_confirm_named_was_lost_at_the_tail),
        TEST(test_an_emitter_that_goes_on_is_judged_by_its_latest_event),
        TEST(test_repeated_and_late_entries_say_nothing_new),
        TEST(test_a_cumulative_entry_adds_only_what_is_new),
        TEST(test_no_receipt_goes_beyond_what_was_accepted),
        TEST(test_rubbish_and_strangers_are_passed_over),
        TEST(test_a_hello_brings_the_last_receipt_and_its_losses_again),
        TEST(test_there_is_always_room_for_one_more_loss),
        TEST(test_where_a_batch_was_recorded_comes_with_the_receipt),
        TEST(test_an_emitter_that_is_forgotten_leaves_the_list),
        TEST(test_without_a_recorder_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
