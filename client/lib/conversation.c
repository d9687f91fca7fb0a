// SPDX-License-Identifier: MIT
#include "conversation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "acceptance.h"
#include "ask.h"
#include "metrics_ask.h"
#include "metrics_report.h"
#include "notices.h"
#include "receipts.h"
#include "receiver.h"
#include "sender.h"
#include "sockets.h"
#include "wire/clock.h"

#define HELLO_REPEAT_MS 250u
#define CONNECT_RETRY_MS 2u
// A broker that has not answered three pings is taken for gone.
#define SILENCE_MS (3u * OYEZ_PING_MS)

static bool say(struct oyez_client *client, const oyez_v1_ToBroker *message)
{
    uint8_t frame[512];
    size_t size;
    if (oyez_to_broker_encode(message, frame, sizeof frame, &size) != OYEZ_OK)
        return false;
    return zmq_send(client->control, frame, size, ZMQ_DONTWAIT) >= 0;
}

static void say_hello(struct oyez_client *client, uint64_t now_ms)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_hello_tag;
    oyez_v1_Hello *hello = &message.body.hello;
    memcpy(hello->client_id, client->id.bytes, OYEZ_UUID_SIZE);
    pthread_mutex_lock(&client->lock);
    hello->highest_epoch = client->session.highest_epoch;
    hello->durable_floor = window_floor(&client->windows[OYEZ_LANE_DURABLE]);
    hello->fast_floor = client->session.fast_through + 1;
    pthread_mutex_unlock(&client->lock);
    snprintf(hello->name, sizeof hello->name, "%s", client->name);
    hello->process_id = (uint32_t)getpid();
    // While the connection is being made the socket takes nothing: try again in a moment.
    bool said = say(client, &message);
    client->hello_due_ms = now_ms + (said ? HELLO_REPEAT_MS : CONNECT_RETRY_MS);
}

void conversation_goodbye(struct oyez_client *client)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_goodbye_tag;
    (void)say(client, &message);
}

static void ping(struct oyez_client *client, uint64_t now_ms)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_ping_tag;
    message.body.ping.epoch = client->session.epoch;
    (void)say(client, &message);
    client->ping_due_ms = now_ms + OYEZ_PING_MS;
}

static void ask_status(struct oyez_client *client, uint64_t now_ms)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_status_request_tag;
    pthread_mutex_lock(&client->lock);
    bool ask = client->status_asked && now_ms >= client->status_due_ms;
    message.request_id = client->status_request;
    pthread_mutex_unlock(&client->lock);
    if (!ask)
        return;
    bool said = say(client, &message);
    pthread_mutex_lock(&client->lock);
    client->status_asked = client->status_asked && !said;
    client->status_due_ms = now_ms + CONNECT_RETRY_MS;
    pthread_mutex_unlock(&client->lock);
}

static void lose_session(struct oyez_client *client)
{
    pthread_mutex_lock(&client->lock);
    client->session.open = false;
    pthread_mutex_unlock(&client->lock);
    char text[OYEZ_ENDPOINT_SIZE_MAX + 64];
    snprintf(text, sizeof text, "the broker at %s does not answer; trying on", client->endpoint);
    notice_add(client, &(struct oyez_notice){.kind = OYEZ_NOTICE_DISCONNECTED,
                                             .epoch = client->session.epoch,
                                             .text = text});
}

void conversation_tick(struct oyez_client *client, uint64_t now_ms)
{
    if (client->session.open && now_ms >= client->heard_ms + SILENCE_MS)
        lose_session(client);
    if (!client->session.open && now_ms >= client->hello_due_ms)
        say_hello(client, now_ms);
    if (client->session.open && now_ms >= client->ping_due_ms)
        ping(client, now_ms);
    ask_status(client, now_ms);
    ask_tick(client, now_ms);
    metrics_report_tick(client, now_ms);
    metrics_ask_tick(client, now_ms);
}

oyez_err conversation_listen(struct oyez_client *client)
{
    oyez_err err = socket_open(&client->egress, client->zmq_context, ZMQ_SUB);
    if (err != OYEZ_OK)
        return err;
    // At the default of 1000, most of 10,000 subscriptions would be dropped in silence.
    socket_set(client->egress, ZMQ_SNDHWM, 0);
    socket_set_max_size(client->egress, OYEZ_FRAME_SIZE_MAX);
    receiver_connected(client->receiver);
    return socket_connect(client->egress, client->reach.egress);
}

void conversation_fail(struct oyez_client *client, oyez_err err, const char *text)
{
    pthread_mutex_lock(&client->lock);
    client->session.refused = true;
    client->session.refused_err = err;
    snprintf(client->session.refused_text, sizeof client->session.refused_text, "%s", text);
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
    // Not at once again: what refuses now will refuse in the next millisecond too.
    client->hello_due_ms = oyez_clock_monotonic_ms() + OYEZ_PING_MS;
}

