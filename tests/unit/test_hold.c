// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "broker_peer.h"

// A broker without sockets or thread: time passes and frames come as the test says.
struct fixture {
    struct oyez_broker broker;
    unsigned lines; // of the log
    uint8_t frame[OYEZ_FRAME_SIZE_MAX];
};

static void count_line(void *arg, enum oyez_severity severity, const char *line)
{
    struct fixture *f = arg;
    (void)severity;
    assert_true(strlen(line) > 20);
    f->lines++;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct oyez_broker *broker = &f->broker;
    broker->on_log = count_line;
    broker->on_log_arg = f;
    broker->session_ms = 100000;
    broker->hold.progress_ms = broker->session_ms;
    broker->hold.max_ms = 1000;
    assert_int_equal(oyez_recording_init(&broker->recording, OYEZ_BROKER_RECORDER_WAIT, 0, 0),
                     OYEZ_OK);
    assert_int_equal(
        oyez_ingress_open(&broker->ingress, &broker->counters, OYEZ_RING_BYTES_MIN, 2, 1), OYEZ_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    oyez_ingress_close(&f->broker.ingress);
    free(f);
    return 0;
}

static uint64_t counter(const struct fixture *f, enum oyez_counter which)
{
    return oyez_counter_get(&f->broker.counters, which);
}

static void append(struct fixture *f, size_t size)
{
    struct oyez_ingress *ingress = &f->broker.ingress;
    oyez_ring_append(&ingress->ring, f->frame, size, ++ingress->position, 1);
}

// Frames as large as they may be until intake is held; at most ten.
static void fill(struct fixture *f)
{
    for (unsigned i = 0; i < 10 && !oyez_hold_check(&f->broker); i++)
        append(f, sizeof f->frame);
}

static void confirm(struct fixture *f, uint64_t position)
{
    f->broker.recording.recorded_position = position;
    oyez_hold_confirm(&f->broker);
}

static void pass(struct fixture *f, uint64_t milliseconds)
{
    f->broker.session_ms += milliseconds;
    oyez_hold_tick(&f->broker);
}

static void test_nothing_unconfirmed_is_ever_pushed_out_while_intake_is_held(void **state)
{
    struct fixture *f = *state;
    f->broker.hold.max_ms = 0;
    unsigned seed = 7;
    for (unsigned i = 0; i < 5000; i++) {
        if (oyez_hold_check(&f->broker)) {
            uint64_t open = f->broker.ingress.position - f->broker.recording.recorded_position;
            confirm(f, f->broker.recording.recorded_position + 1 +
                           (unsigned)rand_r(&seed) % (unsigned)open);
            continue;
        }
        append(f, (unsigned)rand_r(&seed) % 4 == 0 ? sizeof f->frame
                                                   : (unsigned)rand_r(&seed) % 50000);
        assert_true(oyez_ring_first_position(&f->broker.ingress.ring) <=
                    f->broker.recording.recorded_position + 1);
    }
    assert_true(counter(f, OYEZ_COUNT_HOLDS) > 10);
    assert_true(oyez_ring_first_position(&f->broker.ingress.ring) > 1000);
}

static void test_a_confirm_that_makes_room_ends_it(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_true(oyez_hold_check(&f->broker));
    assert_int_equal(f->broker.ingress.position, 4);
    pass(f, 400);
    assert_true(oyez_hold_check(&f->broker));
    confirm(f, 1);
    assert_false(oyez_hold_check(&f->broker));
    assert_int_equal(f->broker.hold.state, OYEZ_HOLD_OFF);
    assert_int_equal(counter(f, OYEZ_COUNT_HOLDS), 1);
    assert_int_equal(counter(f, OYEZ_COUNT_HELD_MS), 400);
    assert_int_equal(counter(f, OYEZ_COUNT_HOLD_OVERRUNS), 0);
    assert_int_equal(f->lines, 2); // it waits, it goes on
}

static void test_it_lasts_so_long_and_then_the_bus_goes_on(void **state)
{
    struct fixture *f = *state;
    fill(f);
    pass(f, 999);
    assert_true(oyez_hold_check(&f->broker));
    pass(f, 1);
    assert_false(oyez_hold_check(&f->broker));
    assert_int_equal(f->broker.hold.state, OYEZ_HOLD_OVERRUN);
    for (unsigned i = 0; i < 20; i++) {
        append(f, sizeof f->frame);
        pass(f, 100);
        assert_false(oyez_hold_check(&f->broker));
    }
    assert_int_equal(counter(f, OYEZ_COUNT_HOLDS), 1);
    assert_int_equal(counter(f, OYEZ_COUNT_HOLD_OVERRUNS), 1);
    assert_int_equal(counter(f, OYEZ_COUNT_HELD_MS), 1000);
    assert_int_equal(f->lines, 2); // it waits, it goes on without: not a word more
    confirm(f, f->broker.ingress.position);
    assert_false(oyez_hold_check(&f->broker));
    assert_int_equal(f->broker.hold.state, OYEZ_HOLD_OFF);
    fill(f);
    assert_int_equal(counter(f, OYEZ_COUNT_HOLDS), 2);
}

static void test_progress_without_room_holds_on(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 2000; i++)
        append(f, 10);
    fill(f);
    for (unsigned i = 1; i < 10; i++) {
        pass(f, 900);
        confirm(f, i);
        assert_true(oyez_hold_check(&f->broker));
    }
    assert_int_equal(counter(f, OYEZ_COUNT_HELD_MS), 8100);
    pass(f, 1000);
    assert_false(oyez_hold_check(&f->broker)); // an overrun
    confirm(f, 10);
    assert_true(oyez_hold_check(&f->broker)); // the recorder is back, the episode the same
    assert_int_equal(counter(f, OYEZ_COUNT_HOLDS), 1);
}

