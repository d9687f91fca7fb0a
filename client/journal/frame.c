// SPDX-License-Identifier: MIT
//  0    4    8    12   16      24           83 84     86    88   90   92      96
// +----+----+----+----+-------+------------+--+------+-----+----+----+-------+------+------+
// |size|head|body|form| index | leaf stamp |fm|header|place|salt|sign|details| kept | body |
// +----+----+----+----+-------+------------+--+------+-----+----+----+-------+------+------+
//  ^^^^           .... ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^  ......
//  ^ the head checksum, . the body checksum
#include "frame.h"

#include <assert.h>
#include <string.h>

#include "crc32c.h"
#include "leaf.h"
#include "mark.h"
#include "oyez/little_endian.h"
#include "record_kind.h"

#define AT_FORM 12u
#define AT_INDEX 16u
#define AT_STAMP 24u
#define AT_KIND 25u
#define AT_FLAGS 66u
#define FORM_SIZE 4u // with its zeros
#define U16_LARGEST 65535u

const char *oyez_frame_fault_text(enum oyez_frame_fault fault)
{
    static const char *const texts[] = {
        [OYEZ_FRAME_OK] = "good frame",
        [OYEZ_FRAME_NONE] = "no frame",
        [OYEZ_FRAME_SHORT] = "frame ends beyond the file",
        [OYEZ_FRAME_SIZE] = "impossible frame size",
        [OYEZ_FRAME_KIND] = "unknown kind of frame",
        [OYEZ_FRAME_HEAD_SUM] = "head checksum does not match",
        [OYEZ_FRAME_BODY_SUM] = "body checksum does not match",
        [OYEZ_FRAME_VERSION] = "frame of a newer version",
        [OYEZ_FRAME_FIELDS] = "fields contradict each other",
        [OYEZ_FRAME_ORDER] = "index out of order",
        [OYEZ_FRAME_GROUP] = "mark does not match the records before it",
        [OYEZ_FRAME_UNREAD] = "the compressed bytes are damaged",
    };
    return texts[fault];
}

// What stands where in a frame, from its size fields alone.
struct layout {
    size_t kept;
    size_t content;   // of the body, form 0
    size_t body_room; // at least
};

static struct layout lay_out(unsigned kind, size_t header, size_t type, size_t salt,
                             size_t signature, size_t details)
{
    struct layout layout = {0};
    size_t reference = oyez_record_is_repeat(kind) ? 8 : 0;
    size_t personal = oyez_record_is_personal(kind) ? header : 0;

    if (oyez_record_is_event(kind)) {
        layout.kept =
            reference + (oyez_record_is_personal(kind) ? OYEZ_UUID_SIZE + type + 8 : header);
        layout.content = salt + signature + personal + details;
        layout.body_room = OYEZ_LEAF_HASH_SIZE; // for the commitment, now or after an erasure
        if (reference == 0 && layout.content > layout.body_room)
            layout.body_room = layout.content;
    } else if (kind == OYEZ_RECORD_GAP) {
        layout.kept = 9;
    } else if (kind == OYEZ_RECORD_EPOCH_END) {
        layout.kept = 17;
    } else {
        layout.kept = details;
    }
    return layout;
}

static size_t frame_size(struct layout layout)
{
    size_t size = OYEZ_FRAME_HEAD_SIZE + layout.kept + layout.body_room;

    return (size + OYEZ_FRAME_ALIGN - 1) / OYEZ_FRAME_ALIGN * OYEZ_FRAME_ALIGN;
}

static struct layout layout_of_record(const struct oyez_journal_record *record)
{
    return lay_out(record->kind, record->header_size, record->event_type_size, record->salt_size,
                   record->signature_size, record->details_size);
}

static struct layout layout_of_frame(const uint8_t *frame)
{
    return lay_out(frame[AT_KIND], get_u16(frame + 84), get_u16(frame + 86), get_u16(frame + 88),
                   get_u16(frame + 90), get_u32(frame + 92));
}

