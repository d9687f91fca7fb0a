// SPDX-License-Identifier: MIT
// Every checkpoint is held against the tree at its size. Where all roots are right, all of them
// are consistent with each other too: each is the root of a beginning of the one tree.
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint_history.h"
#include "oyez/disk.h"
#include "segment.h"
#include "verify_state.h"

static oyez_err read_note(struct oyez_checkpoint *out, const char *bytes, size_t size)
{
    struct oyez_note note;
    oyez_err err = oyez_note_parse(&note, bytes, size);

    return err == OYEZ_OK ? oyez_checkpoint_read(out, note.text, note.text_size) : err;
}

static oyez_err load_file(const struct oyez_verify_checkpoints *checkpoints,
                          struct oyez_checkpoint *out)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    char *note = malloc(OYEZ_NOTE_SIZE_MAX);
    size_t size;
    oyez_err err = note != NULL ? oyez_disk_path(path, checkpoints->directory, OYEZ_CHECKPOINT_FILE)
                                : oyez_fail(OYEZ_ERR_NO_MEMORY, "newest checkpoint");

    if (err == OYEZ_OK)
        err = oyez_disk_load(checkpoints->disk, path, note, OYEZ_NOTE_SIZE_MAX, &size);
    if (err == OYEZ_OK)
        err = read_note(out, note, size);
    free(note);
    return err;
}

// Where the next one is to be compared.
static void set_due(struct oyez_verify_checkpoints *checkpoints)
{
    checkpoints->due = UINT64_MAX;
    if (checkpoints->has_next)
        checkpoints->due = checkpoints->next.checkpoint.size;
    if (checkpoints->outside_at < checkpoints->outside_count &&
        checkpoints->outside[checkpoints->outside_at].checkpoint.size < checkpoints->due)
        checkpoints->due = checkpoints->outside[checkpoints->outside_at].checkpoint.size;
}

static oyez_err end_history(struct oyez_verify_checkpoints *checkpoints, oyez_err err,
                            uint64_t torn)
{
    const struct oyez_verify_report *report = checkpoints->report;

    checkpoints->has_next = false;
    if (err == OYEZ_ERR_CORRUPT)
        oyez_verify_tell_history(report, checkpoints->last,
                                 "%s; the checkpoints behind it are not judged",
                                 oyez_error_detail());
    else if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    else if (torn > 0)
        oyez_verify_tell_derived(report, OYEZ_CHECKPOINT_HISTORY_FILE, 0, checkpoints->last,
                                 "%" PRIu64 " bytes of an entry that was not finished", torn);
    return OYEZ_OK;
}

// The next entry of the history that can wait for the tree.
static oyez_err read_next(struct oyez_verify_checkpoints *checkpoints)
{
    const struct oyez_verify_report *report = checkpoints->report;
    struct oyez_checkpoint_entry entry;
    uint64_t torn;

    checkpoints->has_next = false;
    while (checkpoints->history != NULL && !checkpoints->has_next) {
        oyez_err err = oyez_checkpoint_history_next(checkpoints->history, &entry, &torn);
        if (err != OYEZ_OK)
            return end_history(checkpoints, err, torn);
        if (entry.offset >= checkpoints->history_limit)
            return OYEZ_OK; // made since
        struct oyez_checkpoint *next = &checkpoints->next.checkpoint;
        err = read_note(next, entry.note, entry.note_size);
        report->verdict->checkpoints++;
        checkpoints->next.file = OYEZ_CHECKPOINT_HISTORY_FILE;
        checkpoints->next.offset = entry.offset;
        if (err != OYEZ_OK) {
            oyez_verify_tell(report, OYEZ_CHECKPOINT_HISTORY_FILE, entry.offset, checkpoints->last,
                             "no checkpoint: %s", oyez_error_detail());
        } else if (next->size < checkpoints->last) {
            oyez_verify_tell(report, OYEZ_CHECKPOINT_HISTORY_FILE, entry.offset, next->size,
                             "a checkpoint over %" PRIu64 " records stands behind one over %" PRIu64
                             ": an old one was put in again",
                             next->size, checkpoints->last);
        } else {
            checkpoints->has_next = true;
            checkpoints->before = checkpoints->last;
            checkpoints->last = next->size;
            checkpoints->last_root = next->root;
            memcpy(report->verdict->origin, next->origin, sizeof(report->verdict->origin));
        }
    }
    return OYEZ_OK;
}

