// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "debts.h"

enum { EPOCH = 11, INSTANCE = 22, SENT_MAX = 4096 };

struct sent {
    uint32_t session;
    oyez_v1_FromBroker message;
};

// A control socket that does as it is told, and remembers.
struct fixture {
    struct oyez_counters counters;
    struct oyez_emitters emitters;
    struct oyez_debts debts;
    enum oyez_payment answer;
    struct sent sent[SENT_MAX];
    size_t sent_count;
};

static enum oyez_payment send_message(void *arg, uint32_t session,
                                      const oyez_v1_FromBroker *message)
{
    struct fixture *f = arg;
    if (f->answer == OYEZ_PAID) {
        assert_true(f->sent_count < SENT_MAX);
        f->sent[f->sent_count++] = (struct sent){session, *message};
    }
    return f->answer;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    oyez_emitters_init(&f->emitters, 100);
    assert_int_equal(oyez_debts_open(&f->debts, &f->emitters, &f->counters), OYEZ_OK);
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

static uint32_t add_emitter(struct fixture *f, uint8_t number)
{
    uint8_t id[OYEZ_UUID_SIZE] = {number};
    return oyez_emitters_add(&f->emitters, id, 100u + number);
}

static void pay(struct fixture *f, enum oyez_payment answer, uint64_t now_ms)
{
    f->answer = answer;
    f->sent_count = 0;
    oyez_debts_pay(&f->debts, EPOCH, INSTANCE, now_ms, send_message, f);
}

static const oyez_v1_AcceptMark *mark_sent(const struct fixture *f, size_t i)
{
    assert_true(i < f->sent_count);
    assert_int_equal(f->sent[i].message.which_body, oyez_v1_FromBroker_accept_mark_tag);
    return &f->sent[i].message.body.accept_mark;
}

static void test_one_mark_tells_everything_since_the_last(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    struct oyez_emitter *entry = &f->emitters.entries[emitter];
    oyez_debts_mark(&f->debts, emitter);
    oyez_debts_mark(&f->debts, emitter);
    entry->durable_expected = 8;
    entry->fast_expected = 5;
    entry->fast_lost = 2;
    entry->refused = 3;
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 1);
    assert_int_equal(f->sent[0].session, 101);
    const oyez_v1_AcceptMark *mark = mark_sent(f, 0);
    assert_int_equal(mark->epoch, EPOCH);
    assert_int_equal(mark->instance, INSTANCE);
    assert_int_equal(mark->durable_through, 7);
    assert_int_equal(mark->fast_through, 4);
    assert_int_equal(mark->fast_lost, 2);
    assert_int_equal(mark->refused, 3);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 0);
}

static void test_a_debt_without_room_is_kept_and_paid_later(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    oyez_debts_mark(&f->debts, emitter);
    oyez_debts_nack(&f->debts, emitter, 1000);
    pay(f, OYEZ_PAY_LATER, 1000);
    pay(f, OYEZ_PAY_LATER, 1010);
    pay(f, OYEZ_PAID, 1020);
    assert_int_equal(f->sent_count, 2);
    mark_sent(f, 0);
    assert_int_equal(f->sent[1].message.which_body, oyez_v1_FromBroker_nack_tag);
    assert_int_equal(f->sent[1].message.body.nack.expected, 1);
}

static const oyez_v1_Receipt *receipt_sent(const struct fixture *f, size_t i)
{
    assert_true(i < f->sent_count);
    assert_int_equal(f->sent[i].message.which_body, oyez_v1_FromBroker_receipt_tag);
    return &f->sent[i].message.body.receipt;
}