static void test_for_ever_is_for_ever(void **state)
{
    struct fixture *f = *state;
    f->broker.hold.max_ms = 0;
    fill(f);
    pass(f, UINT64_C(1) << 40);
    assert_true(oyez_hold_check(&f->broker));
}

static void test_an_idle_recorder_has_all_the_time(void **state)
{
    struct fixture *f = *state;
    append(f, 10);
    confirm(f, 1);
    pass(f, 3600000); // an hour without events
    fill(f);
    assert_true(oyez_hold_check(&f->broker));
    pass(f, 1000);
    assert_false(oyez_hold_check(&f->broker));
}

static void test_a_clean_detach_ends_it_and_an_unclean_one_does_not(void **state)
{
    struct fixture *f = *state;
    struct oyez_recording *recording = &f->broker.recording;
    oyez_recording_attach(recording, 5);
    fill(f);
    oyez_recording_leave(recording, 5, false);
    assert_true(oyez_hold_check(&f->broker));
    oyez_recording_attach(recording, 6);
    oyez_recording_leave(recording, 5, true); // of another session
    assert_true(oyez_hold_check(&f->broker));
    oyez_recording_leave(recording, 6, true);
    assert_false(oyez_hold_check(&f->broker));
    append(f, sizeof f->frame);
    append(f, sizeof f->frame);
    oyez_recording_attach(recording, 7);
    assert_true(oyez_hold_check(&f->broker));
}

static void test_without_a_recorder_by_policy_nothing_is_held(void **state)
{
    struct fixture *f = *state;
    f->broker.recording.policy = OYEZ_BROKER_RECORDER_NONE;
    fill(f);
    assert_int_equal(f->broker.ingress.position, 10);
    assert_int_equal(counter(f, OYEZ_COUNT_HOLDS), 0);
}

static void test_a_new_epoch_begins_with_room(void **state)
{
    struct fixture *f = *state;
    fill(f);
    oyez_ring_clear(&f->broker.ingress.ring);
    f->broker.ingress.position = 0;
    oyez_recording_roll_over(&f->broker.recording);
    assert_false(oyez_hold_check(&f->broker));
    fill(f);
    assert_true(f->broker.ingress.position >= 2);
    assert_int_equal(oyez_ring_first_position(&f->broker.ingress.ring), 1);
}

// And with sockets.

static const struct oyez_broker_limits quick = {
    .drain_ms = 200, .recorder_wait_ms = 1, .final_confirm_ms = 100};

static void emit_large(struct peer *peer, uint64_t seq)
{
    static uint8_t bytes[OYEZ_FRAME_SIZE_MAX];
    const size_t event_size = 1000000;
    size_t size = oyez_batch_begin(bytes, "plan.large", 10, peer->id, seq, 0);
    size += oyez_batch_begin_event(bytes + size, event_size);
    size += event_size;
    assert_int_equal(zmq_send(peer->ingress, bytes, size, 0), (int)size);
}

// Three large events fit into the ring beside the room that is kept free; more are held.
static struct peer *open_held(struct bus *bus, struct peer *recorder)
{
    struct peer *peer = peer_open(bus->context, bus->broker, 1);
    peer_open_ingress(peer);
    assert_true(recorder == NULL || peer->welcome.recorder_attached);
    for (uint64_t seq = 1; seq <= 6; seq++)
        emit_large(peer, seq);
    await_counter(bus->broker, "holds", 1);
    return peer;
}

