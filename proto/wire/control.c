// SPDX-License-Identifier: MIT
#include "wire/control.h"

#include <pb_decode.h>
#include <pb_encode.h>
#include <string.h>

#include "oyez/limits.h"

_Static_assert(oyez_v1_FromBroker_size <= OYEZ_CONTROL_SIZE_MAX, "the fullest Status must travel");

// What the two directions have in common.
struct direction {
    const pb_msgdesc_t *fields;
    uint32_t *protocol_version;
    const pb_size_t *which_body;
};

static oyez_err encode(const pb_msgdesc_t *fields, const void *message, uint32_t version,
                       uint8_t *out, size_t capacity, size_t *size)
{
    pb_ostream_t stream = pb_ostream_from_buffer(out, capacity);
    bool written = true;
    // In front by hand, rather than in a copy: a message with room for a Status is 10 kB, and
    // nanopb leaves out a version that is 0.
    if (version == 0)
        written = pb_encode_tag(&stream, PB_WT_VARINT, oyez_v1_ToBroker_protocol_version_tag) &&
                  pb_encode_varint(&stream, OYEZ_PROTOCOL_VERSION);
    if (!written || !pb_encode(&stream, fields, message))
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "control message: %s, with room for %zu bytes",
                         PB_GET_ERROR(&stream), capacity);
    *size = stream.bytes_written;
    return OYEZ_OK;
}

// The version stands first and is read by itself: what another version put behind it may be
// anything.
static bool read_version(const uint8_t *frame, size_t size, uint32_t *version)
{
    pb_istream_t stream = pb_istream_from_buffer(frame, size);
    pb_wire_type_t type;
    uint32_t tag;
    bool eof;
    return pb_decode_tag(&stream, &type, &tag, &eof) &&
           tag == oyez_v1_ToBroker_protocol_version_tag && type == PB_WT_VARINT &&
           pb_decode_varint32(&stream, version);
}

static oyez_err decode(const struct direction *direction, void *out, const uint8_t *frame,
                       size_t size)
{
    uint32_t version;
    if (size > OYEZ_CONTROL_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_MALFORMED, "control message: %zu bytes; the limit is %u", size,
                         OYEZ_CONTROL_SIZE_MAX);
    if (!read_version(frame, size, &version))
        return oyez_fail(OYEZ_ERR_MALFORMED, "control message: no protocol version in front");
    *direction->protocol_version = version;
    if (version != OYEZ_PROTOCOL_VERSION)
        return oyez_fail(OYEZ_ERR_VERSION, "the peer speaks protocol version %u, this program %u",
                         version, OYEZ_PROTOCOL_VERSION);
    pb_istream_t stream = pb_istream_from_buffer(frame, size);
    if (!pb_decode(&stream, direction->fields, out))
        return oyez_fail(OYEZ_ERR_MALFORMED, "control message: %s", PB_GET_ERROR(&stream));
    // A second version field would have replaced the one that was judged.
    if (*direction->protocol_version != OYEZ_PROTOCOL_VERSION)
        return oyez_fail(OYEZ_ERR_MALFORMED, "control message: two protocol versions");
    if (*direction->which_body == 0)
        return oyez_fail(OYEZ_ERR_MALFORMED, "control message: no body of a known kind");
    return OYEZ_OK;
}

oyez_err oyez_to_broker_encode(const oyez_v1_ToBroker *message, uint8_t *out, size_t capacity,
                               size_t *size)
{
    return encode(oyez_v1_ToBroker_fields, message, message->protocol_version, out, capacity, size);
}

oyez_err oyez_to_broker_decode(oyez_v1_ToBroker *out, const uint8_t *frame, size_t size)
{
    memset(out, 0, sizeof *out);
    struct direction direction = {oyez_v1_ToBroker_fields, &out->protocol_version,
                                  &out->which_body};
    return decode(&direction, out, frame, size);
}

oyez_err oyez_from_broker_encode(const oyez_v1_FromBroker *message, uint8_t *out, size_t capacity,
                                 size_t *size)
{
    return encode(oyez_v1_FromBroker_fields, message, message->protocol_version, out, capacity,
                  size);
}

oyez_err oyez_from_broker_decode(oyez_v1_FromBroker *out, const uint8_t *frame, size_t size)
{
    memset(out, 0, sizeof *out);
    struct direction direction = {oyez_v1_FromBroker_fields, &out->protocol_version,
                                  &out->which_body};
    return decode(&direction, out, frame, size);
}
