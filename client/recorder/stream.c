// SPDX-License-Identifier: MIT
// The stream of one epoch after the other, each position once and in order.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <zmq.h>

#include "intake.h"
#include "wire/envelope.h"
#include "wire/field.h"

#define BEACON_RETRY_MS 1000u
// Of proto/control.proto, in Heartbeat and Beacon alike.
#define HEADS_POSITION 2u
#define HEADS_ENDING 6u

void recorder_stream_refresh_room(struct recorder_intake *intake)
{
    struct oyez_recorder *recorder = intake->recorder;
    pthread_mutex_lock(&recorder->lock);
    intake->room = recorder_queue_room(&recorder->queue);
    recorder->intake_waits = intake->room < OYEZ_FRAME_SIZE_MAX;
    pthread_mutex_unlock(&recorder->lock);
}

// Items without a frame are few and small: there is always room for them beside the frames.
static void put_item(struct recorder_intake *intake, const struct recorder_item *item)
{
    struct oyez_recorder *recorder = intake->recorder;
    pthread_mutex_lock(&recorder->lock);
    bool put = recorder_queue_put(&recorder->queue, item);
    intake->room = recorder_queue_room(&recorder->queue);
    pthread_cond_signal(&recorder->for_write);
    pthread_mutex_unlock(&recorder->lock);
    assert(put);
}

static void begin_epoch(struct recorder_intake *intake, uint64_t epoch)
{
    if (intake->stream_epoch != 0)
        put_item(intake, &(struct recorder_item){.kind = RECORDER_ITEM_EPOCH_OVER,
                                                 .epoch = intake->stream_epoch,
                                                 .highest = intake->highest,
                                                 .clean = intake->ended});
    intake->stream_epoch = epoch;
    intake->next = 1;
    intake->highest = 0;
    intake->ended = false;
    intake->repairing = false;
    intake->beacon_seen = false;
    if (intake->open && intake->epoch < epoch)
        recorder_control_hello_again(intake);
}

enum recorder_put recorder_stream_put(struct recorder_intake *intake,
                                      const struct oyez_batch *batch, const void *frame,
                                      size_t size)
{
    uint64_t last = batch->position + batch->event_count - 1;
    if (last > intake->highest)
        intake->highest = last;
    if (last < intake->next)
        return RECORDER_PUT_OLD;
    if (batch->position > intake->next)
        return RECORDER_PUT_AHEAD;
    if (size > intake->room)
        return RECORDER_PUT_FULL;
    put_item(intake, &(struct recorder_item){.kind = RECORDER_ITEM_FRAME,
                                             .epoch = batch->epoch,
                                             .frame = frame,
                                             .frame_size = size});
    intake->next = last + 1;
    return RECORDER_PUT;
}

void recorder_stream_put_records(struct recorder_intake *intake, const void *bytes, size_t size)
{
    put_item(intake, &(struct recorder_item){
                         .kind = RECORDER_ITEM_RECORDS, .frame = bytes, .frame_size = size});
}

static void put_gap(struct recorder_intake *intake, uint64_t last, enum oyez_gap_reason reason,
                    uint64_t time)
{
    put_item(intake, &(struct recorder_item){.kind = RECORDER_ITEM_GAP,
                                             .epoch = intake->stream_epoch,
                                             .from = intake->next,
                                             .to = last,
                                             .reason = reason,
                                             .time = time});
    if (intake->recorder->mirror)
        recorder_log(intake->recorder, OYEZ_INFO,
                     "positions %" PRIu64 ":%" PRIu64 " to %" PRIu64
                     " were not seen on the bus: the primary alone knows them",
                     intake->stream_epoch, intake->next, last);
    else
        recorder_log(intake->recorder, OYEZ_WARNING,
                     "positions %" PRIu64 ":%" PRIu64 " to %" PRIu64 " are lost: %s",
                     intake->stream_epoch, intake->next, last,
                     reason == OYEZ_GAP_ABSENT ? "they came when no recorder was there"
                                               : "the broker no longer holds them");
    intake->next = last + 1;
}

