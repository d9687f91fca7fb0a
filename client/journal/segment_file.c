// SPDX-License-Identifier: MIT
// The files of segments: found in a directory, opened, read.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_file.h"
#include "oyez/disk.h"
#include "segment.h"

#define DIGITS 20u

struct listing {
    struct oyez_segment_list *list;
    const char *suffix;
};

bool oyez_segment_parse_name(const char *name, const char *suffix, uint64_t *first_index)
{
    char *end = NULL;

    if (strspn(name, "0123456789") != DIGITS || strcmp(name + DIGITS, suffix) != 0)
        return false;
    errno = 0;
    *first_index = strtoull(name, &end, 10);
    return errno == 0;
}

static int add_name(void *arg, const char *name)
{
    const struct listing *listing = arg;
    struct oyez_segment_list *list = listing->list;
    uint64_t first;

    if (!oyez_segment_parse_name(name, listing->suffix, &first))
        return 0;
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        uint64_t *grown = realloc(list->first, room * sizeof(*grown));
        if (grown == NULL)
            return -1;
        list->first = grown;
        list->room = room;
    }
    list->first[list->count++] = first;
    return 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static oyez_err list_plain(struct oyez_segment_list *list, const struct oyez_disk *disk,
                           const char *directory)
{
    struct listing listing = {list, ".seg"};

    if (disk->list(disk->context, directory, add_name, &listing) == 0)
        return OYEZ_OK;
    if (errno == ENOENT || errno == ENOTDIR)
        return oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: no such directory", directory);
    return oyez_disk_fail(directory, "listing");
}

static oyez_err list_archived(struct oyez_segment_list *list, const struct oyez_disk *disk,
                              const char *directory)
{
    struct listing listing = {list, OYEZ_JOURNAL_ARCHIVE_SUFFIX};
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, directory, OYEZ_JOURNAL_ARCHIVE);

    if (err != OYEZ_OK)
        return err;
    list->has_archive = disk->list(disk->context, path, add_name, &listing) == 0;
    return list->has_archive || errno == ENOENT ? OYEZ_OK : oyez_disk_fail(path, "listing");
}

static void sort(struct oyez_segment_list *list)
{
    size_t kept = 0;

    if (list->count > 1)
        qsort(list->first, list->count, sizeof(*list->first), compare);
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || list->first[kept - 1] != list->first[i])
            list->first[kept++] = list->first[i];
    list->count = kept;
}

// Archived ones second: what goes to the archive is there before it is gone from here.
oyez_err oyez_segment_list_read(struct oyez_segment_list *list, const struct oyez_disk *disk,
                                const char *directory)
{
    *list = (struct oyez_segment_list){0};
    oyez_err err = list_plain(list, disk, directory);

    if (err == OYEZ_OK)
        err = list_archived(list, disk, directory);
    if (err == OYEZ_OK) {
        sort(list);
        return OYEZ_OK;
    }
    free(list->first);
    *list = (struct oyez_segment_list){0};
    return err;
}

// OYEZ_ERR_NOT_FOUND: there is no such file.
static oyez_err open_archived(struct oyez_segment *out, const struct oyez_disk *disk,
                              const char *directory, uint64_t first_index, const char *more)
{
    oyez_err err = oyez_archive_path(out->path, directory, first_index, more);

    if (err != OYEZ_OK)
        return err;
    snprintf(out->name, sizeof(out->name), "%s", out->path + strlen(directory) + 1);
    out->fd = disk->open(disk->context, out->path, O_RDONLY, 0);
    if (out->fd < 0)
        return errno == ENOENT ? oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no such file", out->path)
                               : oyez_disk_fail(out->path, "opening");
    return oyez_archive_open(&out->archive, disk, out->fd, out->name);
}