static void test_who_was_told_of_uncovered_numbers_is_told_of_the_checkpoint(void **state)
{
    struct fixture *f = *state;
    uint32_t first = add_emitter(f, 1), second = add_emitter(f, 2);
    f->debts.recorded.position = 7;
    f->emitters.entries[first].receipted_through = 3;
    oyez_debts_receipt(&f->debts, first);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(receipt_sent(f, 0)->position, 7);
    assert_int_equal(receipt_sent(f, 0)->checkpointed_epoch, 0);
    oyez_debts_checkpoint(&f->debts, EPOCH - 1, UINT64_MAX); // not far enough
    oyez_debts_checkpoint(&f->debts, EPOCH - 2, 5);          // no news
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 1);
    assert_int_equal(receipt_sent(f, 0)->checkpointed_epoch, EPOCH - 1);
    oyez_debts_checkpoint(&f->debts, EPOCH, 7);
    oyez_debts_checkpoint(&f->debts, EPOCH, 9);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 1); // nothing to the second
    assert_int_equal(receipt_sent(f, 0)->durable_through, 3);
    assert_int_equal(receipt_sent(f, 0)->checkpointed_epoch, EPOCH);
    assert_int_equal(receipt_sent(f, 0)->checkpointed_position, 9);
    oyez_debts_checkpoint(&f->debts, EPOCH, 12);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 0); // all that it knows of is covered
    oyez_debts_greet(&f->debts, second);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(receipt_sent(f, 0)->checkpointed_position, 12);
}

static void test_a_debt_to_a_lost_connection_waits_for_the_next_hello(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    struct oyez_tell tell = {.count = 1, .emitter_seq = 1, .position = 9, .broker_time = 99};
    oyez_debts_tell(&f->debts, emitter, &tell);
    pay(f, OYEZ_PAY_GONE, 0);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 0);
    oyez_debts_requeue(&f->debts, emitter);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 1);
    assert_int_equal(mark_sent(f, 0)->stamps_count, 1);
    assert_int_equal(mark_sent(f, 0)->stamps[0].position, 9);
}

static void test_more_stamps_than_a_mark_holds_take_several_marks_in_order(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    for (uint64_t i = 1; i <= 150; i++) {
        struct oyez_tell tell = {.count = 1, .emitter_seq = i, .position = i + 1000};
        oyez_debts_tell(&f->debts, emitter, &tell);
    }
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 3);
    uint64_t next = 1;
    for (size_t i = 0; i < 3; i++)
        for (pb_size_t j = 0; j < mark_sent(f, i)->stamps_count; j++, next++) {
            assert_int_equal(mark_sent(f, i)->stamps[j].emitter_seq, next);
            assert_int_equal(mark_sent(f, i)->stamps[j].position, next + 1000);
        }
    assert_int_equal(next, 151);
}

static void test_stamps_are_bounded_and_the_rest_is_counted(void **state)
{
    struct fixture *f = *state;
    uint32_t greedy = add_emitter(f, 1), modest = add_emitter(f, 2);
    struct oyez_tell tell = {.count = 1};
    for (unsigned i = 0; i < OYEZ_EMITTER_TELLS_MAX + 10; i++)
        oyez_debts_tell(&f->debts, greedy, &tell);
    assert_int_equal(oyez_counter_get(&f->counters, OYEZ_COUNT_TELLS_DROPPED), 10);
    oyez_debts_tell(&f->debts, modest, &tell);
    assert_int_equal(f->emitters.entries[modest].stamps.count, 1);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->emitters.entries[greedy].stamps.count, 0);
    for (unsigned i = 0; i < OYEZ_EMITTER_TELLS_MAX; i++)
        oyez_debts_tell(&f->debts, modest, &tell);
    assert_true(f->debts.tells_used <= OYEZ_EMITTER_TELLS_MAX + 1);
}

static void test_a_nack_is_repeated_only_after_its_time(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    oyez_debts_nack(&f->debts, emitter, 1000);
    pay(f, OYEZ_PAID, 1000);
    assert_int_equal(f->sent_count, 1);
    oyez_debts_nack(&f->debts, emitter, 1000 + OYEZ_NACK_REPEAT_MS - 1);
    pay(f, OYEZ_PAID, 1000 + OYEZ_NACK_REPEAT_MS - 1);
    assert_int_equal(f->sent_count, 0);
    oyez_debts_nack(&f->debts, emitter, 1000 + OYEZ_NACK_REPEAT_MS);
    pay(f, OYEZ_PAID, 1000 + OYEZ_NACK_REPEAT_MS);
    assert_int_equal(f->sent_count, 1);
    pay(f, OYEZ_PAID, 5000);
    assert_int_equal(f->sent_count, 0);
    assert_int_equal(oyez_counter_get(&f->counters, OYEZ_COUNT_NACKS), 2);
}

