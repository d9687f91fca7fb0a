// SPDX-License-Identifier: MIT
#include "heartbeat.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/event.h"
#include "wire/batch.h"
#include "wire/clock.h"
#include "wire/defence.h"
#include "wire/envelope.h"

enum {
    HEAD_OVERHEAD = 16,      // bytes of a head beside its name, at most
    MESSAGE_OVERHEAD = 1024, // bytes of a message beside its heads, more than enough
    HEADS_ROOM = OYEZ_HEADS_BYTES_MAX / HEAD_OVERHEAD,
};

// Adds a type's head if it still fits into the bytes of one message.
static bool add_head(struct oyez_heartbeat *heartbeat, uint32_t *count, size_t *bytes,
                     uint32_t type)
{
    const struct oyez_type_head *head = &heartbeat->ingress->types.heads[type];
    if (*bytes + head->name_size + HEAD_OVERHEAD > OYEZ_HEADS_BYTES_MAX)
        return false;
    *bytes += head->name_size + HEAD_OVERHEAD;
    heartbeat->heads[(*count)++] = (struct oyez_head){head->name, head->name_size, head->sequence};
    return true;
}

static uint32_t collect_moved(struct oyez_heartbeat *heartbeat)
{
    const struct oyez_types *types = &heartbeat->ingress->types;
    uint32_t count = 0;
    size_t bytes = 0;
    while (count < types->moved_count && add_head(heartbeat, &count, &bytes, types->moved[count]))
        ;
    return count;
}

static uint32_t collect_all(struct oyez_heartbeat *heartbeat)
{
    uint32_t count = 0;
    size_t bytes = 0;
    while (count < heartbeat->ingress->types.count && add_head(heartbeat, &count, &bytes, count))
        ;
    return count;
}

// Publishes one event of the broker's own. Its number stands where a subscriber looks for gaps.
static oyez_err publish(struct oyez_heartbeat *heartbeat, const char *event_type, uint64_t number,
                        const void *details, size_t details_size)
{
    const struct oyez_ingress *ingress = heartbeat->ingress;
    uint64_t now = oyez_clock_realtime_ns();
    struct oyez_event event = {.event_id = oyez_uuid_new(),
                               .event_type = event_type,
                               .occurred_at = (int64_t)now,
                               .details_format = OYEZ_DETAILS_PROTOBUF,
                               .details = details,
                               .details_size = details_size};
    size_t header_size;
    size_t event_size = oyez_event_measure(&event, &header_size);
    size_t type_size = strlen(event_type);
    zmq_msg_t message;
    if (zmq_msg_init_size(&message, type_size + 1 + OYEZ_BATCH_PREFIX_SIZE +
                                        oyez_batch_event_field_size(event_size)) != 0)
        return OYEZ_ERR_NO_MEMORY;
    uint8_t *frame = zmq_msg_data(&message);
    uint8_t emitter_id[OYEZ_UUID_SIZE] = {0};
    uint64_t instance = htole64(ingress->instance);
    memcpy(emitter_id, &instance, sizeof instance);
    size_t used =
        oyez_batch_begin(frame, event_type, type_size, emitter_id, number, OYEZ_FLAG_FAST);
    oyez_batch_stamp(frame, type_size + 1, ingress->epoch, 0, number, now);
    used += oyez_batch_begin_event(frame + used, event_size);
    used += oyez_event_encode(&event, header_size, frame + used);
    assert(used == zmq_msg_size(&message));
    oyez_egress_publish(heartbeat->egress, &message);
    return OYEZ_OK;
}

oyez_err oyez_heartbeat_open(struct oyez_heartbeat *heartbeat, struct oyez_ingress *ingress,
                             struct oyez_egress *egress)
{
    *heartbeat = (struct oyez_heartbeat){.ingress = ingress, .egress = egress};
    heartbeat->heads = malloc(HEADS_ROOM * sizeof *heartbeat->heads);
    heartbeat->details = malloc(OYEZ_HEADS_BYTES_MAX + MESSAGE_OVERHEAD);
    if (heartbeat->heads == NULL || heartbeat->details == NULL) {
        oyez_heartbeat_close(heartbeat);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the broker's heartbeat");
    }
    return OYEZ_OK;
}

void oyez_heartbeat_close(struct oyez_heartbeat *heartbeat)
{
    free(heartbeat->heads);
    free(heartbeat->details);
    *heartbeat = (struct oyez_heartbeat){0};
}

