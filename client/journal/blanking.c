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

#include "blanking_archive.h"
#include "erasures.h"
#include "journal_state.h"
#include "oyez/disk.h"

// Whoever makes an index holds its segment's lock for some milliseconds.
#define LOCK_PAUSE_NS 1000000
#define LOCK_TRIES 10000u
#define FRAME_SIZE 4096u // most frames; a larger one is read again

// The records of one segment.
struct blanking {
    oyez_journal *journal;
    struct oyez_segment segment;
    uint8_t *frame;
    struct oyez_blanking_patch *patches; // of an archived segment
    size_t patch_count;
    bool changed; // not all of them were blanks
};

static oyez_err damaged(const struct blanking *blanking, uint64_t offset, const char *what)
{
    return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": %s", blanking->segment.name, offset,
                     what);
}

static oyez_err read_frame(struct blanking *blanking, uint64_t offset, struct oyez_frame *frame,
                           enum oyez_frame_fault *fault)
{
    const struct oyez_segment *segment = &blanking->segment;
    size_t wanted = FRAME_SIZE, got = 0;

    for (;;) {
        oyez_err err = oyez_segment_read(segment, blanking->journal->disk, blanking->frame, wanted,
                                         offset, &got);
        if (err != OYEZ_OK)
            return err;
        *fault = oyez_frame_parse(frame, blanking->frame, got, segment->header.sum);
        if (*fault != OYEZ_FRAME_SHORT || got < wanted || frame->size <= wanted)
            return OYEZ_OK;
        wanted = frame->size;
    }
}

// The body may be half a blank already: the head alone says where it is.
static oyez_err read_head(struct blanking *blanking, uint64_t offset, uint64_t index,
                          struct oyez_frame *frame)
{
    enum oyez_frame_fault fault = OYEZ_FRAME_OK;
    oyez_err err = OYEZ_OK;

    if (blanking->frame == NULL)
        blanking->frame = malloc(OYEZ_FRAME_MAX);
    if (blanking->frame == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "blanking a record");
    err = read_frame(blanking, offset, frame, &fault);
    if (err != OYEZ_OK)
        return err;
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
        blanking->changed = blanking->changed || !record.erased;
    }
    oyez_frame_blank(blanking->frame, &frame, blank->commitment, segment->header.sum);
    if (segment->archive != NULL) {
        blanking->patches[blanking->patch_count++] = oyez_blanking_patch_make(&frame, offset);
        return OYEZ_OK;
    }
    // A blank too: a failed sync may have left it in memory alone.
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

static oyez_err open_segment(struct blanking *blanking, uint64_t first)
{
    const struct oyez_disk *disk = blanking->journal->disk;
    const char *directory = blanking->journal->directory;
    oyez_err err = oyez_segment_open(&blanking->segment, disk, directory, first, O_RDONLY);

    if (err == OYEZ_OK && blanking->segment.archive == NULL) {
        oyez_segment_close(&blanking->segment, disk);
        err = oyez_segment_open(&blanking->segment, disk, directory, first, O_RDWR);
    }
    blanking->patch_count = 0;
    blanking->changed = false;
    return err == OYEZ_OK ? oyez_journal_lock_index(disk, &blanking->segment) : err;
}

static oyez_err make_safe(struct blanking *blanking)
{
    oyez_journal *journal = blanking->journal;
    const struct oyez_disk *disk = journal->disk;
    const struct oyez_segment *segment = &blanking->segment;

    if (segment->archive == NULL && disk->fdatasync(disk->context, segment->fd) != 0)
        return oyez_disk_fail(segment->path, "syncing");
    if (segment->archive == NULL) // behind the blanking: what is compressed from now on has it
        return oyez_journal_forget_copies(journal, segment->header.first_index);
    if (!blanking->changed)
        return OYEZ_OK;
    oyez_err err = oyez_blanking_rewrite(disk, journal->directory, segment, blanking->patches,
                                         blanking->patch_count);
    return err == OYEZ_OK && journal->has_sealed ? oyez_segments_refresh(&journal->sealed) : err;
}

// Blanks the records from number `from` on that lie in one segment, and tells how many they are.
static oyez_err blank_segment(struct blanking *blanking, const struct oyez_unfinished *unfinished,
                              size_t from, size_t *done)
{
    uint64_t segment, next, offset;
    oyez_err err =
        oyez_journal_locate(blanking->journal, unfinished->blanks[from].index, &segment, &offset);

    *done = 0;
    if (err == OYEZ_OK)
        err = open_segment(blanking, segment);
    for (; err == OYEZ_OK && from + *done < unfinished->count; ++*done) {
        const struct oyez_unfinished_blank *blank = &unfinished->blanks[from + *done];
        err = oyez_journal_locate(blanking->journal, blank->index, &next, &offset);
        if (err != OYEZ_OK || next != segment)
            break;
        err = blank_one(blanking, blank, offset);
    }
    if (err == OYEZ_OK)
        err = make_safe(blanking);
    if (err == OYEZ_OK)
        err = drop_index(blanking);
    oyez_segment_close(&blanking->segment, blanking->journal->disk);
    return err;
}

oyez_err oyez_journal_blank(oyez_journal *journal, const struct oyez_unfinished *unfinished)
{
    const struct oyez_disk *disk = journal->disk;
    struct blanking blanking = {.journal = journal, .segment = {.fd = -1}};
    oyez_err err = OYEZ_OK;
    size_t done;

    blanking.patches = calloc(unfinished->count + 1, sizeof(*blanking.patches));
    if (blanking.patches == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "blanking %zu records", unfinished->count);
    for (size_t i = 0; err == OYEZ_OK && i < unfinished->count; i += done)
        err = blank_segment(&blanking, unfinished, i, &done);
    free(blanking.frame);
    free(blanking.patches);
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
