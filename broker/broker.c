// SPDX-License-Identifier: MIT
// One thread, one loop: ingress, control, subscription notices, what is owed, the clock. Every
// step is bounded and none waits, so that no peer can hold up another.
#include "core.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "answers.h"
#include "hello.h"
#include "status.h"
#include "wire/clock.h"

enum {
    INGRESS_FRAMES_A_ROUND = 1000,
    CONTROL_MESSAGES_A_ROUND = 256,
    NOTICES_A_ROUND = 1000,
    TICK_MS = 50,  // longest sleep: debts are tried again, silent sessions are found
    QUIET_MS = 20, // a draining broker hears nothing for so long: ingress is dry
};

enum { ITEM_INGRESS, ITEM_CONTROL, ITEM_EGRESS, ITEM_WAKE, ITEM_COUNT };

void oyez_broker_log(const struct oyez_broker *broker, enum oyez_severity severity,
                     const char *format, ...)
{
    if (broker->on_log == NULL)
        return;
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    broker->on_log(broker->on_log_arg, severity, line);
}

// A message of several frames is no batch: all its frames go.
static bool drop_multipart(struct oyez_broker *broker, zmq_msg_t *message)
{
    if (!zmq_msg_more(message))
        return false;
    oyez_counter_add(&broker->counters, OYEZ_COUNT_MULTIPART, 1);
    while (zmq_msg_more(message))
        if (zmq_msg_recv(message, broker->sockets.ingress, ZMQ_DONTWAIT) < 0)
            break;
    return true;
}

// A socket that nobody reads still has to be told of its new connections, and this is how.
static void mind_ingress(struct oyez_broker *broker)
{
    int events;
    size_t size = sizeof events;
    (void)zmq_getsockopt(broker->sockets.ingress, ZMQ_EVENTS, &events, &size);
}

// Takes what came on ingress; returns the number of frames.
static unsigned take_frames(struct oyez_broker *broker, unsigned limit)
{
    unsigned frames = 0;
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (frames < limit && !oyez_hold_check(broker) &&
           zmq_msg_recv(&message, broker->sockets.ingress, ZMQ_DONTWAIT) >= 0) {
        frames++;
        if (drop_multipart(broker, &message))
            continue;
        if (oyez_ingress_take(&broker->ingress, zmq_msg_data(&message), zmq_msg_size(&message),
                              broker->now_ms))
            oyez_egress_publish(&broker->egress, &message);
    }
    zmq_msg_close(&message);
    if (broker->hold.state == OYEZ_HOLD_ON)
        mind_ingress(broker);
    return frames;
}

// Sessions are timed by a clock that does not run while the broker itself is stopped: their pings
// wait in the socket then.
static void read_clock(struct oyez_broker *broker)
{
    uint64_t now_ms = oyez_clock_monotonic_ms();
    uint64_t passed_ms = now_ms - broker->now_ms;
    broker->session_ms += passed_ms < 2 * TICK_MS ? passed_ms : 2 * TICK_MS;
    broker->now_ms = now_ms;
}

static void keep_time(struct oyez_broker *broker)
{
    oyez_hello_expire(broker);
    oyez_hold_tick(broker);
    if (broker->now_ms < broker->heartbeat_due_ms)
        return;
    oyez_heartbeat_publish(&broker->heartbeat, broker->recording.recorded_position, false);
    oyez_status_refresh(broker);
    broker->heartbeat_due_ms = broker->now_ms + broker->heartbeat_ms;
}

// Everything but ingress, without waiting.
static void do_rest(struct oyez_broker *broker)
{
    oyez_answers_serve(broker, CONTROL_MESSAGES_A_ROUND);
    oyez_egress_read_notices(&broker->egress, NOTICES_A_ROUND);
    oyez_heartbeat_answer(&broker->heartbeat);
    oyez_recording_settle(&broker->recording, &broker->ingress);
    oyez_answers_pay(broker);
    broker->mark_waits = oyez_heartbeat_mark(&broker->heartbeat,
                                             broker->recording.recorded_position, broker->now_ms);
    keep_time(broker);
}

