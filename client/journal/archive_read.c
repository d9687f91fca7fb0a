// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "archive_file.h"
#include "archive_table.h"

#define NO_FRAME SIZE_MAX

struct oyez_archive {
    const struct oyez_disk *disk;
    int fd;
    char name[OYEZ_ARCHIVE_NAME_SIZE];
    struct oyez_archive_table table;
    ZSTD_DCtx *context; // this and the next two while something is read
    uint8_t *packed;
    uint8_t *bytes; // of the frame read last
    size_t frame;   // which it is
};

static oyez_err read_table(struct oyez_archive *archive)
{
    const struct oyez_disk *disk = archive->disk;
    uint8_t footer[OYEZ_ARCHIVE_FOOTER_SIZE];
    uint8_t *bytes = NULL;
    size_t got = 0, size;
    off_t file_size = disk->size(disk->context, archive->fd);
    oyez_err err = OYEZ_OK;

    if (file_size < 0)
        return oyez_disk_fail(archive->name, "asking for its size");
    uint64_t end = (uint64_t)file_size;
    if (end >= sizeof(footer))
        err = oyez_disk_read(disk, archive->fd, archive->name, footer, sizeof(footer),
                             end - sizeof(footer), &got);
    if (err != OYEZ_OK)
        return err;
    if (got < sizeof(footer) || !oyez_archive_table_read_footer(footer, end, &size))
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: no seek table at its end", archive->name);
    bytes = malloc(size);
    if (bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: seek table", archive->name);
    err = oyez_disk_read(disk, archive->fd, archive->name, bytes, size, end - size, &got);
    if (err == OYEZ_OK &&
        (got < size || !oyez_archive_table_decode(&archive->table, bytes, size, end)))
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: its seek table contradicts itself", archive->name);
    free(bytes);
    return err;
}

oyez_err oyez_archive_open(struct oyez_archive **out, const struct oyez_disk *disk, int fd,
                           const char *name)
{
    struct oyez_archive *archive = calloc(1, sizeof(*archive));

    *out = archive;
    if (archive == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: opening", name);
    archive->disk = disk;
    archive->fd = fd;
    snprintf(archive->name, sizeof(archive->name), "%s", name);
    archive->frame = NO_FRAME;
    oyez_err err = read_table(archive);
    if (err != OYEZ_OK)
        oyez_archive_close(out);
    return err;
}

void oyez_archive_rest(struct oyez_archive *archive)
{
    ZSTD_freeDCtx(archive->context);
    free(archive->packed);
    free(archive->bytes);
    archive->context = NULL;
    archive->packed = archive->bytes = NULL;
    archive->frame = NO_FRAME;
}

void oyez_archive_close(struct oyez_archive **closing)
{
    struct oyez_archive *archive = *closing;

    *closing = NULL;
    if (archive == NULL)
        return;
    oyez_archive_rest(archive);
    oyez_archive_table_clear(&archive->table);
    free(archive);
}

uint64_t oyez_archive_size(const struct oyez_archive *archive)
{
    return archive->table.size;
}

static oyez_err wake(struct oyez_archive *archive)
{
    if (archive->context != NULL)
        return OYEZ_OK;
    archive->context = ZSTD_createDCtx();
    archive->packed = malloc(archive->table.largest_packed);
    archive->bytes = malloc(archive->table.largest);
    if (archive->context != NULL && archive->packed != NULL && archive->bytes != NULL)
        return OYEZ_OK;
    oyez_archive_rest(archive);
    return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: reading", archive->name);
}

static oyez_err unpack(struct oyez_archive *archive, size_t number)
{
    const struct oyez_archive_frame *frame = &archive->table.frames[number];
    size_t got;
    oyez_err err = wake(archive);

    if (err != OYEZ_OK)
        return err;
    archive->frame = NO_FRAME;
    err = oyez_disk_read(archive->disk, archive->fd, archive->name, archive->packed, frame->packed,
                         frame->at, &got);
    if (err != OYEZ_OK)
        return err;
    size_t size =
        ZSTD_decompressDCtx(archive->context, archive->bytes, frame->size, archive->packed, got);
    if (size != frame->size || (uint32_t)XXH64(archive->bytes, size, 0) != frame->sum)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: offset %" PRIu64 ": the compressed bytes are damaged", archive->name,
                         frame->offset);
    archive->frame = number;
    return OYEZ_OK;
}

oyez_err oyez_archive_read(struct oyez_archive *archive, void *data, size_t size, uint64_t offset,
                           size_t *got)
{
    uint8_t *out = data;

    *got = 0;
    if (offset >= archive->table.size || size == 0)
        return OYEZ_OK;
    for (size_t i = oyez_archive_table_find(&archive->table, offset);
         *got < size && i < archive->table.count; i++) {
        const struct oyez_archive_frame *frame = &archive->table.frames[i];
        oyez_err err = archive->frame == i ? OYEZ_OK : unpack(archive, i);
        if (err != OYEZ_OK)
            return err;
        size_t from = (size_t)(offset + *got - frame->offset);
        size_t part = frame->size - from < size - *got ? frame->size - from : size - *got;
        memcpy(out + *got, archive->bytes + from, part);
        *got += part;
    }
    return OYEZ_OK;
}
