// SPDX-License-Identifier: MIT
// The files of segments: found in a directory, opened, read.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/disk.h"
#include "segment.h"

#define DIGITS 20u

static bool parse_name(const char *name, uint64_t *first_index)
{
    char *end = NULL;

    if (strspn(name, "0123456789") != DIGITS || strcmp(name + DIGITS, ".seg") != 0)
        return false;
    errno = 0;
    *first_index = strtoull(name, &end, 10);
    return errno == 0;
}

static int add_name(void *arg, const char *name)
{
    struct oyez_segment_list *list = arg;
    uint64_t first;

    if (!parse_name(name, &first))
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

oyez_err oyez_segment_list_read(struct oyez_segment_list *list, const struct oyez_disk *disk,
                                const char *directory)
{
    *list = (struct oyez_segment_list){0};
    if (disk->list(disk->context, directory, add_name, list) != 0) {
        free(list->first);
        list->first = NULL;
        if (errno == ENOENT || errno == ENOTDIR)
            return oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: no such directory", directory);
        return oyez_disk_fail(directory, "listing");
    }
    if (list->count > 1)
        qsort(list->first, list->count, sizeof(*list->first), compare);
    return OYEZ_OK;
}

static oyez_err open_file(struct oyez_segment *out, const struct oyez_disk *disk,
                          const char *directory, uint64_t first_index, int flags)
{
    out->fd = -1;
    oyez_segment_name(out->name, first_index, ".seg");
    oyez_err err = oyez_disk_path(out->path, directory, out->name);
    if (err != OYEZ_OK)
        return err;
    out->fd = disk->open(disk->context, out->path, flags, 0);
    return out->fd >= 0 ? OYEZ_OK : oyez_disk_fail(out->path, "opening");
}

oyez_err oyez_segment_open(struct oyez_segment *out, const struct oyez_disk *disk,
                           const char *directory, uint64_t first_index, int flags)
{
    uint8_t bytes[OYEZ_SEGMENT_HEADER_SIZE];
    size_t got = 0;
    oyez_err err = open_file(out, disk, directory, first_index, flags);

    if (err != OYEZ_OK)
        return err;
    err = oyez_segment_read(out, disk, bytes, sizeof(bytes), 0, &got);
    if (err == OYEZ_OK)
        err = oyez_segment_header_decode(&out->header, bytes, got, out->name);
    if (err == OYEZ_OK && out->header.first_index != first_index)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 32: the file begins with record %" PRIu64,
                        out->name, out->header.first_index);
    if (err != OYEZ_OK)
        oyez_segment_close(out, disk);
    return err;
}

void oyez_segment_close(struct oyez_segment *segment, const struct oyez_disk *disk)
{
    if (segment->fd >= 0)
        disk->close(disk->context, segment->fd);
    segment->fd = -1;
}

oyez_err oyez_segment_read(const struct oyez_segment *segment, const struct oyez_disk *disk,
                           void *data, size_t size, uint64_t offset, size_t *got)
{
    return oyez_disk_read(disk, segment->fd, segment->path, data, size, offset, got);
}

off_t oyez_segment_size(const struct oyez_segment *segment, const struct oyez_disk *disk)
{
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
