// SPDX-License-Identifier: MIT
//  0    4    8    12   16      24 25 26 28      32          40     48    52   56
// +----+----+----+----+-------+--+--+--+-------+-----------+------+-----+----+-----------
// |size|head|body| 0  | index |v |k |cl|records|group start|synced|chain| 0  | seal: span
// +----+----+----+----+-------+--+--+--+-------+-----------+------+-----+----+-----------
#include "mark.h"

#include <string.h>

#include "leaf.h"
#include "oyez/little_endian.h"
#include "record_kind.h"

size_t oyez_mark_size(unsigned kind)
{
    return kind == OYEZ_MARK_SEAL ? OYEZ_MARK_SEAL_SIZE : OYEZ_MARK_SIZE;
}

size_t oyez_mark_encode(uint8_t *out, const struct oyez_mark *mark, uint32_t seed)
{
    size_t size = oyez_mark_size(mark->kind);

    memset(out, 0, size);
    put_u32(out, (uint32_t)size);
    put_u64(out + 16, mark->index);
    out[24] = OYEZ_LEAF_VERSION;
    out[25] = mark->kind;
    out[26] = mark->clean ? 1 : 0;
    put_u32(out + 28, mark->records);
    put_u64(out + 32, mark->group_start);
    put_u64(out + 40, mark->synced);
    put_u32(out + 48, mark->chain);
    if (mark->kind == OYEZ_MARK_SEAL) {
        put_u64(out + 56, mark->span.first_epoch);
        put_u64(out + 64, mark->span.first_position);
        put_u64(out + 72, mark->span.last_epoch);
        put_u64(out + 80, mark->span.last_position);
        put_u64(out + 88, mark->span.time_min);
        put_u64(out + 96, mark->span.time_max);
    }
    oyez_frame_seal(out, size, size, seed);
    return size;
}

bool oyez_mark_decode(struct oyez_mark *out, const struct oyez_frame *frame, uint64_t offset)
{
    const uint8_t *bytes = frame->bytes;

    *out = (struct oyez_mark){.kind = frame->kind,
                              .clean = bytes[26] == 1,
                              .index = frame->index,
                              .records = get_u32(bytes + 28),
                              .group_start = get_u64(bytes + 32),
                              .synced = get_u64(bytes + 40),
                              .chain = get_u32(bytes + 48)};
    if (frame->kind == OYEZ_MARK_SEAL)
        out->span = (struct oyez_journal_span){get_u64(bytes + 56), get_u64(bytes + 64),
                                               get_u64(bytes + 72), get_u64(bytes + 80),
                                               get_u64(bytes + 88), get_u64(bytes + 96)};
    if (bytes[26] > (frame->kind == OYEZ_MARK_SEAL ? 1 : 0) || bytes[27] != 0 ||
        get_u32(bytes + 52) != 0 || out->group_start > offset || out->synced > offset)
        return false;
    return frame->kind == OYEZ_MARK_COMMIT ||
           (out->records == 0 && out->group_start == offset && out->synced == offset);
}

void oyez_journal_span_add(struct oyez_journal_span *span, const struct oyez_journal_record *record)
{
    if (!oyez_record_has_position(record->kind))
        return;
    if (span->first_epoch == 0) {
        span->first_epoch = record->epoch;
        span->first_position = record->position;
    }
    span->last_epoch = record->epoch;
    span->last_position = oyez_record_reaches(record);
    if (!oyez_record_is_event(record->kind))
        return;
    if (span->time_min == 0 || record->broker_time < span->time_min)
        span->time_min = record->broker_time;
    if (record->broker_time > span->time_max)
        span->time_max = record->broker_time;
}
