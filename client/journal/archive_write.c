// SPDX-License-Identifier: MIT
// Header and seal are read whenever a journal is opened, so each has a small frame of its own.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "archive_file.h"
#include "archive_table.h"
#include "segment.h"

#define FRAME_SIZE (128u * 1024u)
#define LAST_FRAME_SIZE 4096u
#define LEVEL 6

struct packing {
    const struct oyez_disk *disk;
    const char *path;
    const char *name; // in the journal's directory
    int fd;
    oyez_archive_source *source;
    void *arg;
    uint64_t size; // of the segment
    struct oyez_archive_table table;
    ZSTD_CCtx *context;
    uint8_t *bytes, *packed;
    size_t packed_room;
};

oyez_err oyez_archive_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory,
                           uint64_t first_index, const char *more)
{
    char name[OYEZ_ARCHIVE_NAME_SIZE + 16];

    snprintf(name, sizeof(name),
             OYEZ_JOURNAL_ARCHIVE "/%020" PRIu64 OYEZ_JOURNAL_ARCHIVE_SUFFIX "%.8s", first_index,
             more);
    return oyez_disk_path(out, directory, name);
}

static size_t next_size(const struct packing *packing)
{
    uint64_t at = packing->table.size, size = packing->size;
    uint64_t last = size > OYEZ_SEGMENT_HEADER_SIZE + LAST_FRAME_SIZE ? size - LAST_FRAME_SIZE
                                                                      : OYEZ_SEGMENT_HEADER_SIZE;
    uint64_t end = size;

    if (at < OYEZ_SEGMENT_HEADER_SIZE)
        end = OYEZ_SEGMENT_HEADER_SIZE;
    else if (at < last)
        end = last - at < FRAME_SIZE ? last : at + FRAME_SIZE;
    return (size_t)((end < size ? end : size) - at);
}

static oyez_err read_source(const struct packing *packing, uint64_t offset, size_t size)
{
    size_t got = 0;
    oyez_err err = packing->source(packing->arg, packing->bytes, size, offset, &got);

    if (err == OYEZ_OK && got < size)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: the segment became shorter", packing->path);
    return err;
}

static oyez_err pack_frame(struct packing *packing)
{
    size_t size = next_size(packing);
    uint64_t at = packing->table.packed;
    oyez_err err = read_source(packing, packing->table.size, size);

    if (err != OYEZ_OK)
        return err;
    size_t packed = ZSTD_compress2(packing->context, packing->packed, packing->packed_room,
                                   packing->bytes, size);
    if (ZSTD_isError(packed))
        return oyez_fail(OYEZ_ERR_SYSTEM, "%s: compressing: %s", packing->path,
                         ZSTD_getErrorName(packed));
    err = oyez_archive_table_add(&packing->table, (uint32_t)packed, (uint32_t)size,
                                 (uint32_t)XXH64(packing->bytes, size, 0));
    return err == OYEZ_OK ? oyez_disk_write(packing->disk, packing->fd, packing->path,
                                            packing->packed, packed, at)
                          : err;
}

static oyez_err write_table(struct packing *packing)
{
    size_t size = oyez_archive_table_measure(packing->table.count);
    uint8_t *bytes = malloc(size);

    if (bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: seek table", packing->path);
    oyez_archive_table_encode(&packing->table, bytes);
    oyez_err err = oyez_disk_write(packing->disk, packing->fd, packing->path, bytes, size,
                                   packing->table.packed);
    free(bytes);
    return err;
}

static oyez_err pack(struct packing *packing)
{
    const struct oyez_disk *disk = packing->disk;
    oyez_err err = OYEZ_OK;

    // What was left there may have a reader.
    if (disk->unlink(disk->context, packing->path) != 0 && errno != ENOENT)
        return oyez_disk_fail(packing->path, "removing");
    packing->fd = disk->open(disk->context, packing->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (packing->fd < 0)
        return oyez_disk_fail(packing->path, "making");
    while (err == OYEZ_OK && packing->table.size < packing->size)
        err = pack_frame(packing);
    if (err == OYEZ_OK)
        err = write_table(packing);
    if (err == OYEZ_OK && disk->fdatasync(disk->context, packing->fd) != 0)
        err = oyez_disk_fail(packing->path, "syncing");
    disk->close(disk->context, packing->fd);
    return err;
}

static oyez_err compare_frame(struct packing *packing, struct oyez_archive *archive,
                              const struct oyez_archive_frame *frame)
{
    size_t got;
    // It was compressed from this memory, which takes it up again.
    oyez_err err = oyez_archive_read(archive, packing->packed, frame->size, frame->offset, &got);

    if (err == OYEZ_OK)
        err = read_source(packing, frame->offset, frame->size);
    if (err == OYEZ_OK && (got != frame->size || memcmp(packing->packed, packing->bytes, got) != 0))
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": does not read back as it was",
                        packing->path, frame->offset);
    return err;
}

static oyez_err compare(struct packing *packing)
{
    const struct oyez_disk *disk = packing->disk;
    struct oyez_archive *archive = NULL;

    packing->fd = disk->open(disk->context, packing->path, O_RDONLY, 0);
    if (packing->fd < 0)
        return errno == ENOENT ? oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: the segment changed meanwhile",
                                           packing->path)
                               : oyez_disk_fail(packing->path, "opening");
    oyez_err err = oyez_archive_open(&archive, disk, packing->fd, packing->name);
    if (err == OYEZ_OK && oyez_archive_size(archive) != packing->size)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: does not read back as it was", packing->path);
    for (size_t i = 0; err == OYEZ_OK && i < packing->table.count; i++)
        err = compare_frame(packing, archive, &packing->table.frames[i]);
    oyez_archive_close(&archive);
    disk->close(disk->context, packing->fd);
    return err;
}

