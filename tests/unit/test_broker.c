// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "broker_peer.h"

static const struct oyez_broker_limits quick_end = {.drain_ms = 200};

static int set_up(void **state)
{
    *state = bus_open("tcp://127.0.0.1:0", &quick_end);
    return 0;
}

static int tear_down(void **state)
{
    bus_close(*state);
    return 0;
}

static void emit_and_receive(const char *listen)
{
    struct bus *bus = bus_open(listen, &quick_end);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_subscribe(peer, "plan.");
    peer_emit(peer, "plan.created", 1, 0, 3);
    peer_emit(peer, "deal.created", 4, 0, 1);
    peer_emit(peer, "plan.created", 5, 0, 1);
    const struct oyez_batch *batch = peer_receive(peer);
    assert_int_equal(batch->position, 1);
    assert_int_equal(batch->type_seq, 1);
    assert_int_equal(batch->event_count, 3);
    assert_true(batch->epoch == peer->welcome.epoch);
    batch = peer_receive(peer);
    assert_int_equal(batch->position, 5);
    assert_int_equal(batch->type_seq, 4);
    peer_await_mark(peer, 5, 0);
    peer_close(peer);
    bus_close(bus);
}

static void test_events_go_from_emitter_to_subscriber_over_tcp(void **state)
{
    (void)state;
    emit_and_receive("tcp://127.0.0.1:*");
    emit_and_receive("tcp://localhost:0");
}

static void test_events_go_from_emitter_to_subscriber_over_inproc(void **state)
{
    (void)state;
    emit_and_receive("inproc://bus");
}

static void test_events_go_from_emitter_to_subscriber_over_ipc(void **state)
{
    (void)state;
    char folder[] = "/tmp/oyez-test-XXXXXX", listen[64], lock[64];
    assert_non_null(mkdtemp(folder));
    snprintf(listen, sizeof listen, "ipc://%s/bus", folder);
    emit_and_receive(listen);
    snprintf(lock, sizeof lock, "%s/bus.lock", folder);
    assert_int_equal(access(lock, F_OK), -1);
    assert_int_equal(rmdir(folder), 0); // nothing is left behind
}

static void test_a_batch_that_asks_is_told_where_it_stands(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 1, 0, 2);
    peer_await_mark(peer, 2, 0);
    peer_emit(peer, "plan.created", 3, OYEZ_FLAG_TELL, 2);
    const oyez_v1_AcceptMark *mark = peer_await_mark(peer, 4, 0);
    assert_int_equal(mark->stamps_count, 1);
    assert_int_equal(mark->stamps[0].position, 3);
    assert_int_equal(mark->stamps[0].emitter_seq, 3);
    assert_int_equal(mark->stamps[0].count, 2);
    assert_true(mark->epoch == peer->welcome.epoch && mark->instance == peer->welcome.instance);
    peer_close(peer);
}

static void test_a_jump_gets_a_nack_and_the_gap_can_be_filled(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 3, 0, 1);
    const oyez_v1_Nack *nack = &peer_hear(peer, oyez_v1_FromBroker_nack_tag)->body.nack;
    assert_int_equal(nack->expected, 1);
    assert_true(nack->epoch == peer->welcome.epoch && nack->instance == peer->welcome.instance);
    peer_emit(peer, "plan.created", 1, OYEZ_FLAG_RESENT, 2);
    peer_emit(peer, "plan.created", 3, OYEZ_FLAG_RESENT, 1);
    peer_await_mark(peer, 3, 0);
    assert_int_equal(broker_counter(bus->broker, "events"), 3);
    assert_int_equal(broker_counter(bus->broker, "out_of_order"), 1);
    peer_close(peer);
}

static void test_a_sync_finds_the_loss_of_the_last_event(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, OYEZ_TOPIC_SYNC, 2, 0, 0);
    assert_int_equal(peer_hear(peer, oyez_v1_FromBroker_nack_tag)->body.nack.expected, 1);
    peer_emit(peer, "plan.created", 1, OYEZ_FLAG_RESENT, 1);
    peer_await_mark(peer, 1, 0);
    peer_emit(peer, OYEZ_TOPIC_SYNC, 2, 0, 0);
    assert_int_equal(peer_await_mark(peer, 1, 0)->durable_through, 1);
    peer_close(peer);
}

