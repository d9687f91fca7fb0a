// SPDX-License-Identifier: MIT
// Nothing is believed but what a checksum vouches for, page by page: a table is large, and most
// questions need one page of it.
#include "event_ids.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event_ids_pages.h"
#include "oyez/disk.h"

#define NEIGHBOURS 2u

static oyez_err turn_bad(struct oyez_event_ids *ids, uint64_t page)
{
    ids->bad = true;
    return oyez_fail(OYEZ_ERR_CORRUPT, "table of event ids: page %" PRIu64 " is damaged", page);
}

static size_t page_size(const struct oyez_event_ids *ids, uint64_t number)
{
    uint64_t left = ids_file_size(ids->records, ids->entries) - number * OYEZ_IDS_PAGE;

    return left < OYEZ_IDS_PAGE ? (size_t)left : OYEZ_IDS_PAGE;
}

static bool is_good(const struct oyez_event_ids *ids, const uint8_t *page, uint64_t number)
{
    size_t size = page_size(ids, number);

    if (number == 0)
        return get_u32(page + 12) == ids->sum && ids_first_page_sum(page, size) == ids->sum;
    return get_u32(page + 4) == (uint32_t)number &&
           get_u32(page) == ids_page_sum(page, size, ids->sum);
}

static oyez_err read_page(struct oyez_event_ids *ids, const struct oyez_disk *disk, uint64_t number,
                          uint8_t *out)
{
    size_t size = page_size(ids, number);
    size_t got = 0;

    // It can be done without: an error of the disk is no more than damage.
    if (oyez_disk_read(disk, ids->fd, "table of event ids", out, size, number * OYEZ_IDS_PAGE,
                       &got) != OYEZ_OK ||
        got < size || !is_good(ids, out, number))
        return turn_bad(ids, number);
    return OYEZ_OK;
}

// The page that a byte of the content lies in; *out leads to the byte.
static oyez_err use_page(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                         enum oyez_event_ids_page slot, uint64_t at, const uint8_t **out)
{
    uint64_t number = at / OYEZ_IDS_CONTENT;
    uint8_t *bytes = ids->pages[slot].bytes;

    if (bytes == NULL || ids->pages[slot].number != number) {
        bytes = bytes != NULL ? bytes : malloc(OYEZ_IDS_PAGE);
        if (bytes == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "table of event ids");
        ids->pages[slot].bytes = bytes;
        ids->pages[slot].number = UINT64_MAX; // until it is known to be good
        oyez_err err = read_page(ids, disk, number, bytes);
        if (err != OYEZ_OK)
            return err;
        ids->pages[slot].number = number;
    }
    *out = bytes + OYEZ_IDS_HEAD + at % OYEZ_IDS_CONTENT;
    return OYEZ_OK;
}

static bool take_header(struct oyez_event_ids *ids, const uint8_t *page, size_t size,
                        const struct oyez_segment_header *header, uint32_t chain, off_t file_size)
{
    if (size < OYEZ_IDS_HEAD || memcmp(page, OYEZ_IDS_MAGIC, sizeof(OYEZ_IDS_MAGIC)) != 0 ||
        get_u32(page + 8) != OYEZ_IDS_VERSION || get_u32(page + 16) != header->sum ||
        get_u32(page + 20) != chain)
        return false;
    // A filter that was kept is measured by what stands here.
    if (ids->filter != NULL && get_u32(page + 28) != ids->entries)
        return false;
    ids->sum = get_u32(page + 12);
    ids->records = get_u32(page + 24);
    ids->entries = get_u32(page + 28);
    ids->filter_size = oyez_bloom_size(ids->entries);
    return file_size >= 0 && (uint64_t)file_size == ids_file_size(ids->records, ids->entries) &&
           is_good(ids, page, 0);
}

oyez_err oyez_event_ids_open(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                             const char *directory, const struct oyez_segment_header *header,
                             uint32_t chain)
{
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t page[OYEZ_IDS_PAGE];
    size_t got = 0;

    oyez_segment_name(name, header->first_index, ".ids");
    oyez_err err = oyez_disk_path(path, directory, name);
    if (err != OYEZ_OK)
        return err;
    ids->bad = true;
    ids->fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (ids->fd < 0)
        return OYEZ_ERR_NOT_FOUND;
    if (oyez_disk_read(disk, ids->fd, path, page, sizeof(page), 0, &got) == OYEZ_OK &&
        take_header(ids, page, got, header, chain, disk->size(disk->context, ids->fd))) {
        ids->bad = false;
        return OYEZ_OK;
    }
    oyez_event_ids_close(ids, disk);
    return OYEZ_ERR_NOT_FOUND;
}

void oyez_event_ids_close(struct oyez_event_ids *ids, const struct oyez_disk *disk)
{
    if (ids->fd >= 0)
        disk->close(disk->context, ids->fd);
    ids->fd = -1;
    for (unsigned i = 0; i < OYEZ_EVENT_IDS_PAGES; i++) {
        free(ids->pages[i].bytes);
        ids->pages[i].bytes = NULL;
    }
}

void oyez_event_ids_free(struct oyez_event_ids *ids, const struct oyez_disk *disk)
{
    oyez_event_ids_close(ids, disk);
    free(ids->filter);
    *ids = (struct oyez_event_ids){.fd = -1};
}

