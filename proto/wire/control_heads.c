// SPDX-License-Identifier: MIT
#include <pb_decode.h>
#include <pb_encode.h>
#include <string.h>

#include "oyez/limits.h"
#include "wire/control.h"

_Static_assert(OYEZ_HEADS_BYTES_MAX < OYEZ_DETAILS_SIZE_MAX, "heads travel as details");

struct head_list {
    const struct oyez_head *heads;
    size_t count;
};

// Where reading stands in the details, so that a head's name can lead into them. An input stream
// of our own, because nanopb does not tell where its own stands.
struct head_source {
    const uint8_t *at;
    oyez_head_each *each;
    void *arg;
};

static bool write_event_type(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
    const struct oyez_head *head = *arg;
    return pb_encode_tag_for_field(stream, field) &&
           pb_encode_string(stream, (const pb_byte_t *)head->event_type, head->event_type_size);
}

static bool write_heads(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
    const struct head_list *list = *arg;
    for (size_t i = 0; i < list->count; i++) {
        oyez_v1_Head head = {
            .event_type = {.funcs.encode = write_event_type, .arg = (void *)(list->heads + i)},
            .type_seq = list->heads[i].type_seq,
        };
        if (!pb_encode_tag_for_field(stream, field) ||
            !pb_encode_submessage(stream, oyez_v1_Head_fields, &head))
            return false;
    }
    return true;
}

static oyez_err encode(const pb_msgdesc_t *fields, const void *message, uint8_t *out,
                       size_t capacity, size_t *size)
{
    pb_ostream_t stream = pb_ostream_from_buffer(out, capacity);
    if (!pb_encode(&stream, fields, message))
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "heads: %s, with room for %zu bytes",
                         PB_GET_ERROR(&stream), capacity);
    *size = stream.bytes_written;
    return OYEZ_OK;
}

oyez_err oyez_heartbeat_encode(const struct oyez_heads_message *message,
                               const struct oyez_head *heads, size_t count, uint8_t *out,
                               size_t capacity, size_t *size)
{
    struct head_list list = {heads, count};
    oyez_v1_Heartbeat heartbeat = {
        .instance = message->instance,
        .position = message->position,
        .recorded_position = message->recorded_position,
        .heads = {.funcs.encode = write_heads, .arg = &list},
        .heads_complete = message->heads_complete,
        .ending = message->ending,
    };
    return encode(oyez_v1_Heartbeat_fields, &heartbeat, out, capacity, size);
}

oyez_err oyez_beacon_encode(const struct oyez_heads_message *message, const struct oyez_head *heads,
                            size_t count, uint8_t *out, size_t capacity, size_t *size)
{
    struct head_list list = {heads, count};
    oyez_v1_Beacon beacon = {
        .instance = message->instance,
        .position = message->position,
        .heads = {.funcs.encode = write_heads, .arg = &list},
        .heads_complete = message->heads_complete,
    };
    return encode(oyez_v1_Beacon_fields, &beacon, out, capacity, size);
}

static bool read_source(pb_istream_t *stream, pb_byte_t *out, size_t count)
{
    struct head_source *source = stream->state;
    if (out)
        memcpy(out, source->at, count);
    source->at += count;
    return true;
}

// A number in a field of bytes comes to its callback as a stream over a copy on nanopb's own stack:
// nothing may lead into that.
static bool is_in_source(const pb_istream_t *stream)
{
    return stream->callback == read_source;
}

static bool read_event_type(pb_istream_t *stream, const pb_field_t *field, void **arg)
{
    (void)field;
    if (!is_in_source(stream))
        PB_RETURN_ERROR(stream, "event type is no text");
    struct oyez_head *head = *arg;
    const struct head_source *source = stream->state;
    if (stream->bytes_left > OYEZ_EVENT_TYPE_SIZE_MAX)
        PB_RETURN_ERROR(stream, "event type too long");
    head->event_type = (const char *)source->at;
    head->event_type_size = stream->bytes_left;
    return pb_read(stream, NULL, stream->bytes_left);
}

static bool read_head(pb_istream_t *stream, const pb_field_t *field, void **arg)
{
    (void)field;
    if (!is_in_source(stream))
        PB_RETURN_ERROR(stream, "head is no message");
    const struct head_source *source = *arg;
    struct oyez_head head = {.event_type = ""};
    oyez_v1_Head message = {.event_type = {.funcs.decode = read_event_type, .arg = &head}};
    if (!pb_decode(stream, oyez_v1_Head_fields, &message))
        return false;
    head.type_seq = message.type_seq;
    source->each(source->arg, &head);
    return true;
}

static oyez_err decode(const pb_msgdesc_t *fields, void *message, struct head_source *source,
                       size_t size)
{
    pb_istream_t stream = {.callback = read_source, .state = source, .bytes_left = size};
    if (!pb_decode(&stream, fields, message))
        return oyez_fail(OYEZ_ERR_MALFORMED, "heads: %s", PB_GET_ERROR(&stream));
    return OYEZ_OK;
}

oyez_err oyez_heartbeat_decode(struct oyez_heads_message *out, const uint8_t *details, size_t size,
                               oyez_head_each *each, void *arg)
{
    struct head_source source = {details, each, arg};
    oyez_v1_Heartbeat message = {.heads = {.funcs.decode = read_head, .arg = &source}};
    oyez_err err = decode(oyez_v1_Heartbeat_fields, &message, &source, size);
    if (err)
        return err;
    *out = (struct oyez_heads_message){
        .instance = message.instance,
        .position = message.position,
        .recorded_position = message.recorded_position,
        .heads_complete = message.heads_complete,
        .ending = message.ending,
    };
    return OYEZ_OK;
}

oyez_err oyez_beacon_decode(struct oyez_heads_message *out, const uint8_t *details, size_t size,
                            oyez_head_each *each, void *arg)
{
    struct head_source source = {details, each, arg};
    oyez_v1_Beacon message = {.heads = {.funcs.decode = read_head, .arg = &source}};
    oyez_err err = decode(oyez_v1_Beacon_fields, &message, &source, size);
    if (err)
        return err;
    *out = (struct oyez_heads_message){
        .instance = message.instance,
        .position = message.position,
        .heads_complete = message.heads_complete,
    };
    return OYEZ_OK;
}