// Callers give the id by value; the frame tells its place, so that no byte is stored twice.
static unsigned find_event_id(const struct oyez_journal_record *record)
{
    if (oyez_uuid_is_zero(record->event_id) || record->header_size < OYEZ_UUID_SIZE)
        return OYEZ_FRAME_NO_EVENT_ID;
    const uint8_t *at =
        memmem(record->header, record->header_size, record->event_id.bytes, OYEZ_UUID_SIZE);
    return at == NULL ? OYEZ_FRAME_NO_EVENT_ID : (unsigned)(at - record->header);
}

static oyez_err check_event(const struct oyez_journal_record *record)
{
    if (record->header_size > U16_LARGEST || record->event_type_size > U16_LARGEST ||
        record->salt_size > U16_LARGEST || record->signature_size > U16_LARGEST ||
        record->details_size > OYEZ_FRAME_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE,
                         "header, type, salt, signature or details of %zu, "
                         "%zu, %zu, %zu, %zu bytes",
                         record->header_size, record->event_type_size, record->salt_size,
                         record->signature_size, record->details_size);
    if (!oyez_record_is_personal(record->kind) && !oyez_uuid_is_zero(record->event_id) &&
        find_event_id(record) == OYEZ_FRAME_NO_EVENT_ID)
        return oyez_fail(OYEZ_ERR_INVALID, "the header does not hold the event id");
    if ((record->flags & ~(OYEZ_RECORD_FAST | OYEZ_RECORD_CONFLICT | OYEZ_RECORD_INVALID)) != 0)
        return oyez_fail(OYEZ_ERR_INVALID, "unknown record flags 0x%x", record->flags);
    if (record->epoch == 0 || record->position == 0)
        return oyez_fail(OYEZ_ERR_INVALID, "an event without epoch or position");
    return OYEZ_OK;
}

oyez_err oyez_frame_check(const struct oyez_journal_record *record)
{
    if (!oyez_record_kind_is_known(record->kind))
        return oyez_fail(OYEZ_ERR_INVALID, "record of unknown kind %d", (int)record->kind);
    if (oyez_record_is_event(record->kind)) {
        oyez_err err = check_event(record);
        if (err != OYEZ_OK)
            return err;
    } else if (record->flags != 0) {
        return oyez_fail(OYEZ_ERR_INVALID, "flags in a record that is no event");
    }
    if (record->kind == OYEZ_RECORD_GAP &&
        (record->epoch == 0 || record->position == 0 || record->last_position < record->position))
        return oyez_fail(OYEZ_ERR_INVALID, "a gap from %llu to %llu",
                         (unsigned long long)record->position,
                         (unsigned long long)record->last_position);
    if (record->kind == OYEZ_RECORD_EPOCH_END &&
        (record->epoch == 0 || record->highest_position < record->position ||
         record->next_epoch <= record->epoch))
        return oyez_fail(OYEZ_ERR_INVALID, "an epoch's end that contradicts itself");
    if (oyez_leaf_size(record) > OYEZ_LEAF_SIZE_MAX ||
        frame_size(layout_of_record(record)) > OYEZ_FRAME_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "leaf of %zu bytes, frame of %zu",
                         oyez_leaf_size(record), frame_size(layout_of_record(record)));
    return OYEZ_OK;
}

size_t oyez_frame_measure(const struct oyez_journal_record *record)
{
    return frame_size(layout_of_record(record));
}

static uint8_t *put(uint8_t *at, const void *data, size_t size)
{
    if (size > 0)
        memcpy(at, data, size);
    return at + size;
}

static uint8_t *put_kept(uint8_t *at, const struct oyez_journal_record *record)
{
    if (oyez_record_is_repeat(record->kind)) {
        put_u64(at, record->first_index);
        at += 8;
    }
    if (oyez_record_is_personal(record->kind))
        return at + oyez_leaf_put_personal(at, record);
    if (oyez_record_is_event(record->kind))
        return put(at, record->header, record->header_size);
    if (record->kind == OYEZ_RECORD_GAP) {
        oyez_leaf_put_gap(at, record);
        return at + 9;
    }
    if (record->kind == OYEZ_RECORD_EPOCH_END) {
        oyez_leaf_put_epoch_end(at, record);
        return at + 17;
    }
    return put(at, record->details, record->details_size);
}

