// SPDX-License-Identifier: MIT
// A leaf shown as a record, and held against the event that it commits to.
#include <string.h>

#include "leaf.h"
#include "oyez/little_endian.h"
#include "oyez/proof.h"
#include "record_kind.h"

#define PERSONAL_SIZE (OYEZ_LEAF_STAMP_SIZE + OYEZ_UUID_SIZE + 8u + OYEZ_LEAF_HASH_SIZE)
#define GAP_SIZE (OYEZ_LEAF_PREFIX_SIZE + 9u)
#define EPOCH_END_SIZE (OYEZ_LEAF_PREFIX_SIZE + 17u)

static oyez_err malformed(const char *what)
{
    return oyez_fail(OYEZ_ERR_MALFORMED, "leaf: %s", what);
}

static oyez_err read_event(struct oyez_journal_record *out, const uint8_t *leaf, size_t size)
{
    bool personal = oyez_record_is_personal(out->kind);

    if (size < (personal ? PERSONAL_SIZE : OYEZ_LEAF_STAMP_SIZE + OYEZ_LEAF_HASH_SIZE))
        return malformed("shorter than an event's");
    memcpy(out->emitter_id.bytes, leaf + 26, OYEZ_UUID_SIZE);
    out->flags = leaf[42];
    out->emitter_seq = get_u64(leaf + 43);
    out->type_seq = get_u64(leaf + 51);
    if (!personal) {
        out->commitment = leaf + OYEZ_LEAF_STAMP_SIZE;
        out->header = out->commitment + OYEZ_LEAF_HASH_SIZE;
        out->header_size = size - OYEZ_LEAF_STAMP_SIZE - OYEZ_LEAF_HASH_SIZE;
        return OYEZ_OK;
    }
    memcpy(out->event_id.bytes, leaf + OYEZ_LEAF_STAMP_SIZE, OYEZ_UUID_SIZE);
    out->event_type = (const char *)leaf + OYEZ_LEAF_STAMP_SIZE + OYEZ_UUID_SIZE;
    out->event_type_size = size - PERSONAL_SIZE;
    out->occurred_at = (int64_t)get_u64(leaf + size - OYEZ_LEAF_HASH_SIZE - 8);
    out->commitment = leaf + size - OYEZ_LEAF_HASH_SIZE;
    return OYEZ_OK;
}

static oyez_err read_rest(struct oyez_journal_record *out, const uint8_t *leaf, size_t size)
{
    const uint8_t *rest = leaf + OYEZ_LEAF_PREFIX_SIZE;

    if (out->kind == OYEZ_RECORD_GAP) {
        if (size != GAP_SIZE)
            return malformed("not of a gap's size");
        out->last_position = get_u64(rest);
        out->reason = (enum oyez_gap_reason)rest[8];
    } else if (out->kind == OYEZ_RECORD_EPOCH_END) {
        if (size != EPOCH_END_SIZE)
            return malformed("not of the size of an epoch's end");
        out->highest_position = get_u64(rest);
        out->next_epoch = get_u64(rest + 8);
        out->clean = rest[16] == 1;
    } else {
        out->details = rest;
        out->details_size = size - OYEZ_LEAF_PREFIX_SIZE;
    }
    return OYEZ_OK;
}

oyez_err oyez_leaf_read(struct oyez_journal_record *out, const void *leaf, size_t size)
{
    const uint8_t *bytes = leaf;

    *out = (struct oyez_journal_record){0};
    if (size < OYEZ_LEAF_PREFIX_SIZE)
        return malformed("too short");
    if (bytes[0] != OYEZ_LEAF_VERSION)
        return oyez_fail(OYEZ_ERR_VERSION, "leaf of version %u, this program reads %u", bytes[0],
                         OYEZ_LEAF_VERSION);
    if (!oyez_record_kind_is_known(bytes[1]))
        return malformed("of an unknown kind");
    out->kind = (enum oyez_record_kind)bytes[1];
    out->epoch = get_u64(bytes + 2);
    out->position = get_u64(bytes + 10);
    out->broker_time = get_u64(bytes + 18);
    return oyez_record_is_event(out->kind) ? read_event(out, bytes, size)
                                           : read_rest(out, bytes, size);
}

oyez_err oyez_leaf_check_event(oyez_leaf_hasher *hasher, const struct oyez_journal_record *leaf,
                               const struct oyez_journal_record *event)
{
    struct oyez_journal_record asked = *event;
    uint8_t commitment[OYEZ_LEAF_HASH_SIZE];

    if (!oyez_record_is_event(leaf->kind))
        return oyez_fail(OYEZ_ERR_INVALID, "the leaf is that of no event");
    if (!oyez_record_is_personal(leaf->kind) &&
        (leaf->header_size != event->header_size ||
         (leaf->header_size > 0 && memcmp(leaf->header, event->header, leaf->header_size) != 0)))
        return oyez_fail(OYEZ_ERR_CORRUPT, "the event's header is not the one in the leaf");
    asked.kind = leaf->kind; // which parts the commitment is over
    asked.commitment = NULL;
    oyez_err err = oyez_leaf_commit(hasher, &asked, commitment);
    if (err == OYEZ_OK && memcmp(commitment, leaf->commitment, sizeof(commitment)) != 0)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "the event's %sdetails, their format, salt or signature are not those that "
                        "the leaf commits to",
                        oyez_record_is_personal(leaf->kind) ? "header, " : "");
    return err;
}