// Everything there is to do without waiting. Returns the number of frames taken.
static unsigned do_round(struct oyez_broker *broker)
{
    atomic_fetch_add_explicit(&broker->rounds, 1, memory_order_relaxed);
    read_clock(broker);
    unsigned frames = take_frames(broker, INGRESS_FRAMES_A_ROUND);
    do_rest(broker);
    return frames;
}

static int wait_ms(const struct oyez_broker *broker)
{
    uint64_t due_ms = broker->heartbeat_due_ms;
    if (broker->mark_waits && broker->heartbeat.mark_due_ms < due_ms)
        due_ms = broker->heartbeat.mark_due_ms;
    if (due_ms <= broker->now_ms)
        return 0;
    uint64_t left_ms = due_ms - broker->now_ms;
    return left_ms < TICK_MS ? (int)left_ms : TICK_MS;
}

// What has arrived by now is still stamped and passed on.
static void drain_ingress(struct oyez_broker *broker)
{
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + broker->limits.drain_ms / 2;
    zmq_pollitem_t ingress = {.socket = broker->sockets.ingress, .events = ZMQ_POLLIN};
    zmq_pollitem_t control = {.socket = broker->sockets.control, .events = ZMQ_POLLIN};
    for (;;) {
        unsigned frames = do_round(broker);
        bool is_held = broker->hold.state == OYEZ_HOLD_ON;
        if (is_held && !oyez_recording_is_attached(&broker->recording))
            return; // nobody will end it: emitters keep their events
        if (frames == 0 && zmq_poll(is_held ? &control : &ingress, 1, QUIET_MS) <= 0 && !is_held)
            return;
        if (broker->now_ms >= deadline_ms)
            break;
    }
    oyez_broker_log(broker, OYEZ_WARNING,
                    "stopped while emitters still send: they keep durable events");
}

// An attached recorder confirms the end, and repairs what it lacks of it: then its emitters need
// not send again to the next broker.
static void await_final_confirm(struct oyez_broker *broker)
{
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + broker->limits.final_confirm_ms;
    zmq_pollitem_t control = {.socket = broker->sockets.control, .events = ZMQ_POLLIN};
    while (oyez_recording_is_attached(&broker->recording) &&
           broker->recording.recorded_position < broker->ingress.position) {
        if (broker->now_ms >= deadline_ms) {
            oyez_broker_log(broker, OYEZ_WARNING,
                            "stopped before the recorder confirmed the last events");
            return;
        }
        if (zmq_poll(&control, 1, QUIET_MS) < 0 && errno != EINTR)
            return;
        read_clock(broker);
        oyez_answers_serve(broker, CONTROL_MESSAGES_A_ROUND);
        oyez_answers_pay(broker);
    }
}

static void drain(struct oyez_broker *broker)
{
    drain_ingress(broker);
    oyez_heartbeat_publish(&broker->heartbeat, broker->recording.recorded_position, true);
    oyez_answers_pay(broker);
    await_final_confirm(broker);
}

static void *run(void *arg)
{
    struct oyez_broker *broker = arg;
    zmq_pollitem_t items[ITEM_COUNT] = {
        [ITEM_INGRESS] = {.socket = broker->sockets.ingress, .events = ZMQ_POLLIN},
        [ITEM_CONTROL] = {.socket = broker->sockets.control, .events = ZMQ_POLLIN},
        [ITEM_EGRESS] = {.socket = broker->sockets.egress, .events = ZMQ_POLLIN},
        [ITEM_WAKE] = {.fd = broker->wake_fd, .events = ZMQ_POLLIN},
    };
    for (;;) {
        do_round(broker);
        items[ITEM_INGRESS].events = broker->hold.state == OYEZ_HOLD_ON ? 0 : ZMQ_POLLIN;
        if (zmq_poll(items, ITEM_COUNT, wait_ms(broker)) < 0 && errno != EINTR) {
            oyez_broker_log(broker, OYEZ_ERROR, "the broker stops: %s", zmq_strerror(errno));
            return NULL;
        }
        if (items[ITEM_WAKE].revents != 0)
            break;
    }
    drain(broker);
    return NULL;
}

