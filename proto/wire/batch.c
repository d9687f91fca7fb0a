// SPDX-License-Identifier: MIT
#include "wire/batch.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/topic.h"

// Offsets of values in the body; each tag stands one byte before its value.
enum {
    EPOCH_AT = 1,
    POSITION_AT = 10,
    TYPE_SEQ_AT = 19,
    BROKER_TIME_AT = 28,
    EMITTER_SEQ_AT = 37,
    FLAGS_AT = 46,
    EMITTER_ID_TAG_AT = 50,
    EMITTER_ID_AT = 52,
};

enum {
    TAG_EPOCH = 0x09,
    TAG_POSITION = 0x11,
    TAG_TYPE_SEQ = 0x19,
    TAG_BROKER_TIME = 0x21,
    TAG_EMITTER_SEQ = 0x29,
    TAG_FLAGS = 0x35,
    TAG_EMITTER_ID = 0x3A,
    TAG_EVENT = 0x42,
};

// A length of three varint bytes reaches beyond the largest frame.
#define LENGTH_BYTES_MAX 3u
_Static_assert(OYEZ_FRAME_SIZE_MAX < 1u << 21, "an event's length is at most three bytes");
_Static_assert((int)EMITTER_ID_TAG_AT == (int)OYEZ_BATCH_STAMP_SIZE, "the stamp's size");
_Static_assert(EMITTER_ID_AT + OYEZ_UUID_SIZE == OYEZ_BATCH_PREFIX_SIZE, "the prefix's size");

static uint64_t load64(const uint8_t *from)
{
    uint64_t value;

    memcpy(&value, from, sizeof(value));
    return le64toh(value);
}

static uint32_t load32(const uint8_t *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof(value));
    return le32toh(value);
}

static void store64(uint8_t *to, uint64_t value)
{
    value = htole64(value);
    memcpy(to, &value, sizeof(value));
}

static void store32(uint8_t *to, uint32_t value)
{
    value = htole32(value);
    memcpy(to, &value, sizeof(value));
}

static enum oyez_batch_fault walk_type(struct oyez_batch *out, const uint8_t *frame, size_t size)
{
    size_t reach = size <= OYEZ_TOPIC_SIZE_MAX ? size : OYEZ_TOPIC_SIZE_MAX + 1;
    const uint8_t *nul = reach == 0 ? NULL : memchr(frame, 0, reach);

    if (nul == NULL)
        return OYEZ_BATCH_NO_NUL;
    out->event_type = (const char *)frame;
    out->event_type_size = (size_t)(nul - frame);
    out->body_offset = out->event_type_size + 1;
    if (oyez_topic_is_valid(out->event_type, out->event_type_size))
        return OYEZ_BATCH_OK;
    if (out->event_type_size <= OYEZ_EVENT_TYPE_SIZE_MAX)
        return OYEZ_BATCH_BAD_TYPE;
    // Only the topic of a replay is longer than an event type.
    return oyez_topic_replayed(out->event_type, out->event_type_size) != NULL ? OYEZ_BATCH_OK
                                                                              : OYEZ_BATCH_NO_NUL;
}

static enum oyez_batch_fault walk_prefix(struct oyez_batch *out, const uint8_t *body, size_t size)
{
    if (size < OYEZ_BATCH_STAMP_SIZE || body[EPOCH_AT - 1] != TAG_EPOCH ||
        body[POSITION_AT - 1] != TAG_POSITION || body[TYPE_SEQ_AT - 1] != TAG_TYPE_SEQ ||
        body[BROKER_TIME_AT - 1] != TAG_BROKER_TIME ||
        body[EMITTER_SEQ_AT - 1] != TAG_EMITTER_SEQ || body[FLAGS_AT - 1] != TAG_FLAGS)
        return OYEZ_BATCH_BAD_STAMP;
    out->epoch = load64(body + EPOCH_AT);
    out->position = load64(body + POSITION_AT);
    out->type_seq = load64(body + TYPE_SEQ_AT);
    out->broker_time = load64(body + BROKER_TIME_AT);
    out->emitter_seq = load64(body + EMITTER_SEQ_AT);
    out->flags = load32(body + FLAGS_AT);
    if ((out->flags & ~OYEZ_FLAGS_KNOWN) != 0)
        return OYEZ_BATCH_BAD_STAMP;
    if (size < OYEZ_BATCH_PREFIX_SIZE || body[EMITTER_ID_TAG_AT] != TAG_EMITTER_ID ||
        body[EMITTER_ID_TAG_AT + 1] != OYEZ_UUID_SIZE)
        return OYEZ_BATCH_BAD_EMITTER;
    out->emitter_id = body + EMITTER_ID_AT;
    return OYEZ_BATCH_OK;
}

