// SPDX-License-Identifier: MIT
#include "asking.h"

#include <string.h>
#include <zmq.h>

#include "intake.h"
#include "query.pb.h"
#include "wire/clock.h"
#include "wire/field.h"

#define IDLE_MS 100u // between questions when there is nothing new
#define RETRY_MS 500u
#define AGAIN_MS 1000u
#define AGAIN_MS_MAX 8000u
#define TELL_MS 3000u // without an answer
#define LOOK_MS 20u
// For so long what the bus and its ring have comes before what the primary says of it.
#define WITNESS_MS 2000u

void recorder_asking_begin(struct recorder_intake *intake, uint64_t next_index)
{
    intake->asking = (struct recorder_asking){
        .next = next_index,
        // Above those of the process before this one, whose answers may still come.
        .request_id = oyez_clock_realtime_ns() / 1000u,
        .heard_ms = oyez_clock_monotonic_ms()};
}

void recorder_asking_end(struct recorder_intake *intake)
{
    recorder_bytes_free(&intake->asking.answer);
}

void recorder_asking_attached(struct recorder_intake *intake, uint64_t now_ms)
{
    struct recorder_asking *asking = &intake->asking;
    asking->under_way = asking->ours = asking->caught_up_known = false;
    asking->frames = 0;
    asking->due_ms = asking->heard_ms = now_ms;
}

static bool send_question(struct recorder_intake *intake)
{
    const struct recorder_asking *asking = &intake->asking;
    uint8_t inner[16], request[64];
    uint8_t *end = wire_write_tag(inner, oyez_v1_RecordsRequest_from_index_tag, WIRE_FIXED64);
    size_t size = (size_t)(wire_write_fixed64(end, asking->next) - inner);
    end = wire_write_tag(request, oyez_v1_QueryRequest_request_id_tag, WIRE_VARINT);
    end = wire_write_varint(end, asking->request_id);
    end = wire_write_bytes_field(end, oyez_v1_QueryRequest_records_tag, inner, size);
    memset(&intake->to_broker, 0, sizeof intake->to_broker);
    intake->to_broker.request_id = asking->request_id;
    intake->to_broker.which_body = oyez_v1_ToBroker_ask_tag;
    return recorder_control_say(intake, true) &&
           zmq_send(intake->control, request, (size_t)(end - request), ZMQ_DONTWAIT) >= 0;
}

static void ask(struct recorder_intake *intake, uint64_t now_ms)
{
    struct recorder_asking *asking = &intake->asking;
    if (!asking->under_way) {
        asking->under_way = true;
        asking->request_id++;
        asking->wait_ms = AGAIN_MS;
    }
    bool said = send_question(intake);
    asking->due_ms = now_ms + (said ? asking->wait_ms : RETRY_MS);
    if (said && asking->wait_ms < AGAIN_MS_MAX)
        asking->wait_ms *= 2;
}

static void tell_silence(struct recorder_intake *intake, uint64_t now_ms)
{
    struct recorder_asking *asking = &intake->asking;
    if (asking->told || now_ms < asking->heard_ms + TELL_MS)
        return;
    asking->told = true;
    recorder_log(intake->recorder, OYEZ_WARNING,
                 "no primary answers at %s: nothing is recorded here until one does, and then all "
                 "that it has",
                 intake->recorder->endpoint);
}

static void hand_on(struct recorder_intake *intake)
{
    struct recorder_asking *asking = &intake->asking;
    if (!asking->full || asking->answer.size > intake->room)
        return;
    recorder_stream_put_records(intake, asking->answer.bytes, asking->answer.size);
    asking->full = false;
}

void recorder_asking_tick(struct recorder_intake *intake, uint64_t now_ms)
{
    struct recorder_asking *asking = &intake->asking;
    if (!intake->recorder->mirror)
        return;
    hand_on(intake);
    if (!intake->open)
        return;
    tell_silence(intake, now_ms);
    if (asking->full || now_ms < asking->due_ms)
        return;
    bool sees_all = intake->beacon_seen && !intake->repairing;
    if (sees_all || asking->under_way || now_ms >= asking->heard_ms + WITNESS_MS)
        ask(intake, now_ms);
    else
        asking->due_ms = now_ms + LOOK_MS;
}

bool recorder_asking_is_caught_up(const struct recorder_intake *intake, uint64_t safe_records)
{
    const struct recorder_asking *asking = &intake->asking;
    return asking->caught_up_known && safe_records >= asking->caught_up_at;
}

void recorder_asking_refused(struct recorder_intake *intake, uint64_t now_ms)
{
    intake->asking.under_way = false;
    intake->asking.due_ms = now_ms + RETRY_MS;
}

void recorder_asking_answered(struct recorder_intake *intake)
{
    intake->asking.frames = 0;
    intake->asking.ours = false;
}

// The first frame: a QueryAnswer, of which only a few fields are of interest.
static void take_first(struct recorder_intake *intake, const void *frame, size_t size)
{
    struct recorder_asking *asking = &intake->asking;
    struct wire_reader reader = {.at = frame, .end = (const uint8_t *)frame + size};
    struct wire_field field, text = {.size = 0};
    uint64_t request_id = 0, fault = 0;
    while (reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.number == oyez_v1_QueryAnswer_request_id_tag && field.type == WIRE_VARINT)
            request_id = field.integer;
        if (field.number == oyez_v1_QueryAnswer_fault_tag && field.type == WIRE_VARINT)
            fault = field.integer;
        if (field.number == oyez_v1_QueryAnswer_text_tag && field.type == WIRE_BYTES)
            text = field;
    }
    asking->answer.size = 0;
    asking->ours = asking->under_way && request_id == asking->request_id && fault == 0;
    if (fault == 0 || request_id != asking->request_id || !asking->under_way)
        return;
    if (!asking->told)
        recorder_log(intake->recorder, OYEZ_WARNING, "the primary cannot give its records: %.*s",
                     (int)text.size, text.size > 0 ? (const char *)text.bytes : "");
    asking->told = true;
}

void recorder_asking_frame(struct recorder_intake *intake, const void *frame, size_t size)
{
    struct recorder_asking *asking = &intake->asking;
    if (!intake->recorder->mirror || asking->full)
        return;
    if (asking->frames++ == 0) {
        take_first(intake, frame, size);
    } else if (asking->ours) {
        // Without memory the page is asked for again; the silence that comes of it is told.
        asking->ours = size <= OYEZ_ANSWER_SIZE_MAX - asking->answer.size &&
                       recorder_bytes_grow(&asking->answer, size) == OYEZ_OK;
        if (asking->ours) {
            memcpy(asking->answer.bytes + asking->answer.size, frame, size);
            asking->answer.size += size;
        }
    }
}

void recorder_asking_answer_end(struct recorder_intake *intake, uint64_t now_ms)
{
    struct recorder_asking *asking = &intake->asking;
    struct recorder_records_head head;
    uint64_t count;
    if (!asking->ours ||
        !recorder_records_read(asking->answer.bytes, asking->answer.size, &head, &count))
        return;
    asking->ours = asking->under_way = false;
    asking->heard_ms = now_ms;
    if (asking->told)
        recorder_log(intake->recorder, OYEZ_INFO, "the primary answers");
    asking->told = false;
    if (!asking->caught_up_known)
        asking->caught_up_at = head.end;
    asking->caught_up_known = true;
    asking->next += count;
    asking->full = true;
    asking->due_ms = count > 0 ? now_ms : now_ms + IDLE_MS;
    hand_on(intake);
}
