// SPDX-License-Identifier: MIT
#include "relay.h"

#include <string.h>

#include "core.h"
#include "hello.h"
#include "reply.h"

// The broker's name for an asker: where its session stands and which question this is, so that an
// answer never reaches who did not ask for it.
struct asker {
    uint64_t number;
    uint32_t session;
};

enum { ASKER_SIZE = sizeof(uint64_t) + sizeof(uint32_t) };

static void count(struct oyez_broker *broker, enum oyez_counter counter)
{
    oyez_counter_add(&broker->counters, counter, 1);
}

static void write_asker(oyez_v1_Asked_client_t *out, uint32_t session, uint64_t number)
{
    memcpy(out->bytes, &number, sizeof number);
    memcpy(out->bytes + sizeof number, &session, sizeof session);
    out->size = ASKER_SIZE;
}

static bool read_asker(struct asker *out, const oyez_v1_Answer_client_t *client)
{
    if (client->size != ASKER_SIZE)
        return false;
    memcpy(&out->number, client->bytes, sizeof out->number);
    memcpy(&out->session, client->bytes + sizeof out->number, sizeof out->session);
    return true;
}

void oyez_relay_open(struct oyez_relay *relay)
{
    *relay = (struct oyez_relay){0};
    for (unsigned i = 0; i < OYEZ_ANSWER_FRAMES_MAX; i++)
        zmq_msg_init(&relay->frames[i]);
}

void oyez_relay_close(struct oyez_relay *relay)
{
    for (unsigned i = 0; i < OYEZ_ANSWER_FRAMES_MAX; i++)
        zmq_msg_close(&relay->frames[i]);
}

void oyez_relay_read(struct oyez_relay *relay, void *socket)
{
    zmq_msg_t rest;
    zmq_msg_init(&rest);
    relay->count = 0;
    relay->size = 0;
    for (bool more = true; more;) {
        bool has_room =
            relay->count < OYEZ_ANSWER_FRAMES_MAX && relay->size <= OYEZ_ANSWER_SIZE_MAX;
        zmq_msg_t *frame = has_room ? &relay->frames[relay->count] : &rest;
        if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0)
            break;
        relay->size += zmq_msg_size(frame);
        relay->count = has_room ? relay->count + 1 : OYEZ_ANSWER_FRAMES_MAX + 1;
        more = zmq_msg_more(frame);
    }
    zmq_msg_close(&rest);
}

void oyez_relay_drop(struct oyez_relay *relay)
{
    for (unsigned i = 0; i < relay->count && i < OYEZ_ANSWER_FRAMES_MAX; i++) {
        zmq_msg_close(&relay->frames[i]);
        zmq_msg_init(&relay->frames[i]);
    }
    relay->count = 0;
    relay->size = 0;
}

static void pass_frames(struct oyez_broker *broker)
{
    struct oyez_relay *relay = &broker->relay;
    for (unsigned i = 0; i < relay->count; i++)
        oyez_reply_pass(broker, &relay->frames[i], i + 1 < relay->count);
}

static bool waits_for_answer(const struct oyez_broker *broker, const struct oyez_session *entry)
{
    return entry->ask_number > broker->relay.asks_expired &&
           broker->now_ms - entry->ask_ms < broker->limits.ask_timeout_ms;
}

static bool refuse(struct oyez_broker *broker)
{
    count(broker, OYEZ_COUNT_ASKS_REFUSED);
    oyez_hello_refuse(broker, oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER,
                      "no recorder is attached to this broker: start it, or read its directory");
    return true;
}

bool oyez_relay_ask(struct oyez_broker *broker, uint32_t session)
{
    struct oyez_relay *relay = &broker->relay;
    struct oyez_session *entry = &broker->sessions.entries[session];
    if (relay->count != 1 || relay->size > OYEZ_ASK_SIZE_MAX) {
        count(broker, OYEZ_COUNT_BAD_CONTROL);
        return false;
    }
    if (!oyez_recording_is_attached(&broker->recording))
        return refuse(broker);
    if (waits_for_answer(broker, entry) || oyez_answer_queue_is_full(entry->answers)) {
        count(broker, OYEZ_COUNT_ASKS_DROPPED);
        return false;
    }
    uint64_t number = relay->asks + 1;
    broker->answer = (oyez_v1_FromBroker){.protocol_version = OYEZ_PROTOCOL_VERSION,
                                          .which_body = oyez_v1_FromBroker_asked_tag};
    write_asker(&broker->answer.body.asked.client, session, number);
    if (oyez_reply_send_to(broker, broker->recording.session, &broker->answer, true) != OYEZ_PAID)
        return refuse(broker);
    count(broker, OYEZ_COUNT_ASKS); // before its last frame makes it seen
    pass_frames(broker);
    relay->asks = number;
    // The same question once more: the answer to any of its copies is one to it, or an asker of a
    // recorder that takes longer than the time after which it asks again would never have one.
    bool again = entry->ask_number != 0 && entry->ask_request != 0 &&
                 entry->ask_request == broker->request.request_id;
    entry->ask_first = again ? entry->ask_first : number;
    entry->ask_number = number;
    entry->ask_ms = broker->now_ms;
    entry->ask_request = broker->request.request_id;
    return false;
}

// The session that waits for this answer; NULL when it is gone, or asked something else.
static struct oyez_session *find_asker(struct oyez_broker *broker, uint32_t *session)
{
    struct asker asker;
    if (!read_asker(&asker, &broker->request.body.answer.client) || asker.number == 0 ||
        asker.session >= broker->sessions.used)
        return NULL;
    *session = asker.session;
    struct oyez_session *entry = &broker->sessions.entries[asker.session];
    bool waits = entry->emitter != OYEZ_NONE && entry->ask_number != 0;
    return waits && asker.number >= entry->ask_first && asker.number <= entry->ask_number ? entry
                                                                                          : NULL;
}

void oyez_relay_answer(struct oyez_broker *broker)
{
    const struct oyez_relay *relay = &broker->relay;
    if (relay->count == 0 || relay->count > OYEZ_ANSWER_FRAMES_MAX ||
        relay->size > OYEZ_ANSWER_SIZE_MAX) {
        count(broker, OYEZ_COUNT_BAD_CONTROL);
        return;
    }
    uint32_t session = OYEZ_NONE;
    struct oyez_session *entry = find_asker(broker, &session);
    if (entry == NULL) {
        count(broker, OYEZ_COUNT_ANSWERS_DROPPED);
        return;
    }
    entry->ask_number = 0;
    broker->answer = (oyez_v1_FromBroker){.protocol_version = OYEZ_PROTOCOL_VERSION,
                                          .request_id = entry->ask_request,
                                          .which_body = oyez_v1_FromBroker_answered_tag};
    if (!oyez_answer_queue_join(&entry->answers, &broker->relay.frames[relay->count - 1]) ||
        oyez_reply_send_to(broker, session, &broker->answer, true) != OYEZ_PAID) {
        count(broker, OYEZ_COUNT_ANSWERS_DROPPED);
        return;
    }
    count(broker, OYEZ_COUNT_ANSWERS); // as above
    pass_frames(broker);
}

void oyez_relay_expire(struct oyez_relay *relay)
{
    relay->asks_expired = relay->asks;
}
