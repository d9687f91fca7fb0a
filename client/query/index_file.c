// SPDX-License-Identifier: MIT
#include "index_file_state.h"

#include <stdlib.h>

#include "oyez/bloom.h"
#include "oyez/little_endian.h"

#define PAGE_ENTRIES (OYEZ_INDEX_PAYLOAD_SIZE / OYEZ_INDEX_ENTRY_SIZE)
#define HEADER_ENTRIES (OYEZ_INDEX_HEADER_SIZE / OYEZ_INDEX_ENTRY_SIZE) // places that it takes
#define GUESSES 4u // after which the rest is halved

// Numbers of entries: what is looked for is in [low, high), if it is there.
struct range {
    uint64_t low;
    uint64_t high;
};

static oyez_err check_identity(const struct oyez_index_file *file,
                               const struct oyez_journal_segment *segment)
{
    const struct oyez_index_header *header = &file->header;
    if (header->first_index != segment->first_index || header->header_sum != segment->header_sum)
        return oyez_index_pages_fail(&file->pages, 0, "it is of another segment");
    if (header->seal_chain != segment->seal_chain || header->records != segment->records)
        return oyez_index_pages_fail(&file->pages, 0, "it is of another state of the segment");
    return OYEZ_OK;
}

static oyez_err read_header(struct oyez_index_file *file,
                            const struct oyez_journal_segment *segment)
{
    uint8_t bytes[OYEZ_INDEX_HEADER_SIZE];
    oyez_err err = oyez_index_pages_read(&file->pages, 0, bytes, sizeof bytes);
    if (err)
        return err;
    if (!oyez_index_header_decode(&file->header, bytes))
        return oyez_index_pages_fail(&file->pages, 0, "it is no index");
    if (file->header.version != OYEZ_INDEX_VERSION)
        return oyez_fail(OYEZ_ERR_VERSION, "%s: version %u of the format is not known here",
                         file->pages.path, file->header.version);
    err = check_identity(file, segment);
    if (err == OYEZ_OK &&
        oyez_index_counts_at(&file->header, OYEZ_INDEX_COUNTS) != file->pages.size)
        err = oyez_index_pages_fail(&file->pages, 0, "its size is another than that of its parts");
    return err;
}

static oyez_err read_filter(struct oyez_index_file *file, size_t filter_max)
{
    size_t size = oyez_index_filter_size(&file->header);
    if (size > filter_max)
        return OYEZ_OK;
    file->filter = malloc(size);
    if (file->filter == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory for its filter", file->pages.path);
    return oyez_index_pages_read(&file->pages, oyez_index_filter_at(&file->header), file->filter,
                                 size);
}

oyez_err oyez_index_file_open(oyez_index_file **out, const struct oyez_disk *disk,
                              const char *directory, const struct oyez_journal_segment *segment,
                              size_t filter_max)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_index_path(path, directory, segment->first_index, OYEZ_INDEX_SUFFIX);
    if (err)
        return err;
    oyez_index_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to open it", path);
    err = oyez_index_pages_open(&file->pages, disk, path);
    if (err == OYEZ_OK)
        err = read_header(file, segment);
    if (err == OYEZ_OK)
        err = read_filter(file, filter_max);
    if (err)
        oyez_index_file_close(&file);
    else
        *out = file;
    return err;
}

void oyez_index_file_close(oyez_index_file **file)
{
    if (file == NULL || *file == NULL)
        return;
    oyez_index_pages_close(&(*file)->pages);
    free((*file)->filter);
    free(*file);
    *file = NULL;
}

size_t oyez_index_file_memory(const oyez_index_file *file)
{
    return sizeof *file + (file->filter != NULL ? oyez_index_filter_size(&file->header) : 0);
}

oyez_err oyez_index_file_has(oyez_index_file *file, uint64_t key, bool *has)
{
    uint8_t copy[OYEZ_BLOOM_BLOCK_SIZE];
    size_t at = oyez_bloom_block(oyez_index_filter_size(&file->header), key);
    const uint8_t *block = copy;
    if (file->filter != NULL) {
        block = file->filter + at;
    } else {
        uint64_t offset = oyez_index_filter_at(&file->header) + at;
        oyez_err err = oyez_index_pages_read(&file->pages, offset, copy, sizeof copy);
        if (err)
            return err;
    }
    *has = oyez_bloom_block_has(block, key);
    return OYEZ_OK;
}

