// SPDX-License-Identifier: MIT
#include "repair_archive.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive_file.h"
#include "segment.h"

#define COPY_SIZE (64u * 1024u)

oyez_err oyez_repair_move_archived(const struct oyez_repair *repair, uint64_t first_index)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_archive_path(path, repair->directory, first_index, "");

    if (err != OYEZ_OK || access(path, F_OK) != 0)
        return err;
    err = oyez_repair_move_aside(repair, path);
    return err == OYEZ_OK ? oyez_disk_sync_name(oyez_disk_system(), path) : err;
}

static oyez_err copy(const struct oyez_segment *segment, int to, const char *path, uint64_t size)
{
    const struct oyez_disk *disk = oyez_disk_system();
    uint8_t *bytes = malloc(COPY_SIZE);
    oyez_err err = bytes != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "copy of a segment");
    size_t got = 1;

    for (uint64_t at = 0; err == OYEZ_OK && at < size && got > 0; at += got) {
        size_t piece = size - at < COPY_SIZE ? (size_t)(size - at) : COPY_SIZE;
        err = oyez_segment_read(segment, disk, bytes, piece, at, &got);
        if (err == OYEZ_OK)
            err = oyez_disk_write(disk, to, path, bytes, got, at);
    }
    if (err == OYEZ_OK && fsync(to) != 0)
        err = oyez_disk_fail(path, "syncing");
    free(bytes);
    return err;
}

static oyez_err write_plain(const struct oyez_repair *repair, const struct oyez_segment *segment,
                            uint64_t size)
{
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];

    oyez_segment_name(name, segment->header.first_index, ".seg.new");
    oyez_err err = oyez_disk_path(path, repair->directory, name);
    if (err != OYEZ_OK)
        return err;
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0)
        return oyez_disk_fail(path, "making");
    err = copy(segment, to, path, size);
    close(to);
    oyez_segment_name(name, segment->header.first_index, ".seg");
    if (err == OYEZ_OK)
        err = oyez_repair_replace(repair, name);
    // What is read is there before the archived one goes.
    return err == OYEZ_OK ? oyez_repair_sync(repair) : err;
}

oyez_err oyez_repair_take_out(const struct oyez_repair *repair, uint64_t first_index, uint64_t size,
                              bool *taken)
{
    const struct oyez_disk *disk = oyez_disk_system();
    struct oyez_segment segment = {.fd = -1};
    oyez_err err = oyez_segment_open(&segment, disk, repair->directory, first_index, O_RDONLY);

    *taken = err == OYEZ_OK && segment.archive != NULL;
    if (*taken)
        err = write_plain(repair, &segment, size);
    oyez_segment_close(&segment, disk);
    return err == OYEZ_OK && *taken ? oyez_repair_move_archived(repair, first_index) : err;
}
