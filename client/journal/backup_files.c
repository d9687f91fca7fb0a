// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "backup_state.h"
#include "oyez/disk.h"
#include "segment.h"

#define COPY_SIZE (1024u * 1024u)
#define DIGITS 20u

static const char *suffix(bool archived)
{
    return archived ? ".seg.zst" : ".seg";
}

oyez_err oyez_backup_segment_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory,
                                  uint64_t first, bool archived)
{
    char name[OYEZ_SEGMENT_NAME_SIZE], below[OYEZ_SEGMENT_NAME_SIZE + 8];

    oyez_segment_name(name, first, suffix(archived));
    snprintf(below, sizeof(below), "%s%s", archived ? OYEZ_BACKUP_ARCHIVE "/" : "", name);
    return oyez_disk_path(out, directory, below);
}

bool oyez_backup_is_segment(const char *name, bool archived, uint64_t *first)
{
    char *end = NULL;

    if (strspn(name, "0123456789") != DIGITS || strcmp(name + DIGITS, suffix(archived)) != 0)
        return false;
    errno = 0;
    *first = strtoull(name, &end, 10);
    return errno == 0;
}

oyez_err oyez_backup_open_file(const struct oyez_disk *disk, const char *path, int flags, int *fd)
{
    *fd = disk->open(disk->context, path, flags, 0600);
    if (*fd >= 0)
        return OYEZ_OK;
    return errno == ENOENT ? oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no such file", path)
                           : oyez_disk_fail(path, "opening");
}

oyez_err oyez_backup_make_directory(const struct oyez_disk *disk, const char *path)
{
    if (disk->mkdir(disk->context, path, 0700) == 0)
        return oyez_disk_sync_name(disk, path);
    return errno == EEXIST ? OYEZ_OK : oyez_disk_fail(path, "making the directory");
}

oyez_err oyez_backup_remove(const struct oyez_disk *disk, const char *path)
{
    if (disk->unlink(disk->context, path) == 0 || errno == ENOENT)
        return OYEZ_OK;
    return oyez_disk_fail(path, "removing");
}

struct removal {
    const struct oyez_disk *disk;
    const char *directory;
    oyez_backup_wanted *wanted;
    void *arg;
    oyez_err err;
};

static int remove_if_wanted(void *arg, const char *name)
{
    struct removal *removal = arg;
    char path[OYEZ_JOURNAL_PATH_SIZE];

    if (!removal->wanted(removal->arg, name))
        return 0;
    removal->err = oyez_disk_path(path, removal->directory, name);
    if (removal->err == OYEZ_OK)
        removal->err = oyez_backup_remove(removal->disk, path);
    return removal->err != OYEZ_OK;
}

oyez_err oyez_backup_remove_names(const struct oyez_disk *disk, const char *directory,
                                  oyez_backup_wanted *wanted, void *arg)
{
    struct removal removal = {disk, directory, wanted, arg, OYEZ_OK};

    if (disk->list(disk->context, directory, remove_if_wanted, &removal) == 0)
        return OYEZ_OK;
    if (removal.err != OYEZ_OK)
        return removal.err;
    return errno == ENOENT ? OYEZ_OK : oyez_disk_fail(directory, "listing");
}

static void advance(struct oyez_backup_progress *progress, uint64_t bytes)
{
    if (progress == NULL)
        return;
    progress->done += bytes;
    if (progress->done > progress->all)
        progress->all = progress->done;
    if (progress->tell != NULL)
        progress->tell(progress->arg, progress->done, progress->all);
}

