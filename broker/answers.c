// SPDX-License-Identifier: MIT
#include "answers.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <zmq.h>

#include "hello.h"
#include "status.h"

// One message on control: who sent it and what it says.
struct asked {
    zmq_msg_t routing_id;
    zmq_msg_t body;
};

static void count(struct oyez_broker *broker, enum oyez_counter counter)
{
    oyez_counter_add(&broker->counters, counter, 1);
}

static enum oyez_payment send_answer(struct oyez_broker *broker, const void *routing_id,
                                     size_t routing_id_size, const oyez_v1_FromBroker *answer)
{
    size_t size;
    oyez_err err =
        oyez_from_broker_encode(answer, broker->answer_bytes, sizeof broker->answer_bytes, &size);
    assert(err == OYEZ_OK);
    (void)err;
    // With ROUTER_MANDATORY the first frame already says whether there is a way and room.
    void *socket = broker->sockets.control;
    if (zmq_send(socket, routing_id, routing_id_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return errno == EAGAIN ? OYEZ_PAY_LATER : OYEZ_PAY_GONE;
    if (zmq_send(socket, broker->answer_bytes, size, ZMQ_DONTWAIT) < 0)
        return OYEZ_PAY_GONE;
    return OYEZ_PAID;
}

static enum oyez_payment send_to_session(void *arg, uint32_t session,
                                         const oyez_v1_FromBroker *message)
{
    struct oyez_broker *broker = arg;
    const struct oyez_session *entry = &broker->sessions.entries[session];
    return send_answer(broker, entry->routing_id, entry->routing_id_size, message);
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
    oyez_heartbeat_publish(&broker->heartbeat, broker->recorder.recorded_position);
    oyez_ingress_roll_over(&broker->ingress, highest_told);
    broker->heartbeat.number = 0;
    broker->heartbeat_due_ms = broker->now_ms;
    broker->recorder.recorded_position = 0;
    broker->answer.protocol_version = OYEZ_PROTOCOL_VERSION;
    broker->answer.request_id = 0;
    fill_hello_needed(broker);
    for (uint32_t i = 0; i < broker->sessions.used; i++)
        if (broker->sessions.entries[i].emitter != OYEZ_NONE)
            send_to_session(broker, i, &broker->answer);
    oyez_sessions_free(&broker->sessions);
    count(broker, OYEZ_COUNT_ROLLOVERS);
    oyez_broker_log(broker, OYEZ_WARNING,
                    "a client knows of a later epoch: rolled over to epoch %llu",
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
        oyez_hello_leave(broker, session);
        count(broker, OYEZ_COUNT_GOODBYES);
        return false;
    }
    broker->answer.which_body = oyez_v1_FromBroker_pong_tag;
    broker->answer.body.pong =
        (oyez_v1_Pong){.epoch = broker->ingress.epoch, .instance = broker->ingress.instance};
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
    default:
        count(broker, OYEZ_COUNT_BAD_CONTROL);
        return false;
    }
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
    if (send_answer(broker, routing_id, routing_id_size, &broker->answer) != OYEZ_PAID)
        count(broker, OYEZ_COUNT_CONTROL_UNSENT);
}

// Reads one message: exactly a routing id and a body, else it is rubbish. False when there is none.
static bool read_asked(struct oyez_broker *broker, struct asked *asked, bool *is_sound)
{
    void *socket = broker->sockets.control;
    if (zmq_msg_recv(&asked->routing_id, socket, ZMQ_DONTWAIT) < 0)
        return false;
    unsigned frames = 1;
    for (bool more = zmq_msg_more(&asked->routing_id); more; frames++) {
        if (zmq_msg_recv(&asked->body, socket, ZMQ_DONTWAIT) < 0)
            return false;
        more = zmq_msg_more(&asked->body);
    }
    *is_sound = frames == 2;
    return true;
}

bool oyez_answers_serve(struct oyez_broker *broker, unsigned limit)
{
    struct asked asked;
    zmq_msg_init(&asked.routing_id);
    zmq_msg_init(&asked.body);
    bool more = true;
    for (unsigned i = 0; i < limit && more; i++) {
        bool is_sound = false;
        more = read_asked(broker, &asked, &is_sound);
        if (is_sound)
            answer(broker, &asked);
        else if (more)
            count(broker, OYEZ_COUNT_BAD_CONTROL);
    }
    zmq_msg_close(&asked.routing_id);
    zmq_msg_close(&asked.body);
    return more;
}