// Sockets that lead elsewhere now are opened anew by the session thread's loop.
static void reach(struct oyez_client *client, const oyez_v1_Welcome *welcome)
{
    struct oyez_endpoints bound;
    struct oyez_endpoints found;
    snprintf(bound.control, sizeof bound.control, "%s", welcome->control_endpoint);
    snprintf(bound.ingress, sizeof bound.ingress, "%s", welcome->ingress_endpoint);
    snprintf(bound.egress, sizeof bound.egress, "%s", welcome->egress_endpoint);
    found = bound;
    if (!welcome->advertised && oyez_endpoints_reach(&found, client->endpoint, &bound) != OYEZ_OK) {
        conversation_fail(client, OYEZ_ERR_MALFORMED, oyez_error_detail());
        return;
    }
    bool moved = strcmp(found.ingress, client->reach.ingress) != 0 ||
                 strcmp(found.egress, client->reach.egress) != 0;
    pthread_mutex_lock(&client->lock);
    client->reach = found;
    pthread_mutex_unlock(&client->lock);
    if (!moved)
        return;
    socket_close(&client->ingress);
    client->ingress_ready = false;
    socket_close(&client->egress);
}

static void take_welcome(struct oyez_client *client, const oyez_v1_Welcome *welcome)
{
    struct session *session = &client->session;
    if (welcome->epoch < session->highest_epoch)
        return; // a broker of the past: its successor's word has been heard
    bool fresh = welcome->epoch != session->epoch || welcome->instance != session->instance;
    bool opened = fresh || !session->open;
    reach(client, welcome);
    pthread_mutex_lock(&client->lock);
    bool ours = acceptance_welcome(client, welcome, fresh);
    if (ours) {
        session->open = true;
        session->refused = false;
        session->epoch = session->highest_epoch = welcome->epoch;
        session->instance = welcome->instance;
        if (fresh)
            session->epoch_refused = session->epoch_fast_lost = 0;
    }
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
    if (!ours) {
        conversation_fail(client, OYEZ_ERR_REFUSED,
                          "the broker expects numbers that this client has not given out");
        return;
    }
    receiver_set_epoch(client->receiver, welcome->epoch);
    client->ping_due_ms = client->heard_ms + OYEZ_PING_MS;
    client->reporting.wanted = welcome->takes_metrics;
    metrics_report_again(client);
    if (opened) {
        client->counters.sessions++;
        ask_again(client);
        notice_add(client, &(struct oyez_notice){.kind = OYEZ_NOTICE_CONNECTED,
                                                 .epoch = welcome->epoch,
                                                 .text = client->endpoint});
    }
}

static void take_refusal(struct oyez_client *client, const oyez_v1_FromBroker *message)
{
    const oyez_v1_Refusal *refusal = &message->body.refusal;
    // Hellos carry no request_id: whatever has one is an answer to a question.
    if (message->request_id != 0 ||
        refusal->reason == oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER) {
        ask_take_refusal(client, message->request_id, refusal);
        return;
    }
    if (refusal->reason == oyez_v1_RefusalReason_REFUSAL_REASON_TYPES ||
        refusal->reason == oyez_v1_RefusalReason_REFUSAL_REASON_RESERVED) {
        pthread_mutex_lock(&client->lock);
        acceptance_refusal(client, refusal);
        pthread_mutex_unlock(&client->lock);
        return;
    }
    conversation_fail(client, OYEZ_ERR_REFUSED,
                      refusal->text[0] != '\0' ? refusal->text : "the broker refused the session");
}

static bool is_present(const struct oyez_client *client, uint64_t epoch, uint64_t instance)
{
    return client->session.open && epoch == client->session.epoch &&
           instance == client->session.instance;
}

// A word from another epoch or instance than the session's: the broker started again.
static void hello_again(struct oyez_client *client)
{
    pthread_mutex_lock(&client->lock);
    client->session.open = false;
    pthread_mutex_unlock(&client->lock);
    client->hello_due_ms = 0;
}

static void take_mark(struct oyez_client *client, const oyez_v1_AcceptMark *mark)
{
    if (!is_present(client, mark->epoch, mark->instance))
        return;
    pthread_mutex_lock(&client->lock);
    bool progress = acceptance_mark(client, mark);
    pthread_mutex_unlock(&client->lock);
    if (progress)
        sender_progress(client, client->heard_ms);
}

static void take_nack(struct oyez_client *client, const oyez_v1_Nack *nack)
{
    if (!is_present(client, nack->epoch, nack->instance))
        return;
    pthread_mutex_lock(&client->lock);
    bool kept = acceptance_nack(client, nack->expected);
    pthread_mutex_unlock(&client->lock);
    if (!kept)
        hello_again(client);
    else
        sender_progress(client, client->heard_ms);
}

