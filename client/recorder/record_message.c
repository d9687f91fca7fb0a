// SPDX-License-Identifier: MIT
#include "record_message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/proof.h"
#include "wire/field.h"

enum records_field {
    RECORDS_END = 1,
    RECORDS_BEFORE = 2,
    RECORDS_RECORD = 3,
    RECORDS_CHECKPOINT = 4,
    RECORDS_ROOT = 5,
};

enum record_field {
    RECORD_INDEX = 1,
    RECORD_LEAF = 2,
    RECORD_EVENT_ID = 3,
    RECORD_FIRST_INDEX = 4,
    RECORD_DETAILS_FORMAT = 5,
    RECORD_ERASED = 6,
    RECORD_HEADER = 7,
    RECORD_SALT = 8,
    RECORD_SIGNATURE = 9,
    RECORD_DETAILS = 10,
};

#define FIXED64_FIELD_SIZE 9u // of a number below 16
#define ERASED_FIELD_SIZE 2u

static bool is_event(enum oyez_record_kind kind)
{
    return kind >= OYEZ_RECORD_EVENT && kind <= OYEZ_RECORD_PERSONAL_REPEAT;
}

static bool is_repeat(enum oyez_record_kind kind)
{
    return kind == OYEZ_RECORD_REPEAT || kind == OYEZ_RECORD_PERSONAL_REPEAT;
}

static bool is_personal(enum oyez_record_kind kind)
{
    return kind == OYEZ_RECORD_PERSONAL_EVENT || kind == OYEZ_RECORD_PERSONAL_REPEAT;
}

oyez_err recorder_bytes_grow(struct recorder_bytes *to, size_t more)
{
    size_t wanted = to->size + more;
    if (wanted <= to->room)
        return OYEZ_OK;
    uint8_t *grown = realloc(to->bytes, wanted * 2);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu bytes of records", wanted);
    to->bytes = grown;
    to->room = wanted * 2;
    return OYEZ_OK;
}

void recorder_bytes_free(struct recorder_bytes *bytes)
{
    free(bytes->bytes);
    *bytes = (struct recorder_bytes){0};
}

oyez_err recorder_records_begin(struct recorder_bytes *to, const struct recorder_records_head *head)
{
    to->size = 0;
    oyez_err err = recorder_bytes_grow(
        to, 2 * FIXED64_FIELD_SIZE + wire_bytes_field_size(RECORDS_BEFORE, head->before_size) +
                wire_bytes_field_size(RECORDS_ROOT, head->root_size));
    if (err != OYEZ_OK)
        return err;
    uint8_t *at = wire_write_tag(to->bytes, RECORDS_END, WIRE_FIXED64);
    at = wire_write_fixed64(at, head->end);
    if (head->before_size > 0)
        at = wire_write_bytes_field(at, RECORDS_BEFORE, head->before, head->before_size);
    if (head->root_size > 0) {
        at = wire_write_fixed64(wire_write_tag(at, RECORDS_CHECKPOINT, WIRE_FIXED64),
                                head->checkpoint);
        at = wire_write_bytes_field(at, RECORDS_ROOT, head->root, head->root_size);
    }
    to->size = (size_t)(at - to->bytes);
    return OYEZ_OK;
}

// A field that the leaf lacks.
struct part {
    uint32_t number;
    const uint8_t *bytes;
    size_t size;
};

enum { PARTS = 5 };

// The parts of an event; of a repeat, and of what was erased, there are none to give.
static void list_parts(const struct oyez_journal_record *record, struct part parts[PARTS])
{
    bool whole = is_event(record->kind) && !is_repeat(record->kind) && !record->erased;
    bool has_id = is_event(record->kind) && !is_personal(record->kind) &&
                  !oyez_uuid_is_zero(record->event_id);
    bool has_header = whole && is_personal(record->kind);
    parts[0] = (struct part){RECORD_EVENT_ID, record->event_id.bytes, has_id ? OYEZ_UUID_SIZE : 0};
    parts[1] = (struct part){RECORD_HEADER, record->header, has_header ? record->header_size : 0};
    parts[2] = (struct part){RECORD_SALT, record->salt, whole ? record->salt_size : 0};
    parts[3] =
        (struct part){RECORD_SIGNATURE, record->signature, whole ? record->signature_size : 0};
    parts[4] = (struct part){RECORD_DETAILS, record->details, whole ? record->details_size : 0};
}

