// SPDX-License-Identifier: MIT
#include "answers.h"

#include <stdio.h>
#include <zmq.h>

#include "hello.h"
#include "metrics.h"
#include "repair.h"
#include "reply.h"
#include "status.h"

// One message on control: who sent it and what it says. The frames behind it are in the relay.
struct asked {
    zmq_msg_t routing_id;
    zmq_msg_t body;
    unsigned frames; // before those
};

// Frames relayed in one round, bytes: so long the live path waits at most.
enum { RELAYED_A_ROUND = 1024 * 1024 };

static void count(struct oyez_broker *broker, enum oyez_counter counter)
{
    oyez_counter_add(&broker->counters, counter, 1);
}

static enum oyez_payment send_to_session(void *arg, uint32_t session,
                                         const oyez_v1_FromBroker *message)
{
    return oyez_reply_send_to(arg, session, message, false);
}

void oyez_answers_pay(struct oyez_broker *broker)
{
    oyez_debts_pay(&broker->ingress.debts, broker->ingress.epoch, broker->ingress.instance,
                   broker->now_ms, send_to_session, broker);
}

static void fill_hello_needed(struct oyez_broker *broker)
{
    broker->answer.which_body = oyez_v1_FromBroker_hello_needed_tag;
    broker->answer.body.hello_needed =
        (oyez_v1_HelloNeeded){.epoch = broker->ingress.epoch, .instance = broker->ingress.instance};
}

// A restart in place. The old epoch ends with a heartbeat that tells its heads; everyone says
// hello again, and who misses this call hears it at the next ping.
static void roll_over(struct oyez_broker *broker, uint64_t highest_told)
{
    oyez_answers_pay(broker);
    oyez_heartbeat_publish(&broker->heartbeat, broker->recording.recorded_position, true);
    oyez_ingress_roll_over(&broker->ingress, highest_told);
    broker->heartbeat.number = 0;
    broker->heartbeat_due_ms = broker->now_ms;
    oyez_recording_roll_over(&broker->recording);
    oyez_relay_expire(&broker->relay);
    broker->answer.protocol_version = OYEZ_PROTOCOL_VERSION;
    broker->answer.request_id = 0;
    fill_hello_needed(broker);
    for (uint32_t i = 0; i < broker->sessions.used; i++)
        if (broker->sessions.entries[i].emitter != OYEZ_NONE)
            send_to_session(broker, i, &broker->answer);
    oyez_sessions_free(&broker->sessions);
    count(broker, OYEZ_COUNT_ROLLOVERS);
    oyez_broker_log(broker, OYEZ_WARNING,
                    "a peer knows of a later epoch: rolled over to epoch %llu",
                    (unsigned long long)broker->ingress.epoch);
}

// Fills broker->answer; false when there is none.
static bool answer_session(struct oyez_broker *broker, uint32_t session)
{
    if (session == OYEZ_NONE) {
        fill_hello_needed(broker);
        return true;
    }
    if (broker->request.which_body == oyez_v1_ToBroker_goodbye_tag) {
        oyez_hello_leave(broker, session, true);
        count(broker, OYEZ_COUNT_GOODBYES);
        return false;
    }
    broker->answer.which_body = oyez_v1_FromBroker_pong_tag;
    broker->answer.body.pong =
        (oyez_v1_Pong){.epoch = broker->ingress.epoch, .instance = broker->ingress.instance};
    return true;
}

// What only recorders may say, and what only their broker may answer: those of clients are refused.
static bool answer_recorder(struct oyez_broker *broker, uint32_t session)
{
    if (session == OYEZ_NONE) {
        fill_hello_needed(broker);
        return true;
    }
    bool is_primary =
        session == broker->recording.session && oyez_recording_is_attached(&broker->recording);
    bool is_mirror = broker->sessions.entries[session].role == oyez_v1_Role_ROLE_MIRROR;
    bool is_repair = broker->request.which_body == oyez_v1_ToBroker_repair_request_tag;
    if (!is_primary && !(is_mirror && is_repair)) {
        oyez_hello_refuse_role(broker, "only a recorder may say this, and it says hello as one");
        return true;
    }
    if (is_repair)
        broker->relay.size += oyez_repair_answer(broker, session);
    else if (broker->request.which_body == oyez_v1_ToBroker_answer_tag)
        oyez_relay_answer(broker);
    else if (oyez_recording_confirm(&broker->recording, &broker->ingress,
                                    &broker->request.body.confirm))
        oyez_hold_confirm(broker);
    return false;
}

static bool answer_ask(struct oyez_broker *broker, uint32_t session)
{
    if (session != OYEZ_NONE)
        return oyez_relay_ask(broker, session);
    fill_hello_needed(broker);
    return true;
}

