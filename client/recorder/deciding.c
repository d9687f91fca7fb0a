// SPDX-License-Identifier: MIT
#include "deciding.h"

#include <string.h>

#include "wire/batch.h"
#include "wire/defence.h"
#include "wire/field.h"

#define HEADER_EVENT_TYPE 2u

static bool bytes_equal(const void *a, size_t a_size, const void *b, size_t b_size)
{
    return a_size == b_size && (a_size == 0 || memcmp(a, b, a_size) == 0);
}

static bool is_personal(const struct oyez_journal_record *record)
{
    return record->kind == OYEZ_RECORD_PERSONAL_EVENT;
}

static bool same_number(const struct oyez_journal_record *a, const struct oyez_journal_record *b)
{
    return oyez_uuid_equal(a->emitter_id, b->emitter_id) && a->emitter_seq == b->emitter_seq &&
           ((a->flags ^ b->flags) & OYEZ_RECORD_FAST) == 0;
}

// The type of a recorded event: an ordinary one has it in its header alone.
static bool has_type(const struct oyez_journal_record *recorded,
                     const struct oyez_journal_record *record)
{
    if (is_personal(recorded))
        return bytes_equal(recorded->event_type, recorded->event_type_size, record->event_type,
                           record->event_type_size);
    if (recorded->header == NULL)
        return false;
    struct wire_reader reader = {.at = recorded->header,
                                 .end = recorded->header + recorded->header_size};
    struct wire_field field;
    while (reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.number == HEADER_EVENT_TYPE && field.type == WIRE_BYTES)
            return bytes_equal(field.bytes, field.size, record->event_type,
                               record->event_type_size);
    }
    return false;
}

// The same event again, byte for byte.
static oyez_err compare_copies(oyez_leaf_hasher *hasher, const struct oyez_journal_record *recorded,
                               const struct oyez_journal_record *record, bool *same)
{
    uint8_t ours[OYEZ_LEAF_HASH_SIZE], theirs[OYEZ_LEAF_HASH_SIZE];
    oyez_err err = oyez_leaf_commit(hasher, recorded, theirs);
    if (err == OYEZ_OK)
        err = oyez_leaf_commit(hasher, record, ours);
    if (err != OYEZ_OK)
        return err;
    *same = recorded->kind == record->kind && memcmp(ours, theirs, sizeof ours) == 0 &&
            (is_personal(record) || bytes_equal(recorded->header, recorded->header_size,
                                                record->header, record->header_size));
    return OYEZ_OK;
}

// The same fact said again: type and details. Those of an erased event are gone for good, so its id
// decides: recording the event anew would bring back what was erased.
static bool says_the_same(const struct oyez_journal_record *recorded,
                          const struct oyez_journal_record *record)
{
    if (is_personal(recorded) != is_personal(record) || !has_type(recorded, record))
        return false;
    return recorded->erased || (recorded->details_format == record->details_format &&
                                bytes_equal(recorded->details, recorded->details_size,
                                            record->details, record->details_size));
}

static oyez_err compare(oyez_leaf_hasher *hasher, const struct oyez_journal_record *recorded,
                        uint32_t batch_flags, const struct oyez_journal_record *record, bool *same)
{
    if (same_number(recorded, record))
        return compare_copies(hasher, recorded, record, same);
    // An emitter may give an event that it takes for lost another number.
    bool may = (batch_flags & OYEZ_FLAG_LOOK_UP) != 0 ||
               oyez_uuid_equal(recorded->emitter_id, record->emitter_id);
    *same = may && says_the_same(recorded, record);
    return OYEZ_OK;
}

static void make_repeat(struct oyez_journal_record *record, uint64_t first_index)
{
    record->kind = is_personal(record) ? OYEZ_RECORD_PERSONAL_REPEAT : OYEZ_RECORD_REPEAT;
    record->first_index = first_index;
}

oyez_err recorder_decide(oyez_journal *journal, oyez_leaf_hasher *hasher,
                         const struct recorder_emitter *emitter, uint32_t batch_flags,
                         struct oyez_journal_record *record)
{
    bool fast = (record->flags & OYEZ_RECORD_FAST) != 0;
    bool taken = recorder_emitter_has(emitter, fast, record->emitter_seq);
    // A first copy may be read behind its resent one: an old connection is drained late.
    bool look_up = (taken || (batch_flags & (OYEZ_FLAG_RESENT | OYEZ_FLAG_LOOK_UP)) != 0) &&
                   !oyez_uuid_is_zero(record->event_id);
    uint64_t index = 0;
    oyez_err err = OYEZ_ERR_NOT_FOUND;
    if (look_up)
        err = oyez_journal_find_event_id(journal, record->event_id, &index);
    if (err == OYEZ_ERR_NOT_FOUND) {
        if (taken)
            record->flags |= OYEZ_RECORD_CONFLICT;
        return OYEZ_OK;
    }
    struct oyez_journal_record recorded;
    bool same = false;
    if (err == OYEZ_OK)
        err = oyez_journal_read(journal, index, &recorded);
    if (err == OYEZ_OK)
        err = compare(hasher, &recorded, batch_flags, record, &same);
    if (err == OYEZ_OK && same && OYEZ_HAS(REPEAT))
        make_repeat(record, index);
    else if (err == OYEZ_OK && !same)
        record->flags |= OYEZ_RECORD_CONFLICT;
    return err;
}
