// SPDX-License-Identifier: MIT
// Copies what the backup lacks into its directory `next`.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backup_state.h"
#include "hash_files.h"
#include "oyez/disk.h"
#include "scan.h"

#define CHECKS 2u // each byte is written, and read again: the progress of both

struct listing {
    struct oyez_backup_manifest *manifest;
    bool archived;
    uint64_t below;
    oyez_err err;
};

static int list_segment(void *arg, const char *name)
{
    struct listing *listing = arg;
    uint64_t first;

    if (!oyez_backup_is_segment(name, listing->archived, &first) || first >= listing->below)
        return 0;
    listing->err = oyez_backup_manifest_add(listing->manifest, first, listing->archived);
    return listing->err != OYEZ_OK;
}

static oyez_err list_directory(struct oyez_backup *backup, const char *directory, bool archived)
{
    const struct oyez_disk *disk = backup->disk;
    struct listing listing = {&backup->after, archived, backup->aim.size, OYEZ_OK};

    if (disk->list(disk->context, directory, list_segment, &listing) == 0)
        return OYEZ_OK;
    if (listing.err != OYEZ_OK)
        return listing.err;
    if (errno == ENOENT)
        return archived ? OYEZ_OK
                        : oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: no such directory", directory);
    return oyez_disk_fail(directory, "listing");
}

static int compare(const void *a, const void *b)
{
    const struct oyez_backup_segment *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (int)x->archived - (int)y->archived;
}

// One that is there in both forms is being archived; the plain one counts.
static void order(struct oyez_backup_manifest *manifest)
{
    size_t kept = 0;

    if (manifest->count == 0)
        return;
    qsort(manifest->segments, manifest->count, sizeof(*manifest->segments), compare);
    for (size_t i = 1; i < manifest->count; i++)
        if (manifest->segments[i].first != manifest->segments[kept].first)
            manifest->segments[++kept] = manifest->segments[i];
    manifest->count = kept + 1;
}

static oyez_err look_at(const struct oyez_disk *disk, const char *directory,
                        const struct oyez_backup_segment *segment, uint64_t *size,
                        uint64_t *modified)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    int fd = -1;
    oyez_err err = oyez_backup_segment_path(path, directory, segment->first, segment->archived);

    *size = *modified = 0;
    if (err == OYEZ_OK)
        err = oyez_backup_open_file(disk, path, O_RDONLY, &fd);
    if (err != OYEZ_OK)
        return err;
    off_t found = disk->size(disk->context, fd);
    if (found < 0)
        err = oyez_disk_fail(path, "asking for its size");
    else
        *size = (uint64_t)found;
    *modified = disk->modified(disk->context, fd);
    disk->close(disk->context, fd);
    return err;
}

static oyez_err is_copy(const struct oyez_backup *backup, const char *directory,
                        const struct oyez_backup_segment *segment, uint64_t modified, bool *copy)
{
    uint64_t size, time;
    oyez_err err = look_at(backup->disk, directory, segment, &size, &time);

    *copy = err == OYEZ_OK && modified != 0 && size == segment->size && time == modified;
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static oyez_err find_needed(const struct oyez_backup *backup, struct oyez_backup_segment *segment)
{
    bool has = false, staged = false;
    uint64_t modified;
    oyez_err err = look_at(backup->disk, backup->from, segment, &segment->size, &modified);

    if (err == OYEZ_OK && backup->has_before &&
        oyez_backup_manifest_has(&backup->before, segment->first, segment->archived))
        err = is_copy(backup, backup->to, segment, modified, &has);
    // By an earlier round, or a call that was interrupted.
    if (err == OYEZ_OK && !has)
        err = is_copy(backup, backup->next, segment, modified, &staged);
    segment->needed = !has;
    segment->staged = staged;
    return err;
}

oyez_err oyez_backup_list(struct oyez_backup *backup)
{
    char archive[OYEZ_JOURNAL_PATH_SIZE];
    uint64_t needed = 0;

    backup->after.count = 0;
    oyez_err err = oyez_disk_path(archive, backup->from, OYEZ_BACKUP_ARCHIVE);
    // A segment on its way goes from the first place to the second.
    if (err == OYEZ_OK)
        err = list_directory(backup, backup->from, false);
    if (err == OYEZ_OK)
        err = list_directory(backup, archive, true);
    if (err == OYEZ_OK && backup->after.count == 0)
        err = oyez_fail(OYEZ_ERR_NO_JOURNAL, "%s: holds no journal", backup->from);
    order(&backup->after);
    for (size_t i = 0; i < backup->after.count && err == OYEZ_OK; i++) {
        struct oyez_backup_segment *segment = &backup->after.segments[i];
        err = find_needed(backup, segment);
        if (segment->needed)
            needed += segment->size * (segment->staged ? 1 : CHECKS);
    }
    backup->progress.all = backup->progress.done + needed;
    return err;
}

// What of the last segment belongs to the backup: up to the commit of the aim, and a close of its own
// where the journal has none there.
static oyez_err find_end(const struct oyez_backup *backup, const struct oyez_segment *segment,
                         struct oyez_backup_piece *piece, uint8_t close[OYEZ_MARK_SIZE])
{
    struct oyez_scan scan = {0};
    struct oyez_scan_stop stop;
    struct oyez_group group = {0};
    oyez_err err = OYEZ_OK;

    oyez_scan_begin(&scan, backup->disk, segment);
    do
        err = oyez_scan_next(&scan, &group, &stop);
    while (err == OYEZ_OK && group.mark.index < backup->aim.size);
    if (err == OYEZ_ERR_NOT_FOUND || (err == OYEZ_OK && group.mark.index > backup->aim.size))
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "%s: its checkpoint covers %" PRIu64 " records, and no commit ends there",
                        segment->path, backup->aim.size);
    piece->size = scan.offset;
    if (err == OYEZ_OK && group.mark.kind == OYEZ_MARK_COMMIT) {
        const struct oyez_mark mark = {.kind = OYEZ_MARK_CLOSE,
                                       .index = backup->aim.size,
                                       .group_start = scan.offset,
                                       .synced = scan.offset,
                                       .chain = scan.chain};
        piece->tail_size = oyez_mark_encode(close, &mark, segment->header.sum);
        piece->tail = close;
    }
    piece->keep_time = group.mark.kind == OYEZ_MARK_SEAL;
    oyez_scan_end(&scan);
    return err;
}

