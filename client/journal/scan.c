// SPDX-License-Identifier: MIT
#include "scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record_kind.h"
#include "unfinished.h"

#define READ_SIZE (64u * 1024u)

void oyez_scan_begin(struct oyez_scan *scan, const struct oyez_disk *disk,
                     const struct oyez_segment *segment)
{
    *scan = (struct oyez_scan){.disk = disk,
                               .segment = segment,
                               .offset = OYEZ_SEGMENT_HEADER_SIZE,
                               .index = segment->header.first_index,
                               .chain = segment->header.sum,
                               .bytes = scan->bytes,
                               .room = scan->room};
}

void oyez_scan_begin_at(struct oyez_scan *scan, const struct oyez_disk *disk,
                        const struct oyez_segment *segment, uint64_t offset, uint64_t index)
{
    oyez_scan_begin(scan, disk, segment);
    scan->offset = offset;
    scan->index = index;
    scan->partial = true;
}

void oyez_scan_end(struct oyez_scan *scan)
{
    free(scan->bytes);
    *scan = (struct oyez_scan){0};
}

// Forgets what was read but not used: it may be about to change.
static void forget(struct oyez_scan *scan)
{
    scan->size = 0;
}

static oyez_err make_room(struct oyez_scan *scan, size_t used)
{
    if (scan->room - used >= READ_SIZE)
        return OYEZ_OK;
    size_t room = scan->room * 2 > used + READ_SIZE ? scan->room * 2 : used + READ_SIZE;
    uint8_t *grown = realloc(scan->bytes, room);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: reading a group", scan->segment->name);
    scan->bytes = grown;
    scan->room = room;
    return OYEZ_OK;
}

// Reads on behind what was read; damage to an archived segment is no error here, but a place.
static oyez_err read_on(struct oyez_scan *scan, bool *more)
{
    size_t got = 0;
    oyez_err err = make_room(scan, scan->size);

    *more = false;
    if (err != OYEZ_OK)
        return err;
    err = oyez_segment_read(scan->segment, scan->disk, scan->bytes + scan->size,
                            scan->room - scan->size, scan->start + scan->size, &got);
    scan->unread = err == OYEZ_ERR_CORRUPT;
    if (err != OYEZ_OK && !scan->unread)
        return err;
    scan->size += got;
    *more = got > 0 && !scan->unread;
    return OYEZ_OK;
}

static void make_current(struct oyez_scan *scan)
{
    if (scan->offset < scan->start || scan->offset > scan->start + scan->size)
        forget(scan);
    if (scan->size == 0) {
        scan->start = scan->offset;
    } else if (scan->offset > scan->start && scan->room - scan->size < READ_SIZE) {
        size_t used = (size_t)(scan->offset - scan->start);
        memmove(scan->bytes, scan->bytes + used, scan->size - used);
        scan->size -= used;
        scan->start = scan->offset;
    }
}

// Makes `size` bytes at `at` behind scan->offset readable, or as many as there are.
static oyez_err load(struct oyez_scan *scan, size_t at, size_t size, size_t *available)
{
    oyez_err err = OYEZ_OK;
    bool more = true;

    make_current(scan);
    scan->unread = false;
    size_t base = (size_t)(scan->offset - scan->start);
    while (err == OYEZ_OK && more && scan->size < base + at + size)
        err = read_on(scan, &more);
    *available = scan->size > base + at ? scan->size - base - at : 0;
    return err;
}

static const uint8_t *bytes_at(const struct oyez_scan *scan, size_t at)
{
    return scan->bytes + (scan->offset - scan->start) + at;
}

// An erasure is at this frame now, or was cut short there; or it has just ended.
static enum oyez_frame_fault mend(struct oyez_scan *scan, size_t at, struct oyez_frame *frame)
{
    uint8_t *bytes = scan->bytes + (bytes_at(scan, at) - scan->bytes);
    uint32_t seed = scan->segment->header.sum;
    size_t got;

    if (!oyez_unfinished_mend(scan->disk, scan->segment, bytes, frame) &&
        (oyez_segment_read(scan->segment, scan->disk, bytes, frame->size, scan->offset + at,
                           &got) != OYEZ_OK ||
         got < frame->size || oyez_frame_parse(frame, bytes, got, seed) != OYEZ_FRAME_OK))
        return OYEZ_FRAME_BODY_SUM;
    return oyez_frame_check_body(frame, seed);
}

static enum oyez_frame_fault check_body(struct oyez_scan *scan, size_t at, struct oyez_frame *frame)
{
    enum oyez_frame_fault fault = oyez_frame_check_body(frame, scan->segment->header.sum);

    if (fault == OYEZ_FRAME_BODY_SUM && oyez_record_is_event(frame->kind))
        fault = mend(scan, at, frame);
    return scan->skip_bodies && !oyez_mark_is_kind(frame->kind) ? OYEZ_FRAME_OK : fault;
}

