// SPDX-License-Identifier: MIT
// The session with the broker.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "intake.h"
#include "wire/clock.h"
#include "wire/endpoint.h"

#define RECONNECT_MS 50
#define RECONNECT_MS_MAX 1000
#define LINGER_MS 500
#define EGRESS_MESSAGES 4096
#define HELLO_REPEAT_MS 250u
#define CONNECT_RETRY_MS 2u
#define REFUSED_RETRY_MS 1000u
#define SILENCE_MS (3u * OYEZ_PING_MS)

static void set(void *socket, int option, int value)
{
    (void)zmq_setsockopt(socket, option, &value, sizeof value);
}

static oyez_err open_socket(struct recorder_intake *intake, void **socket, int type)
{
    *socket = zmq_socket(intake->recorder->zmq_context, type);
    if (*socket == NULL)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no ZeroMQ socket: %s", zmq_strerror(errno));
    set(*socket, ZMQ_LINGER, LINGER_MS);
    set(*socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    set(*socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX);
    set(*socket, ZMQ_CONNECT_TIMEOUT, OYEZ_TRANSPORT_CONNECT_MS);
    // Before connect: libzmq takes these only for connections made afterwards.
    // A connection whose queue is full has stopped reading; if it breaks then, libzmq 4.3.4 aborts the
    // process at its next ping (libzmq issue 4841). So egress sends none, and is known to be dead by
    // its silence; control has no limit, because what the broker puts into it has one.
    if (type != ZMQ_SUB) {
        set(*socket, ZMQ_RCVHWM, 0);
        set(*socket, ZMQ_HEARTBEAT_IVL, OYEZ_TRANSPORT_HEARTBEAT_MS);
        set(*socket, ZMQ_HEARTBEAT_TIMEOUT, OYEZ_TRANSPORT_TIMEOUT_MS);
    }
    // On control too: the frames of a repair are as large as those of the bus.
    int64_t size = OYEZ_FRAME_SIZE_MAX;
    (void)zmq_setsockopt(*socket, ZMQ_MAXMSGSIZE, &size, sizeof size);
    return OYEZ_OK;
}

static oyez_err connect_socket(void *socket, const char *endpoint)
{
    if (zmq_connect(socket, endpoint) != 0)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: %s", endpoint, zmq_strerror(errno));
    return OYEZ_OK;
}

oyez_err recorder_control_open(struct recorder_intake *intake)
{
    oyez_err err = open_socket(intake, &intake->control, ZMQ_DEALER);
    if (err != OYEZ_OK)
        return err;
    // Messages for a broker that is not there would only be stale when it comes.
    set(intake->control, ZMQ_IMMEDIATE, 1);
    return connect_socket(intake->control, intake->recorder->endpoint);
}

static oyez_err open_egress(struct recorder_intake *intake, const char *endpoint)
{
    if (intake->egress != NULL && strcmp(endpoint, intake->egress_endpoint) == 0)
        return OYEZ_OK;
    if (intake->egress != NULL)
        zmq_close(intake->egress);
    intake->beacon_pending = false;
    oyez_err err = open_socket(intake, &intake->egress, ZMQ_SUB);
    if (err != OYEZ_OK)
        return err;
    set(intake->egress, ZMQ_SNDHWM, 0);
    set(intake->egress, ZMQ_RCVHWM, EGRESS_MESSAGES);
    zmq_setsockopt(intake->egress, ZMQ_SUBSCRIBE, "", 0);
    snprintf(intake->egress_endpoint, sizeof intake->egress_endpoint, "%s", endpoint);
    intake->egress_heard_ms = oyez_clock_monotonic_ms();
    return connect_socket(intake->egress, endpoint);
}

// The broker is heard about once a second: a connection without a word is dead, though the transport
// may not know it.
static void renew_dead_egress(struct recorder_intake *intake, uint64_t now_ms)
{
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    if (intake->egress == NULL || now_ms < intake->egress_heard_ms + OYEZ_TRANSPORT_TIMEOUT_MS)
        return;
    recorder_log(intake->recorder, OYEZ_WARNING, "nothing comes from %s; connecting again",
                 intake->egress_endpoint);
    memcpy(endpoint, intake->egress_endpoint, sizeof endpoint);
    intake->egress_endpoint[0] = '\0';
    if (open_egress(intake, endpoint) != OYEZ_OK)
        recorder_log(intake->recorder, OYEZ_ERROR, "%s", oyez_error_detail());
    intake->beacon_wanted = true;
}

bool recorder_control_say(struct recorder_intake *intake, bool more)
{
    size_t size;
    if (oyez_to_broker_encode(&intake->to_broker, intake->out, sizeof intake->out, &size) !=
        OYEZ_OK)
        return false;
    return zmq_send(intake->control, intake->out, size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >=
           0;
}

static void set_attached(struct recorder_intake *intake, bool attached)
{
    struct oyez_recorder *recorder = intake->recorder;
    // What a session before this one was told of a confirm, this one was not.
    intake->named_all = false;
    intake->told_covered = (struct recorder_covered){0};
    intake->decided_sent = intake->told_sent = 0;
    pthread_mutex_lock(&recorder->lock);
    recorder->counters.attached = attached;
    if (attached) {
        recorder->refused = false;
        recorder->confirm_all = true;
        pthread_cond_signal(&recorder->for_write);
    } else {
        recorder->caught_up = false;
    }
    pthread_mutex_unlock(&recorder->lock);
}

static uint64_t highest_epoch(const struct recorder_intake *intake)
{
    uint64_t highest = intake->stream_epoch;
    if (intake->epoch > highest)
        highest = intake->epoch;
    return intake->highest_told > highest ? intake->highest_told : highest;
}

static void say_hello(struct recorder_intake *intake, uint64_t now_ms)
{
    struct oyez_recorder *recorder = intake->recorder;
    memset(&intake->to_broker, 0, sizeof intake->to_broker);
    intake->to_broker.request_id = ++intake->hello_last;
    intake->to_broker.which_body = oyez_v1_ToBroker_hello_tag;
    oyez_v1_Hello *hello = &intake->to_broker.body.hello;
    memcpy(hello->client_id, recorder->client_id.bytes, OYEZ_UUID_SIZE);
    hello->role = recorder->mirror ? oyez_v1_Role_ROLE_MIRROR : oyez_v1_Role_ROLE_RECORDER;
    hello->highest_epoch = highest_epoch(intake);
    hello->durable_floor = hello->fast_floor = 1;
    snprintf(hello->name, sizeof hello->name, "%s", recorder->mirror ? "mirror" : "recorder");
    hello->process_id = (uint32_t)getpid();
    hello->recorded_epoch = intake->stream_epoch;
    hello->recorded_position = intake->next - 1;
    if (intake->hello_last == intake->hello_first) {
        intake->hello_epoch = hello->recorded_epoch;
        intake->hello_position = hello->recorded_position;
    }
    bool said = recorder_control_say(intake, false);
    intake->hello_due_ms = now_ms + (said ? HELLO_REPEAT_MS : CONNECT_RETRY_MS);
}

void recorder_control_hello_again(struct recorder_intake *intake)
{
    if (intake->open)
        set_attached(intake, false);
    intake->open = false;
    intake->hello_first = intake->hello_last + 1;
    intake->hello_due_ms = 0;
}

static void ping(struct recorder_intake *intake, uint64_t now_ms)
{
    memset(&intake->to_broker, 0, sizeof intake->to_broker);
    intake->to_broker.which_body = oyez_v1_ToBroker_ping_tag;
    intake->to_broker.body.ping.epoch = intake->epoch;
    (void)recorder_control_say(intake, false);
    intake->ping_due_ms = now_ms + OYEZ_PING_MS;
}

// Told once, also to whoever has named an endpoint where there never was a broker.
static void take_silence(struct recorder_intake *intake)
{
    if (intake->open)
        recorder_control_hello_again(intake);
    if (!intake->silence_told)
        recorder_log(intake->recorder, OYEZ_WARNING, "the broker at %s does not answer; trying on",
                     intake->recorder->endpoint);
    intake->silence_told = true;
}

void recorder_control_tick(struct recorder_intake *intake, uint64_t now_ms)
{
    // Whoever was stopped for a while has not listened: that is no silence of the broker.
    if (now_ms > intake->ticked_ms + OYEZ_PING_MS)
        intake->heard_ms = intake->egress_heard_ms = now_ms;
    intake->ticked_ms = now_ms;
    if (intake->open)
        renew_dead_egress(intake, now_ms);
    if (now_ms >= intake->heard_ms + SILENCE_MS)
        take_silence(intake);
    if (!intake->open && now_ms >= intake->hello_due_ms)
        say_hello(intake, now_ms);
    if (intake->open && now_ms >= intake->ping_due_ms)
        ping(intake, now_ms);
    recorder_report_tick(intake, now_ms);
}

uint64_t recorder_control_due(const struct recorder_intake *intake)
{
    return intake->open ? intake->ping_due_ms : intake->hello_due_ms;
}

void recorder_control_goodbye(struct recorder_intake *intake)
{
    memset(&intake->to_broker, 0, sizeof intake->to_broker);
    intake->to_broker.which_body = oyez_v1_ToBroker_goodbye_tag;
    (void)recorder_control_say(intake, false);
}

static void refuse(struct recorder_intake *intake, const char *text, uint64_t now_ms)
{
    struct oyez_recorder *recorder = intake->recorder;
    pthread_mutex_lock(&recorder->lock);
    bool again = recorder->refused;
    recorder->refused = true;
    snprintf(recorder->refusal, sizeof recorder->refusal, "%s", text);
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    if (!again)
        recorder_log(recorder, OYEZ_ERROR, "the broker at %s refused: %s", recorder->endpoint,
                     text);
    recorder_control_hello_again(intake);
    intake->hello_due_ms = now_ms + REFUSED_RETRY_MS;
}

static oyez_err reach(struct recorder_intake *intake, const oyez_v1_Welcome *welcome)
{
    struct oyez_endpoints bound, found;
    snprintf(bound.control, sizeof bound.control, "%s", welcome->control_endpoint);
    snprintf(bound.ingress, sizeof bound.ingress, "%s", welcome->ingress_endpoint);
    snprintf(bound.egress, sizeof bound.egress, "%s", welcome->egress_endpoint);
    found = bound;
    oyez_err err = OYEZ_OK;
    if (!welcome->advertised)
        err = oyez_endpoints_reach(&found, intake->recorder->endpoint, &bound);
    return err == OYEZ_OK ? open_egress(intake, found.egress) : err;
}

// A broker that stands in our epoch, but behind what we recorded of it, is another one whose clock
// gave it the same number: what it says would be taken for old.
static bool is_foreign(const struct recorder_intake *intake, const oyez_v1_Welcome *welcome)
{
    // As we stood when we asked: egress may have brought more since than the broker had then.
    return welcome->epoch == intake->hello_epoch && welcome->position < intake->hello_position;
}

static void take_welcome(struct recorder_intake *intake, uint64_t request_id, uint64_t now_ms)
{
    const oyez_v1_Welcome *welcome = &intake->from_broker.body.welcome;
    if (intake->open || request_id < intake->hello_first || request_id > intake->hello_last)
        return;
    if (welcome->epoch < highest_epoch(intake))
        return; // it will roll over, and ask for a hello
    if (is_foreign(intake, welcome)) {
        intake->highest_told = welcome->epoch + 1;
        intake->hello_first = intake->hello_last + 1;
        intake->hello_due_ms = 0;
        return;
    }
    oyez_err err = reach(intake, welcome);
    if (err != OYEZ_OK) {
        refuse(intake, oyez_error_detail(), now_ms);
        return;
    }
    intake->open = true;
    intake->silence_told = false;
    intake->reports_wanted = welcome->takes_metrics;
    intake->report_told.size = 0;
    intake->epoch = welcome->epoch;
    intake->instance = welcome->instance;
    intake->ping_due_ms = now_ms + OYEZ_PING_MS;
    intake->beacon_wanted = true;
    intake->beacon_seen = false;
    intake->repair_due_ms = 0; // an answer to the session before will not come
    if (intake->absent_epoch != welcome->epoch) {
        intake->absent_epoch = welcome->epoch;
        intake->absent_through = welcome->position;
    }
    set_attached(intake, true);
    recorder_asking_attached(intake, now_ms);
    recorder_log(intake->recorder, OYEZ_INFO, "attached to %s, epoch %" PRIu64,
                 intake->recorder->endpoint, welcome->epoch);
}

static void take_pong(struct recorder_intake *intake, uint64_t epoch, uint64_t instance)
{
    if (intake->open && (epoch != intake->epoch || instance != intake->instance))
        recorder_control_hello_again(intake);
}

static void take_message(struct recorder_intake *intake, uint64_t now_ms)
{
    const oyez_v1_FromBroker *message = &intake->from_broker;
    switch (message->which_body) {
    case oyez_v1_FromBroker_welcome_tag:
        take_welcome(intake, message->request_id, now_ms);
        break;
    case oyez_v1_FromBroker_pong_tag:
        take_pong(intake, message->body.pong.epoch, message->body.pong.instance);
        break;
    case oyez_v1_FromBroker_hello_needed_tag:
        recorder_control_hello_again(intake);
        break;
    case oyez_v1_FromBroker_refusal_tag:
        if (message->body.refusal.reason == oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER)
            recorder_asking_refused(intake, now_ms);
        else
            refuse(intake, message->body.refusal.text, now_ms);
        break;
    case oyez_v1_FromBroker_repair_tag:
        recorder_repair_begin(intake, &message->body.repair);
        break;
    case oyez_v1_FromBroker_answered_tag:
        recorder_asking_answered(intake);
        break;
    default:
        break;
    }
}

static void take_first(struct recorder_intake *intake, const void *frame, size_t size,
                       uint64_t now_ms)
{
    oyez_err err = oyez_from_broker_decode(&intake->from_broker, frame, size);
    intake->heard_ms = now_ms;
    if (err == OYEZ_ERR_VERSION) {
        char text[128];
        snprintf(text, sizeof text, "it speaks protocol version %" PRIu32 ", this recorder %u",
                 intake->from_broker.protocol_version, OYEZ_PROTOCOL_VERSION);
        refuse(intake, text, now_ms);
    }
    if (err != OYEZ_OK)
        intake->from_broker.which_body = 0;
    else
        take_message(intake, now_ms);
}

static void take_asked(struct recorder_intake *intake, const void *request, size_t size)
{
    struct oyez_recorder *recorder = intake->recorder;
    const oyez_v1_Asked *asked = &intake->from_broker.body.asked;
    if (recorder->mirror)
        return;
    pthread_mutex_lock(&recorder->lock);
    bool put =
        recorder_asks_put(&recorder->asks, asked->client.bytes, asked->client.size, request, size);
    pthread_mutex_unlock(&recorder->lock);
    if (!put)
        recorder_log(recorder, OYEZ_WARNING, "a question was dropped: too many wait");
}

static void take_further(struct recorder_intake *intake, const void *frame, size_t size)
{
    if (intake->from_broker.which_body == oyez_v1_FromBroker_repair_tag)
        recorder_repair_frame(intake, frame, size);
    else if (intake->from_broker.which_body == oyez_v1_FromBroker_asked_tag)
        take_asked(intake, frame, size);
    else if (intake->from_broker.which_body == oyez_v1_FromBroker_answered_tag)
        recorder_asking_frame(intake, frame, size);
}

void recorder_control_read(struct recorder_intake *intake, uint64_t now_ms)
{
    zmq_msg_t frame;
    bool first = true;
    zmq_msg_init(&frame);
    while (zmq_msg_recv(&frame, intake->control, ZMQ_DONTWAIT) >= 0) {
        if (first)
            take_first(intake, zmq_msg_data(&frame), zmq_msg_size(&frame), now_ms);
        else
            take_further(intake, zmq_msg_data(&frame), zmq_msg_size(&frame));
        first = zmq_msg_more(&frame) == 0;
        if (first && intake->from_broker.which_body == oyez_v1_FromBroker_repair_tag)
            recorder_repair_end(intake, now_ms);
        if (first && intake->from_broker.which_body == oyez_v1_FromBroker_answered_tag)
            recorder_asking_answer_end(intake, now_ms);
    }
    zmq_msg_close(&frame);
}
