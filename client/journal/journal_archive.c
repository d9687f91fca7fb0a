// SPDX-License-Identifier: MIT
// A segment goes to the archive: compressed beside the writer, put in place by it.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "archive_file.h"
#include "journal_state.h"
#include "leaf.h"
#include "oyez/archive.h"
#include "oyez/disk.h"
#include "oyez/tiles.h"

#define ACT_SIZE 512u
#define HASHES 256u // read at once

// What is compared with the hash files.
struct leaves {
    const struct oyez_disk *disk;
    oyez_leaf_hasher *hasher;
    oyez_tiles *tiles;
    struct oyez_segment segment;
    struct oyez_scan scan;
    struct oyez_hash stored[HASHES];
    uint64_t first; // index of the first of them
    size_t count;
    uint64_t end; // index behind the segment
};

struct plain {
    const struct oyez_disk *disk;
    struct oyez_segment segment;
};

static oyez_err read_plain(void *arg, void *data, size_t size, uint64_t offset, size_t *got)
{
    struct plain *plain = arg;

    return oyez_segment_read(&plain->segment, plain->disk, data, size, offset, got);
}

static oyez_err load_hash(struct leaves *leaves, uint64_t index)
{
    if (index >= leaves->first && index < leaves->first + leaves->count)
        return OYEZ_OK;
    leaves->first = index;
    leaves->count = leaves->end - index < HASHES ? (size_t)(leaves->end - index) : HASHES;
    return oyez_tiles_read(leaves->tiles, 0, index, leaves->count, leaves->stored);
}

static oyez_err compare_leaf(struct leaves *leaves, const struct oyez_frame *frame)
{
    struct oyez_journal_record record;
    struct oyez_hash hash;

    oyez_frame_record(frame, &record);
    oyez_err err = oyez_leaf_hash_record(leaves->hasher, &record, hash.bytes);
    if (err == OYEZ_OK)
        err = load_hash(leaves, record.index);
    if (err == OYEZ_OK &&
        memcmp(&hash, &leaves->stored[record.index - leaves->first], sizeof(hash)) != 0)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "%s: record %" PRIu64 ": its leaf is not that of the hash files",
                        leaves->segment.name, record.index);
    return err;
}

static oyez_err compare_groups(struct leaves *leaves)
{
    struct oyez_scan_stop stop;
    struct oyez_group group;
    struct oyez_frame frame;
    oyez_err err;

    oyez_scan_begin(&leaves->scan, leaves->disk, &leaves->segment);
    while ((err = oyez_scan_next(&leaves->scan, &group, &stop)) == OYEZ_OK) {
        size_t at = 0;
        while (err == OYEZ_OK && oyez_scan_next_frame(&leaves->scan, &group, &at, &frame))
            err = compare_leaf(leaves, &frame);
        if (err != OYEZ_OK)
            return err;
    }
    if (err == OYEZ_ERR_NOT_FOUND)
        err = leaves->scan.sealed && leaves->scan.index == leaves->end
                  ? OYEZ_OK
                  : oyez_scan_fail(&leaves->scan, &stop);
    return err;
}

// Reads the segment as it was compressed.
static oyez_err compare_leaves(const oyez_journal *journal,
                               const struct oyez_archive_report *report)
{
    struct leaves leaves = {
        .disk = journal->disk, .segment = {.fd = -1}, .end = report->first_index + report->records};
    oyez_err err = oyez_segment_open_archived(&leaves.segment, journal->disk, journal->directory,
                                              report->first_index, ".new");

    if (err == OYEZ_OK)
        err = oyez_leaf_hasher_open(&leaves.hasher);
    if (err == OYEZ_OK)
        err = oyez_tiles_open(&leaves.tiles, journal->directory, journal->disk);
    if (err == OYEZ_OK)
        err = compare_groups(&leaves);
    oyez_scan_end(&leaves.scan);
    oyez_tiles_close(&leaves.tiles);
    oyez_leaf_hasher_close(&leaves.hasher);
    oyez_segment_close(&leaves.segment, journal->disk);
    return err;
}

static oyez_err open_sealed(struct plain *plain, const char *directory, uint64_t first_index,
                            struct oyez_archive_report *report)
{
    struct oyez_mark seal;
    uint64_t offset;
    oyez_err err =
        oyez_segment_open(&plain->segment, plain->disk, directory, first_index, O_RDONLY);