static uint8_t *put_body(uint8_t *at, const struct oyez_journal_record *record)
{
    if (!oyez_record_is_event(record->kind))
        return at;
    if (record->commitment != NULL)
        return put(at, record->commitment, OYEZ_LEAF_HASH_SIZE);
    at = put(at, record->salt, record->salt_size);
    at = put(at, record->signature, record->signature_size);
    if (oyez_record_is_personal(record->kind))
        at = put(at, record->header, record->header_size);
    return put(at, record->details, record->details_size);
}

static void put_sizes(uint8_t *out, const struct oyez_journal_record *record)
{
    memset(out, 0, OYEZ_FRAME_HEAD_SIZE - 83);
    put_u32(out + 9, (uint32_t)record->details_size);
    if (!oyez_record_is_event(record->kind))
        return;
    out[0] = record->details_format;
    put_u16(out + 1, (uint16_t)record->header_size);
    put_u16(out + 3, (uint16_t)(oyez_record_is_personal(record->kind) ? record->event_type_size
                                                                      : find_event_id(record)));
    put_u16(out + 5, (uint16_t)record->salt_size);
    put_u16(out + 7, (uint16_t)record->signature_size);
}

void oyez_frame_seal(uint8_t *frame, size_t size, size_t kept_end, uint32_t seed)
{
    uint32_t head = oyez_journal_crc32c(seed, frame, 4);
    uint32_t body = oyez_journal_crc32c(seed, frame + AT_FORM, FORM_SIZE);

    head = oyez_journal_crc32c(head, frame + AT_INDEX, kept_end - AT_INDEX);
    body = oyez_journal_crc32c(body, frame + kept_end, size - kept_end);
    put_u32(frame + 4, head);
    put_u32(frame + 8, body);
}

void oyez_frame_encode(uint8_t *out, const struct oyez_journal_record *record, uint64_t index,
                       uint32_t seed)
{
    size_t size = oyez_frame_measure(record);

    put_u32(out, (uint32_t)size);
    put_u32(out + AT_FORM, record->commitment != NULL ? OYEZ_FORM_COMMITMENT : OYEZ_FORM_WHOLE);
    put_u64(out + AT_INDEX, index);
    oyez_leaf_put_stamp(out + AT_STAMP, record);
    if (!oyez_record_is_event(record->kind))
        memset(out + AT_STAMP + OYEZ_LEAF_PREFIX_SIZE, 0,
               OYEZ_LEAF_STAMP_SIZE - OYEZ_LEAF_PREFIX_SIZE);
    put_sizes(out + 83, record);
    uint8_t *body = put_kept(out + OYEZ_FRAME_HEAD_SIZE, record);
    uint8_t *end = put_body(body, record);
    memset(end, 0, (size_t)(out + size - end));
    oyez_frame_seal(out, size, (size_t)(body - out), seed);
}

void oyez_frame_blank(uint8_t *bytes, const struct oyez_frame *frame,
                      const uint8_t commitment[OYEZ_LEAF_HASH_SIZE], uint32_t seed)
{
    assert(frame->kind == OYEZ_RECORD_EVENT || frame->kind == OYEZ_RECORD_PERSONAL_EVENT);
    put_u32(bytes + AT_FORM, OYEZ_FORM_COMMITMENT);
    memset(bytes + frame->kept_end, 0, frame->size - frame->kept_end);
    memcpy(bytes + frame->kept_end, commitment, OYEZ_LEAF_HASH_SIZE);
    oyez_frame_seal(bytes, frame->size, frame->kept_end, seed);
}

static enum oyez_frame_fault find_kept_end(struct oyez_frame *frame)
{
    if (oyez_mark_is_kind(frame->kind)) {
        frame->kept_end = frame->size;
        return frame->size == oyez_mark_size(frame->kind) ? OYEZ_FRAME_OK : OYEZ_FRAME_SIZE;
    }
    if (!oyez_record_kind_is_known(frame->kind))
        return OYEZ_FRAME_KIND;
    if (frame->size < OYEZ_FRAME_HEAD_SIZE)
        return OYEZ_FRAME_SIZE;
    struct layout layout = layout_of_frame(frame->bytes);
    if (frame->size != frame_size(layout))
        return OYEZ_FRAME_SIZE;
    frame->kept_end = (uint32_t)(OYEZ_FRAME_HEAD_SIZE + layout.kept);
    return OYEZ_FRAME_OK;
}