static oyez_err cut(const struct oyez_backup *backup, uint64_t first,
                    struct oyez_backup_piece *piece, uint8_t close[OYEZ_MARK_SIZE])
{
    struct oyez_segment segment = {.fd = -1};
    oyez_err err = oyez_segment_open(&segment, backup->disk, backup->from, first, O_RDONLY);

    if (err == OYEZ_OK)
        err = find_end(backup, &segment, piece, close);
    oyez_segment_close(&segment, backup->disk);
    return err;
}

static oyez_err copy_segment(struct oyez_backup *backup, const struct oyez_backup_segment *segment,
                             bool last)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t close[OYEZ_MARK_SIZE];
    struct oyez_backup_piece piece = {
        .from = from, .to = to, .size = segment->size, .keep_time = true};
    oyez_err err = oyez_backup_segment_path(from, backup->from, segment->first, segment->archived);

    if (err == OYEZ_OK)
        err = oyez_backup_segment_path(to, backup->next, segment->first, segment->archived);
    // An archived one is sealed, and the aim is not within it.
    if (err == OYEZ_OK && last && !segment->archived)
        err = cut(backup, segment->first, &piece, close);
    if (err == OYEZ_OK)
        err = oyez_backup_copy(backup->disk, &piece, &backup->progress, &backup->report->bytes);
    backup->report->copied += err == OYEZ_OK;
    return err;
}

// It was archived since it was listed.
static oyez_err follow_to_archive(struct oyez_backup *backup, struct oyez_backup_segment *segment)
{
    segment->archived = true;
    oyez_err err = find_needed(backup, segment);
    if (err == OYEZ_OK)
        err = oyez_backup_make_archive(backup->disk, backup->next, &backup->after);
    if (err == OYEZ_OK && segment->needed && !segment->staged)
        err = copy_segment(backup, segment, false);
    return err;
}

static oyez_err stage_segment(struct oyez_backup *backup, size_t i)
{
    struct oyez_backup_segment *segment = &backup->after.segments[i];
    bool last = i + 1 == backup->after.count;
    char other[OYEZ_JOURNAL_PATH_SIZE];

    if (!segment->needed)
        return OYEZ_OK;
    oyez_err err = segment->staged ? OYEZ_OK : copy_segment(backup, segment, last);
    if (err == OYEZ_ERR_NOT_FOUND && !segment->archived && !last)
        err = follow_to_archive(backup, segment);
    // An earlier round may have found it in the other form.
    if (err == OYEZ_OK)
        err = oyez_backup_segment_path(other, backup->next, segment->first, !segment->archived);
    return err == OYEZ_OK ? oyez_backup_remove(backup->disk, other) : err;
}

