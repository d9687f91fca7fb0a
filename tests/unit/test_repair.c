// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "broker_peer.h"

static const struct oyez_broker_limits quick = {
    .drain_ms = 200, .recorder_wait_ms = 1, .final_confirm_ms = 1};

struct fixture {
    struct bus *bus;
    struct peer *recorder;
    struct peer *emitter;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    // Nothing is ever confirmed here, and nothing held for it.
    f->bus = bus_open_waiting(&quick, (struct oyez_broker_options){.hold_max_ms = 1});
    f->recorder = recorder_open(f->bus, 9);
    f->emitter = peer_open(f->bus->context, f->bus->broker, 1);
    peer_open_ingress(f->emitter);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    peer_close(f->emitter);
    peer_close(f->recorder);
    bus_close(f->bus);
    free(f);
    return 0;
}

static const oyez_v1_Repair *ask(struct fixture *f, uint64_t epoch, uint64_t from, uint64_t to)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_repair_request_tag;
    message.request_id = from;
    message.body.repair_request = (oyez_v1_RepairRequest){.epoch = epoch, .from = from, .to = to};
    peer_say(f->recorder, &message);
    const oyez_v1_FromBroker *answer = peer_hear(f->recorder, oyez_v1_FromBroker_repair_tag);
    assert_int_equal(answer->request_id, from);
    assert_true(answer->body.repair.epoch == epoch);
    assert_int_equal(answer->body.repair.from, from);
    assert_int_equal(answer->body.repair.to, to);
    return &answer->body.repair;
}

static const oyez_v1_Repair *ask_here(struct fixture *f, uint64_t from, uint64_t to)
{
    return ask(f, f->recorder->welcome.epoch, from, to);
}

// Reads the frames of an answer, which follow each other from `first`; the position behind them.
static uint64_t read_frames(struct fixture *f, uint64_t first, unsigned *count, size_t *bytes)
{
    int size;
    *count = 0;
    *bytes = 0;
    while ((size = peer_next_frame(f->recorder)) >= 0) {
        struct oyez_batch batch;
        assert_int_equal(oyez_batch_walk(&batch, f->recorder->received, (size_t)size),
                         OYEZ_BATCH_OK);
        assert_true(batch.epoch == f->recorder->welcome.epoch);
        assert_int_equal(batch.position, first);
        first += batch.event_count;
        *bytes += (size_t)size;
        ++*count;
    }
    return first;
}

// A single event of this size, or larger.
static void emit_sized(struct fixture *f, uint64_t seq, size_t event_size)
{
    static uint8_t bytes[OYEZ_FRAME_SIZE_MAX];
    size_t size = oyez_batch_begin(bytes, "plan.large", 10, f->emitter->id, seq, 0);
    size += oyez_batch_begin_event(bytes + size, event_size);
    memset(bytes + size, (int)seq, event_size);
    size += event_size;
    assert_int_equal(zmq_send(f->emitter->ingress, bytes, size, 0), (int)size);
}

static void test_all_that_is_asked_for_comes_when_it_fits(void **state)
{
    struct fixture *f = *state;
    unsigned count;
    size_t bytes;
    for (uint64_t seq = 1; seq <= 30; seq += 3)
        peer_emit(f->emitter, "plan.created", seq, 0, 3);
    peer_await_mark(f->emitter, 30, 0);
    oyez_v1_Repair repair = *ask_here(f, 1, 30);
    assert_int_equal(repair.through, 30);
    assert_int_equal(repair.oldest, 1);
    assert_int_equal(repair.head, 30);
    assert_int_equal(read_frames(f, 1, &count, &bytes), 31);
    assert_int_equal(count, 10);
    repair = *ask_here(f, 8, 11); // inside of batches
    assert_int_equal(repair.through, 12);
    assert_int_equal(read_frames(f, 7, &count, &bytes), 13);
    assert_int_equal(count, 2);
    repair = *ask_here(f, 29, 1000); // beyond the head
    assert_int_equal(repair.through, 30);
    assert_int_equal(read_frames(f, 28, &count, &bytes), 31);
    assert_int_equal(broker_counter(f->bus->broker, "repairs"), 3);
    assert_int_equal(broker_counter(f->bus->broker, "repair_frames"), 13);
}