static uint8_t *write_record(uint8_t *at, const struct oyez_journal_record *record,
                             const uint8_t *leaf, size_t leaf_size, const struct part parts[PARTS])
{
    at = wire_write_fixed64(wire_write_tag(at, RECORD_INDEX, WIRE_FIXED64), record->index);
    at = wire_write_bytes_field(at, RECORD_LEAF, leaf, leaf_size);
    if (is_repeat(record->kind))
        at = wire_write_fixed64(wire_write_tag(at, RECORD_FIRST_INDEX, WIRE_FIXED64),
                                record->first_index);
    if (is_event(record->kind))
        at = wire_write_varint(wire_write_tag(at, RECORD_DETAILS_FORMAT, WIRE_VARINT),
                               record->details_format);
    if (record->erased)
        at = wire_write_varint(wire_write_tag(at, RECORD_ERASED, WIRE_VARINT), 1);
    for (unsigned i = 0; i < PARTS; i++) {
        if (parts[i].size > 0)
            at = wire_write_bytes_field(at, parts[i].number, parts[i].bytes, parts[i].size);
    }
    return at;
}

oyez_err recorder_records_add(struct recorder_bytes *to, oyez_leaf_hasher *hasher,
                              const struct oyez_journal_record *record)
{
    static _Thread_local uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    struct part parts[PARTS];
    size_t leaf_size;
    oyez_err err = oyez_leaf_build(hasher, record, leaf, &leaf_size);
    if (err != OYEZ_OK)
        return err;
    list_parts(record, parts);
    size_t size = FIXED64_FIELD_SIZE + wire_bytes_field_size(RECORD_LEAF, leaf_size);
    size += is_repeat(record->kind) ? FIXED64_FIELD_SIZE : 0;
    size += is_event(record->kind) ? 1u + wire_varint_size(record->details_format) : 0;
    size += record->erased ? ERASED_FIELD_SIZE : 0;
    for (unsigned i = 0; i < PARTS; i++)
        size += parts[i].size > 0 ? wire_bytes_field_size(parts[i].number, parts[i].size) : 0;
    err = recorder_bytes_grow(to, wire_bytes_field_size(RECORDS_RECORD, size));
    if (err != OYEZ_OK)
        return err;
    uint8_t *at = wire_write_tag(to->bytes + to->size, RECORDS_RECORD, WIRE_BYTES);
    at = wire_write_varint(at, size);
    at = write_record(at, record, leaf, leaf_size, parts);
    to->size = (size_t)(at - to->bytes);
    return OYEZ_OK;
}

bool recorder_records_read(const uint8_t *bytes, size_t size, struct recorder_records_head *head,
                           uint64_t *count)
{
    struct wire_reader reader = {.at = bytes, .end = bytes + size};
    struct wire_field field;
    *head = (struct recorder_records_head){.end = 0};
    *count = 0;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return false;
        if (field.number == RECORDS_END && field.type == WIRE_FIXED64) {
            head->end = field.integer;
        } else if (field.number == RECORDS_BEFORE && field.type == WIRE_BYTES) {
            head->before = field.bytes;
            head->before_size = field.size;
        } else if (field.number == RECORDS_RECORD && field.type == WIRE_BYTES) {
            *count += 1;
        } else if (field.number == RECORDS_CHECKPOINT && field.type == WIRE_FIXED64) {
            head->checkpoint = field.integer;
        } else if (field.number == RECORDS_ROOT && field.type == WIRE_BYTES) {
            head->root = field.bytes;
            head->root_size = field.size;
        }
    }
    return (head->before_size == 0 || head->before_size == OYEZ_LEAF_HASH_SIZE) &&
           (head->root_size == 0 || head->root_size == OYEZ_LEAF_HASH_SIZE);
}

static oyez_err corrupt(uint64_t index, const char *what)
{
    return oyez_fail(OYEZ_ERR_CORRUPT, "the primary's record %" PRIu64 " %s", index, what);
}

// What came beside the leaf.
struct rest {
    uint64_t index, first_index;
    uint8_t format;
    bool erased;
    struct wire_field id, header, salt, signature, details;
};

