// SPDX-License-Identifier: MIT
#include "index_set.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index_build.h"
#include "oyez/erase.h"

#define FILTER_MEMORY_MAX (OYEZ_INDEX_MEMORY_MAX / 16u) // of one file; larger ones are not kept
#define OPEN_FILES_MAX 256u                             // of one engine

struct item {
    struct oyez_journal_segment segment;
    oyez_index_file *file;
    oyez_index_table *table;
    size_t memory;   // of both
    uint64_t used;   // when, in calls
    bool limited;    // the table takes no more: what lies behind is scanned
    bool hopeless;   // more than memory allows: the segment is scanned
    bool rejected;   // the file is not as it should be
    bool unwritable; // its file could not be written
    bool told_unreadable;
};

struct oyez_index_set {
    oyez_journal_reader *reader;
    const struct oyez_disk *disk;
    oyez_index_notice *notice;
    void *arg;
    struct item *items;
    size_t count;
    uint64_t erasures;    // of the journal, before anything was read
    size_t memory;        // of all
    size_t files;         // that are open
    uint64_t now;         // counts calls
    bool made_one;        // in this question
    bool told_unwritable; // one directory, one reason: said once
    bool crowded;         // not all fit: filters of those that come are read block by block
    struct oyez_event_view view;
    char directory[OYEZ_JOURNAL_PATH_SIZE];
};