// A file that only grows: what was added to it.
static oyez_err stage_added(struct oyez_backup *backup, const char *name, uint64_t start,
                            uint64_t end)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    const struct oyez_backup_piece piece = {
        .from = from, .to = to, .start = start, .size = end - start};
    oyez_err err = oyez_disk_path(from, backup->from, name);

    if (err == OYEZ_OK)
        err = oyez_disk_path(to, backup->next, name);
    if (err == OYEZ_OK && end == start)
        return oyez_backup_remove(backup->disk, to);
    if (err == OYEZ_OK)
        err = oyez_backup_copy(backup->disk, &piece, &backup->progress, &backup->report->bytes);
    if (err == OYEZ_ERR_NOT_FOUND)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: no such file; oyez repair --rebuild-hashes makes it",
                        from);
    return err;
}

static oyez_err stage_hashes(struct oyez_backup *backup)
{
    char name[OYEZ_HASH_FILE_NAME_SIZE];
    uint64_t base = backup->has_before ? backup->before.records : 0;
    oyez_err err = OYEZ_OK;

    backup->after.base = base;
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; level++) {
        oyez_hash_file_name(name, level);
        err = stage_added(backup, name, oyez_tree_stored(base, level) * sizeof(struct oyez_hash),
                          oyez_tree_stored(backup->aim.size, level) * sizeof(struct oyez_hash));
    }
    return err;
}

static oyez_err end_of(const struct oyez_disk *disk, const char *path, uint64_t end, uint8_t *bytes,
                       size_t size, size_t *got)
{
    int fd = -1;
    oyez_err err = oyez_backup_open_file(disk, path, O_RDONLY, &fd);

    *got = 0;
    if (err != OYEZ_OK)
        return err;
    size = end < size ? (size_t)end : size;
    err = oyez_disk_read(disk, fd, path, bytes, size, end - size, got);
    disk->close(disk->context, fd);
    return err;
}

// Does the history go on from what the backup has of it? A repair may have made it anew.
static oyez_err goes_on(const struct oyez_backup *backup, const char *from, bool *yes)
{
    uint64_t end = backup->before.history_end;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t ours[4096] = {0}, theirs[4096] = {0};
    size_t our_size = 0, their_size = 0;
    oyez_err err = oyez_disk_path(path, backup->to, OYEZ_CHECKPOINT_HISTORY_FILE);

    *yes = false;
    if (!backup->has_before || end > backup->after.history_end)
        return OYEZ_OK;
    if (err == OYEZ_OK)
        err = end_of(backup->disk, path, end, ours, sizeof(ours), &our_size);
    if (err == OYEZ_OK)
        err = end_of(backup->disk, from, end, theirs, sizeof(theirs), &their_size);
    *yes = err == OYEZ_OK && our_size == their_size && memcmp(ours, theirs, our_size) == 0;
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static oyez_err stage_checkpoints(struct oyez_backup *backup)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    bool added = false;
    oyez_err err = oyez_disk_path(path, backup->from, OYEZ_CHECKPOINT_HISTORY_FILE);

    if (err == OYEZ_OK)
        err = goes_on(backup, path, &added);
    backup->after.history_start = added ? backup->before.history_end : 0;
    if (err == OYEZ_OK)
        err = stage_added(backup, OYEZ_CHECKPOINT_HISTORY_FILE, backup->after.history_start,
                          backup->after.history_end);
    if (err == OYEZ_OK)
        err = oyez_disk_path(path, backup->next, OYEZ_CHECKPOINT_FILE);
    if (err == OYEZ_OK)
        err = oyez_disk_replace(backup->disk, path, backup->note, backup->note_size);
    return err;
}

static oyez_err stage_consumers(struct oyez_backup *backup)
{
    char from[OYEZ_JOURNAL_PATH_SIZE], to[OYEZ_JOURNAL_PATH_SIZE];
    const struct oyez_backup_piece piece = {.from = from, .to = to, .size = UINT64_MAX};
    oyez_err err = oyez_disk_path(from, backup->from, OYEZ_BACKUP_CONSUMERS);

    if (err == OYEZ_OK)
        err = oyez_disk_path(to, backup->next, OYEZ_BACKUP_CONSUMERS);
    if (err == OYEZ_OK)
        err = oyez_backup_remove(backup->disk, to);
    if (err == OYEZ_OK)
        err = oyez_backup_copy(backup->disk, &piece, &backup->progress, &backup->report->bytes);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

oyez_err oyez_backup_stage(struct oyez_backup *backup)
{
    oyez_err err = oyez_backup_make_archive(backup->disk, backup->next, &backup->after);

    if (err == OYEZ_OK)
        err = stage_consumers(backup);
    for (size_t i = 0; i < backup->after.count && err == OYEZ_OK; i++)
        err = stage_segment(backup, i);
    if (err == OYEZ_OK)
        err = stage_hashes(backup);
    if (err == OYEZ_OK)
        err = stage_checkpoints(backup);
    return err;
}