void oyez_heartbeat_publish(struct oyez_heartbeat *heartbeat, uint64_t recorded_position,
                            bool ending)
{
    struct oyez_ingress *ingress = heartbeat->ingress;
    uint32_t count = collect_moved(heartbeat);
    struct oyez_heads_message message = {.instance = ingress->instance,
                                         .position = ingress->position,
                                         .recorded_position = recorded_position,
                                         .heads_complete = count == ingress->types.moved_count,
                                         .ending = ending};
    size_t size;
    oyez_err err =
        oyez_heartbeat_encode(&message, heartbeat->heads, OYEZ_HAS(HEADS) ? count : 0,
                              heartbeat->details, OYEZ_HEADS_BYTES_MAX + MESSAGE_OVERHEAD, &size);
    assert(err == OYEZ_OK);
    // A heartbeat that could not be made still takes its number, so that its lack is seen.
    err = publish(heartbeat, OYEZ_TOPIC_HEARTBEAT, ++heartbeat->number, heartbeat->details, size);
    // Types that did not fit stay first in the list: the next heartbeat tells them.
    oyez_types_told(&ingress->types, count);
    if (err == OYEZ_OK)
        oyez_counter_add(ingress->counters, OYEZ_COUNT_HEARTBEATS, 1);
}

void oyez_heartbeat_answer(struct oyez_heartbeat *heartbeat)
{
    struct oyez_egress *egress = heartbeat->egress;
    const struct oyez_ingress *ingress = heartbeat->ingress;
    if (egress->nonces_count == 0)
        return;
    uint32_t count = collect_all(heartbeat);
    struct oyez_heads_message message = {.instance = ingress->instance,
                                         .position = ingress->position,
                                         .heads_complete = count == ingress->types.count};
    size_t size;
    oyez_err err = oyez_beacon_encode(&message, heartbeat->heads, count, heartbeat->details,
                                      OYEZ_HEADS_BYTES_MAX + MESSAGE_OVERHEAD, &size);
    assert(err == OYEZ_OK);
    for (size_t i = 0; i < egress->nonces_count; i++) {
        char event_type[sizeof OYEZ_TOPIC_BEACON_PREFIX + OYEZ_BEACON_NONCE_SIZE];
        memcpy(event_type, OYEZ_TOPIC_BEACON_PREFIX, sizeof OYEZ_TOPIC_BEACON_PREFIX - 1);
        memcpy(event_type + sizeof OYEZ_TOPIC_BEACON_PREFIX - 1, egress->nonces[i],
               OYEZ_BEACON_NONCE_SIZE);
        event_type[sizeof event_type - 1] = '\0';
        err = publish(heartbeat, event_type, 0, heartbeat->details, size);
        oyez_counter_add(ingress->counters,
                         err == OYEZ_OK ? OYEZ_COUNT_BEACONS : OYEZ_COUNT_BEACONS_DROPPED, 1);
    }
    egress->nonces_count = 0;
}

bool oyez_heartbeat_mark(struct oyez_heartbeat *heartbeat, uint64_t recorded_position,
                         uint64_t now_ms)
{
    const struct oyez_ingress *ingress = heartbeat->ingress;
    bool is_told = heartbeat->marks_answered == heartbeat->egress->marks_asked &&
                   heartbeat->marked_epoch == ingress->epoch &&
                   heartbeat->marked_position == recorded_position;
    if (recorded_position == 0 || is_told || !heartbeat->egress->marks_wanted)
        return false;
    if (now_ms < heartbeat->mark_due_ms)
        return true;
    struct oyez_heads_message message = {.instance = ingress->instance,
                                         .position = ingress->position,
                                         .recorded_position = recorded_position};
    size_t size;
    oyez_err err =
        oyez_heartbeat_encode(&message, NULL, 0, heartbeat->details, MESSAGE_OVERHEAD, &size);
    assert(err == OYEZ_OK);
    err = publish(heartbeat, OYEZ_TOPIC_RECORDED, 0, heartbeat->details, size);
    heartbeat->mark_due_ms = now_ms + OYEZ_MARK_MS;
    if (err != OYEZ_OK)
        return true;
    heartbeat->marks_answered = heartbeat->egress->marks_asked;
    heartbeat->marked_epoch = ingress->epoch;
    heartbeat->marked_position = recorded_position;
    oyez_counter_add(ingress->counters, OYEZ_COUNT_RECORDED_MARKS, 1);
    return false;
}