// A tag where only that of an event may stand. Whichever wire type a known field number comes
// with, other readers could take it for the field.
static enum oyez_batch_fault name_wrong_tag(uint8_t tag)
{
    return tag >> 3 >= 1 && tag >> 3 <= 7 ? OYEZ_BATCH_REPEATED : OYEZ_BATCH_UNKNOWN_FIELD;
}

// Reads a length of at most three bytes; NULL when it is cut off, longer, or not minimal (one
// frame has one encoding, so what is sent again can be compared byte for byte).
static const uint8_t *read_length(const uint8_t *at, const uint8_t *end, size_t *length)
{
    size_t value = 0;

    for (unsigned i = 0; i < LENGTH_BYTES_MAX && at + i < end; i++) {
        value |= (size_t)(at[i] & 0x7F) << (7 * i);
        if (at[i] < 0x80) {
            *length = value;
            return i > 0 && at[i] == 0 ? NULL : at + i + 1;
        }
    }
    return NULL;
}

static enum oyez_batch_fault walk_events(struct oyez_batch *out, const uint8_t *at,
                                         const uint8_t *end)
{
    uint32_t count = 0;

    out->events = at;
    out->events_size = (size_t)(end - at);
    while (at < end) {
        size_t length;

        if (*at != TAG_EVENT)
            return name_wrong_tag(*at);
        at = read_length(at + 1, end, &length);
        if (at == NULL || length > (size_t)(end - at))
            return OYEZ_BATCH_TRUNCATED;
        if (++count > OYEZ_BATCH_EVENTS_MAX)
            return OYEZ_BATCH_TOO_MANY;
        at += length;
    }
    out->event_count = count;
    return OYEZ_BATCH_OK;
}

enum oyez_batch_fault oyez_batch_walk(struct oyez_batch *out, const void *frame, size_t size)
{
    const uint8_t *bytes = frame;
    enum oyez_batch_fault fault;

    if (size > OYEZ_FRAME_SIZE_MAX)
        return OYEZ_BATCH_TOO_LARGE;
    fault = walk_type(out, bytes, size);
    if (fault != OYEZ_BATCH_OK)
        return fault;
    fault = walk_prefix(out, bytes + out->body_offset, size - out->body_offset);
    if (fault != OYEZ_BATCH_OK)
        return fault;
    fault = walk_events(out, bytes + out->body_offset + OYEZ_BATCH_PREFIX_SIZE, bytes + size);
    if (fault != OYEZ_BATCH_OK)
        return fault;
    return out->event_count > 1 && size > OYEZ_BATCH_SIZE_MAX ? OYEZ_BATCH_TOO_LARGE
                                                              : OYEZ_BATCH_OK;
}

const char *oyez_batch_fault_name(enum oyez_batch_fault fault)
{
    static const char *const names[OYEZ_BATCH_FAULTS] = {
        [OYEZ_BATCH_OK] = "ok",
        [OYEZ_BATCH_TOO_LARGE] = "too_large",
        [OYEZ_BATCH_NO_NUL] = "no_nul",
        [OYEZ_BATCH_BAD_TYPE] = "bad_type",
        [OYEZ_BATCH_BAD_STAMP] = "bad_stamp",
        [OYEZ_BATCH_BAD_EMITTER] = "bad_emitter",
        [OYEZ_BATCH_REPEATED] = "repeated",
        [OYEZ_BATCH_UNKNOWN_FIELD] = "unknown_field",
        [OYEZ_BATCH_TRUNCATED] = "truncated",
        [OYEZ_BATCH_TOO_MANY] = "too_many",
    };

    assert((unsigned)fault < OYEZ_BATCH_FAULTS);
    return names[fault];
}