    if (err != OYEZ_OK)
        return err;
    if (plain->segment.archive != NULL)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "%s: is archived", plain->segment.name);
    err = oyez_segment_read_seal(&plain->segment, plain->disk, &seal, &offset);
    if (err == OYEZ_ERR_NOT_FOUND)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: is not sealed", plain->segment.name);
    *report = (struct oyez_archive_report){
        .first_index = first_index,
        .records = seal.index - first_index,
        .size = (uint64_t)oyez_segment_size(&plain->segment, plain->disk)};
    return err;
}

static oyez_err prepare(oyez_journal *journal, uint64_t first_index,
                        struct oyez_archive_report *report)
{
    struct plain plain = {.disk = journal->disk, .segment = {.fd = -1}};
    oyez_err err = open_sealed(&plain, journal->directory, first_index, report);

    if (err == OYEZ_OK)
        err = oyez_archive_write(journal->disk, journal->directory, first_index, read_plain, &plain,
                                 report->size, &report->packed);
    if (err == OYEZ_OK && journal->tree.kept) {
        err = compare_leaves(journal, report);
        if (err != OYEZ_OK)
            (void)oyez_archive_drop(journal->disk, journal->directory, first_index);
    }
    oyez_segment_close(&plain.segment, journal->disk);
    return err;
}

oyez_err oyez_journal_archive_prepare(oyez_journal *journal, uint64_t first_index,
                                      struct oyez_archive_report *report)
{
    pthread_mutex_lock(&journal->archive_lock);
    oyez_err err = prepare(journal, first_index, report);
    pthread_mutex_unlock(&journal->archive_lock);
    return err;
}

oyez_err oyez_journal_archive_forget(oyez_journal *journal, uint64_t first_index)
{
    return oyez_archive_drop(journal->disk, journal->directory, first_index);
}

oyez_err oyez_journal_forget_copies(oyez_journal *journal, uint64_t first_index)
{
    oyez_err err = oyez_archive_drop(journal->disk, journal->directory, first_index);

    return err == OYEZ_OK ? oyez_journal_drop_archived(journal, first_index) : err;
}

static void forget(oyez_journal *journal, uint64_t first_index)
{
    char detail[512];

    snprintf(detail, sizeof(detail), "%s", oyez_error_detail());
    (void)oyez_journal_forget_copies(journal, first_index);
    (void)oyez_fail(OYEZ_ERR_IO, "%s", detail);
}

static oyez_err archive_with_act(oyez_journal *journal, const struct oyez_archive_report *prepared,
                                 const char *by)
{
    struct oyez_unfinished unfinished = {.work = OYEZ_UNFINISHED_ARCHIVE,
                                         .segment = prepared->first_index};
    char text[ACT_SIZE];
    int size = snprintf(text, sizeof(text),
                        "records %" PRIu64 " %" PRIu64 "\nbytes %" PRIu64 " %" PRIu64 "\nby %s\n",
                        prepared->first_index, prepared->first_index + prepared->records - 1,
                        prepared->size, prepared->packed, by);
    struct oyez_journal_record act = {.kind = OYEZ_RECORD_ARCHIVED,
                                      .details = (const uint8_t *)text,
                                      .details_size = (size_t)size};

    return oyez_journal_do_act(journal, &unfinished, &act, 1);
}

static bool is_line(const char *by)
{
    size_t size = strlen(by);

    return size > 0 && size < ACT_SIZE / 2 && strpbrk(by, "\r\n") == NULL;
}

oyez_err oyez_journal_archive(oyez_journal *journal, const struct oyez_archive_report *prepared,
                              const char *by)
{
    oyez_err err = oyez_journal_check_failed(journal);

    if (err == OYEZ_OK && by != NULL && !is_line(by))
        err = oyez_fail(OYEZ_ERR_INVALID, "by whom: a line of text, up to %u bytes", ACT_SIZE / 2);
    if (err != OYEZ_OK)
        return err;
    // Where the archive cannot be written, the journal itself goes on.
    err = oyez_archive_put(journal->disk, journal->directory, prepared->first_index);
    if (err != OYEZ_OK) {
        forget(journal, prepared->first_index);
        return err;
    }
    return by != NULL ? archive_with_act(journal, prepared, by)
                      : oyez_journal_drop_plain(journal, prepared->first_index);
}

