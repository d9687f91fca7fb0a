// SPDX-License-Identifier: MIT
//  0         8     12    16           32      40      48    52    64
// +---------+-----+-----+------------+-------+-------+-----+-----+
// |OYEZSEG\0|vers.| sum | journal id | first |created|chain|  0  |
// +---------+-----+-----+------------+-------+-------+-----+-----+
#include "segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crc32c.h"
#include "oyez/disk.h"
#include "oyez/little_endian.h"

#define VERSION 1u
#define TAIL_SIZE 4096u

static const uint8_t magic[8] = "OYEZSEG";

void oyez_segment_name(char out[OYEZ_SEGMENT_NAME_SIZE], uint64_t first_index, const char *suffix)
{
    snprintf(out, OYEZ_SEGMENT_NAME_SIZE, "%020" PRIu64 "%s", first_index, suffix);
}

static uint32_t header_sum(const uint8_t *bytes)
{
    return oyez_journal_crc32c(oyez_journal_crc32c(0, bytes, 12), bytes + 16,
                               OYEZ_SEGMENT_HEADER_SIZE - 16);
}

void oyez_segment_header_encode(uint8_t out[OYEZ_SEGMENT_HEADER_SIZE],
                                struct oyez_segment_header *header)
{
    memset(out, 0, OYEZ_SEGMENT_HEADER_SIZE);
    memcpy(out, magic, sizeof(magic));
    put_u32(out + 8, VERSION);
    memcpy(out + 16, header->journal_id, OYEZ_JOURNAL_ID_SIZE);
    put_u64(out + 32, header->first_index);
    put_u64(out + 40, header->created);
    put_u32(out + 48, header->chain);
    header->sum = header_sum(out);
    put_u32(out + 12, header->sum);
}

oyez_err oyez_segment_header_decode(struct oyez_segment_header *out, const uint8_t *bytes,
                                    size_t size, const char *name)
{
    static const uint8_t zeros[12];

    if (size < OYEZ_SEGMENT_HEADER_SIZE)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 0: header of %zu bytes, %u expected", name,
                         size, OYEZ_SEGMENT_HEADER_SIZE);
    if (memcmp(bytes, magic, sizeof(magic)) != 0)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 0: does not begin as a segment", name);
    out->sum = get_u32(bytes + 12);
    if (out->sum != header_sum(bytes))
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 12: header checksum does not match", name);
    if (get_u32(bytes + 8) != VERSION)
        return oyez_fail(OYEZ_ERR_VERSION, "%s: format version %u, this program reads %u", name,
                         get_u32(bytes + 8), VERSION);
    if (memcmp(bytes + 52, zeros, sizeof(zeros)) != 0)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 52: zeros expected", name);
    memcpy(out->journal_id, bytes + 16, OYEZ_JOURNAL_ID_SIZE);
    out->first_index = get_u64(bytes + 32);
    out->created = get_u64(bytes + 40);
    out->chain = get_u32(bytes + 48);
    return OYEZ_OK;
}

// A crash may have kept the zeros behind a seal, so the end of the file is not the end of it.
static oyez_err find_end(const struct oyez_segment *segment, const struct oyez_disk *disk,
                         uint64_t *end)
{
    uint8_t block[TAIL_SIZE];
    off_t size = oyez_segment_size(segment, disk);

    if (size < 0)
        return oyez_disk_fail(segment->path, "asking for its size");
    *end = (uint64_t)size;
    while (*end > 0) {
        size_t part = *end < sizeof(block) ? (size_t)*end : sizeof(block);
        size_t got;
        oyez_err err = oyez_segment_read(segment, disk, block, part, *end - part, &got);
        if (err != OYEZ_OK)
            return err;
        *end -= part - got; // the writer may have cut the file since its size was asked for
        while (got > 0 && block[got - 1] == 0) {
            got--;
            (*end)--;
        }
        if (got > 0)
            return OYEZ_OK;
    }
    return OYEZ_OK;
}

oyez_err oyez_segment_read_seal(const struct oyez_segment *segment, const struct oyez_disk *disk,
                                struct oyez_mark *out, uint64_t *offset)
{
    // The seal's last fields may end in zeros themselves: it begins at one of 14 places.
    uint8_t bytes[2 * OYEZ_MARK_SEAL_SIZE];
    struct oyez_frame frame;
    uint64_t end = 0;
    size_t got = 0;
    oyez_err err = find_end(segment, disk, &end);

    if (err != OYEZ_OK)
        return err;
    end = (end + OYEZ_FRAME_ALIGN - 1) / OYEZ_FRAME_ALIGN * OYEZ_FRAME_ALIGN;
    uint64_t start = end > OYEZ_SEGMENT_HEADER_SIZE + OYEZ_MARK_SEAL_SIZE
                         ? end - OYEZ_MARK_SEAL_SIZE
                         : OYEZ_SEGMENT_HEADER_SIZE;
    err = oyez_segment_read(segment, disk, bytes, sizeof(bytes), start, &got);
    if (err != OYEZ_OK)
        return err;
    for (size_t at = 0; at < OYEZ_MARK_SEAL_SIZE && at < got; at += OYEZ_FRAME_ALIGN) {
        *offset = start + at;
        if (oyez_frame_parse(&frame, bytes + at, got - at, segment->header.sum) == OYEZ_FRAME_OK &&
            frame.kind == OYEZ_MARK_SEAL &&
            oyez_frame_check_body(&frame, segment->header.sum) == OYEZ_FRAME_OK &&
            oyez_mark_decode(out, &frame, *offset))
            return OYEZ_OK;
    }
    return oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no seal at its end", segment->name);
}

oyez_err oyez_segment_check_next(const struct oyez_segment_header *header,
                                 const struct oyez_mark *seal, const struct oyez_segment *next)
{
    if (memcmp(header->journal_id, next->header.journal_id, OYEZ_JOURNAL_ID_SIZE) != 0)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 16: a segment of another journal",
                         next->name);
    if (next->header.first_index != seal->index)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: offset 32: begins with record %" PRIu64 ", the one before it ends "
                         "with %" PRIu64,
                         next->name, next->header.first_index, seal->index);
    if (next->header.chain != seal->chain)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 48: chain does not continue that before it",
                         next->name);
    return OYEZ_OK;
}