void oyez_batch_stamp(void *frame, size_t body_offset, uint64_t epoch, uint64_t position,
                      uint64_t type_seq, uint64_t broker_time)
{
    uint8_t *body = (uint8_t *)frame + body_offset;

    store64(body + EPOCH_AT, epoch);
    store64(body + POSITION_AT, position);
    store64(body + TYPE_SEQ_AT, type_seq);
    store64(body + BROKER_TIME_AT, broker_time);
}

void oyez_batch_set_flags(void *frame, size_t body_offset, uint32_t flags)
{
    assert((flags & ~OYEZ_FLAGS_KNOWN) == 0);
    store32((uint8_t *)frame + body_offset + FLAGS_AT, flags);
}

size_t oyez_batch_begin(void *out, const char *event_type, size_t event_type_size,
                        const uint8_t emitter_id[OYEZ_UUID_SIZE], uint64_t emitter_seq,
                        uint32_t flags)
{
    uint8_t *body = (uint8_t *)out + event_type_size + 1;

    assert(event_type_size >= 1 && event_type_size <= OYEZ_TOPIC_SIZE_MAX);
    assert((flags & ~OYEZ_FLAGS_KNOWN) == 0);
    memcpy(out, event_type, event_type_size);
    body[-1] = 0;
    memset(body, 0, OYEZ_BATCH_STAMP_SIZE);
    body[EPOCH_AT - 1] = TAG_EPOCH;
    body[POSITION_AT - 1] = TAG_POSITION;
    body[TYPE_SEQ_AT - 1] = TAG_TYPE_SEQ;
    body[BROKER_TIME_AT - 1] = TAG_BROKER_TIME;
    body[EMITTER_SEQ_AT - 1] = TAG_EMITTER_SEQ;
    store64(body + EMITTER_SEQ_AT, emitter_seq);
    body[FLAGS_AT - 1] = TAG_FLAGS;
    store32(body + FLAGS_AT, flags);
    body[EMITTER_ID_TAG_AT] = TAG_EMITTER_ID;
    body[EMITTER_ID_TAG_AT + 1] = OYEZ_UUID_SIZE;
    memcpy(body + EMITTER_ID_AT, emitter_id, OYEZ_UUID_SIZE);
    return event_type_size + 1 + OYEZ_BATCH_PREFIX_SIZE;
}

size_t oyez_batch_event_field_size(size_t event_size)
{
    size_t length_bytes = event_size < 1u << 7 ? 1 : event_size < 1u << 14 ? 2 : LENGTH_BYTES_MAX;

    return 1 + length_bytes + event_size;
}

size_t oyez_batch_begin_event(void *out, size_t event_size)
{
    uint8_t *at = out;

    assert(event_size < OYEZ_FRAME_SIZE_MAX);
    *at++ = TAG_EVENT;
    for (; event_size >= 0x80; event_size >>= 7)
        *at++ = (uint8_t)(event_size | 0x80);
    *at++ = (uint8_t)event_size;
    return (size_t)(at - (uint8_t *)out);
}

bool oyez_batch_next_event(const struct oyez_batch *batch, const uint8_t **cursor,
                           const uint8_t **event, size_t *event_size)
{
    const uint8_t *end = batch->events + batch->events_size;
    const uint8_t *at;

    if (*cursor == end)
        return false;
    at = read_length(*cursor + 1, end, event_size);
    assert(at != NULL && *event_size <= (size_t)(end - at));
    *event = at;
    *cursor = at + *event_size;
    return true;
}

struct oyez_stamp oyez_batch_event_stamp(const struct oyez_batch *batch, uint32_t i)
{
    struct oyez_stamp stamp = {
        .epoch = batch->epoch,
        // Zero is "takes no place", and so takes none for the events after the first either.
        .position = batch->position == 0 ? 0 : batch->position + i,
        .type_seq = batch->type_seq == 0 ? 0 : batch->type_seq + i,
        .broker_time = batch->broker_time,
        .emitter_seq = batch->emitter_seq + i,
        .flags = batch->flags,
        .lane = (batch->flags & OYEZ_FLAG_FAST) != 0 ? OYEZ_LANE_FAST : OYEZ_LANE_DURABLE,
    };

    memcpy(stamp.emitter_id.bytes, batch->emitter_id, OYEZ_UUID_SIZE);
    return stamp;
}