void recorder_stream_put_gap(struct recorder_intake *intake, uint64_t last, uint64_t time)
{
    bool absent = intake->absent_epoch == intake->stream_epoch;
    if (absent && intake->next <= intake->absent_through)
        put_gap(intake, last < intake->absent_through ? last : intake->absent_through,
                OYEZ_GAP_ABSENT, time);
    if (intake->next <= last)
        put_gap(intake, last, OYEZ_GAP_OVERWRITTEN, time);
}

// Position and ending of a heartbeat or a beacon; false: it is none.
static bool read_heads(const struct oyez_batch *batch, uint64_t *position, bool *ending)
{
    const uint8_t *cursor = batch->events, *event;
    size_t size;
    struct oyez_event_parts parts;
    if (!oyez_batch_next_event(batch, &cursor, &event, &size) ||
        oyez_event_split(&parts, event, size) != OYEZ_OK)
        return false;
    struct wire_reader reader = {.at = parts.details, .end = parts.details + parts.details_size};
    struct wire_field field;
    *position = 0;
    *ending = false;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return false;
        if (field.number == HEADS_POSITION && field.type == WIRE_FIXED64)
            *position = field.integer;
        if (field.number == HEADS_ENDING && field.type == WIRE_VARINT)
            *ending = field.integer != 0;
    }
    return true;
}

static void take_reserved(struct recorder_intake *intake, const struct oyez_batch *batch)
{
    bool heartbeat = strcmp(batch->event_type, OYEZ_TOPIC_HEARTBEAT) == 0;
    bool beacon = intake->beacon_pending && strcmp(batch->event_type, intake->nonce_topic) == 0;
    uint64_t position;
    bool ending;
    if ((!heartbeat && !beacon) || !read_heads(batch, &position, &ending))
        return;
    if (position > intake->highest)
        intake->highest = position;
    intake->ended = intake->ended || (heartbeat && ending);
    if (beacon) {
        zmq_setsockopt(intake->egress, ZMQ_UNSUBSCRIBE, intake->nonce_topic,
                       sizeof intake->nonce_topic);
        intake->beacon_pending = false;
        intake->beacon_seen = true;
        intake->beacon_position = position;
    }
    // All of these were published before it, on the same connection.
    if (position >= intake->next)
        recorder_repair_want(intake, position);
}

void recorder_stream_take(struct recorder_intake *intake, const void *frame, size_t size)
{
    struct oyez_batch batch;
    if (oyez_batch_walk(&batch, frame, size) != OYEZ_BATCH_OK || batch.event_count == 0)
        return;
    if (batch.epoch == 0 || batch.epoch < intake->stream_epoch)
        return;
    if (batch.epoch > intake->stream_epoch)
        begin_epoch(intake, batch.epoch);
    if (oyez_topic_is_reserved(batch.event_type, batch.event_type_size) &&
        !oyez_topic_is_own(batch.event_type, batch.event_type_size)) {
        take_reserved(intake, &batch);
        return;
    }
    if (batch.position == 0)
        return;
    // What has come too early is in the broker's ring: it comes again with what is missing.
    if (recorder_stream_put(intake, &batch, frame, size) == RECORDER_PUT_AHEAD)
        recorder_repair_want(intake, batch.position + batch.event_count - 1);
}

void recorder_stream_ask_beacon(struct recorder_intake *intake, uint64_t now_ms)
{
    if (intake->egress == NULL || !intake->open)
        return;
    bool lost = intake->beacon_pending && now_ms >= intake->beacon_due_ms;
    if (!intake->beacon_wanted && !lost)
        return;
    if (intake->beacon_pending)
        zmq_setsockopt(intake->egress, ZMQ_UNSUBSCRIBE, intake->nonce_topic,
                       sizeof intake->nonce_topic);
    uint64_t nonce = 0;
    // Without entropy a used nonce would only be asked again a second later.
    if (getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce)
        nonce = now_ms;
    snprintf(intake->nonce_topic, sizeof intake->nonce_topic, "%s%016" PRIx64,
             OYEZ_TOPIC_BEACON_PREFIX, nonce);
    zmq_setsockopt(intake->egress, ZMQ_SUBSCRIBE, intake->nonce_topic, sizeof intake->nonce_topic);
    intake->beacon_pending = true;
    intake->beacon_wanted = false;
    intake->beacon_due_ms = now_ms + BEACON_RETRY_MS;
}