oyez_err oyez_event_ids_load_filter(struct oyez_event_ids *ids, const struct oyez_disk *disk)
{
    uint8_t *filter = malloc(ids->filter_size);
    oyez_err err = OYEZ_OK;

    if (filter == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "filter of event ids");
    for (size_t at = 0; at < ids->filter_size && err == OYEZ_OK; at += OYEZ_IDS_CONTENT) {
        size_t left = ids->filter_size - at;
        const uint8_t *part = NULL;
        err = use_page(ids, disk, OYEZ_EVENT_IDS_OF_PRINTS, at, &part);
        if (err == OYEZ_OK)
            memcpy(filter + at, part, left < OYEZ_IDS_CONTENT ? left : OYEZ_IDS_CONTENT);
    }
    if (err != OYEZ_OK) {
        free(filter);
        return err;
    }
    free(ids->filter);
    ids->filter = filter;
    return OYEZ_OK;
}

oyez_err oyez_event_ids_may_have(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                                 uint64_t fingerprint, bool *perhaps)
{
    size_t at = oyez_bloom_block(ids->filter_size, fingerprint);
    const uint8_t *block = ids->filter != NULL ? ids->filter + at : NULL;
    oyez_err err = OYEZ_OK;

    if (block == NULL)
        err = use_page(ids, disk, OYEZ_EVENT_IDS_OF_PRINTS, at, &block);
    if (err == OYEZ_OK)
        *perhaps = oyez_bloom_block_has(block, fingerprint);
    return err;
}

oyez_err oyez_event_ids_offset(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                               uint32_t record, uint64_t *offset)
{
    uint64_t at = ids_places_at(ids->entries) + (uint64_t)record * OYEZ_IDS_PLACE;
    const uint8_t *place = NULL;

    if (record >= ids->records)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no such record");
    oyez_err err = use_page(ids, disk, OYEZ_EVENT_IDS_OF_PLACES, at, &place);
    if (err == OYEZ_OK)
        *offset = (uint64_t)get_u32(place) * OYEZ_FRAME_ALIGN;
    return err;
}

// The entries of one page.
struct run {
    const uint8_t *bytes;
    size_t first, count;
};

// The run that entry `i` lies in.
static oyez_err read_run(struct oyez_event_ids *ids, const struct oyez_disk *disk, size_t i,
                         struct run *run)
{
    uint64_t begin = ids_entries_at(ids->entries), end = ids_places_at(ids->entries);
    uint64_t low = (begin + (uint64_t)i * OYEZ_IDS_ENTRY) / OYEZ_IDS_CONTENT * OYEZ_IDS_CONTENT;
    uint64_t high = low + OYEZ_IDS_CONTENT;

    low = low > begin ? low : begin;
    high = high < end ? high : end;
    run->first = (size_t)((low - begin) / OYEZ_IDS_ENTRY);
    run->count = (size_t)((high - low) / OYEZ_IDS_ENTRY);
    return use_page(ids, disk, OYEZ_EVENT_IDS_OF_PRINTS, low, &run->bytes);
}

static uint64_t print_at(const struct run *run, size_t i)
{
    return get_u64(run->bytes + i * OYEZ_IDS_ENTRY);
}

// The first one of a run whose fingerprint is not below.
static size_t halve(const struct run *run, uint64_t fingerprint)
{
    size_t low = 0, high = run->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (print_at(run, middle) < fingerprint)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The first run is where an even spread puts the fingerprint, the next ones are its neighbours;
// where ids were made up so that they do not spread, the rest is done by halves.
static oyez_err find_first(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                           uint64_t fingerprint, size_t *out)
{
    size_t low = 0, high = ids->entries; // the first entry >= fingerprint is in [low, high]
    size_t guess = (size_t)((fingerprint >> 32) * ids->entries >> 32);
    struct run run = {0};

    for (unsigned tries = 0; low < high; tries++) {
        oyez_err err = read_run(ids, disk, guess, &run);
        if (err != OYEZ_OK)
            return err;
        size_t at = halve(&run, fingerprint);
        bool above = at == run.count;
        if (above) {
            low = run.first + run.count;
        } else {
            high = run.first + at;
            low = at > 0 ? high : low;
        }
        guess = above ? low : high - (high > low);
        if (tries >= NEIGHBOURS)
            guess = low + (high - low) / 2;
    }
    *out = low;
    return OYEZ_OK;
}

oyez_err oyez_event_ids_find(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                             uint64_t fingerprint, size_t *cursor, uint32_t *record)
{
    struct run run = {0};
    oyez_err err = OYEZ_OK;

    if (*cursor == 0) { // the cursor is the next entry + 1
        err = find_first(ids, disk, fingerprint, cursor);
        (*cursor)++;
    }
    if (err == OYEZ_OK && *cursor > ids->entries)
        err = OYEZ_ERR_NOT_FOUND;
    if (err == OYEZ_OK)
        err = read_run(ids, disk, *cursor - 1, &run);
    if (err != OYEZ_OK)
        return err;
    size_t at = *cursor - 1 - run.first;
    (*cursor)++;
    *record = get_u32(run.bytes + at * OYEZ_IDS_ENTRY + 8);
    return print_at(&run, at) == fingerprint ? OYEZ_OK : OYEZ_ERR_NOT_FOUND;
}