static bool answer_request(struct oyez_broker *broker, const void *routing_id, size_t size)
{
    const oyez_v1_ToBroker *request = &broker->request;
    uint32_t session = oyez_sessions_find(&broker->sessions, routing_id, size);
    if (session != OYEZ_NONE)
        oyez_sessions_hear(&broker->sessions, session, broker->session_ms);
    switch (request->which_body) {
    case oyez_v1_ToBroker_hello_tag:
        if (oyez_hello_is_ahead(broker, &request->body.hello))
            roll_over(broker, request->body.hello.highest_epoch);
        return oyez_hello_answer(broker, routing_id, size, &request->body.hello);
    case oyez_v1_ToBroker_ping_tag:
    case oyez_v1_ToBroker_goodbye_tag:
        return answer_session(broker, session);
    case oyez_v1_ToBroker_status_request_tag:
        oyez_status_fill(broker);
        return true;
    case oyez_v1_ToBroker_confirm_tag:
    case oyez_v1_ToBroker_repair_request_tag:
    case oyez_v1_ToBroker_answer_tag:
        return answer_recorder(broker, session);
    case oyez_v1_ToBroker_ask_tag:
        return answer_ask(broker, session);
    case oyez_v1_ToBroker_metrics_report_tag:
        if (session != OYEZ_NONE)
            oyez_metrics_take(broker, session);
        return false;
    case oyez_v1_ToBroker_metrics_request_tag:
        if (session != OYEZ_NONE)
            broker->relay.size += oyez_metrics_answer(broker, session);
        else
            fill_hello_needed(broker);
        return session == OYEZ_NONE;
    default:
        count(broker, OYEZ_COUNT_BAD_CONTROL);
        return false;
    }
}

// Frames follow questions and answers, and nothing else.
static bool may_have_frames(const oyez_v1_ToBroker *request)
{
    return request->which_body == oyez_v1_ToBroker_ask_tag ||
           request->which_body == oyez_v1_ToBroker_answer_tag;
}

static void refuse_version(struct oyez_broker *broker)
{
    char text[160];
    snprintf(
        text, sizeof text,
        "the client speaks protocol version %u, this broker (oyez %s) version %u: use programs "
        "of one release",
        (unsigned)broker->request.protocol_version, OYEZ_VERSION, OYEZ_PROTOCOL_VERSION);
    count(broker, OYEZ_COUNT_WRONG_VERSION);
    oyez_hello_refuse(broker, oyez_v1_RefusalReason_REFUSAL_REASON_VERSION, text);
}

static void answer(struct oyez_broker *broker, struct asked *asked)
{
    const void *routing_id = zmq_msg_data(&asked->routing_id);
    size_t routing_id_size = zmq_msg_size(&asked->routing_id);
    oyez_err err = oyez_to_broker_decode(&broker->request, zmq_msg_data(&asked->body),
                                         zmq_msg_size(&asked->body));
    bool is_answered = true;
    if (broker->relay.count > 0 && (err != OYEZ_OK || !may_have_frames(&broker->request))) {
        count(broker, OYEZ_COUNT_BAD_CONTROL);
        return;
    }
    if (err == OYEZ_OK) {
        is_answered = answer_request(broker, routing_id, routing_id_size);
    } else if (err == OYEZ_ERR_VERSION) {
        broker->request.request_id = 0;
        refuse_version(broker);
    } else {
        count(broker, OYEZ_COUNT_BAD_CONTROL);
        return;
    }
    if (!is_answered)
        return;
    broker->answer.protocol_version = OYEZ_PROTOCOL_VERSION;
    broker->answer.request_id = broker->request.request_id;
    // Whoever asks asks again, so an answer is not kept.
    if (oyez_reply_send(broker, routing_id, routing_id_size, &broker->answer, false) != OYEZ_PAID)
        count(broker, OYEZ_COUNT_CONTROL_UNSENT);
}

// Reads one message whole. False when there is none.
static bool read_asked(struct oyez_broker *broker, struct asked *asked)
{
    void *socket = broker->sockets.control;
    asked->frames = 1;
    if (zmq_msg_recv(&asked->routing_id, socket, ZMQ_DONTWAIT) < 0)
        return false;
    if (!zmq_msg_more(&asked->routing_id))
        return true;
    if (zmq_msg_recv(&asked->body, socket, ZMQ_DONTWAIT) < 0)
        return false;
    asked->frames = 2;
    if (zmq_msg_more(&asked->body))
        oyez_relay_read(&broker->relay, socket);
    return true;
}

bool oyez_answers_serve(struct oyez_broker *broker, unsigned limit)
{
    struct asked asked;
    zmq_msg_init(&asked.routing_id);
    zmq_msg_init(&asked.body);
    bool more = true;
    size_t relayed = 0;
    for (unsigned i = 0; i < limit && more && relayed < RELAYED_A_ROUND; i++) {
        more = read_asked(broker, &asked);
        if (more && asked.frames == 2)
            answer(broker, &asked);
        else if (more)
            count(broker, OYEZ_COUNT_BAD_CONTROL);
        relayed += broker->relay.size;
        oyez_relay_drop(&broker->relay);
    }
    zmq_msg_close(&asked.routing_id);
    zmq_msg_close(&asked.body);
    return more;
}
