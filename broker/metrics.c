// SPDX-License-Identifier: MIT
#include "metrics.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reply.h"
#include "wire/metric_set.h"

// Where an answer goes on: at a number of a type, then at one of a session.
#define SESSIONS_FROM (UINT64_C(1) << 32)

struct answer {
    struct oyez_broker *broker;
    uint64_t at;
    unsigned parts;
    size_t bytes;
};

void oyez_metrics_take(struct oyez_broker *broker, uint32_t session)
{
    const oyez_v1_MetricsReport *report = &broker->request.body.metrics_report;
    struct oyez_session *entry = &broker->sessions.entries[session];
    free(entry->metrics);
    entry->metrics = malloc(report->sets.size);
    entry->metrics_size = entry->metrics != NULL ? report->sets.size : 0;
    if (entry->metrics != NULL)
        memcpy(entry->metrics, report->sets.bytes, report->sets.size);
    oyez_counter_add(&broker->counters, OYEZ_COUNT_REPORTS, 1);
}

static uint32_t types_told(const struct oyez_broker *broker)
{
    uint32_t count = broker->ingress.types.count;
    return count < OYEZ_METRICS_TYPES_MAX ? count : OYEZ_METRICS_TYPES_MAX;
}

// As many types as one part holds.
static void fill_types(struct answer *answer, oyez_v1_MetricsPart *part)
{
    const struct oyez_types *types = &answer->broker->ingress.types;
    uint32_t count = types_told(answer->broker);
    struct oyez_metric_sets sets = {.size = 0};
    oyez_v1_MetricSet set;
    for (; answer->at < count; answer->at++) {
        const struct oyez_type_head *head = &types->heads[answer->at];
        char name[OYEZ_EVENT_TYPE_SIZE_MAX + 1] = "";
        memcpy(name, head->name, head->name_size);
        oyez_metric_set_begin(&set, OYEZ_METRIC_SCOPE_TYPE, name);
        oyez_metric_set_add(&set, OYEZ_METRIC_TYPE_EVENTS, head->sequence);
        if (!oyez_metric_sets_put(&sets, &set))
            break;
    }
    part->client_id.size = 0;
    memcpy(part->sets.bytes, sets.bytes, sets.size);
    part->sets.size = (pb_size_t)sets.size;
    if (answer->at >= count)
        answer->at = SESSIONS_FROM;
}

// The next session that has told something. False: there is none.
static bool fill_session(struct answer *answer, oyez_v1_MetricsPart *part)
{
    const struct oyez_broker *broker = answer->broker;
    const struct oyez_session *session = NULL;
    while (answer->at - SESSIONS_FROM < broker->sessions.used && session == NULL) {
        const struct oyez_session *entry = &broker->sessions.entries[answer->at - SESSIONS_FROM];
        session = entry->emitter != OYEZ_NONE && entry->metrics_size > 0 ? entry : NULL;
        answer->at++;
    }
    if (session == NULL)
        return false;
    memcpy(part->client_id.bytes, broker->ingress.emitters.entries[session->emitter].id,
           OYEZ_UUID_SIZE);
    part->client_id.size = OYEZ_UUID_SIZE;
    part->role = session->role;
    memcpy(part->sets.bytes, session->metrics, session->metrics_size);
    part->sets.size = (pb_size_t)session->metrics_size;
    return true;
}

static bool fill_part(struct answer *answer, oyez_v1_MetricsPart *part)
{
    memset(part, 0, offsetof(oyez_v1_MetricsPart, sets));
    if (answer->at < SESSIONS_FROM && types_told(answer->broker) > answer->at) {
        fill_types(answer, part);
        return true;
    }
    if (answer->at < SESSIONS_FROM)
        answer->at = SESSIONS_FROM;
    return fill_session(answer, part);
}

// What follows is known before the first frame goes, because that says where to go on.
static unsigned find_parts(struct answer *answer, oyez_v1_MetricsPart *part)
{
    struct answer walked = *answer;
    while (walked.parts < OYEZ_METRICS_PARTS_MAX && fill_part(&walked, part))
        walked.parts++;
    bool is_last = walked.parts < OYEZ_METRICS_PARTS_MAX;
    answer->broker->answer.body.metrics.next = is_last ? 0 : walked.at;
    return walked.parts;
}

// The frame of a part, counted with its session until it is handed on if it is the last.
static bool send_part(struct oyez_broker *broker, uint32_t session, oyez_v1_MetricsPart *part,
                      bool is_last, size_t *bytes)
{
    uint8_t frame[OYEZ_METRICS_PART_SIZE_MAX];
    size_t size;
    zmq_msg_t message;
    bool good = oyez_metrics_part_encode(part, frame, sizeof frame, &size);
    assert(good); // its sizes are static
    if (!good || zmq_msg_init_size(&message, size) != 0)
        return false;
    memcpy(zmq_msg_data(&message), frame, size);
    if (is_last)
        (void)oyez_answer_queue_join(&broker->sessions.entries[session].answers, &message);
    oyez_reply_pass(broker, &message, !is_last);
    zmq_msg_close(&message);
    *bytes += size;
    return true;
}

size_t oyez_metrics_answer(struct oyez_broker *broker, uint32_t session)
{
    static _Thread_local oyez_v1_MetricsPart part; // too large for the stack
    struct answer answer = {.broker = broker, .at = broker->request.body.metrics_request.after};
    broker->answer.protocol_version = OYEZ_PROTOCOL_VERSION;
    broker->answer.request_id = broker->request.request_id;
    broker->answer.which_body = oyez_v1_FromBroker_metrics_tag;
    unsigned parts = find_parts(&answer, &part);
    if (oyez_answer_queue_is_full(broker->sessions.entries[session].answers) ||
        oyez_reply_send_to(broker, session, &broker->answer, parts > 0) != OYEZ_PAID) {
        oyez_counter_add(&broker->counters, OYEZ_COUNT_CONTROL_UNSENT, 1);
        return 0;
    }
    for (unsigned i = 0; i < parts; i++) {
        bool is_there = fill_part(&answer, &part);
        assert(is_there); // nothing has changed since they were counted
        // Without memory an empty frame ends the message, and the asker asks again.
        if (!is_there || !send_part(broker, session, &part, i + 1 == parts, &answer.bytes)) {
            oyez_reply_copy(broker, "", 0, false);
            break;
        }
    }
    return answer.bytes;
}