static void test_while_intake_waits_everything_else_goes_on(void **state)
{
    (void)state;
    struct bus *bus = bus_open_waiting(&quick, (struct oyez_broker_options){.hold_max_ms = 0});
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = open_held(bus, recorder);
    uint64_t events = broker_counter(bus->broker, "events");
    assert_true(events < 6);
    // A new emitter still gets the subscription, a subscriber its beacon, a recorder its repair.
    struct peer *other = peer_open(bus->context, bus->broker, 2);
    peer_open_ingress(other);
    peer_ping_pong(other);
    peer_subscribe(other, OYEZ_TOPIC_HEARTBEAT);
    peer_receive_type(other, OYEZ_TOPIC_HEARTBEAT);
    oyez_v1_ToBroker repair = oyez_v1_ToBroker_init_zero;
    repair.which_body = oyez_v1_ToBroker_repair_request_tag;
    repair.body.repair_request =
        (oyez_v1_RepairRequest){.epoch = recorder->welcome.epoch, .from = 1, .to = 1};
    peer_say(recorder, &repair);
    assert_int_equal(peer_hear(recorder, oyez_v1_FromBroker_repair_tag)->body.repair.oldest, 1);
    assert_int_equal(broker_counter(bus->broker, "events"), events);
    for (uint64_t position = events; position <= 6; position++) {
        await_counter(bus->broker, "events", position);
        oyez_v1_ToBroker confirm = confirm_of(recorder, position);
        decide(&confirm, peer, 1, position);
        peer_say(recorder, &confirm);
        assert_int_equal(peer_await_receipt(peer, position)->lost_count, 0);
    }
    assert_int_equal(broker_counter(bus->broker, "hold_overruns"), 0);
    peer_close(peer);
    peer_close(other);
    peer_close(recorder);
    bus_close(bus);
}

static long processor_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void test_a_held_broker_sleeps(void **state)
{
    (void)state;
    struct bus *bus = bus_open_waiting(&quick, (struct oyez_broker_options){.hold_max_ms = 0});
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = open_held(bus, recorder);
    uint64_t before = broker_counter(bus->broker, "heartbeats");
    long busy_ms = processor_ms();
    await_counter(bus->broker, "heartbeats", before + 12); // 600 ms, or more
    assert_true(processor_ms() - busy_ms < 300);
    peer_close(peer);
    peer_close(recorder);
    bus_close(bus);
}

static void test_intake_goes_on_without_a_recorder_in_the_end(void **state)
{
    (void)state;
    struct bus *bus = bus_open_waiting(&quick, (struct oyez_broker_options){.hold_max_ms = 300});
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = open_held(bus, recorder);
    peer_await_mark(peer, 6, 0);
    assert_int_equal(broker_counter(bus->broker, "hold_overruns"), 1);
    assert_true(broker_counter(bus->broker, "held_ms") > 0);
    peer_close(peer);
    peer_close(recorder);
    bus_close(bus);
}

static void test_a_recorder_that_says_goodbye_lets_intake_go(void **state)
{
    (void)state;
    struct bus *bus = bus_open_waiting(&quick, (struct oyez_broker_options){.hold_max_ms = 0});
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = open_held(bus, recorder);
    peer_goodbye(recorder);
    peer_await_mark(peer, 6, 0);
    peer_close(peer);
    peer_close(recorder);
    bus_close(bus);
}

static void test_a_held_broker_can_be_closed(void **state)
{
    (void)state;
    struct bus *bus = bus_open_waiting(&quick, (struct oyez_broker_options){.hold_max_ms = 0});
    struct peer *recorder = recorder_open(bus, 9);
    struct peer *peer = open_held(bus, recorder);
    oyez_broker_close(&bus->broker);
    assert_null(bus->broker);
    peer_close(peer);
    peer_close(recorder);
    bus_close(bus);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_unconfirmed_is_ever_pushed_out_while_intake_is_held),
        TEST(test_a_confirm_that_makes_room_ends_it),
        TEST(test_it_lasts_so_long_and_then_the_bus_goes_on),
        TEST(test_progress_without_room_holds_on),
        TEST(test_for_ever_is_for_ever),
        TEST(test_an_idle_recorder_has_all_the_time),
        TEST(test_a_clean_detach_ends_it_and_an_unclean_one_does_not),
        TEST(test_without_a_recorder_by_policy_nothing_is_held),
        TEST(test_a_new_epoch_begins_with_room),
        cmocka_unit_test(test_while_intake_waits_everything_else_goes_on),
        cmocka_unit_test(test_a_held_broker_sleeps),
        cmocka_unit_test(test_intake_goes_on_without_a_recorder_in_the_end),
        cmocka_unit_test(test_a_recorder_that_says_goodbye_lets_intake_go),
        cmocka_unit_test(test_a_held_broker_can_be_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