static oyez_err open_history(struct oyez_verify_checkpoints *checkpoints)
{
    const struct oyez_disk *disk = checkpoints->disk;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, checkpoints->directory, OYEZ_CHECKPOINT_HISTORY_FILE);

    if (err == OYEZ_OK)
        err = oyez_checkpoint_history_open(&checkpoints->history, checkpoints->directory, disk);
    if (err == OYEZ_OK) {
        int fd = disk->open(disk->context, path, O_RDONLY, 0);
        off_t size = fd >= 0 ? disk->size(disk->context, fd) : -1;
        if (size < 0)
            err = oyez_disk_fail(path, "asking for its size");
        checkpoints->history_limit = size > 0 ? (uint64_t)size : 0;
        if (fd >= 0)
            disk->close(disk->context, fd);
        return err == OYEZ_OK ? read_next(checkpoints) : err;
    }
    if (err == OYEZ_ERR_NOT_FOUND && !checkpoints->has_file)
        return OYEZ_OK;
    if (err != OYEZ_ERR_NOT_FOUND && err != OYEZ_ERR_CORRUPT && err != OYEZ_ERR_VERSION)
        return err;
    oyez_verify_tell_history(checkpoints->report, 0, "%s",
                             err == OYEZ_ERR_NOT_FOUND ? "the history of checkpoints is missing"
                                                       : oyez_error_detail());
    return OYEZ_OK;
}

static int compare_sizes(const void *a, const void *b)
{
    const struct oyez_verify_awaited *x = a, *y = b;

    return (x->checkpoint.size > y->checkpoint.size) - (x->checkpoint.size < y->checkpoint.size);
}

static oyez_err add_outside(struct oyez_verify_checkpoints *checkpoints)
{
    const struct oyez_journal_verify_options *options = checkpoints->report->options;

    // One more for the directory's own newest.
    checkpoints->outside = calloc(options->outside_count + 1, sizeof(*checkpoints->outside));
    if (checkpoints->outside == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "checkpoints");
    for (size_t i = 0; i < options->outside_count; i++) {
        struct oyez_verify_awaited *next = &checkpoints->outside[checkpoints->outside_count];
        if (read_note(&next->checkpoint, options->outside[i].note, options->outside[i].note_size) !=
            OYEZ_OK) {
            oyez_verify_tell(checkpoints->report, options->outside[i].name, 0, 0,
                             "no checkpoint: %s", oyez_error_detail());
            continue;
        }
        next->file = options->outside[i].name;
        next->outside = true;
        checkpoints->outside_count++;
    }
    if (checkpoints->has_file)
        checkpoints->outside[checkpoints->outside_count++] = (struct oyez_verify_awaited){
            .checkpoint = checkpoints->file, .file = OYEZ_CHECKPOINT_FILE};
    qsort(checkpoints->outside, checkpoints->outside_count, sizeof(*checkpoints->outside),
          compare_sizes);
    return OYEZ_OK;
}

oyez_err oyez_verify_checkpoints_open(struct oyez_verify_checkpoints *checkpoints,
                                      const struct oyez_verify_report *report,
                                      const char *directory, const struct oyez_disk *disk)
{
    checkpoints->report = report;
    checkpoints->directory = directory;
    checkpoints->disk = disk;
    oyez_err err = load_file(checkpoints, &checkpoints->file);
    checkpoints->has_file = err == OYEZ_OK;
    if (err == OYEZ_ERR_NO_MEMORY || err == OYEZ_ERR_IO)
        return err;
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND)
        oyez_verify_tell_derived(report, OYEZ_CHECKPOINT_FILE, 0, 0,
                                 "%s; the history has the newest, and it can be made again",
                                 oyez_error_detail());
    if (checkpoints->has_file)
        memcpy(report->verdict->origin, checkpoints->file.origin, sizeof(report->verdict->origin));
    err = open_history(checkpoints);
    if (err == OYEZ_OK)
        err = add_outside(checkpoints);
    set_due(checkpoints);
    return err;
}

// Another root: everything behind it has another one too, so it is said once of the journal's own.
static void tell_wrong(struct oyez_verify_checkpoints *checkpoints,
                       const struct oyez_verify_awaited *at)
{
    const struct oyez_journal_verdict *verdict = checkpoints->report->verdict;
    uint64_t size = at->checkpoint.size;

    if (at->outside)
        oyez_verify_tell(checkpoints->report, at->file, 0, verdict->covered,
                         "the journal was rebuilt or cut: this checkpoint vouches for another "
                         "beginning of %" PRIu64 " records than the journal has",
                         size);
    else if (!checkpoints->wrong)
        oyez_verify_tell(checkpoints->report, at->file, at->offset, verdict->covered,
                         "the checkpoint over %" PRIu64
                         " records has another root: one of the records %" PRIu64 " to %" PRIu64
                         " was changed, removed, added or moved",
                         size, verdict->covered, size - 1);
    checkpoints->wrong = checkpoints->wrong || !at->outside;
}

static void compare(struct oyez_verify_checkpoints *checkpoints,
                    const struct oyez_verify_awaited *at, const struct oyez_hash *root)
{
    struct oyez_journal_verdict *verdict = checkpoints->report->verdict;

    if (memcmp(&at->checkpoint.root, root, sizeof(*root)) != 0) {
        tell_wrong(checkpoints, at);
    } else if (at->outside) {
        verdict->outside++;
        verdict->outside_records = at->checkpoint.size;
    } else {
        verdict->covered = at->checkpoint.size;
    }
}

