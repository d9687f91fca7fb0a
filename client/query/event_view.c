// SPDX-License-Identifier: MIT
#include "event_view.h"

#include <assert.h>
#include <string.h>

#include "wire/batch.h"
#include "wire/field.h"
#include "wire/topic.h"

// Fields of Event (proto/event.proto).
enum { FIELD_HEADER = 1, FIELD_DETAILS, FIELD_FORMAT, FIELD_SALT, FIELD_SIGNATURE };

static bool is_event(const struct oyez_journal_record *record)
{
    return (record->kind == OYEZ_RECORD_EVENT || record->kind == OYEZ_RECORD_PERSONAL_EVENT) &&
           !record->erased && record->details_format != 0;
}

// What a receiver would refuse is not sent to it.
static bool has_lawful_sizes(const struct oyez_journal_record *record)
{
    return record->header_size <= OYEZ_HEADER_SIZE_MAX &&
           record->details_size <= OYEZ_DETAILS_SIZE_MAX &&
           record->signature_size <= OYEZ_SIGNATURE_SIZE_MAX &&
           (record->salt_size == 0 || record->salt_size == OYEZ_SALT_SIZE);
}

static uint32_t flags_of(const struct oyez_journal_record *record)
{
    uint32_t flags = record->flags & OYEZ_RECORD_FAST ? OYEZ_FLAG_FAST : 0;
    if (record->kind == OYEZ_RECORD_PERSONAL_EVENT)
        flags |= OYEZ_FLAG_PERSONAL;
    return flags;
}

static void fill_stamp(struct oyez_stamp *stamp, const struct oyez_journal_record *record)
{
    *stamp = (struct oyez_stamp){
        .epoch = record->epoch,
        .position = record->position,
        .type_seq = record->type_seq,
        .broker_time = record->broker_time,
        .emitter_seq = record->emitter_seq,
        .emitter_id = record->emitter_id,
        .flags = flags_of(record),
        .lane = record->flags & OYEZ_RECORD_FAST ? OYEZ_LANE_FAST : OYEZ_LANE_DURABLE,
        .index = record->index + 1,
    };
}

bool oyez_event_view_read(struct oyez_event_view *view, const struct oyez_journal_record *record)
{
    if (!is_event(record) || !has_lawful_sizes(record))
        return false;
    // The reader takes a whole Event; wrapped alone, the header does not carry a megabyte along.
    const uint8_t *end =
        wire_write_bytes_field(view->wrapped, FIELD_HEADER, record->header, record->header_size);
    struct oyez_event *event = &view->event;
    size_t size = (size_t)(end - view->wrapped);
    if (oyez_event_decode(event, view->wrapped, size, view->texts) != OYEZ_OK)
        return false;
    const char *type = event->event_type;
    if (type == NULL || !oyez_topic_is_valid(type, strlen(type)))
        return false;
    event->details_format = (enum oyez_details_format)record->details_format;
    // Empty is absent: details of size 0 would be taken for text up to a NUL.
    event->details = record->details_size > 0 ? record->details : NULL;
    event->details_size = record->details_size;
    event->salt = record->salt_size > 0 ? record->salt : NULL;
    event->signature = record->signature_size > 0 ? record->signature : NULL;
    event->signature_size = record->signature_size;
    fill_stamp(&event->stamp, record);
    return true;
}

static size_t measure_part(uint32_t number, size_t size)
{
    return size > 0 ? wire_bytes_field_size(number, size) : 0;
}

static size_t measure_event(const struct oyez_journal_record *record)
{
    return measure_part(FIELD_HEADER, record->header_size) +
           measure_part(FIELD_DETAILS, record->details_size) + wire_tag_size(FIELD_FORMAT) +
           wire_varint_size(record->details_format) + measure_part(FIELD_SALT, record->salt_size) +
           measure_part(FIELD_SIGNATURE, record->signature_size);
}

static uint8_t *write_part(uint8_t *out, uint32_t number, const uint8_t *bytes, size_t size)
{
    return size > 0 ? wire_write_bytes_field(out, number, bytes, size) : out;
}

static uint8_t *write_event(uint8_t *out, const struct oyez_journal_record *record)
{
    out = write_part(out, FIELD_HEADER, record->header, record->header_size);
    out = write_part(out, FIELD_DETAILS, record->details, record->details_size);
    out = wire_write_tag(out, FIELD_FORMAT, WIRE_VARINT);
    out = wire_write_varint(out, record->details_format);
    out = write_part(out, FIELD_SALT, record->salt, record->salt_size);
    return write_part(out, FIELD_SIGNATURE, record->signature, record->signature_size);
}

size_t oyez_event_view_frame_size(const struct oyez_event_view *view,
                                  const struct oyez_journal_record *record)
{
    return strlen(view->event.event_type) + 1 + OYEZ_BATCH_PREFIX_SIZE +
           oyez_batch_event_field_size(measure_event(record));
}

void oyez_event_view_write_frame(const struct oyez_event_view *view,
                                 const struct oyez_journal_record *record, uint8_t *out)
{
    const char *type = view->event.event_type;
    const struct oyez_stamp *stamp = &view->event.stamp;
    size_t type_size = strlen(type);
    uint8_t *at = out + oyez_batch_begin(out, type, type_size, record->emitter_id.bytes,
                                         record->emitter_seq, stamp->flags);
    oyez_batch_stamp(out, type_size + 1, stamp->epoch, stamp->position, stamp->type_seq,
                     stamp->broker_time);
    at += oyez_batch_begin_event(at, measure_event(record));
    at = write_event(at, record);
    assert((size_t)(at - out) == oyez_event_view_frame_size(view, record));
}
