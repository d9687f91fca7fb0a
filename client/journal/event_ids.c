// SPDX-License-Identifier: MIT
//  0         8     12    16       20     24      28      32
// +---------+-----+-----+--------+------+-------+-------+-----------+---------------------
// |OYEZIDS\0|vers.| sum |segment |chain |records|entries| 4 × place | 12 × (print, record)
// +---------+-----+-----+--------+------+-------+-------+-----------+---------------------
#include "event_ids.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "disk_file.h"
#include "little_endian.h"

#define HEADER_SIZE 32u
#define OFFSET_SIZE 4u
#define ENTRY_SIZE 12u
#define VERSION 1u
#define CHUNK_SIZE (256u * 1024u)
#define WINDOW_ENTRIES 512u // read at once: fingerprints are spread evenly, so a guess is near

static const uint8_t magic[8] = "OYEZIDS";

struct entry {
    uint64_t fingerprint;
    uint32_t record;
};

// Stable, by the fingerprint's bytes: linear, where qsort would hold the writer up ten times longer.
static void sort_entries(struct entry *entries, struct entry *spare, size_t count)
{
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t places[256] = {0};
        size_t sum = 0;
        for (size_t i = 0; i < count; i++)
            places[entries[i].fingerprint >> shift & 0xFF]++;
        for (size_t i = 0; i < 256; i++) {
            size_t here = places[i];
            places[i] = sum;
            sum += here;
        }
        for (size_t i = 0; i < count; i++)
            spare[places[entries[i].fingerprint >> shift & 0xFF]++] = entries[i];
        struct entry *swap = entries;
        entries = spare;
        spare = swap;
    }
}

static int compare_records(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;

    return (x->record > y->record) - (x->record < y->record);
}

// Eight passes: the result is back in `entries`. The slots are in no order, so records come first.
static bool collect(const struct oyez_segment_map *map, struct entry *entries)
{
    struct entry *spare = malloc((map->entries + 1) * sizeof(*spare));
    size_t count = 0;

    if (spare == NULL)
        return false;
    for (size_t i = 0; i < map->slots_room; i++)
        if (map->slots[i].record != 0)
            entries[count++] = (struct entry){map->slots[i].fingerprint, map->slots[i].record - 1};
    sort_entries(entries, spare, count);
    for (size_t i = 0, j; i < count; i = j) {
        for (j = i + 1; j < count && entries[j].fingerprint == entries[i].fingerprint; j++)
            ;
        if (j - i > 1)
            qsort(entries + i, j - i, sizeof(*entries), compare_records);
    }
    free(spare);
    return true;
}

static uint32_t checksum(uint32_t so_far, const uint8_t *bytes, size_t size, size_t offset)
{
    if (offset > 0)
        return oyez_journal_crc32c(so_far, bytes, size);
    return oyez_journal_crc32c(oyez_journal_crc32c(0, bytes, 12), bytes + 16, size - 16);
}

static void encode(uint8_t *out, size_t size, const struct oyez_segment_header *header,
                   uint32_t chain, const struct oyez_segment_map *map, const struct entry *entries)
{
    uint8_t *at = out + HEADER_SIZE;

    memcpy(out, magic, sizeof(magic));
    put_u32(out + 8, VERSION);
    put_u32(out + 16, header->sum);
    put_u32(out + 20, chain);
    put_u32(out + 24, (uint32_t)map->records);
    put_u32(out + 28, (uint32_t)map->entries);
    for (size_t i = 0; i < map->records; i++, at += OFFSET_SIZE)
        put_u32(at, map->offsets[i]);
    for (size_t i = 0; i < map->entries; i++, at += ENTRY_SIZE) {
        put_u64(at, entries[i].fingerprint);
        put_u32(at + 8, entries[i].record);
    }
    put_u32(out + 12, checksum(0, out, size, 0));
}

static oyez_err write_file(const struct oyez_disk *disk, const char *directory, uint64_t first,
                           const uint8_t *bytes, size_t size)
{
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE], final[OYEZ_JOURNAL_PATH_SIZE];

    oyez_segment_name(name, first, ".ids.new");
    oyez_err err = oyez_disk_path(path, directory, name);
    oyez_segment_name(name, first, ".ids");
    if (err == OYEZ_OK)
        err = oyez_disk_path(final, directory, name);
    if (err != OYEZ_OK)
        return err;
    int fd = disk->open(disk->context, path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        return oyez_disk_fail(path, "making");
    err = oyez_disk_write(disk, fd, path, bytes, size, 0);
    disk->close(disk->context, fd);
    if (err == OYEZ_OK && disk->rename(disk->context, path, final) != 0)
        err = oyez_disk_fail(path, "renaming");
    return err;
}

oyez_err oyez_event_ids_write(const struct oyez_disk *disk, const char *directory,
                              const struct oyez_segment_header *header, uint32_t chain,
                              const struct oyez_segment_map *map)
{
    size_t size = HEADER_SIZE + map->records * OFFSET_SIZE + map->entries * ENTRY_SIZE;
    struct entry *entries = malloc((map->entries + 1) * sizeof(*entries));
    uint8_t *bytes = malloc(size);
    oyez_err err = OYEZ_ERR_NO_MEMORY;

    if (entries == NULL || bytes == NULL || !collect(map, entries)) {
        err = oyez_fail(err, "table of event ids");
        goto done;
    }
    encode(bytes, size, header, chain, map, entries);
    err = write_file(disk, directory, header->first_index, bytes, size);
done:
    free(bytes);
    free(entries);
    return err;
}

