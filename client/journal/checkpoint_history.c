// SPDX-License-Identifier: MIT
//  0         8     12    16           32
// +---------+-----+-----+------------+
// |OYEZCHK\0|vers.| sum | journal id |
// +---------+-----+-----+------------+
//  0    4    8       16     24        28   32
// +----+----+-------+------+---------+----+------+-------
// |size|sum |offset | time |note size| 0  | note | zeros
// +----+----+-------+------+---------+----+------+-------
#include "checkpoint_history.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "oyez/disk.h"
#include "oyez/little_endian.h"

#define VERSION 1u

static const uint8_t magic[8] = "OYEZCHK";

struct oyez_checkpoint_history {
    const struct oyez_disk *disk;
    int fd;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_history_header header;
    uint64_t offset;
    uint8_t bytes[OYEZ_HISTORY_ENTRY_MAX];
};

static uint32_t header_sum(const uint8_t *bytes)
{
    return oyez_journal_crc32c(oyez_journal_crc32c(0, bytes, 12), bytes + 16,
                               OYEZ_HISTORY_HEADER_SIZE - 16);
}

void oyez_history_header_encode(uint8_t out[OYEZ_HISTORY_HEADER_SIZE],
                                struct oyez_history_header *header)
{
    memcpy(out, magic, sizeof(magic));
    put_u32(out + 8, VERSION);
    memcpy(out + 16, header->journal_id, OYEZ_JOURNAL_ID_SIZE);
    header->sum = header_sum(out);
    put_u32(out + 12, header->sum);
}

oyez_err oyez_history_header_decode(struct oyez_history_header *out, const uint8_t *bytes,
                                    size_t size)
{
    if (size < OYEZ_HISTORY_HEADER_SIZE || memcmp(bytes, magic, sizeof(magic)) != 0)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: offset 0: does not begin as a history of checkpoints",
                         OYEZ_CHECKPOINT_HISTORY_FILE);
    out->sum = get_u32(bytes + 12);
    if (out->sum != header_sum(bytes))
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset 12: header checksum does not match",
                         OYEZ_CHECKPOINT_HISTORY_FILE);
    if (get_u32(bytes + 8) != VERSION)
        return oyez_fail(OYEZ_ERR_VERSION, "%s: format version %" PRIu32 ", this program reads %u",
                         OYEZ_CHECKPOINT_HISTORY_FILE, get_u32(bytes + 8), VERSION);
    memcpy(out->journal_id, bytes + 16, OYEZ_JOURNAL_ID_SIZE);
    return OYEZ_OK;
}

static size_t entry_size(size_t note_size)
{
    return (OYEZ_HISTORY_ENTRY_SIZE + note_size + OYEZ_HISTORY_ALIGN - 1) / OYEZ_HISTORY_ALIGN *
           OYEZ_HISTORY_ALIGN;
}

static uint32_t entry_sum(const uint8_t *bytes, size_t size, uint32_t seed)
{
    return oyez_journal_crc32c(oyez_journal_crc32c(seed, bytes, 4), bytes + 8, size - 8);
}

size_t oyez_history_entry_encode(uint8_t *out, const struct oyez_checkpoint_entry *entry,
                                 uint32_t seed)
{
    size_t size = entry_size(entry->note_size);

    memset(out, 0, size);
    put_u32(out, (uint32_t)size);
    put_u64(out + 8, entry->offset);
    put_u64(out + 16, entry->time);
    put_u32(out + 24, (uint32_t)entry->note_size);
    memcpy(out + OYEZ_HISTORY_ENTRY_SIZE, entry->note, entry->note_size);
    put_u32(out + 4, entry_sum(out, size, seed));
    return size;
}

size_t oyez_history_entry_decode(struct oyez_checkpoint_entry *out, const uint8_t *bytes,
                                 size_t available, uint64_t offset, uint32_t seed)
{
    if (available < OYEZ_HISTORY_ENTRY_SIZE)
        return 0;
    size_t size = get_u32(bytes), note_size = get_u32(bytes + 24);
    if (note_size == 0 || note_size > OYEZ_HISTORY_NOTE_MAX || size != entry_size(note_size) ||
        size > available || get_u64(bytes + 8) != offset || get_u32(bytes + 28) != 0 ||
        get_u32(bytes + 4) != entry_sum(bytes, size, seed))
        return 0;
    for (size_t i = OYEZ_HISTORY_ENTRY_SIZE + note_size; i < size; i++)
        if (bytes[i] != 0)
            return 0;
    *out = (struct oyez_checkpoint_entry){.offset = offset,
                                          .time = get_u64(bytes + 16),
                                          .note = (const char *)bytes + OYEZ_HISTORY_ENTRY_SIZE,
                                          .note_size = note_size};
    return size;
}