// Whether the archived file is the segment whose plain file may go, which may have got back the zeros
// behind its seal since.
static bool is_whole(oyez_journal *journal, const struct oyez_segment *plain)
{
    const struct oyez_disk *disk = journal->disk;
    struct oyez_segment archived = {.fd = -1};
    struct oyez_mark seal = {.index = 0}, archived_seal = {.index = 0};
    uint64_t end = 0, archived_end = 0;
    oyez_err err = oyez_segment_open_archived(&archived, disk, journal->directory,
                                              plain->header.first_index, "");

    if (err == OYEZ_OK)
        err = oyez_segment_read_seal(plain, disk, &seal, &end);
    if (err == OYEZ_OK)
        err = oyez_segment_read_seal(&archived, disk, &archived_seal, &archived_end);
    bool whole = err == OYEZ_OK && archived.header.sum == plain->header.sum &&
                 archived_end == end && archived_seal.chain == seal.chain;
    oyez_segment_close(&archived, disk);
    return whole;
}

static oyez_err refresh(oyez_journal *journal)
{
    return journal->has_sealed ? oyez_segments_refresh(&journal->sealed) : OYEZ_OK;
}

oyez_err oyez_journal_drop_plain(oyez_journal *journal, uint64_t segment)
{
    const struct oyez_disk *disk = journal->disk;
    struct oyez_segment plain = {.fd = -1};
    oyez_err err = oyez_segment_open(&plain, disk, journal->directory, segment, O_RDONLY);

    if (err == OYEZ_OK && plain.archive == NULL && is_whole(journal, &plain)) {
        if (disk->unlink(disk->context, plain.path) != 0)
            err = oyez_disk_fail(plain.path, "removing");
        else
            err = oyez_disk_sync_name(disk, plain.path);
    }
    oyez_segment_close(&plain, disk);
    return err == OYEZ_OK ? refresh(journal) : err;
}

oyez_err oyez_journal_drop_archived(oyez_journal *journal, uint64_t segment)
{
    const struct oyez_disk *disk = journal->disk;
    struct oyez_segment plain = {.fd = -1};
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_segment_open(&plain, disk, journal->directory, segment, O_RDONLY);

    if (err == OYEZ_OK && plain.archive == NULL)
        err = oyez_archive_path(path, journal->directory, segment, "");
    if (err == OYEZ_OK && plain.archive == NULL) {
        if (disk->unlink(disk->context, path) == 0)
            err = oyez_disk_sync_name(disk, path);
        else if (errno != ENOENT)
            err = oyez_disk_fail(path, "removing");
    }
    oyez_segment_close(&plain, disk);
    return err == OYEZ_OK ? refresh(journal) : err;
}

// What a crash left of archiving: half-made files, and copies of what still has its plain file.
struct sweep {
    oyez_journal *journal;
    bool removed;
};

static void remove_one(struct sweep *sweep, uint64_t first_index, const char *more)
{
    const struct oyez_disk *disk = sweep->journal->disk;
    char path[OYEZ_JOURNAL_PATH_SIZE];

    if (oyez_archive_path(path, sweep->journal->directory, first_index, more) == OYEZ_OK &&
        disk->unlink(disk->context, path) == 0)
        sweep->removed = true;
}

static bool has_plain(const oyez_journal *journal, uint64_t first_index)
{
    const struct oyez_disk *disk = journal->disk;
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];

    oyez_segment_name(name, first_index, ".seg");
    if (oyez_disk_path(path, journal->directory, name) != OYEZ_OK)
        return false;
    int fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (fd >= 0)
        disk->close(disk->context, fd);
    return fd >= 0;
}

static int sweep_name(void *arg, const char *name)
{
    struct sweep *sweep = arg;
    uint64_t first;

    if (oyez_segment_parse_name(name, OYEZ_JOURNAL_ARCHIVE_SUFFIX ".new", &first))
        remove_one(sweep, first, ".new");
    else if (oyez_segment_parse_name(name, OYEZ_JOURNAL_ARCHIVE_SUFFIX, &first) &&
             has_plain(sweep->journal, first))
        remove_one(sweep, first, "");
    return 0;
}

oyez_err oyez_journal_sweep_archive(oyez_journal *journal)
{
    const struct oyez_disk *disk = journal->disk;
    struct sweep sweep = {.journal = journal};
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, journal->directory, OYEZ_JOURNAL_ARCHIVE);

    if (err != OYEZ_OK)
        return err;
    if (disk->list(disk->context, path, sweep_name, &sweep) != 0)
        return errno == ENOENT ? OYEZ_OK : oyez_disk_fail(path, "listing");
    if (sweep.removed && disk->sync_directory(disk->context, path) != 0)
        return oyez_disk_fail(path, "syncing the directory");
    return OYEZ_OK;
}