static bool header_is_good(const uint8_t *bytes, const struct oyez_segment_header *header,
                           uint32_t chain)
{
    return memcmp(bytes, magic, sizeof(magic)) == 0 && get_u32(bytes + 8) == VERSION &&
           get_u32(bytes + 16) == header->sum && get_u32(bytes + 20) == chain;
}

static bool sum_is_good(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                        uint32_t expected)
{
    uint64_t all =
        HEADER_SIZE + (uint64_t)ids->records * OFFSET_SIZE + (uint64_t)ids->entries * ENTRY_SIZE;
    uint8_t *chunk = malloc(CHUNK_SIZE);
    uint32_t sum = 0;
    uint64_t offset = 0;

    while (chunk != NULL) {
        size_t got = 0;
        if (oyez_disk_read(disk, ids->fd, "", chunk, CHUNK_SIZE, offset, &got) != OYEZ_OK ||
            got == 0)
            break;
        sum = checksum(sum, chunk, got, (size_t)offset);
        offset += got;
    }
    free(chunk);
    return chunk != NULL && offset == all && sum == expected;
}

oyez_err oyez_event_ids_open(struct oyez_event_ids *out, const struct oyez_disk *disk,
                             const char *directory, const struct oyez_segment_header *header,
                             uint32_t chain, bool check)
{
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t bytes[HEADER_SIZE];
    size_t got = 0;

    oyez_segment_name(name, header->first_index, ".ids");
    oyez_err err = oyez_disk_path(path, directory, name);
    if (err != OYEZ_OK)
        return err;
    out->fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (out->fd < 0)
        return OYEZ_ERR_NOT_FOUND;
    if (oyez_disk_read(disk, out->fd, path, bytes, HEADER_SIZE, 0, &got) == OYEZ_OK &&
        got == HEADER_SIZE && header_is_good(bytes, header, chain)) {
        out->records = get_u32(bytes + 24);
        out->entries = get_u32(bytes + 28);
        if (!check || sum_is_good(out, disk, get_u32(bytes + 12)))
            return OYEZ_OK;
    }
    oyez_event_ids_close(out, disk);
    return OYEZ_ERR_NOT_FOUND;
}

void oyez_event_ids_close(struct oyez_event_ids *ids, const struct oyez_disk *disk)
{
    if (ids->fd >= 0)
        disk->close(disk->context, ids->fd);
    ids->fd = -1;
}

static oyez_err read_part(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                          void *data, size_t size, uint64_t offset)
{
    size_t got;
    oyez_err err = oyez_disk_read(disk, ids->fd, "table of event ids", data, size, offset, &got);

    if (err == OYEZ_OK && got < size)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "a table of event ids was cut while in use");
    return err;
}

oyez_err oyez_event_ids_offset(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                               uint32_t record, uint64_t *offset)
{
    uint8_t bytes[OFFSET_SIZE];

    if (record >= ids->records)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no such record");
    oyez_err err =
        read_part(ids, disk, bytes, sizeof(bytes), HEADER_SIZE + (uint64_t)record * OFFSET_SIZE);
    if (err == OYEZ_OK)
        *offset = (uint64_t)get_u32(bytes) * OYEZ_FRAME_ALIGN;
    return err;
}

static oyez_err read_entries(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                             uint8_t *out, size_t first, size_t count)
{
    return read_part(ids, disk, out, count * ENTRY_SIZE,
                     HEADER_SIZE + (uint64_t)ids->records * OFFSET_SIZE + first * ENTRY_SIZE);
}

// The first window of entries is where an even spread puts the fingerprint; then by halves.
static oyez_err find_first(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                           uint64_t fingerprint, size_t *out)
{
    uint8_t window[WINDOW_ENTRIES * ENTRY_SIZE];
    size_t low = 0, high = ids->entries; // the first entry >= fingerprint is in [low, high]
    size_t guess = (size_t)((fingerprint >> 32) * ids->entries >> 32);

    while (low < high) {
        size_t count = high - low < WINDOW_ENTRIES ? high - low : WINDOW_ENTRIES;
        size_t first = guess > low + count / 2 ? guess - count / 2 : low;
        if (first + count > high)
            first = high - count;
        oyez_err err = read_entries(ids, disk, window, first, count);
        if (err != OYEZ_OK)
            return err;
        size_t at = 0;
        while (at < count && get_u64(window + at * ENTRY_SIZE) < fingerprint)
            at++;
        if (at == count) {
            low = first + count;
        } else {
            high = first + at;
            if (at > 0 || first == low)
                low = high;
        }
        guess = low + (high - low) / 2;
    }
    *out = low;
    return OYEZ_OK;
}

oyez_err oyez_event_ids_find(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                             uint64_t fingerprint, size_t *cursor, uint32_t *record)
{
    uint8_t entry[ENTRY_SIZE];
    oyez_err err = OYEZ_OK;

    if (*cursor == 0) { // the cursor is the next entry + 1
        err = find_first(ids, disk, fingerprint, cursor);
        (*cursor)++;
    }
    if (err != OYEZ_OK)
        return err;
    if (*cursor > ids->entries)
        return OYEZ_ERR_NOT_FOUND;
    err = read_entries(ids, disk, entry, *cursor - 1, 1);
    if (err != OYEZ_OK)
        return err;
    (*cursor)++;
    *record = get_u32(entry + 8);
    return get_u64(entry) == fingerprint ? OYEZ_OK : OYEZ_ERR_NOT_FOUND;
}