oyez_err oyez_index_set_open(oyez_index_set **out, oyez_journal_reader *reader,
                             const char *directory, oyez_index_notice *notice, void *arg)
{
    *out = NULL;
    if (strlen(directory) >= OYEZ_JOURNAL_PATH_SIZE)
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    oyez_index_set *set = calloc(1, sizeof *set);
    if (set == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the indexes of %s", directory);
    set->reader = reader;
    set->disk = oyez_disk_system();
    set->notice = notice;
    set->arg = arg;
    memcpy(set->directory, directory, strlen(directory) + 1);
    *out = set;
    return OYEZ_OK;
}

static size_t memory_of(const struct item *item)
{
    return (item->file != NULL ? oyez_index_file_memory(item->file) : 0) +
           (item->table != NULL ? oyez_index_table_memory(item->table) : 0);
}

static void account(oyez_index_set *set, struct item *item)
{
    size_t memory = memory_of(item);
    set->memory = set->memory - item->memory + memory;
    item->memory = memory;
}

static void let_go(oyez_index_set *set, struct item *item)
{
    set->files -= item->file != NULL;
    oyez_index_file_close(&item->file);
    oyez_index_table_close(&item->table);
    item->limited = false;
    account(set, item);
}

// Another segment stands here now: some were removed, or an empty one was made anew.
static void forget(oyez_index_set *set, struct item *item)
{
    let_go(set, item);
    *item = (struct item){0};
}

void oyez_index_set_close(oyez_index_set **set)
{
    if (set == NULL || *set == NULL)
        return;
    for (size_t i = 0; i < (*set)->count; i++)
        let_go(*set, &(*set)->items[i]);
    free((*set)->items);
    free(*set);
    *set = NULL;
}

__attribute__((format(printf, 2, 3))) static void tell(oyez_index_set *set, const char *format, ...)
{
    char text[640];
    if (set->notice == NULL)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    set->notice(set->arg, text);
}

// What was erased must be found in no table, and in no file that is gone but still open.
static void heed_erasures(oyez_index_set *set)
{
    uint64_t erasures = oyez_journal_reader_erasures(set->reader);
    if (erasures != OYEZ_JOURNAL_ERASING && erasures == set->erasures)
        return;
    for (size_t i = 0; i < set->count; i++)
        let_go(set, &set->items[i]);
    set->erasures = erasures;
}

oyez_err oyez_index_set_refresh(oyez_index_set *set, size_t *segments)
{
    oyez_err err = oyez_journal_reader_refresh(set->reader, segments);
    set->made_one = false;
    if (err == OYEZ_OK)
        heed_erasures(set);
    if (err != OYEZ_OK || *segments == set->count || *segments == 0)
        return err;
    for (size_t i = *segments; i < set->count; i++)
        let_go(set, &set->items[i]);
    if (*segments < set->count)
        set->count = *segments;
    struct item *items = realloc(set->items, *segments * sizeof *items);
    if (items == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu indexes", *segments);
    memset(items + set->count, 0, (*segments - set->count) * sizeof *items);
    set->items = items;
    set->count = *segments;
    return OYEZ_OK;
}

// Closes what was used least until all the rest has its bounds.
static void keep_bounds(oyez_index_set *set, const struct item *keep)
{
    while (set->memory > OYEZ_INDEX_MEMORY_MAX || set->files > OPEN_FILES_MAX) {
        struct item *least = NULL;
        for (size_t i = 0; i < set->count; i++) {
            struct item *item = &set->items[i];
            if (item != keep && (item->file != NULL || item->table != NULL) &&
                (least == NULL || item->used < least->used))
                least = item;
        }
        if (least == NULL)
            return;
        let_go(set, least);
        set->crowded = true;
    }
}

// Whoever asks all segments in turn would read every filter whole, for a look at one block of it.
static size_t filter_max(const oyez_index_set *set)
{
    return set->crowded ? 0 : FILTER_MEMORY_MAX;
}

static oyez_err open_file(oyez_index_set *set, struct item *item)
{
    oyez_err err = oyez_index_file_open(&item->file, set->disk, set->directory, &item->segment,
                                        filter_max(set));
    if (err == OYEZ_OK || err == OYEZ_ERR_NO_MEMORY || err == OYEZ_ERR_NOT_FOUND)
        return err;
    item->rejected = true;
    tell(set, "%s: made anew", oyez_error_detail());
    return OYEZ_ERR_NOT_FOUND;
}

// The table of what can be read of the segment, up to `memory_max` if it is a new one.
static oyez_err fill_table(oyez_index_set *set, struct item *item, size_t memory_max, bool *moved)
{
    oyez_err err = OYEZ_OK;
    if (item->table == NULL)
        err = oyez_index_table_open(&item->table, memory_max);
    if (err == OYEZ_OK && !item->limited)
        err = oyez_index_build(item->table, set->reader, &item->segment, &set->view, moved);
    item->limited = item->limited || err == OYEZ_ERR_FULL;
    return err == OYEZ_ERR_FULL ? OYEZ_OK : err;
}

static void tell_unreadable(oyez_index_set *set, struct item *item)
{
    if (!item->told_unreadable)
        tell(set, "%020" PRIu64 ".idx: not made: %s", item->segment.first_index,
             item->limited ? "the segment holds more than memory for it allows"
                           : oyez_error_detail());
    item->told_unreadable = true;
}

// Where the file cannot be had the table serves, as long as there is room for it.
static oyez_err write_file(oyez_index_set *set, struct item *item)
{
    oyez_err err = oyez_index_file_write(set->disk, set->directory, &item->segment, item->table,
                                         set->erasures);
    if (err == OYEZ_OK)
        err = oyez_index_file_open(&item->file, set->disk, set->directory, &item->segment,
                                   filter_max(set));
    if (err == OYEZ_OK || err == OYEZ_ERR_NO_MEMORY)
        return err;
    // Another makes it now: it will be there the next time, or soon. Or something is erased.
    if (err == OYEZ_ERR_LOCKED || err == OYEZ_ERR_BUSY)
        return OYEZ_OK;
    item->unwritable = true;
    if (!set->told_unwritable)
        tell(set, "%s; indexes are kept in memory", oyez_error_detail());
    set->told_unwritable = true;
    return OYEZ_OK;
}

static oyez_err make(oyez_index_set *set, struct item *item, struct oyez_index_source *out)
{
    bool serves = item->table != NULL && (item->unwritable || item->told_unreadable);
    // Tables that cannot be written must not push each other out, to be made again and again.
    if (serves || item->hopeless ||
        (set->told_unwritable && set->memory > OYEZ_INDEX_MEMORY_MAX / 2))
        return OYEZ_OK;
    bool has_all = item->table != NULL && oyez_index_build_has_all(item->table, &item->segment);
    if (set->made_one)
        return has_all ? OYEZ_OK : OYEZ_ERR_FULL;
    set->made_one = true;
    bool grown = item->table != NULL;
    oyez_err err = fill_table(set, item, OYEZ_INDEX_BUILD_MEMORY_MAX, &out->moved);
    if (err == OYEZ_OK && grown && item->limited) { // as an open segment's it had less room
        let_go(set, item);
        err = fill_table(set, item, OYEZ_INDEX_BUILD_MEMORY_MAX, &out->moved);
    }
    // What the disk does not give is met by whoever reads it, as damage is.
    if (err != OYEZ_OK && err != OYEZ_ERR_IO)
        return err;
    if (oyez_index_build_has_all(item->table, &item->segment)) {
        err = write_file(set, item);
        out->made = item->file != NULL || !has_all;
        return err;
    }
    out->made = true;
    tell_unreadable(set, item);
    item->hopeless = item->limited;
    if (item->hopeless)
        let_go(set, item);
    return OYEZ_OK;
}

static oyez_err use_sealed(oyez_index_set *set, struct item *item, struct oyez_index_source *out)
{
    if (item->file != NULL)
        return OYEZ_OK;
    bool known_bad = item->rejected || item->unwritable || item->told_unreadable;
    oyez_err err = known_bad ? OYEZ_ERR_NOT_FOUND : open_file(set, item);
    if (err == OYEZ_ERR_NOT_FOUND)
        err = make(set, item, out);
    if (item->file != NULL) {
        oyez_index_table_close(&item->table);
        item->rejected = item->unwritable = false;
        set->files++;
    }
    return err;
}

static uint32_t known_of(const struct item *item)
{
    if (item->file != NULL)
        return (uint32_t)item->segment.records;
    uint32_t records = item->table != NULL ? oyez_index_table_records(item->table) : 0;
    return records < item->segment.records ? records : (uint32_t)item->segment.records;
}

oyez_err oyez_index_set_use(oyez_index_set *set, size_t i, struct oyez_index_source *out)
{
    assert(i < set->count);
    struct item *item = &set->items[i];
    *out = (struct oyez_index_source){0};
    struct oyez_journal_segment segment;
    oyez_err err = oyez_journal_reader_segment(set->reader, i, &segment);
    if (err != OYEZ_OK)
        return err;
    if (segment.first_index != item->segment.first_index ||
        segment.header_sum != item->segment.header_sum)
        forget(set, item);
    item->segment = segment;
    item->used = ++set->now;
    if (item->segment.sealed)
        err = use_sealed(set, item, out);
    else
        err = fill_table(set, item, OYEZ_INDEX_TABLE_MEMORY_MAX, &out->moved);
    account(set, item);
    keep_bounds(set, item);
    if (err != OYEZ_OK)
        return err;
    out->segment = item->segment;
    out->file = item->file;
    out->table = item->file == NULL ? item->table : NULL;
    out->known = known_of(item);
    return OYEZ_OK;
}

void oyez_index_set_drop(oyez_index_set *set, size_t i, const char *why)
{
    struct item *item = &set->items[i];
    tell(set, "%s: made anew", why);
    let_go(set, item);
    item->rejected = true;
}
