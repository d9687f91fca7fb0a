// SPDX-License-Identifier: MIT
// The zstd seekable format: a skippable frame, which `zstd -d` passes over.
//
//  0       4      8                                   size - 9      - 5          - 4
// +-------+------+--------------------------------+- - -+--------+------------+-------+
// | magic | size | packed size, size, sum (12) ...|     | frames | descriptor | magic |
// +-------+------+--------------------------------+- - -+--------+------------+-------+
#include "archive_table.h"

#include <stdlib.h>

#include "oyez/little_endian.h"

#define SKIPPABLE_MAGIC 0x184D2A5Eu
#define SEEKABLE_MAGIC 0x8F92EAB1u
#define WITH_SUMS 0x80u
#define RESERVED 0x7Cu
#define HEAD_SIZE 8u
#define ENTRY_SIZE 12u

oyez_err oyez_archive_table_add(struct oyez_archive_table *table, uint32_t packed, uint32_t size,
                                uint32_t sum)
{
    if (table->count == OYEZ_ARCHIVE_FRAMES_MAX || size > OYEZ_ARCHIVE_FRAME_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "archived segment: more than its seek table can hold");
    if (table->count == table->room) {
        size_t room = table->room == 0 ? 64 : table->room * 2;
        struct oyez_archive_frame *grown = realloc(table->frames, room * sizeof(*grown));
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "seek table of an archived segment");
        table->frames = grown;
        table->room = room;
    }
    table->frames[table->count++] = (struct oyez_archive_frame){
        .at = table->packed, .offset = table->size, .packed = packed, .size = size, .sum = sum};
    table->packed += packed;
    table->size += size;
    table->largest = size > table->largest ? size : table->largest;
    table->largest_packed = packed > table->largest_packed ? packed : table->largest_packed;
    return OYEZ_OK;
}

void oyez_archive_table_clear(struct oyez_archive_table *table)
{
    free(table->frames);
    *table = (struct oyez_archive_table){0};
}

size_t oyez_archive_table_measure(size_t frames)
{
    return HEAD_SIZE + frames * ENTRY_SIZE + OYEZ_ARCHIVE_FOOTER_SIZE;
}

void oyez_archive_table_encode(const struct oyez_archive_table *table, uint8_t *out)
{
    put_u32(out, SKIPPABLE_MAGIC);
    put_u32(out + 4, (uint32_t)(oyez_archive_table_measure(table->count) - HEAD_SIZE));
    out += HEAD_SIZE;
    for (size_t i = 0; i < table->count; i++, out += ENTRY_SIZE) {
        put_u32(out, table->frames[i].packed);
        put_u32(out + 4, table->frames[i].size);
        put_u32(out + 8, table->frames[i].sum);
    }
    put_u32(out, (uint32_t)table->count);
    out[4] = WITH_SUMS;
    put_u32(out + 5, SEEKABLE_MAGIC);
}

bool oyez_archive_table_read_footer(const uint8_t *footer, uint64_t file_size, size_t *table_size)
{
    uint32_t frames = get_u32(footer);

    if (get_u32(footer + 5) != SEEKABLE_MAGIC ||
        (footer[4] & (WITH_SUMS | RESERVED)) != WITH_SUMS || frames == 0 ||
        frames > OYEZ_ARCHIVE_FRAMES_MAX)
        return false;
    *table_size = oyez_archive_table_measure(frames);
    return *table_size < file_size;
}

bool oyez_archive_table_decode(struct oyez_archive_table *table, const uint8_t *bytes, size_t size,
                               uint64_t file_size)
{
    size_t expected;

    *table = (struct oyez_archive_table){0};
    if (size < oyez_archive_table_measure(1) ||
        !oyez_archive_table_read_footer(bytes + size - OYEZ_ARCHIVE_FOOTER_SIZE, file_size,
                                        &expected) ||
        expected != size || get_u32(bytes) != SKIPPABLE_MAGIC ||
        get_u32(bytes + 4) != size - HEAD_SIZE)
        return false;
    for (const uint8_t *entry = bytes + HEAD_SIZE; entry < bytes + size - OYEZ_ARCHIVE_FOOTER_SIZE;
         entry += ENTRY_SIZE)
        if (get_u32(entry) == 0 || get_u32(entry + 4) == 0 ||
            oyez_archive_table_add(table, get_u32(entry), get_u32(entry + 4), get_u32(entry + 8)) !=
                OYEZ_OK)
            return false;
    return table->packed == file_size - size;
}

size_t oyez_archive_table_find(const struct oyez_archive_table *table, uint64_t offset)
{
    size_t low = 0, high = table->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (table->frames[middle].offset <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}
