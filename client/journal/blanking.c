// SPDX-License-Identifier: MIT
// Records lose what they hold, where they lie: one write over each frame, which leaves its head, its leaf
// and its place as they were.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#include "erasures.h"
#include "journal_state.h"
#include "oyez/disk.h"

// Whoever makes an index holds its segment's lock for some milliseconds.
#define LOCK_PAUSE_NS 1000000
#define LOCK_TRIES 10000u

// The records of one segment.
struct blanking {
    oyez_journal *journal;
    struct oyez_segment segment;
    uint8_t *frame;
    size_t room;
};

static oyez_err damaged(const struct blanking *blanking, uint64_t offset, const char *what)
{
    return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": %s", blanking->segment.name, offset,
                     what);
}

// The body may be half a blank already: the head alone says where it is.
static oyez_err read_head(struct blanking *blanking, uint64_t offset, uint64_t index,
                          struct oyez_frame *frame)
{
    const struct oyez_segment *segment = &blanking->segment;
    size_t got = 0;

    if (blanking->frame == NULL) {
        blanking->frame = malloc(OYEZ_FRAME_MAX);
        if (blanking->frame == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "blanking a record");
    }
    oyez_err err = oyez_disk_read(blanking->journal->disk, segment->fd, segment->path,
                                  blanking->frame, OYEZ_FRAME_MAX, offset, &got);
    if (err != OYEZ_OK)
        return err;
    enum oyez_frame_fault fault =
        oyez_frame_parse(frame, blanking->frame, got, segment->header.sum);
    if (fault == OYEZ_FRAME_OK && frame->index != index)
        fault = OYEZ_FRAME_ORDER;
    if (fault == OYEZ_FRAME_OK && frame->kind != OYEZ_RECORD_EVENT &&
        frame->kind != OYEZ_RECORD_PERSONAL_EVENT)
        return damaged(blanking, offset, "is to be erased, and is no event");
    return fault == OYEZ_FRAME_OK ? OYEZ_OK
                                  : damaged(blanking, offset, oyez_frame_fault_text(fault));
}

static oyez_err blank_one(struct blanking *blanking, const struct oyez_unfinished_blank *blank,
                          uint64_t offset)
{
    const struct oyez_segment *segment = &blanking->segment;
    const struct oyez_disk *disk = blanking->journal->disk;
    struct oyez_journal_record record;
    struct oyez_frame frame;
    uint8_t commitment[OYEZ_LEAF_HASH_SIZE];
    oyez_err err = read_head(blanking, offset, blank->index, &frame);

    if (err != OYEZ_OK)
        return err;
    if (oyez_frame_check_body(&frame, segment->header.sum) == OYEZ_FRAME_OK) {
        oyez_frame_record(&frame, &record);
        err = oyez_leaf_commit(blanking->journal->hasher, &record, commitment);
        if (err != OYEZ_OK)
            return err;
        if (memcmp(commitment, blank->commitment, sizeof(commitment)) != 0)
            return damaged(blanking, offset, "is not what was to be erased");
        // Written again all the same: a failed sync may have left it in memory alone.
    }
    oyez_frame_blank(blanking->frame, &frame, blank->commitment, segment->header.sum);
    return oyez_disk_write(disk, segment->fd, segment->path, blanking->frame, frame.size, offset);
}

// An index names what its events named. Whoever makes one holds this lock meanwhile, and looks whether
// something was erased since it read the segment.
static oyez_err drop_index(struct blanking *blanking)
{
    static const char *const suffixes[] = {".idx", ".idx.new"};
    const struct oyez_disk *disk = blanking->journal->disk;
    char name[OYEZ_SEGMENT_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        oyez_segment_name(name, blanking->segment.header.first_index, suffixes[i]);
        oyez_err err = oyez_disk_path(path, blanking->journal->directory, name);
        if (err != OYEZ_OK)
            return err;
        if (disk->unlink(disk->context, path) != 0 && errno != ENOENT)
            return oyez_disk_fail(path, "removing");
    }
    return OYEZ_OK;
}

// Blanks the records from number `from` on that lie in one segment, and tells how many they are.
static oyez_err blank_segment(struct blanking *blanking, const struct oyez_unfinished *unfinished,
                              size_t from, size_t *done)
{
    const struct oyez_disk *disk = blanking->journal->disk;
    uint64_t segment, next, offset;
    oyez_err err =
        oyez_journal_locate(blanking->journal, unfinished->blanks[from].index, &segment, &offset);

    if (err == OYEZ_OK)
        err = oyez_segment_open(&blanking->segment, disk, blanking->journal->directory, segment,
                                O_RDWR);
    if (err != OYEZ_OK)
        return err;
    err = oyez_journal_lock_index(disk, &blanking->segment);
    for (*done = 0; err == OYEZ_OK && from + *done < unfinished->count; ++*done) {
        const struct oyez_unfinished_blank *blank = &unfinished->blanks[from + *done];
        err = oyez_journal_locate(blanking->journal, blank->index, &next, &offset);
        if (err != OYEZ_OK || next != segment)
            break;
        err = blank_one(blanking, blank, offset);
    }
    if (err == OYEZ_OK && disk->fdatasync(disk->context, blanking->segment.fd) != 0)
        err = oyez_disk_fail(blanking->segment.path, "syncing");
    if (err == OYEZ_OK)
        err = drop_index(blanking);
    if (err == OYEZ_OK) // behind the blanking: what is compressed from now on is without it
        err = oyez_journal_forget_copies(blanking->journal, segment);
    oyez_segment_close(&blanking->segment, disk);
    return err;
}

oyez_err oyez_journal_blank(oyez_journal *journal, const struct oyez_unfinished *unfinished)
{
    const struct oyez_disk *disk = journal->disk;
    struct blanking blanking = {.journal = journal, .segment = {.fd = -1}};
    oyez_err err = OYEZ_OK;
    size_t done;

    for (size_t i = 0; err == OYEZ_OK && i < unfinished->count; i += done)
        err = blank_segment(&blanking, unfinished, i, &done);
    free(blanking.frame);
    if (err == OYEZ_OK && disk->sync_directory(disk->context, journal->directory) != 0)
        err = oyez_disk_fail(journal->directory, "syncing the directory");
    return err == OYEZ_OK ? oyez_erasures_note(disk, journal->directory, unfinished->act) : err;
}

oyez_err oyez_journal_lock_index(const struct oyez_disk *disk, const struct oyez_segment *segment)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};

    for (unsigned i = 0; i < LOCK_TRIES; i++) {
        if (disk->flock(disk->context, segment->fd, LOCK_EX | LOCK_NB) == 0)
            return OYEZ_OK;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return oyez_disk_fail(segment->path, "locking");
        nanosleep(&pause, NULL);
    }
    return oyez_fail(OYEZ_ERR_LOCKED, "%s: its index is being made, for long", segment->path);
}