oyez_err oyez_history_find_last(const struct oyez_disk *disk, int fd, const char *path,
                                const struct oyez_history_header *header, uint8_t *bytes,
                                struct oyez_checkpoint_entry *entry, uint64_t *end)
{
    off_t file = disk->size(disk->context, fd);
    uint64_t start = OYEZ_HISTORY_HEADER_SIZE;
    size_t got;

    *end = start;
    if (file < 0)
        return oyez_disk_fail(path, "asking for its size");
    // A torn entry may follow the last one.
    if ((uint64_t)file > start + 2 * OYEZ_HISTORY_ENTRY_MAX)
        start = ((uint64_t)file - 2 * OYEZ_HISTORY_ENTRY_MAX + OYEZ_HISTORY_ALIGN - 1) /
                OYEZ_HISTORY_ALIGN * OYEZ_HISTORY_ALIGN;
    oyez_err err = oyez_disk_read(disk, fd, path, bytes, 2 * OYEZ_HISTORY_ENTRY_MAX, start, &got);
    if (err != OYEZ_OK)
        return err;
    for (size_t at = got / OYEZ_HISTORY_ALIGN * OYEZ_HISTORY_ALIGN;; at -= OYEZ_HISTORY_ALIGN) {
        size_t size =
            oyez_history_entry_decode(entry, bytes + at, got - at, start + at, header->sum);
        if (size > 0) {
            *end = start + at + size;
            return OYEZ_OK;
        }
        if (at == 0)
            return oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no checkpoint in it", path);
    }
}

oyez_err oyez_checkpoint_history_open(oyez_checkpoint_history **out, const char *directory,
                                      const struct oyez_disk *disk)
{
    oyez_checkpoint_history *history = calloc(1, sizeof(*history));
    size_t got = 0;

    *out = NULL;
    if (history == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "history of checkpoints");
    history->disk = disk != NULL ? disk : oyez_disk_system();
    history->fd = -1;
    oyez_err err = oyez_disk_path(history->path, directory, OYEZ_CHECKPOINT_HISTORY_FILE);
    if (err == OYEZ_OK) {
        history->fd = history->disk->open(history->disk->context, history->path, O_RDONLY, 0);
        if (history->fd < 0)
            err = errno == ENOENT ? oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: no such file", history->path)
                                  : oyez_disk_fail(history->path, "opening");
    }
    if (err == OYEZ_OK)
        err = oyez_disk_read(history->disk, history->fd, history->path, history->bytes,
                             OYEZ_HISTORY_HEADER_SIZE, 0, &got);
    if (err == OYEZ_OK)
        err = oyez_history_header_decode(&history->header, history->bytes, got);
    history->offset = OYEZ_HISTORY_HEADER_SIZE;
    if (err != OYEZ_OK)
        oyez_checkpoint_history_close(&history);
    *out = history;
    return err;
}

void oyez_checkpoint_history_close(oyez_checkpoint_history **history)
{
    if (*history == NULL)
        return;
    if ((*history)->fd >= 0)
        (*history)->disk->close((*history)->disk->context, (*history)->fd);
    free(*history);
    *history = NULL;
}

// Bytes that are no entry: is there a good one behind them?
static oyez_err judge_rest(oyez_checkpoint_history *history, uint64_t *torn)
{
    struct oyez_checkpoint_entry entry;
    uint64_t end;
    uint8_t *bytes = malloc(2 * OYEZ_HISTORY_ENTRY_MAX);
    off_t size = history->disk->size(history->disk->context, history->fd);

    if (bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "history of checkpoints");
    oyez_err err = oyez_history_find_last(history->disk, history->fd, history->path,
                                          &history->header, bytes, &entry, &end);
    free(bytes);
    *torn = size > 0 && (uint64_t)size > history->offset ? (uint64_t)size - history->offset : 0;
    if ((err == OYEZ_OK && end > history->offset) ||
        (err == OYEZ_ERR_NOT_FOUND && *torn > 2 * OYEZ_HISTORY_ENTRY_MAX))
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": no good entry",
                         OYEZ_CHECKPOINT_HISTORY_FILE, history->offset);
    return err == OYEZ_OK ? OYEZ_ERR_NOT_FOUND : err;
}

oyez_err oyez_checkpoint_history_next(oyez_checkpoint_history *history,
                                      struct oyez_checkpoint_entry *entry, uint64_t *torn)
{
    size_t got;
    oyez_err err = oyez_disk_read(history->disk, history->fd, history->path, history->bytes,
                                  sizeof(history->bytes), history->offset, &got);

    *torn = 0;
    if (err != OYEZ_OK)
        return err;
    if (got == 0)
        return OYEZ_ERR_NOT_FOUND;
    size_t size =
        oyez_history_entry_decode(entry, history->bytes, got, history->offset, history->header.sum);
    if (size == 0)
        return judge_rest(history, torn);
    history->offset += size;
    return OYEZ_OK;
}