oyez_err oyez_verify_checkpoints_reach(struct oyez_verify_checkpoints *checkpoints,
                                       oyez_leaf_hasher *hasher, const struct oyez_tree *tree)
{
    struct oyez_hash root;
    oyez_err err = OYEZ_OK;

    if (tree->size < checkpoints->due)
        return OYEZ_OK;
    err = oyez_tree_root(hasher, tree, &root);
    while (err == OYEZ_OK && checkpoints->has_next &&
           checkpoints->next.checkpoint.size <= tree->size) {
        compare(checkpoints, &checkpoints->next, &root);
        err = read_next(checkpoints);
    }
    while (checkpoints->outside_at < checkpoints->outside_count &&
           checkpoints->outside[checkpoints->outside_at].checkpoint.size <= tree->size)
        compare(checkpoints, &checkpoints->outside[checkpoints->outside_at++], &root);
    set_due(checkpoints);
    return err;
}

static void tell_unreached(struct oyez_verify_checkpoints *checkpoints,
                           const struct oyez_verify_awaited *at, uint64_t size, bool broken)
{
    if (broken && (at->outside || !checkpoints->wrong))
        oyez_verify_tell(checkpoints->report, at->file, at->offset, size,
                         "not judged: it covers %" PRIu64 " records, and record %" PRIu64
                         " cannot be read, nor its hash",
                         at->checkpoint.size, size);
    else if (at->outside)
        oyez_verify_tell(checkpoints->report, at->file, 0, size,
                         "the journal was rebuilt or cut: this checkpoint covers %" PRIu64
                         " records, the journal holds %" PRIu64,
                         at->checkpoint.size, size);
    else if (!checkpoints->wrong)
        oyez_verify_tell(checkpoints->report, at->file, at->offset, size,
                         "the checkpoint covers %" PRIu64 " records, the journal holds %" PRIu64
                         ": its end was lost or removed",
                         at->checkpoint.size, size);
    checkpoints->wrong = checkpoints->wrong || !at->outside;
}

static void tell_replaced(const struct oyez_verify_checkpoints *checkpoints)
{
    oyez_verify_tell(checkpoints->report, OYEZ_CHECKPOINT_FILE, 0, checkpoints->file.size,
                     "an old checkpoint, over %" PRIu64
                     " records, was put in the place of the newest, over %" PRIu64,
                     checkpoints->file.size, checkpoints->last);
}

// The history is synced before the file is put in its place: a crash leaves it one behind, never
// ahead, and never further back.
static void compare_file(struct oyez_verify_checkpoints *checkpoints)
{
    const struct oyez_verify_report *report = checkpoints->report;
    struct oyez_checkpoint now;

    if (checkpoints->history == NULL)
        return;
    if (!checkpoints->has_file) {
        if (report->verdict->checkpoints > 0)
            oyez_verify_tell_derived(report, OYEZ_CHECKPOINT_FILE, 0, checkpoints->last,
                                     "is missing or damaged; it can be made from the history");
        return;
    }
    if (checkpoints->file.size > checkpoints->last)
        oyez_verify_tell_history(report, checkpoints->last,
                                 "ends with a checkpoint over %" PRIu64
                                 " records, and there is one over %" PRIu64 ": the history was cut",
                                 checkpoints->last, checkpoints->file.size);
    else if (checkpoints->file.size < checkpoints->before &&
             load_file(checkpoints, &now) == OYEZ_OK && now.size == checkpoints->file.size)
        tell_replaced(checkpoints);
}

oyez_err oyez_verify_checkpoints_end(struct oyez_verify_checkpoints *checkpoints, uint64_t size,
                                     bool broken)
{
    oyez_err err = OYEZ_OK;

    while (err == OYEZ_OK && checkpoints->has_next) {
        tell_unreached(checkpoints, &checkpoints->next, size, broken);
        err = read_next(checkpoints);
    }
    while (checkpoints->outside_at < checkpoints->outside_count)
        tell_unreached(checkpoints, &checkpoints->outside[checkpoints->outside_at++], size, broken);
    compare_file(checkpoints);
    return err;
}

void oyez_verify_checkpoints_closed(struct oyez_verify_checkpoints *checkpoints, uint64_t size)
{
    const struct oyez_verify_report *report = checkpoints->report;
    struct oyez_checkpoint now;

    if (!checkpoints->has_file || checkpoints->wrong)
        return;
    // It may have been written, and closed, since.
    if (load_file(checkpoints, &now) != OYEZ_OK || now.size != checkpoints->file.size)
        return;
    // Further back was told already, of any journal.
    if (now.size < checkpoints->last && now.size >= checkpoints->before)
        tell_replaced(checkpoints);
    if (checkpoints->last >= size || report->verdict->covered >= size)
        return;
    oyez_verify_tell(report, OYEZ_CHECKPOINT_FILE, 0, checkpoints->last,
                     "covers %" PRIu64 " of %" PRIu64 " records, and the journal was closed, which "
                     "makes a checkpoint over all: those behind it were put there by somebody else",
                     checkpoints->last, size);
}

void oyez_verify_checkpoints_close(struct oyez_verify_checkpoints *checkpoints)
{
    oyez_checkpoint_history_close(&checkpoints->history);
    free(checkpoints->outside);
    *checkpoints = (struct oyez_verify_checkpoints){0};
}