static oyez_err copy_bytes(const struct oyez_disk *disk, const struct oyez_backup_piece *piece,
                           int from, int to, struct oyez_backup_progress *progress, uint64_t *bytes)
{
    uint8_t *memory = malloc(COPY_SIZE);
    oyez_err err = memory != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "copying a file");
    uint64_t done = 0;

    while (err == OYEZ_OK && done < piece->size) {
        uint64_t rest = piece->size - done;
        size_t wanted = rest < COPY_SIZE ? (size_t)rest : COPY_SIZE, got;
        err = oyez_disk_read(disk, from, piece->from, memory, wanted, piece->start + done, &got);
        if (err == OYEZ_OK && got < wanted && piece->size != UINT64_MAX)
            err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: ends early", piece->from);
        if (err == OYEZ_OK)
            err = oyez_disk_write(disk, to, piece->to, memory, got, piece->to_start + done);
        if (err != OYEZ_OK)
            break;
        done += got;
        advance(progress, got);
        if (got < wanted)
            break;
    }
    uint64_t end = piece->to_start + done + piece->tail_size;
    if (err == OYEZ_OK && piece->tail_size > 0)
        err = oyez_disk_write(disk, to, piece->to, piece->tail, piece->tail_size,
                              end - piece->tail_size);
    if (err == OYEZ_OK && disk->ftruncate(disk->context, to, (off_t)end) != 0)
        err = oyez_disk_fail(piece->to, "cutting");
    if (err == OYEZ_OK && disk->fdatasync(disk->context, to) != 0)
        err = oyez_disk_fail(piece->to, "syncing");
    *bytes += done;
    free(memory);
    return err;
}

oyez_err oyez_backup_copy(const struct oyez_disk *disk, const struct oyez_backup_piece *piece,
                          struct oyez_backup_progress *progress, uint64_t *bytes)
{
    int from = -1, to = -1;
    oyez_err err = oyez_backup_open_file(disk, piece->from, O_RDONLY, &from);

    if (err == OYEZ_OK)
        err = oyez_backup_open_file(disk, piece->to, O_WRONLY | O_CREAT, &to);
    if (err != OYEZ_OK)
        goto done;
    uint64_t modified = disk->modified(disk->context, from);
    err = copy_bytes(disk, piece, from, to, progress, bytes);
    if (err != OYEZ_OK || !piece->keep_time)
        goto done;
    if (disk->modified(disk->context, from) != modified && modified != 0)
        err = oyez_fail(OYEZ_ERR_BUSY, "%s: changed while it was copied", piece->from);
    // The time vouches for the bytes, so it comes behind them.
    if (err == OYEZ_OK && modified != 0 && disk->set_modified(disk->context, to, modified) != 0)
        err = oyez_disk_fail(piece->to, "setting its time");
done:
    if (from >= 0)
        disk->close(disk->context, from);
    if (to >= 0)
        disk->close(disk->context, to);
    return err;
}

oyez_err oyez_backup_make_archive(const struct oyez_disk *disk, const char *directory,
                                  const struct oyez_backup_manifest *manifest)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, directory, OYEZ_BACKUP_ARCHIVE);

    if (err != OYEZ_OK || !oyez_backup_manifest_has_archived(manifest))
        return err;
    return oyez_backup_make_directory(disk, path);
}

oyez_err oyez_backup_sync(const struct oyez_disk *disk, const char *directory,
                          const struct oyez_backup_manifest *manifest)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, directory, OYEZ_BACKUP_ARCHIVE);

    if (err == OYEZ_OK && oyez_backup_manifest_has_archived(manifest))
        err = oyez_backup_sync_directory(disk, path);
    return err == OYEZ_OK ? oyez_backup_sync_directory(disk, directory) : err;
}

oyez_err oyez_backup_sync_directory(const struct oyez_disk *disk, const char *path)
{
    if (disk->sync_directory(disk->context, path) != 0)
        return oyez_disk_fail(path, "syncing the directory");
    return OYEZ_OK;
}

oyez_err oyez_backup_lock(const struct oyez_disk *disk, const char *directory, int *fd)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, directory, "lock");

    if (err == OYEZ_OK)
        err = oyez_backup_open_file(disk, path, O_RDWR | O_CREAT, fd);
    if (err == OYEZ_OK && disk->flock(disk->context, *fd, LOCK_EX | LOCK_NB) != 0)
        err = oyez_fail(OYEZ_ERR_LOCKED, "%s: another process is at work in it", directory);
    return err;
}