// OYEZ_ERR_NOT_FOUND: there is no such file.
static oyez_err open_plain(struct oyez_segment *out, const struct oyez_disk *disk,
                           const char *directory, uint64_t first_index, int flags)
{
    oyez_segment_name(out->name, first_index, ".seg");
    oyez_err err = oyez_disk_path(out->path, directory, out->name);
    if (err != OYEZ_OK)
        return err;
    out->fd = disk->open(disk->context, out->path, flags, 0);
    if (out->fd >= 0)
        return OYEZ_OK;
    return errno == ENOENT ? OYEZ_ERR_NOT_FOUND : oyez_disk_fail(out->path, "opening");
}

static oyez_err open_file(struct oyez_segment *out, const struct oyez_disk *disk,
                          const char *directory, uint64_t first_index, int flags)
{
    bool to_read = (flags & O_ACCMODE) == O_RDONLY;

    out->fd = -1;
    out->archive = NULL;
    oyez_err err = open_plain(out, disk, directory, first_index, flags);
    if (err == OYEZ_ERR_NOT_FOUND && to_read)
        err = open_archived(out, disk, directory, first_index, "");
    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    oyez_segment_name(out->name, first_index, ".seg");
    err = oyez_disk_path(out->path, directory, out->name);
    errno = ENOENT;
    return err == OYEZ_OK ? oyez_disk_fail(out->path, "opening") : err;
}

static oyez_err read_header(struct oyez_segment *out, const struct oyez_disk *disk,
                            uint64_t first_index)
{
    uint8_t bytes[OYEZ_SEGMENT_HEADER_SIZE];
    size_t got = 0;
    oyez_err err = oyez_segment_read(out, disk, bytes, sizeof(bytes), 0, &got);

    if (err == OYEZ_OK)
        err = oyez_segment_header_decode(&out->header, bytes, got, out->name);
    if (err == OYEZ_OK && out->header.first_index != first_index)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 32: the file begins with record %" PRIu64,
                        out->name, out->header.first_index);
    return err;
}

oyez_err oyez_segment_open(struct oyez_segment *out, const struct oyez_disk *disk,
                           const char *directory, uint64_t first_index, int flags)
{
    oyez_err err = open_file(out, disk, directory, first_index, flags);

    if (err == OYEZ_OK)
        err = read_header(out, disk, first_index);
    if (err != OYEZ_OK)
        oyez_segment_close(out, disk);
    return err;
}

oyez_err oyez_segment_open_archived(struct oyez_segment *out, const struct oyez_disk *disk,
                                    const char *directory, uint64_t first_index, const char *more)
{
    out->fd = -1;
    out->archive = NULL;
    oyez_err err = open_archived(out, disk, directory, first_index, more);
    if (err == OYEZ_OK)
        err = read_header(out, disk, first_index);
    if (err != OYEZ_OK)
        oyez_segment_close(out, disk);
    return err;
}

void oyez_segment_close(struct oyez_segment *segment, const struct oyez_disk *disk)
{
    oyez_archive_close(&segment->archive);
    if (segment->fd >= 0)
        disk->close(disk->context, segment->fd);
    segment->fd = -1;
}

oyez_err oyez_segment_read(const struct oyez_segment *segment, const struct oyez_disk *disk,
                           void *data, size_t size, uint64_t offset, size_t *got)
{
    if (segment->archive != NULL)
        return oyez_archive_read(segment->archive, data, size, offset, got);
    return oyez_disk_read(disk, segment->fd, segment->path, data, size, offset, got);
}

void oyez_segment_rest(const struct oyez_segment *segment)
{
    if (segment->archive != NULL)
        oyez_archive_rest(segment->archive);
}

off_t oyez_segment_size(const struct oyez_segment *segment, const struct oyez_disk *disk)
{
    if (segment->archive != NULL)
        return (off_t)oyez_archive_size(segment->archive);
    return disk->size(disk->context, segment->fd);
}

uint64_t oyez_segment_measure(const struct oyez_disk *disk, const char *directory,
                              uint64_t first_index)
{
    struct oyez_segment segment;
    off_t size = -1;

    if (open_file(&segment, disk, directory, first_index, O_RDONLY) == OYEZ_OK)
        size = oyez_segment_size(&segment, disk);
    oyez_segment_close(&segment, disk);
    return size > 0 ? (uint64_t)size : 0;
}