// True of the broker of the session, also while a new hello to it is on its way.
static void take_receipt(struct oyez_client *client, const oyez_v1_Receipt *receipt)
{
    struct session *session = &client->session;
    if (receipt->epoch != session->epoch || receipt->instance != session->instance)
        return;
    pthread_mutex_lock(&client->lock);
    uint64_t accepted = session->durable_accepted;
    oyez_err err = receipts_take(client, receipt);
    bool progress = session->durable_accepted != accepted;
    pthread_mutex_unlock(&client->lock);
    if (progress)
        sender_progress(client, client->heard_ms);
    if (err == OYEZ_ERR_NO_MEMORY)
        hello_again(client);
    else if (err != OYEZ_OK)
        client->counters.malformed++;
}

static void take_status(struct oyez_client *client, const oyez_v1_FromBroker *message)
{
    const oyez_v1_Status *status = &message->body.status;
    pthread_mutex_lock(&client->lock);
    struct oyez_status *out = client->status_out;
    if (out != NULL && message->request_id == client->status_request && !client->status_done) {
        *out = (struct oyez_status){
            .epoch = status->epoch, .position = status->position, .started_at = status->started_at};
        memcpy(out->version, status->version, sizeof out->version);
        for (pb_size_t i = 0; i < status->components_count; i++) {
            const oyez_v1_Component *from = &status->components[i];
            struct oyez_component *to = &out->components[out->component_count++];
            memcpy(to->name, from->name, sizeof to->name);
            memcpy(to->message, from->message, sizeof to->message);
            to->status = (enum oyez_health)from->status;
            to->last_check = from->last_check;
            out->health = to->status > out->health ? to->status : out->health;
        }
        for (pb_size_t i = 0; i < status->counters_count; i++) {
            struct oyez_counter *to = &out->counters[out->counter_count++];
            memcpy(to->name, status->counters[i].name, sizeof to->name);
            to->value = status->counters[i].value;
        }
        client->status_done = true;
        pthread_cond_broadcast(&client->changed);
    }
    pthread_mutex_unlock(&client->lock);
}

// False: nothing that a client should be told.
static bool take_message(struct oyez_client *client, const oyez_v1_FromBroker *message)
{
    switch (message->which_body) {
    case oyez_v1_FromBroker_welcome_tag:
        take_welcome(client, &message->body.welcome);
        break;
    case oyez_v1_FromBroker_pong_tag:
        if (!is_present(client, message->body.pong.epoch, message->body.pong.instance))
            hello_again(client);
        break;
    case oyez_v1_FromBroker_hello_needed_tag:
        hello_again(client);
        break;
    case oyez_v1_FromBroker_accept_mark_tag:
        take_mark(client, &message->body.accept_mark);
        break;
    case oyez_v1_FromBroker_nack_tag:
        take_nack(client, &message->body.nack);
        break;
    case oyez_v1_FromBroker_receipt_tag:
        take_receipt(client, &message->body.receipt);
        break;
    case oyez_v1_FromBroker_refusal_tag:
        take_refusal(client, message);
        break;
    case oyez_v1_FromBroker_status_tag:
        take_status(client, message);
        break;
    case oyez_v1_FromBroker_metrics_tag:
        return metrics_ask_take(client, message->request_id, message->body.metrics.next);
    case oyez_v1_FromBroker_answered_tag:
        return ask_take_answer(client);
    default:
        return false;
    }
    return true;
}

static bool take_frame(struct oyez_client *client, const void *frame, size_t size)
{
    static _Thread_local oyez_v1_FromBroker message; // 12 kB: too large for every frame's stack
    oyez_err err = oyez_from_broker_decode(&message, frame, size);
    client->heard_ms = oyez_clock_monotonic_ms();
    if (err == OYEZ_ERR_VERSION) {
        char text[160];
        snprintf(text, sizeof text,
                 "the broker at %.80s speaks protocol version %" PRIu32 ", this client %u",
                 client->endpoint, message.protocol_version, OYEZ_PROTOCOL_VERSION);
        conversation_fail(client, OYEZ_ERR_VERSION, text);
        return true;
    }
    return err == OYEZ_OK && take_message(client, &message);
}

// Takes what is left of a message off the socket. True when there was something.
static bool drop_rest(void *socket, zmq_msg_t *frame)
{
    bool any = false;
    int more = 0;
    size_t size = sizeof more;
    while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more != 0 &&
           zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) >= 0)
        any = true;
    return any;
}

void conversation_read(struct oyez_client *client)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    while (zmq_msg_recv(&frame, client->control, ZMQ_DONTWAIT) >= 0) {
        bool readable = take_frame(client, zmq_msg_data(&frame), zmq_msg_size(&frame));
        if (drop_rest(client->control, &frame) || !readable)
            client->counters.malformed++;
    }
    zmq_msg_close(&frame);
}