// Parses the frame at `at`, reading as much as it needs.
static oyez_err parse_at(struct oyez_scan *scan, size_t at, struct oyez_frame *frame,
                         enum oyez_frame_fault *fault)
{
    uint32_t seed = scan->segment->header.sum;
    size_t available;
    oyez_err err = load(scan, at, OYEZ_FRAME_HEAD_SIZE, &available);

    if (err != OYEZ_OK)
        return err;
    *fault = oyez_frame_parse(frame, bytes_at(scan, at), available, seed);
    if (*fault == OYEZ_FRAME_SHORT && available >= OYEZ_FRAME_ALIGN) {
        err = load(scan, at, frame->size, &available);
        if (err != OYEZ_OK)
            return err;
        *fault = oyez_frame_parse(frame, bytes_at(scan, at), available, seed);
    }
    if (scan->unread && (*fault == OYEZ_FRAME_NONE || *fault == OYEZ_FRAME_SHORT))
        *fault = OYEZ_FRAME_UNREAD;
    if (*fault == OYEZ_FRAME_OK)
        *fault = check_body(scan, at, frame);
    if (*fault == OYEZ_FRAME_VERSION)
        return oyez_fail(OYEZ_ERR_VERSION, "%s: offset %llu: written by a newer Oyez",
                         scan->segment->name, (unsigned long long)(scan->offset + at));
    return OYEZ_OK;
}

static bool mark_matches(const struct oyez_scan *scan, const struct oyez_mark *mark,
                         uint32_t records, uint32_t chain)
{
    if (scan->partial)
        return true;
    return mark->chain == chain && mark->records == records && mark->group_start == scan->offset;
}

static void take_group(struct oyez_scan *scan, struct oyez_group *group, size_t size,
                       uint64_t index, const struct oyez_mark *mark)
{
    *group = (struct oyez_group){.bytes = bytes_at(scan, 0),
                                 .size = size,
                                 .offset = scan->offset,
                                 .index = scan->index,
                                 .mark = *mark,
                                 .mark_offset = scan->offset + size};
    scan->offset += size + oyez_mark_size(mark->kind);
    scan->index = index;
    scan->chain = mark->chain;
    scan->sealed = mark->kind == OYEZ_MARK_SEAL;
    scan->partial = false;
    if (mark->synced > scan->synced)
        scan->synced = mark->synced;
}

oyez_err oyez_scan_next(struct oyez_scan *scan, struct oyez_group *group,
                        struct oyez_scan_stop *stop)
{
    uint64_t index = scan->index;
    uint32_t chain = scan->chain;
    uint32_t records = 0;
    size_t at = 0;
    enum oyez_frame_fault fault = OYEZ_FRAME_NONE;
    struct oyez_frame frame;
    struct oyez_mark mark;

    while (!scan->sealed) {
        oyez_err err = parse_at(scan, at, &frame, &fault);
        if (err != OYEZ_OK)
            return err;
        if (fault != OYEZ_FRAME_OK)
            break;
        if (frame.index != index) {
            fault = OYEZ_FRAME_ORDER;
            break;
        }
        if (oyez_mark_is_kind(frame.kind)) {
            fault = OYEZ_FRAME_GROUP;
            if (!oyez_mark_decode(&mark, &frame, scan->offset + at) ||
                !mark_matches(scan, &mark, records, chain))
                break;
            take_group(scan, group, at, index, &mark);
            return OYEZ_OK;
        }
        chain = oyez_frame_chain(chain, &frame);
        index++;
        records++;
        at += frame.size;
    }
    *stop = (struct oyez_scan_stop){.fault = fault, .offset = scan->offset + at};
    forget(scan);
    return OYEZ_ERR_NOT_FOUND;
}

bool oyez_scan_next_frame(const struct oyez_scan *scan, const struct oyez_group *group, size_t *at,
                          struct oyez_frame *frame)
{
    if (*at >= group->size)
        return false;
    enum oyez_frame_fault fault =
        oyez_frame_parse(frame, group->bytes + *at, group->size - *at, scan->segment->header.sum);
    if (fault != OYEZ_FRAME_OK)
        return false;
    *at += frame->size;
    return true;
}

oyez_err oyez_scan_fail(const struct oyez_scan *scan, const struct oyez_scan_stop *stop)
{
    return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": %s", scan->segment->name,
                     stop->offset, oyez_frame_fault_text(stop->fault));
}

oyez_err oyez_scan_count_rest(struct oyez_scan *scan, uint64_t *records)
{
    enum oyez_frame_fault fault = OYEZ_FRAME_OK;
    struct oyez_frame frame;
    oyez_err err = OYEZ_OK;
    size_t at = 0;

    for (*records = 0; err == OYEZ_OK; at += frame.size) {
        err = parse_at(scan, at, &frame, &fault);
        if (err != OYEZ_OK || fault != OYEZ_FRAME_OK)
            break;
        if (!oyez_mark_is_kind(frame.kind))
            (*records)++;
    }
    forget(scan);
    return err;
}