static void test_nothing_is_there_of_an_empty_ring_of_the_future_and_of_another_epoch(void **state)
{
    struct fixture *f = *state;
    oyez_v1_Repair repair = *ask_here(f, 1, 5);
    assert_int_equal(repair.through, 0);
    assert_int_equal(repair.oldest, 0);
    assert_int_equal(repair.head, 0);
    assert_int_equal(peer_next_frame(f->recorder), -1);
    peer_emit(f->emitter, "plan.created", 1, 0, 3);
    peer_await_mark(f->emitter, 3, 0);
    repair = *ask_here(f, 4, 5);
    assert_int_equal(repair.through, 0);
    assert_int_equal(repair.oldest, 1);
    assert_int_equal(repair.head, 3);
    assert_int_equal(peer_next_frame(f->recorder), -1);
    repair = *ask(f, f->recorder->welcome.epoch - 1, 1, 3);
    assert_int_equal(repair.through, 0);
    assert_int_equal(repair.oldest, 0);
    assert_int_equal(repair.head, 0);
    assert_int_equal(peer_next_frame(f->recorder), -1);
}

static void test_what_was_overwritten_is_told_and_the_rest_comes(void **state)
{
    struct fixture *f = *state;
    unsigned count;
    size_t bytes;
    for (uint64_t seq = 1; seq <= 130; seq++) {
        emit_sized(f, seq, 80000);
        peer_await_mark(f->emitter, seq, 0);
    }
    oyez_v1_Repair repair = *ask_here(f, 1, 130);
    assert_true(repair.oldest > 60 && repair.oldest < 130);
    uint64_t next = read_frames(f, repair.oldest, &count, &bytes);
    assert_int_equal(repair.through, next - 1);
    assert_true(bytes <= OYEZ_REPAIR_SIZE_MAX);
    assert_int_equal(count, 3);
    while (next <= 130) { // asking on behind what came
        repair = *ask_here(f, next, 130);
        assert_true(repair.through >= next);
        next = read_frames(f, next, &count, &bytes);
    }
    assert_int_equal(next, 131);
    repair = *ask_here(f, 1, 3); // all of it is gone
    assert_int_equal(repair.through, 0);
    assert_int_equal(peer_next_frame(f->recorder), -1);
}

static void test_one_frame_comes_however_large_it_is(void **state)
{
    struct fixture *f = *state;
    unsigned count;
    size_t bytes;
    emit_sized(f, 1, OYEZ_DETAILS_SIZE_MAX + 1000);
    emit_sized(f, 2, 10);
    peer_await_mark(f->emitter, 2, 0);
    oyez_v1_Repair repair = *ask_here(f, 1, 2);
    assert_int_equal(repair.through, 1);
    assert_int_equal(read_frames(f, 1, &count, &bytes), 2);
    assert_int_equal(count, 1);
    assert_true(bytes > OYEZ_REPAIR_SIZE_MAX);
}

static void test_many_small_frames_are_bounded_in_number(void **state)
{
    struct fixture *f = *state;
    unsigned count;
    size_t bytes;
    for (uint64_t seq = 1; seq <= OYEZ_REPAIR_FRAMES_MAX + 100; seq++)
        peer_emit(f->emitter, "a", seq, 0, 1);
    peer_await_mark(f->emitter, OYEZ_REPAIR_FRAMES_MAX + 100, 0);
    oyez_v1_Repair repair = *ask_here(f, 1, OYEZ_REPAIR_FRAMES_MAX + 100);
    assert_int_equal(read_frames(f, 1, &count, &bytes), OYEZ_REPAIR_FRAMES_MAX + 1);
    assert_int_equal(repair.through, OYEZ_REPAIR_FRAMES_MAX);
}

static void test_a_range_that_is_none_is_rubbish(void **state)
{
    struct fixture *f = *state;
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_repair_request_tag;
    message.body.repair_request.epoch = f->recorder->welcome.epoch;
    peer_say(f->recorder, &message);
    message.body.repair_request.from = 5;
    message.body.repair_request.to = 4;
    peer_say(f->recorder, &message);
    peer_ping_pong(f->recorder);
    assert_int_equal(broker_counter(f->bus->broker, "bad_control"), 2);
    assert_int_equal(broker_counter(f->bus->broker, "repairs"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_all_that_is_asked_for_comes_when_it_fits),
        TEST(test_nothing_is_there_of_an_empty_ring_of_the_future_and_of_another_epoch),
        TEST(test_what_was_overwritten_is_told_and_the_rest_comes),
        TEST(test_one_frame_comes_however_large_it_is),
        TEST(test_many_small_frames_are_bounded_in_number),
        TEST(test_a_range_that_is_none_is_rubbish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
