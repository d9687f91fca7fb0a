// SPDX-License-Identifier: MIT
// A group may reach the disk in any order of its pages, so a good mark behind bad bytes is no
// proof of damage: unless it says that those bytes were synced before it was written.
#include "tail.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE (64u * 1024u)
#define OVERLAP OYEZ_MARK_SEAL_SIZE

static size_t significant(const uint8_t *bytes, size_t size)
{
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size;
}

// Is there a mark in these bytes that tells of the stop as safe?
static bool tells_of_damage(const struct oyez_scan *scan, const struct oyez_scan_stop *stop,
                            const uint8_t *bytes, size_t size, uint64_t offset)
{
    uint32_t seed = scan->segment->header.sum;
    struct oyez_frame frame;
    struct oyez_mark mark;

    for (size_t at = 0; at + OYEZ_MARK_SIZE <= size; at += OYEZ_FRAME_ALIGN) {
        if (!oyez_mark_is_kind(bytes[at + 25]) || bytes[at] != oyez_mark_size(bytes[at + 25]))
            continue;
        if (oyez_frame_parse(&frame, bytes + at, size - at, seed) == OYEZ_FRAME_OK &&
            oyez_mark_decode(&mark, &frame, offset + at) && mark.synced > stop->offset &&
            mark.index >= scan->index)
            return true;
    }
    return false;
}

// Frames cross the chunks' borders, so what may hold a beginning is looked at once more.
static oyez_err judge_chunks(const struct oyez_scan *scan, const struct oyez_scan_stop *stop,
                             uint8_t *chunk, size_t room, struct oyez_tail *out)
{
    uint64_t offset = scan->offset;

    for (;;) {
        size_t got;
        oyez_err err = oyez_segment_read(scan->segment, scan->disk, chunk, room, offset, &got);
        if (err != OYEZ_OK)
            return err;
        size_t used = significant(chunk, got);
        if (used > 0)
            out->bytes = offset + used - scan->offset;
        if (used > 0 && tells_of_damage(scan, stop, chunk, got, offset))
            out->damaged = true;
        if (got < room)
            return OYEZ_OK;
        offset += room - OVERLAP;
    }
}

oyez_err oyez_tail_judge(struct oyez_scan *scan, const struct oyez_scan_stop *stop,
                         struct oyez_tail *out)
{
    uint8_t *chunk = malloc(CHUNK_SIZE);

    *out = (struct oyez_tail){0};
    if (chunk == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: reading its tail", scan->segment->name);
    oyez_err err = judge_chunks(scan, stop, chunk, CHUNK_SIZE, out);
    free(chunk);
    if (err == OYEZ_OK && out->bytes > 0)
        err = oyez_scan_count_rest(scan, &out->records);
    return err;
}

oyez_err oyez_tail_find_damage(struct oyez_scan *scan, const struct oyez_scan_stop *stop,
                               struct oyez_tail_judged *judged, bool *damaged)
{
    struct oyez_tail tail;
    off_t size = oyez_segment_size(scan->segment, scan->disk);

    *damaged = false;
    if (stop->fault == OYEZ_FRAME_NONE && size == judged->size && stop->offset == judged->offset)
        return OYEZ_OK;
    oyez_err err = oyez_tail_judge(scan, stop, &tail);
    if (err != OYEZ_OK)
        return err;
    *damaged = tail.damaged;
    *judged = (struct oyez_tail_judged){0};
    if (tail.bytes == 0)
        *judged = (struct oyez_tail_judged){size, stop->offset};
    return OYEZ_OK;
}
