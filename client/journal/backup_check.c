// SPDX-License-Identifier: MIT
// What was copied is read again: every leaf is held against its hash, and the tree that goes on from
// what the backup had before has to have the root of the aim.
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup_state.h"
#include "leaf.h"
#include "oyez/disk.h"
#include "oyez/tiles.h"
#include "scan.h"

#define HASHES 4096u // read at once

struct check {
    const struct oyez_backup *backup;
    oyez_leaf_hasher *hasher;
    oyez_tiles *tiles; // of the journal
    struct oyez_tree tree;
    struct oyez_hash *hashes; // those of records from `first` on
    uint64_t first;
    size_t count;
};

static oyez_err find_hash(struct check *check, uint64_t index, const struct oyez_hash **out)
{
    oyez_err err = OYEZ_OK;

    if (index < check->first || index >= check->first + check->count) {
        uint64_t rest = check->backup->aim.size - index;
        check->first = index;
        check->count = rest < HASHES ? (size_t)rest : HASHES;
        err = oyez_tiles_read(check->tiles, 0, index, check->count, check->hashes);
    }
    *out = err == OYEZ_OK ? &check->hashes[index - check->first] : NULL;
    if (err != OYEZ_OK)
        check->count = 0;
    return err;
}

static oyez_err check_record(struct check *check, const struct oyez_segment *segment,
                             const struct oyez_frame *frame)
{
    struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS];
    struct oyez_journal_record record;
    const struct oyez_hash *expected;
    struct oyez_hash hash = {.bytes = {0}};
    unsigned count;

    if (frame->index >= check->backup->aim.size)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: goes beyond the checkpoint", segment->path);
    oyez_frame_record(frame, &record);
    oyez_err err = oyez_leaf_hash_record(check->hasher, &record, hash.bytes);
    if (err == OYEZ_OK)
        err = find_hash(check, frame->index, &expected);
    if (err == OYEZ_OK && memcmp(&hash, expected, sizeof(hash)) != 0)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "%s: record %" PRIu64 " is not the one that hash.L0 has; look at the "
                        "journal with oyez verify",
                        segment->path, frame->index);
    if (err == OYEZ_OK && frame->index == check->tree.size)
        err = oyez_tree_append(check->hasher, &check->tree, &hash, stored, &count);
    return err;
}

static oyez_err check_segment(struct check *check, size_t i, struct oyez_backup_progress *progress)
{
    const struct oyez_backup_segment *listed = &check->backup->after.segments[i];
    const struct oyez_disk *disk = check->backup->disk;
    bool last = i + 1 == check->backup->after.count;
    uint64_t end = last ? check->backup->aim.size : listed[1].first;
    struct oyez_segment segment = {.fd = -1};
    struct oyez_scan scan = {0};
    struct oyez_scan_stop stop;
    struct oyez_group group;
    struct oyez_frame frame;
    oyez_err err = oyez_segment_open(&segment, disk, check->backup->next, listed->first, O_RDONLY);

    if (err != OYEZ_OK)
        return err;
    oyez_scan_begin(&scan, disk, &segment);
    while (err == OYEZ_OK && (err = oyez_scan_next(&scan, &group, &stop)) == OYEZ_OK) {
        size_t at = 0;
        while (err == OYEZ_OK && oyez_scan_next_frame(&scan, &group, &at, &frame))
            err = check_record(check, &segment, &frame);
    }
    if (err == OYEZ_ERR_NOT_FOUND && stop.fault != OYEZ_FRAME_NONE)
        err = oyez_scan_fail(&scan, &stop);
    else if (err == OYEZ_ERR_NOT_FOUND && (scan.index != end || (!last && !scan.sealed)))
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: ends with record %" PRIu64 " instead of %" PRIu64,
                        segment.path, scan.index, end);
    progress->done += listed->size;
    if (progress->tell != NULL && progress->done <= progress->all)
        progress->tell(progress->arg, progress->done, progress->all);
    oyez_scan_end(&scan);
    oyez_segment_close(&segment, disk);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

// The edge of the tree that is believed: that of the backup before, or of what has expired.
static oyez_err begin(struct check *check)
{
    const struct oyez_backup *backup = check->backup;
    uint64_t first = backup->after.segments[0].first;
    uint64_t base = backup->after.base;
    bool own = base > 0 && base >= first;
    oyez_tiles *before = NULL;
    oyez_err err = OYEZ_OK;

    if (own)
        err = oyez_tiles_open(&before, backup->to, backup->disk);
    const struct oyez_tree_source source = {oyez_tiles_read, own ? before : check->tiles,
                                            check->hasher};
    if (err == OYEZ_OK)
        err = oyez_tree_load(&source, own ? base : first, &check->tree);
    oyez_tiles_close(&before);
    return err;
}

static oyez_err end(const struct check *check)
{
    const struct oyez_checkpoint *aim = &check->backup->aim;
    struct oyez_hash root;
    oyez_err err = oyez_tree_root(check->hasher, &check->tree, &root);

    if (err == OYEZ_OK &&
        (check->tree.size != aim->size || memcmp(&root, &aim->root, sizeof(root)) != 0))
        err =
            oyez_fail(OYEZ_ERR_CORRUPT,
                      "%s: the copy is not what its checkpoint covers, or does not go on from the "
                      "backup; look at the journal with oyez verify",
                      check->backup->from);
    return err;
}

oyez_err oyez_backup_check(struct oyez_backup *backup)
{
    struct check check = {.backup = backup};
    oyez_err err = oyez_leaf_hasher_open(&check.hasher);

    check.hashes = malloc(HASHES * sizeof(*check.hashes));
    if (err == OYEZ_OK && check.hashes == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "checking the copy");
    if (err == OYEZ_OK)
        err = oyez_tiles_open(&check.tiles, backup->from, backup->disk);
    if (err == OYEZ_OK)
        err = begin(&check);
    for (size_t i = 0; i < backup->after.count && err == OYEZ_OK; i++)
        if (backup->after.segments[i].needed)
            err = check_segment(&check, i, &backup->progress);
    if (err == OYEZ_OK)
        err = end(&check);
    oyez_tiles_close(&check.tiles);
    oyez_leaf_hasher_close(&check.hasher);
    free(check.hashes);
    return err;
}