static oyez_err begin(struct packing *packing)
{
    packing->packed_room = ZSTD_compressBound(FRAME_SIZE);
    packing->bytes = malloc(FRAME_SIZE);
    packing->packed = malloc(packing->packed_room);
    packing->context = ZSTD_createCCtx();
    if (packing->bytes == NULL || packing->packed == NULL || packing->context == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: compressing", packing->path);
    if (ZSTD_isError(ZSTD_CCtx_setParameter(packing->context, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(packing->context, ZSTD_c_checksumFlag, 1)))
        return oyez_fail(OYEZ_ERR_SYSTEM, "%s: compressing", packing->path);
    return OYEZ_OK;
}

static void end(struct packing *packing)
{
    oyez_archive_table_clear(&packing->table);
    ZSTD_freeCCtx(packing->context);
    free(packing->bytes);
    free(packing->packed);
}

static oyez_err make_directory(const struct oyez_disk *disk, const char *directory)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, directory, OYEZ_JOURNAL_ARCHIVE);

    if (err == OYEZ_OK && disk->mkdir(disk->context, path, 0700) != 0 && errno != EEXIST)
        err = oyez_disk_fail(path, "making the directory");
    return err;
}

oyez_err oyez_archive_write(const struct oyez_disk *disk, const char *directory,
                            uint64_t first_index, oyez_archive_source *source, void *arg,
                            uint64_t size, uint64_t *packed)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    struct packing packing = {
        .disk = disk, .path = path, .source = source, .arg = arg, .size = size};
    oyez_err err = oyez_archive_path(path, directory, first_index, ".new");

    packing.name = path + (err == OYEZ_OK ? strlen(directory) + 1 : 0);
    if (err == OYEZ_OK)
        err = make_directory(disk, directory);
    if (err == OYEZ_OK)
        err = begin(&packing);
    if (err == OYEZ_OK)
        err = pack(&packing);
    if (err == OYEZ_OK)
        err = compare(&packing);
    if (err != OYEZ_OK)
        (void)disk->unlink(disk->context, path);
    else if (packed != NULL)
        *packed = packing.table.packed + oyez_archive_table_measure(packing.table.count);
    end(&packing);
    return err;
}

oyez_err oyez_archive_put(const struct oyez_disk *disk, const char *directory, uint64_t first_index)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_archive_path(from, directory, first_index, ".new");

    if (err == OYEZ_OK)
        err = oyez_archive_path(to, directory, first_index, "");
    if (err != OYEZ_OK)
        return err;
    if (disk->rename(disk->context, from, to) != 0)
        return errno == ENOENT
                   ? oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: the segment changed meanwhile", from)
                   : oyez_disk_fail(from, "renaming");
    // The directory itself may be new.
    err = oyez_disk_sync_name(disk, to);
    if (err == OYEZ_OK && disk->sync_directory(disk->context, directory) != 0)
        err = oyez_disk_fail(directory, "syncing the directory");
    return err;
}

oyez_err oyez_archive_drop(const struct oyez_disk *disk, const char *directory,
                           uint64_t first_index)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_archive_path(path, directory, first_index, ".new");

    if (err != OYEZ_OK)
        return err;
    if (disk->unlink(disk->context, path) != 0)
        return errno == ENOENT ? OYEZ_OK : oyez_disk_fail(path, "removing");
    return oyez_disk_sync_name(disk, path);
}