static void test_fast_jumps_and_duplicates_are_told_in_the_mark(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "plan.created", 4, OYEZ_FLAG_FAST, 2);
    peer_emit(peer, "plan.created", 4, OYEZ_FLAG_FAST, 2);
    peer_emit(peer, "plan.created", 10, OYEZ_FLAG_FAST, 1);
    const oyez_v1_AcceptMark *mark = peer_await_mark(peer, 0, 10);
    assert_int_equal(mark->fast_lost, 3 + 4);
    assert_int_equal(mark->durable_through, 0);
    assert_int_equal(broker_counter(bus->broker, "events"), 3);
    assert_int_equal(broker_counter(bus->broker, "duplicate"), 1);
    peer_close(peer);
}

static void test_events_before_the_hello_are_dropped_and_counted(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer->id[0] = 77;
    peer_emit(peer, "plan.created", 1, 0, 1);
    await_counter(bus->broker, "no_hello", 1);
    assert_int_equal(broker_counter(bus->broker, "events"), 0);
    peer_close(peer);
}

static void test_rubbish_on_ingress_is_counted_and_work_goes_on(void **state)
{
    struct bus *bus = *state;
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    make_frame(&peer->frame, "plan.created", peer->id, 1, 0, 1, 10);
    zmq_send(peer->ingress, peer->frame.bytes, peer->frame.size, ZMQ_SNDMORE);
    zmq_send(peer->ingress, "more", 4, ZMQ_SNDMORE);
    zmq_send(peer->ingress, "and more", 8, 0);
    zmq_send(peer->ingress, "", 0, 0);
    oyez_batch_stamp(peer->frame.bytes, peer->frame.body_offset, 0, 5, 0, 0);
    peer_send(peer);
    peer_emit(peer, "plan.created", 1, 0, 1);
    peer_await_mark(peer, 1, 0);
    assert_int_equal(broker_counter(bus->broker, "multipart"), 1);
    assert_int_equal(broker_counter(bus->broker, "no_nul"), 1);
    assert_int_equal(broker_counter(bus->broker, "forged_stamp"), 1);
    assert_int_equal(broker_counter(bus->broker, "events"), 1);
    peer_close(peer);
}

static void test_a_full_type_table_refuses_by_name_and_what_is_in_use_goes_on(void **state)
{
    (void)state;
    const struct oyez_broker_limits limits = {.types = 2, .drain_ms = 200};
    struct bus *bus = bus_open("tcp://127.0.0.1:0", &limits);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_emit(peer, "a", 1, 0, 1);
    peer_emit(peer, "b", 2, 0, 1);
    peer_emit(peer, "c", 3, 0, 2);
    peer_emit(peer, "a", 5, 0, 1);
    const oyez_v1_Refusal *refusal = &peer_hear(peer, oyez_v1_FromBroker_refusal_tag)->body.refusal;
    assert_int_equal(refusal->reason, oyez_v1_RefusalReason_REFUSAL_REASON_TYPES);
    assert_string_equal(refusal->event_type, "c");
    assert_int_equal(refusal->emitter_seq, 3);
    assert_int_equal(refusal->count, 2);
    assert_false(refusal->fast);
    assert_int_equal(peer_await_mark(peer, 5, 0)->refused, 2);
    assert_int_equal(broker_counter(bus->broker, "events"), 3);
    peer_close(peer);
    bus_close(bus);
}

static void pass_over_head(void *arg, const struct oyez_head *head)
{
    (void)arg;
    (void)head;
}

static void test_closing_passes_on_what_has_arrived_and_tells_the_heads(void **state)
{
    (void)state;
    enum { EVENTS = 900 }; // below the queue of one subscriber, so none is dropped
    struct bus *bus = bus_open("tcp://127.0.0.1:0", NULL);
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    peer_subscribe(peer, "");
    for (uint64_t seq = 1; seq <= EVENTS; seq++)
        peer_emit(peer, "plan.created", seq, 0, 1);
    await_counter(bus->broker, "events", 1);
    oyez_broker_close(&bus->broker);
    uint64_t seen = 0, told = 0;
    while (told < EVENTS) {
        const struct oyez_batch *batch = peer_receive(peer);
        if (is_type(batch, "plan.created"))
            assert_int_equal(batch->position, ++seen);
        if (!is_type(batch, OYEZ_TOPIC_HEARTBEAT))
            continue;
        struct oyez_event_parts parts = peer_details(peer);
        struct oyez_heads_message message;
        assert_int_equal(oyez_heartbeat_decode(&message, parts.details, parts.details_size,
                                               pass_over_head, NULL),
                         OYEZ_OK);
        told = message.position;
        assert_int_equal(told, seen); // the heartbeat never runs ahead of the events it tells
    }
    peer_await_mark(peer, EVENTS, 0);
    peer_close(peer);
    bus_close(bus);
}