// The entries of a range that stand in one page.
struct entries {
    const uint8_t *bytes;
    uint64_t first; // number of the first one
    uint64_t count;
};

static uint64_t key_of(const struct entries *entries, uint64_t i)
{
    return get_u64(entries->bytes + i * OYEZ_INDEX_ENTRY_SIZE);
}

static oyez_err load(oyez_index_file *file, struct entries *out, const struct range *range,
                     uint64_t number)
{
    const struct oyez_index_page *page;
    uint64_t page_number = (number + HEADER_ENTRIES) / PAGE_ENTRIES;
    uint64_t page_first = page_number * PAGE_ENTRIES; // with the places of the header
    uint64_t first = page_first > HEADER_ENTRIES ? page_first - HEADER_ENTRIES : 0;
    uint64_t last = page_first + PAGE_ENTRIES - HEADER_ENTRIES;
    oyez_err err = oyez_index_pages_get(&file->pages, page_number, &page);
    if (err)
        return err;
    out->first = first > range->low ? first : range->low;
    out->count = (last < range->high ? last : range->high) - out->first;
    out->bytes = page->bytes + (out->first + HEADER_ENTRIES - page_first) * OYEZ_INDEX_ENTRY_SIZE;
    return OYEZ_OK;
}

static bool find_in(const struct entries *entries, uint64_t key, struct oyez_index_place *out)
{
    uint64_t low = 0, high = entries->count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (key_of(entries, middle) < key)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == entries->count || key_of(entries, low) != key)
        return false;
    out->number = entries->first + low;
    out->value = get_u32(entries->bytes + low * OYEZ_INDEX_ENTRY_SIZE + 8);
    return true;
}

// How many entries stand between two keys, if they are spread evenly.
static uint64_t entries_between(const oyez_index_file *file, uint64_t low, uint64_t high)
{
    return ((high - low) >> 32) * file->header.keys >> 32;
}

// Takes away what the page excludes. Returns where to look next.
static uint64_t narrow(const oyez_index_file *file, struct range *range,
                       const struct entries *entries, uint64_t key, unsigned guesses)
{
    uint64_t guess;
    if (key < key_of(entries, 0)) {
        uint64_t back = entries_between(file, key, key_of(entries, 0)) + 1;
        range->high = entries->first;
        guess = back < range->high - range->low ? range->high - back : range->low;
    } else {
        range->low = entries->first + entries->count;
        uint64_t on = entries_between(file, key_of(entries, entries->count - 1), key);
        guess = on < range->high - range->low ? range->low + on : range->high - 1;
    }
    // Whoever chose many keys close together makes guessing useless.
    return guesses < GUESSES ? guess : range->low + (range->high - range->low) / 2;
}

// OYEZ_ERR_NOT_FOUND: no record has the key.
static oyez_err find_entry(oyez_index_file *file, uint64_t key, struct oyez_index_place *out)
{
    struct range range = {0, file->header.keys};
    struct entries entries;
    uint64_t guess = entries_between(file, 0, key);
    for (unsigned guesses = 0; range.low < range.high; guesses++) {
        oyez_err err = load(file, &entries, &range, guess);
        if (err)
            return err;
        if (key >= key_of(&entries, 0) && key <= key_of(&entries, entries.count - 1))
            return find_in(&entries, key, out) ? OYEZ_OK : OYEZ_ERR_NOT_FOUND;
        guess = narrow(file, &range, &entries, key, guesses);
    }
    return OYEZ_ERR_NOT_FOUND;
}

oyez_err oyez_index_file_count(oyez_index_file *file, uint64_t key, uint32_t *count)
{
    struct oyez_index_place place;
    struct oyez_index_list list = {.count = 0};
    oyez_err err = find_entry(file, key, &place);
    if (err == OYEZ_OK)
        err = oyez_index_list_begin(&list, file, &place);
    *count = list.count;
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

oyez_err oyez_index_file_find(oyez_index_file *file, uint64_t key, struct oyez_record_list *list)
{
    struct oyez_index_place place;
    struct oyez_index_list found = {.count = 0};
    size_t before = list->count;
    oyez_err err = find_entry(file, key, &place);
    if (err == OYEZ_OK)
        err = oyez_index_list_begin(&found, file, &place);
    if (err == OYEZ_OK)
        err = oyez_record_list_reserve(list, found.count);
    while (err == OYEZ_OK && found.read < found.count)
        err = oyez_index_list_next(&found, &list->items[list->count++]);
    if (err)
        list->count = before;
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}