// "CONTROL,INGRESS,EGRESS"
static oyez_err read_advertise(struct oyez_endpoints *out, const char *text)
{
    char *const fields[] = {out->control, out->ingress, out->egress};
    const char *rest = text;
    for (size_t i = 0; i < 3; i++) {
        size_t size = strcspn(rest, ",");
        if (size >= OYEZ_ENDPOINT_SIZE_MAX || (rest[size] == ',') != (i < 2))
            return oyez_fail(OYEZ_ERR_INVALID,
                             "advertise: \"%s\" is not three endpoints with commas between", text);
        memcpy(fields[i], rest, size);
        fields[i][size] = '\0';
        struct oyez_endpoint endpoint;
        oyez_err err = oyez_endpoint_parse(&endpoint, fields[i]);
        if (err != OYEZ_OK)
            return err;
        rest += size + 1;
    }
    return OYEZ_OK;
}

static struct oyez_broker_limits fill_limits(const struct oyez_broker_limits *given)
{
    struct oyez_broker_limits limits = {0};
    if (given != NULL)
        limits = *given;
    if (limits.sessions == 0)
        limits.sessions = OYEZ_SESSIONS_MAX;
    if (limits.emitters == 0)
        limits.emitters = OYEZ_EMITTERS_MAX;
    if (limits.types == 0)
        limits.types = OYEZ_TYPES_MAX;
    if (limits.session_timeout_ms == 0)
        limits.session_timeout_ms = OYEZ_SESSION_TIMEOUT_MS;
    if (limits.drain_ms == 0)
        limits.drain_ms = OYEZ_DRAIN_MS;
    if (limits.recorder_wait_ms == 0)
        limits.recorder_wait_ms = OYEZ_RECORDER_WAIT_MS;
    if (limits.final_confirm_ms == 0)
        limits.final_confirm_ms = OYEZ_FINAL_CONFIRM_MS;
    if (limits.ask_timeout_ms == 0)
        limits.ask_timeout_ms = OYEZ_ASK_TIMEOUT_MS;
    if (limits.egress_large_bytes == 0)
        limits.egress_large_bytes = OYEZ_EGRESS_BYTES_MAX;
    return limits;
}

static oyez_err read_options(struct oyez_broker *broker, const struct oyez_broker_options *options)
{
    broker->on_log = options->on_log;
    broker->on_log_arg = options->on_log_arg;
    broker->heartbeat_ms = options->heartbeat_ms == 0 ? OYEZ_HEARTBEAT_MS : options->heartbeat_ms;
    broker->hold.max_ms = options->hold_max_ms;
    if (options->ring_bytes != 0 && options->ring_bytes < OYEZ_RING_BYTES_MIN)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "ring_bytes: %zu is below %u: four of the largest frames",
                         options->ring_bytes, OYEZ_RING_BYTES_MIN);
    oyez_err err = oyez_recording_init(&broker->recording, options->recorder, broker->now_ms,
                                       broker->limits.recorder_wait_ms);
    if (err == OYEZ_OK && options->advertise != NULL) {
        broker->is_advertised = true;
        err = read_advertise(&broker->told, options->advertise);
    }
    return err;
}

