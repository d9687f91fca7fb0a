// SPDX-License-Identifier: MIT
// Makes the table, when its segment is sealed or when somebody finds none.
#include <stdlib.h>
#include <string.h>

#include "event_ids_pages.h"
#include "oyez/disk.h"

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

static uint8_t *content_at(uint8_t *file, uint64_t at)
{
    return file + ids_place(at);
}

static void put_content(uint8_t *file, const uint8_t *filter, const struct oyez_segment_map *map,
                        const struct entry *entries)
{
    size_t filter_size = oyez_bloom_size(map->entries);
    uint64_t at = 0;

    for (; at < filter_size; at += OYEZ_BLOOM_BLOCK_SIZE)
        memcpy(content_at(file, at), filter + at, OYEZ_BLOOM_BLOCK_SIZE);
    at = ids_entries_at((uint32_t)map->entries);
    for (size_t i = 0; i < map->entries; i++, at += OYEZ_IDS_ENTRY) {
        put_u64(content_at(file, at), entries[i].fingerprint);
        put_u32(content_at(file, at) + 8, entries[i].record);
    }
    for (size_t i = 0; i < map->records; i++, at += OYEZ_IDS_PLACE)
        put_u32(content_at(file, at), map->offsets[i]);
}

static void put_heads(uint8_t *file, size_t size, const struct oyez_segment_header *header,
                      uint32_t chain, const struct oyez_segment_map *map)
{
    memcpy(file, OYEZ_IDS_MAGIC, sizeof(OYEZ_IDS_MAGIC));
    put_u32(file + 8, OYEZ_IDS_VERSION);
    put_u32(file + 16, header->sum);
    put_u32(file + 20, chain);
    put_u32(file + 24, (uint32_t)map->records);
    put_u32(file + 28, (uint32_t)map->entries);
    uint32_t sum = ids_first_page_sum(file, size < OYEZ_IDS_PAGE ? size : OYEZ_IDS_PAGE);
    put_u32(file + 12, sum);
    for (size_t at = OYEZ_IDS_PAGE; at < size; at += OYEZ_IDS_PAGE) {
        size_t left = size - at;
        put_u32(file + at + 4, (uint32_t)(at / OYEZ_IDS_PAGE));
        put_u32(file + at,
                ids_page_sum(file + at, left < OYEZ_IDS_PAGE ? left : OYEZ_IDS_PAGE, sum));
    }
}

static oyez_err write_file(const struct oyez_disk *disk, const char *directory, uint64_t first,
                           const uint8_t *bytes, size_t size)
{
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];

    oyez_segment_name(name, first, ".ids");
    oyez_err err = oyez_disk_path(path, directory, name);
    return err == OYEZ_OK ? oyez_disk_replace_unsynced(disk, path, bytes, size) : err;
}

oyez_err oyez_event_ids_write(const struct oyez_disk *disk, const char *directory,
                              const struct oyez_segment_header *header, uint32_t chain,
                              const struct oyez_segment_map *map)
{
    size_t size = (size_t)ids_file_size((uint32_t)map->records, (uint32_t)map->entries);
    size_t filter_size = oyez_bloom_size(map->entries);
    struct entry *entries = malloc((map->entries + 1) * sizeof(*entries));
    uint8_t *filter = calloc(1, filter_size);
    uint8_t *file = calloc(1, size);
    oyez_err err = OYEZ_ERR_NO_MEMORY;

    if (entries == NULL || filter == NULL || file == NULL || !collect(map, entries)) {
        err = oyez_fail(err, "table of event ids");
        goto done;
    }
    for (size_t i = 0; i < map->entries; i++)
        oyez_bloom_add(filter, filter_size, entries[i].fingerprint);
    put_content(file, filter, map, entries);
    put_heads(file, size, header, chain, map);
    err = write_file(disk, directory, header->first_index, file, size);
done:
    free(file);
    free(filter);
    free(entries);
    return err;
}