static void test_another_expected_number_gets_its_nack_at_once(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    oyez_debts_nack(&f->debts, emitter, 1000);
    pay(f, OYEZ_PAID, 1000);
    f->emitters.entries[emitter].durable_expected = 4;
    oyez_debts_nack(&f->debts, emitter, 1001);
    pay(f, OYEZ_PAID, 1001);
    assert_int_equal(f->sent_count, 1);
    assert_int_equal(f->sent[0].message.body.nack.expected, 4);
}

static void test_a_nack_whose_gap_has_closed_is_not_sent(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    oyez_debts_nack(&f->debts, emitter, 1000);
    f->emitters.entries[emitter].durable_expected = 2;
    pay(f, OYEZ_PAID, 1000);
    assert_int_equal(f->sent_count, 0);
}

static void refuse(struct fixture *f, uint32_t emitter, uint64_t seq)
{
    struct oyez_batch batch = {.event_type = "too.many",
                               .event_type_size = 8,
                               .emitter_seq = seq,
                               .event_count = 2,
                               .flags = OYEZ_FLAG_FAST};
    oyez_debts_refuse(&f->debts, emitter, &batch);
}

static void test_a_refusal_names_what_was_refused_before_the_mark_counts_it(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    refuse(f, emitter, 17);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 2);
    assert_int_equal(f->sent[0].message.which_body, oyez_v1_FromBroker_refusal_tag);
    const oyez_v1_Refusal *refusal = &f->sent[0].message.body.refusal;
    assert_int_equal(refusal->reason, oyez_v1_RefusalReason_REFUSAL_REASON_TYPES);
    assert_string_equal(refusal->event_type, "too.many");
    assert_int_equal(refusal->emitter_seq, 17);
    assert_int_equal(refusal->count, 2);
    assert_true(refusal->fast);
    mark_sent(f, 1);
}

static void test_refusals_are_bounded_and_the_rest_is_counted(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    for (unsigned i = 0; i < OYEZ_REFUSALS_MAX + 5; i++)
        refuse(f, emitter, i);
    assert_int_equal(oyez_counter_get(&f->counters, OYEZ_COUNT_REFUSALS_DROPPED), 5);
    pay(f, OYEZ_PAY_LATER, 0);
    assert_int_equal(f->debts.refusals_count, OYEZ_REFUSALS_MAX);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, OYEZ_REFUSALS_MAX + 1);
    assert_int_equal(f->debts.refusals_count, 0);
}

static void test_a_forgotten_emitter_is_owed_nothing_and_others_all(void **state)
{
    struct fixture *f = *state;
    uint32_t leaves = add_emitter(f, 1), stays = add_emitter(f, 2);
    struct oyez_tell tell = {.count = 1};
    refuse(f, leaves, 1);
    refuse(f, stays, 2);
    oyez_debts_tell(&f->debts, leaves, &tell);
    oyez_debts_mark(&f->debts, stays);
    oyez_debts_forget(&f->debts, leaves);
    assert_int_equal(f->emitters.entries[leaves].stamps.count, 0);
    assert_false(f->emitters.entries[leaves].is_queued);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 2);
    assert_int_equal(f->sent[0].session, 102);
    assert_int_equal(f->sent[1].session, 102);
}