static oyez_err open_parts(struct oyez_broker *broker, const struct oyez_broker_options *options)
{
    const char *listen = options->listen == NULL ? OYEZ_ENDPOINT_DEFAULT : options->listen;
    size_t ring_bytes = options->ring_bytes == 0 ? OYEZ_RING_BYTES_DEFAULT : options->ring_bytes;
    oyez_sessions_init(&broker->sessions, broker->limits.sessions);
    oyez_err err = oyez_ingress_open(&broker->ingress, &broker->counters, ring_bytes,
                                     broker->limits.types, broker->limits.emitters);
    broker->ingress.decisions.is_on = oyez_recording_is_expected(&broker->recording);
    if (err == OYEZ_OK)
        err = oyez_sockets_open(&broker->sockets, listen, options->insecure_listen,
                                options->zmq_context);
    if (err == OYEZ_OK)
        err = oyez_egress_open(&broker->egress, broker->sockets.egress, &broker->counters,
                               broker->limits.egress_large_bytes);
    if (err == OYEZ_OK)
        err = oyez_heartbeat_open(&broker->heartbeat, &broker->ingress, &broker->egress);
    if (err != OYEZ_OK)
        return err;
    if (!broker->is_advertised)
        broker->told = broker->sockets.bound;
    broker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (broker->wake_fd < 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "eventfd: %s", strerror(errno));
    return OYEZ_OK;
}

static void free_parts(struct oyez_broker *broker, int linger_ms)
{
    oyez_sockets_close(&broker->sockets, linger_ms);
    oyez_heartbeat_close(&broker->heartbeat);
    oyez_egress_close(&broker->egress);
    oyez_ingress_close(&broker->ingress);
    oyez_sessions_free(&broker->sessions);
    oyez_relay_close(&broker->relay);
    if (broker->wake_fd >= 0)
        close(broker->wake_fd);
    free(broker);
}

oyez_err oyez_broker_open_limited(oyez_broker **out, const struct oyez_broker_options *options,
                                  const struct oyez_broker_limits *limits)
{
    static const struct oyez_broker_options defaults = {0};
    *out = NULL;
    if (options == NULL)
        options = &defaults;
    struct oyez_broker *broker = calloc(1, sizeof *broker);
    if (broker == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a broker");
    oyez_relay_open(&broker->relay);
    broker->wake_fd = -1;
    broker->sockets.lock = -1;
    broker->limits = fill_limits(limits);
    broker->started_ns = oyez_clock_realtime_ns();
    broker->now_ms = oyez_clock_monotonic_ms();
    broker->heartbeat_due_ms = broker->now_ms;
    oyez_err err = read_options(broker, options);
    if (err == OYEZ_OK)
        err = open_parts(broker, options);
    if (err == OYEZ_OK) {
        int failure = pthread_create(&broker->thread, NULL, run, broker);
        if (failure != 0)
            err = oyez_fail(OYEZ_ERR_SYSTEM, "cannot start a thread: %s", strerror(failure));
    }
    if (err != OYEZ_OK) {
        free_parts(broker, 0);
        return err;
    }
    *out = broker;
    return OYEZ_OK;
}

oyez_err oyez_broker_open(oyez_broker **out, const struct oyez_broker_options *options)
{
    return oyez_broker_open_limited(out, options, NULL);
}

uint64_t oyez_broker_rounds(const oyez_broker *broker)
{
    return atomic_load_explicit(&broker->rounds, memory_order_relaxed);
}

const char *oyez_broker_endpoint(const oyez_broker *broker)
{
    return broker->sockets.bound.control;
}

size_t oyez_broker_counters(const oyez_broker *broker, struct oyez_broker_counter *out,
                            size_t capacity)
{
    for (size_t i = 0; i < OYEZ_COUNTER_COUNT && i < capacity; i++)
        out[i] = (struct oyez_broker_counter){
            .name = oyez_counter_name((enum oyez_counter)i),
            .value = oyez_counter_get(&broker->counters, (enum oyez_counter)i)};
    return OYEZ_COUNTER_COUNT;
}

void oyez_broker_close(oyez_broker **broker)
{
    if (*broker == NULL)
        return;
    uint64_t one = 1;
    ssize_t written = write((*broker)->wake_fd, &one, sizeof one);
    assert(written == (ssize_t)sizeof one);
    (void)written;
    pthread_join((*broker)->thread, NULL);
    free_parts(*broker, (int)((*broker)->limits.drain_ms / 2));
    *broker = NULL;
}