static void take_field(struct rest *rest, struct recorder_copy *out, const struct wire_field *field)
{
    switch (field->number | field->type << 8) {
    case RECORD_INDEX | WIRE_FIXED64 << 8:
        rest->index = field->integer;
        break;
    case RECORD_LEAF | WIRE_BYTES << 8:
        out->leaf = field->bytes;
        out->leaf_size = field->size;
        break;
    case RECORD_EVENT_ID | WIRE_BYTES << 8:
        rest->id = *field;
        break;
    case RECORD_FIRST_INDEX | WIRE_FIXED64 << 8:
        rest->first_index = field->integer;
        break;
    case RECORD_DETAILS_FORMAT | WIRE_VARINT << 8:
        rest->format = (uint8_t)field->integer;
        break;
    case RECORD_ERASED | WIRE_VARINT << 8:
        rest->erased = field->integer != 0;
        break;
    case RECORD_HEADER | WIRE_BYTES << 8:
        rest->header = *field;
        break;
    case RECORD_SALT | WIRE_BYTES << 8:
        rest->salt = *field;
        break;
    case RECORD_SIGNATURE | WIRE_BYTES << 8:
        rest->signature = *field;
        break;
    case RECORD_DETAILS | WIRE_BYTES << 8:
        rest->details = *field;
        break;
    default:
        break; // of a later version: what the leaf does not vouch for is not needed
    }
}

// The leaf has been read into the record. Adds the rest.
static void fill_event(struct oyez_journal_record *record, const struct rest *rest)
{
    record->details_format = rest->format;
    if (!is_personal(record->kind) && rest->id.size == OYEZ_UUID_SIZE)
        memcpy(record->event_id.bytes, rest->id.bytes, OYEZ_UUID_SIZE);
    if (is_repeat(record->kind)) {
        record->first_index = rest->first_index;
        return;
    }
    if (rest->erased)
        return;
    record->commitment = NULL;
    if (is_personal(record->kind)) {
        record->header = rest->header.bytes;
        record->header_size = rest->header.size;
    }
    record->salt = rest->salt.bytes;
    record->salt_size = rest->salt.size;
    record->signature = rest->signature.bytes;
    record->signature_size = rest->signature.size;
    record->details = rest->details.bytes;
    record->details_size = rest->details.size;
}

static oyez_err check_leaf(oyez_leaf_hasher *hasher, const struct recorder_copy *copy,
                           uint64_t index)
{
    static _Thread_local uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    size_t size;
    if (oyez_leaf_size(&copy->record) != copy->leaf_size)
        return corrupt(index, "has not the size that its leaf has");
    oyez_err err = oyez_leaf_build(hasher, &copy->record, leaf, &size);
    if (err == OYEZ_OK && memcmp(leaf, copy->leaf, size) != 0)
        err = corrupt(index, "is not what its leaf commits to");
    return err;
}

static oyez_err read_record(const struct wire_field *message, oyez_leaf_hasher *hasher,
                            struct recorder_copy *out)
{
    struct wire_reader reader = {.at = message->bytes, .end = message->bytes + message->size};
    struct wire_field field;
    struct rest rest = {.index = 0};
    *out = (struct recorder_copy){.leaf = NULL};
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return corrupt(rest.index, "cannot be read");
        take_field(&rest, out, &field);
    }
    if (out->leaf_size > OYEZ_LEAF_SIZE_MAX ||
        oyez_leaf_read(&out->record, out->leaf, out->leaf_size) != OYEZ_OK)
        return corrupt(rest.index, "has no leaf that can be read");
    if (is_event(out->record.kind))
        fill_event(&out->record, &rest);
    out->record.index = rest.index;
    return check_leaf(hasher, out, rest.index);
}

oyez_err recorder_records_next(const uint8_t *bytes, size_t size, size_t *offset,
                               oyez_leaf_hasher *hasher, struct recorder_copy *out)
{
    struct wire_reader reader = {.at = bytes + *offset, .end = bytes + size};
    struct wire_field field;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            break;
        *offset = (size_t)(reader.at - bytes);
        if (field.number == RECORDS_RECORD && field.type == WIRE_BYTES)
            return read_record(&field, hasher, out);
    }
    return OYEZ_ERR_NOT_FOUND;
}