static void test_the_last_of_several_receipts_brings_the_new_number(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    struct oyez_emitter *entry = &f->emitters.entries[emitter];
    entry->receipt_sent = 5;
    entry->receipted_through = 155;
    entry->lost = malloc(OYEZ_LOST_MAX * sizeof *entry->lost);
    entry->lost[0] = (struct oyez_lost){7, 8};
    entry->lost_count = 1;
    for (uint64_t i = 6; i <= 155; i++) {
        struct oyez_tell tell = {.count = 1, .emitter_seq = i, .index = i + 1000};
        oyez_debts_record(&f->debts, emitter, &tell);
    }
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 3);
    uint64_t next = 6;
    for (size_t i = 0; i < 3; i++) {
        const oyez_v1_Receipt *receipt = receipt_sent(f, i);
        assert_int_equal(receipt->durable_through, i < 2 ? 5 : 155);
        assert_int_equal(receipt->lost_count, i < 2 ? 0 : 1);
        for (pb_size_t j = 0; j < receipt->told_count; j++, next++) {
            assert_int_equal(receipt->told[j].emitter_seq, next);
            assert_int_equal(receipt->told[j].index, next + 1000);
        }
    }
    assert_int_equal(next, 156);
    assert_int_equal(receipt_sent(f, 2)->lost[0].first, 7);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 0);
}

static void test_a_receipt_without_room_is_kept_and_follows_its_mark(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    f->emitters.entries[emitter].receipted_through = 3;
    oyez_debts_receipt(&f->debts, emitter);
    oyez_debts_receipt(&f->debts, emitter);
    oyez_debts_mark(&f->debts, emitter);
    pay(f, OYEZ_PAY_LATER, 0);
    f->emitters.entries[emitter].receipted_through = 9;
    pay(f, OYEZ_PAY_GONE, 0);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 0); // it waits for the next hello
    oyez_debts_requeue(&f->debts, emitter);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(f->sent_count, 2);
    mark_sent(f, 0);
    assert_int_equal(receipt_sent(f, 1)->durable_through, 9);
    oyez_debts_receipt(&f->debts, emitter); // a receipt alone
    pay(f, OYEZ_PAY_GONE, 0);
    oyez_debts_requeue(&f->debts, emitter);
    pay(f, OYEZ_PAID, 0);
    assert_int_equal(receipt_sent(f, 0)->durable_through, 9);
}

static void test_records_are_bounded_for_each_emitter_beside_its_stamps(void **state)
{
    struct fixture *f = *state;
    uint32_t emitter = add_emitter(f, 1);
    struct oyez_tell tell = {.count = 1};
    for (unsigned i = 0; i < OYEZ_EMITTER_TELLS_MAX + 3; i++)
        oyez_debts_record(&f->debts, emitter, &tell);
    oyez_debts_tell(&f->debts, emitter, &tell);
    assert_int_equal(oyez_counter_get(&f->counters, OYEZ_COUNT_TELLS_DROPPED), 3);
    assert_int_equal(f->emitters.entries[emitter].records.count, OYEZ_EMITTER_TELLS_MAX);
    assert_int_equal(f->emitters.entries[emitter].stamps.count, 1);
    oyez_debts_forget(&f->debts, emitter);
    assert_int_equal(f->emitters.entries[emitter].records.count, 0);
    for (unsigned i = 0; i < OYEZ_EMITTER_TELLS_MAX; i++)
        oyez_debts_record(&f->debts, emitter, &tell);
    assert_true(f->debts.tells_used <= OYEZ_EMITTER_TELLS_MAX + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_one_mark_tells_everything_since_the_last),
        TEST(test_a_debt_without_room_is_kept_and_paid_later),
        TEST(test_who_was_told_of_uncovered_numbers_is_told_of_the_checkpoint),
        TEST(test_a_debt_to_a_lost_connection_waits_for_the_next_hello),
        TEST(test_more_stamps_than_a_mark_holds_take_several_marks_in_order),
        TEST(test_stamps_are_bounded_and_the_rest_is_counted),
        TEST(test_a_nack_is_repeated_only_after_its_time),
        TEST(test_another_expected_number_gets_its_nack_at_once),
        TEST(test_a_nack_whose_gap_has_closed_is_not_sent),
        TEST(test_a_refusal_names_what_was_refused_before_the_mark_counts_it),
        TEST(test_refusals_are_bounded_and_the_rest_is_counted),
        TEST(test_a_forgotten_emitter_is_owed_nothing_and_others_all),
        TEST(test_the_last_of_several_receipts_brings_the_new_number),
        TEST(test_a_receipt_without_room_is_kept_and_follows_its_mark),
        TEST(test_records_are_bounded_for_each_emitter_beside_its_stamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
