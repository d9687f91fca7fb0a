// SPDX-License-Identifier: MIT
// Which segments there are, and which of them have their files open.
#include <stdlib.h>
#include <string.h>

#include "oyez/erase.h"
#include "segments.h"

#define OPEN_FILES_MAX 128u // of a reader, over all segments

oyez_err oyez_segments_open(struct oyez_segments *out, const struct oyez_disk *disk,
                            const char *directory, bool writable)
{
    *out = (struct oyez_segments){.disk = disk, .writable = writable};
    if (strlen(directory) >= sizeof(out->directory))
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    memcpy(out->directory, directory, strlen(directory) + 1);
    oyez_err err = oyez_disk_path(out->archive, directory, OYEZ_JOURNAL_ARCHIVE);
    if (err == OYEZ_OK)
        err = oyez_segments_refresh(out);
    if (err != OYEZ_OK)
        oyez_segments_close(out);
    return err;
}

static void close_files(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    if (item->segment.fd >= 0)
        segments->open_files--;
    if (item->ids.fd >= 0)
        segments->open_files--;
    oyez_segment_close(&item->segment, segments->disk);
    oyez_event_ids_close(&item->ids, segments->disk);
}

static void free_item(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    close_files(segments, item);
    if (segments->read_last == item)
        segments->read_last = NULL;
    oyez_segments_free_table(segments, item);
    oyez_segment_map_clear(&item->map);
    oyez_scan_end(&item->scan);
    free(item);
}

void oyez_segments_close(struct oyez_segments *segments)
{
    for (size_t i = 0; i < segments->count; i++)
        free_item(segments, segments->items[i]);
    free(segments->items);
    free(segments->first);
    free(segments->frame);
    *segments = (struct oyez_segments){0};
}

static struct oyez_segments_item *make_item(void)
{
    struct oyez_segments_item *item = calloc(1, sizeof(*item));

    if (item == NULL)
        return NULL;
    item->segment.fd = -1;
    item->ids.fd = -1;
    return item;
}

// A last segment without a record is made anew under its name when the journal is opened again.
static bool may_be_another(const struct oyez_segments_item *item)
{
    bool was_read = item->known || item->segment.fd >= 0;

    return was_read && !item->sealed && item->map.records == 0;
}

static bool fill(struct oyez_segments *segments, struct oyez_segments_item **items,
                 const struct oyez_segment_list *list)
{
    size_t old = 0;

    for (size_t i = 0; i < list->count; i++) {
        while (old < segments->count && segments->first[old] < list->first[i])
            old++;
        bool known = old < segments->count && segments->first[old] == list->first[i];
        items[i] =
            known && !may_be_another(segments->items[old]) ? segments->items[old] : make_item();
        if (items[i] == NULL)
            return false;
    }
    return true;
}

// Frees what is in one list and not in the other; what is in both has the same order in them.
static void free_difference(struct oyez_segments *segments, struct oyez_segments_item **items,
                            size_t count, struct oyez_segments_item *const *kept, size_t kept_count)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        size_t found = at;
        while (found < kept_count && kept[found] != items[i])
            found++;
        if (found < kept_count)
            at = found + 1;
        else if (items[i] != NULL)
            free_item(segments, items[i]);
    }
}

static oyez_err take_list(struct oyez_segments *segments, struct oyez_segment_list *list)
{
    struct oyez_segments_item **items = calloc(list->count, sizeof(*items));

    if (items == NULL || !fill(segments, items, list)) {
        if (items != NULL)
            free_difference(segments, items, list->count, segments->items, segments->count);
        free(items);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of segments");
    }
    free_difference(segments, segments->items, segments->count, items, list->count);
    free(segments->items);
    free(segments->first);
    segments->items = items;
    segments->first = list->first;
    segments->count = list->count;
    list->first = NULL;
    return OYEZ_OK;
}

// Which segments there are, as far as names tell it.
struct version {
    uint64_t names, archived;
};

static struct version look(const struct oyez_segments *segments)
{
    const struct oyez_disk *disk = segments->disk;

    return (struct version){disk->names(disk->context, segments->directory),
                            disk->names(disk->context, segments->archive)};
}

static bool archive_is_same(const struct oyez_segments *segments, const struct version *now)
{
    return now->archived == segments->archived && (now->archived != 0 || !segments->has_archive);
}

// What was a file of its own may be archived now, and an archived one be another file.
static void take_version(struct oyez_segments *segments, const struct version *now,
                         bool has_archive)
{
    if (!archive_is_same(segments, now))
        for (size_t i = 0; i < segments->count; i++)
            close_files(segments, segments->items[i]);
    segments->names = now->names;
    segments->archived = now->archived;
    segments->has_archive = has_archive;
}

oyez_err oyez_segments_refresh(struct oyez_segments *segments)
{
    // Asked for before they are read: what changes meanwhile is seen the next time.
    struct version now = look(segments);
    struct oyez_segment_list list;

    if (now.names != 0 && now.names == segments->names && archive_is_same(segments, &now))
        return OYEZ_OK;
    // And this before the names: files that an erasure has replaced are seen as others then.
    uint64_t erasures = oyez_journal_erasures(segments->directory, segments->disk);
    now = look(segments);
    oyez_err err = oyez_segment_list_read(&list, segments->disk, segments->directory);
    if (err == OYEZ_OK && list.count == 0)
        err = oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: no segments in it", segments->directory);
    if (err == OYEZ_OK)
        err = take_list(segments, &list);
    if (err == OYEZ_OK)
        take_version(segments, &now, list.has_archive);
    if (err == OYEZ_OK)
        segments->erasures = erasures;
    free(list.first);
    return err;
}

void oyez_segments_make_room(struct oyez_segments *segments, const struct oyez_segments_item *keep)
{
    for (size_t i = 0; i < segments->count && segments->open_files > OPEN_FILES_MAX; i++)
        if (segments->items[i] != keep)
            close_files(segments, segments->items[i]);
}