struct restless {
    struct peer *peer;
    atomic_bool ends;
};

// Never leaves the broker a moment of quiet.
static void *emit_on(void *arg)
{
    struct restless *restless = arg;
    for (uint64_t seq = 1; !atomic_load(&restless->ends); seq++) {
        make_frame(&restless->peer->frame, "plan.created", restless->peer->id, seq, 0, 1, 10);
        if (zmq_send(restless->peer->ingress, restless->peer->frame.bytes,
                     restless->peer->frame.size, ZMQ_DONTWAIT) < 0)
            sched_yield();
    }
    return NULL;
}

static void test_closing_ends_in_time_while_an_emitter_goes_on(void **state)
{
    (void)state;
    struct bus *bus = bus_open("tcp://127.0.0.1:0", &quick_end);
    struct restless restless = {.peer = peer_open(bus->context, bus->broker, 1)};
    peer_open_ingress(restless.peer);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, emit_on, &restless), 0);
    await_counter(bus->broker, "events", 1);
    oyez_broker_close(&bus->broker); // would never return if it waited for quiet
    atomic_store(&restless.ends, true);
    pthread_join(thread, NULL);
    peer_close(restless.peer);
    bus_close(bus);
}

static void test_options_that_cannot_be_kept_are_refused(void **state)
{
    (void)state;
    oyez_broker *broker;
    struct oyez_broker_options options = {.listen = "tcp://127.0.0.1:0",
                                          .recorder = (enum oyez_broker_recorder)2};
    assert_int_equal(oyez_broker_open(&broker, &options), OYEZ_ERR_INVALID);
    assert_string_equal(oyez_error_detail(), "recorder: 2 is neither none nor wait");
    assert_null(broker);
    options.recorder = OYEZ_BROKER_RECORDER_NONE;
    options.ring_bytes = 1000;
    assert_int_equal(oyez_broker_open(&broker, &options), OYEZ_ERR_INVALID);
    options.ring_bytes = 0;
    const char *const bad[] = {"", "tcp://h:1,tcp://h:2", "tcp://h:1,tcp://h:2,tcp://h:3,",
                               "tcp://h:1,nonsense,tcp://h:3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        options.advertise = bad[i];
        assert_int_equal(oyez_broker_open(&broker, &options), OYEZ_ERR_INVALID);
    }
    oyez_broker_close(&broker); // NULL-safe
}

static void test_a_context_that_ends_first_ends_the_broker(void **state)
{
    (void)state;
    struct oyez_broker_options options = {.listen = "inproc://ends", .zmq_context = zmq_ctx_new()};
    oyez_broker *broker;
    assert_int_equal(oyez_broker_open(&broker, &options), OYEZ_OK);
    zmq_ctx_shutdown(options.zmq_context);
    oyez_broker_close(&broker);
    zmq_ctx_term(options.zmq_context);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_go_from_emitter_to_subscriber_over_tcp),
        cmocka_unit_test(test_events_go_from_emitter_to_subscriber_over_inproc),
        cmocka_unit_test(test_events_go_from_emitter_to_subscriber_over_ipc),
        TEST(test_a_batch_that_asks_is_told_where_it_stands),
        TEST(test_a_jump_gets_a_nack_and_the_gap_can_be_filled),
        TEST(test_a_sync_finds_the_loss_of_the_last_event),
        TEST(test_fast_jumps_and_duplicates_are_told_in_the_mark),
        TEST(test_events_before_the_hello_are_dropped_and_counted),
        TEST(test_rubbish_on_ingress_is_counted_and_work_goes_on),
        cmocka_unit_test(test_a_full_type_table_refuses_by_name_and_what_is_in_use_goes_on),
        cmocka_unit_test(test_closing_passes_on_what_has_arrived_and_tells_the_heads),
        cmocka_unit_test(test_closing_ends_in_time_while_an_emitter_goes_on),
        cmocka_unit_test(test_options_that_cannot_be_kept_are_refused),
        cmocka_unit_test(test_a_context_that_ends_first_ends_the_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