enum oyez_frame_fault oyez_frame_parse(struct oyez_frame *out, const uint8_t *bytes,
                                       size_t available, uint32_t seed)
{
    if (available < 4)
        return available == 0 ? OYEZ_FRAME_NONE : OYEZ_FRAME_SHORT;
    *out = (struct oyez_frame){.bytes = bytes, .size = get_u32(bytes)};
    if (out->size == 0)
        return OYEZ_FRAME_NONE;
    if (out->size % OYEZ_FRAME_ALIGN != 0 || out->size < OYEZ_MARK_SIZE ||
        out->size > OYEZ_FRAME_MAX)
        return OYEZ_FRAME_SIZE;
    if (out->size > available)
        return OYEZ_FRAME_SHORT;
    out->index = get_u64(bytes + AT_INDEX);
    out->kind = bytes[AT_KIND];
    enum oyez_frame_fault fault = find_kept_end(out);
    if (fault != OYEZ_FRAME_OK)
        return fault;
    uint32_t sum = oyez_journal_crc32c(seed, bytes, 4);
    if (get_u32(bytes + 4) != oyez_journal_crc32c(sum, bytes + AT_INDEX, out->kept_end - AT_INDEX))
        return OYEZ_FRAME_HEAD_SUM;
    return bytes[AT_STAMP] == OYEZ_LEAF_VERSION ? OYEZ_FRAME_OK : OYEZ_FRAME_VERSION;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

// With good checksums only a writer's bug, or a forger, gets here.
static bool fields_agree(const struct oyez_frame *frame)
{
    const uint8_t *bytes = frame->bytes;
    unsigned form = bytes[AT_FORM];
    size_t content = 0;

    if (form > OYEZ_FORM_COMMITMENT || !is_zero(bytes + AT_FORM + 1, 3))
        return false;
    if (oyez_mark_is_kind(frame->kind))
        return form == OYEZ_FORM_WHOLE;
    if (oyez_record_is_event(frame->kind)) {
        if ((bytes[AT_FLAGS] & ~7u) != 0)
            return false;
        if (oyez_record_is_repeat(frame->kind) && form != OYEZ_FORM_COMMITMENT)
            return false;
        unsigned place = get_u16(bytes + 86);
        if (!oyez_record_is_personal(frame->kind) && place != OYEZ_FRAME_NO_EVENT_ID &&
            place + OYEZ_UUID_SIZE > get_u16(bytes + 84))
            return false;
        content =
            form == OYEZ_FORM_COMMITMENT ? OYEZ_LEAF_HASH_SIZE : layout_of_frame(bytes).content;
    } else if (form != OYEZ_FORM_WHOLE || !is_zero(bytes + 50, 42) ||
               (!oyez_record_is_act(frame->kind) && get_u32(bytes + 92) != 0) ||
               // Would be read as true, and its leaf would be another.
               (frame->kind == OYEZ_RECORD_EPOCH_END && bytes[OYEZ_FRAME_HEAD_SIZE + 16] > 1)) {
        return false;
    }
    return is_zero(bytes + frame->kept_end + content, frame->size - frame->kept_end - content);
}

enum oyez_frame_fault oyez_frame_check_body(const struct oyez_frame *frame, uint32_t seed)
{
    uint32_t sum = oyez_journal_crc32c(seed, frame->bytes + AT_FORM, FORM_SIZE);

    sum = oyez_journal_crc32c(sum, frame->bytes + frame->kept_end, frame->size - frame->kept_end);
    if (get_u32(frame->bytes + 8) != sum)
        return OYEZ_FRAME_BODY_SUM;
    return fields_agree(frame) ? OYEZ_FRAME_OK : OYEZ_FRAME_FIELDS;
}

uint32_t oyez_frame_sum(const struct oyez_frame *frame)
{
    return get_u32(frame->bytes + 4);
}

uint32_t oyez_frame_chain(uint32_t chain, const struct oyez_frame *frame)
{
    return oyez_journal_crc32c(chain, frame->bytes + 4, 4);
}
