// SPDX-License-Identifier: MIT
// A backup while it is being made. What is new lies in the directory `next` of the backup until all of
// it is there and was found good: only then the list `backup.next` is written, and from then on what
// it says is put in place, by this call or the next.
#ifndef OYEZ_BACKUP_STATE_H
#define OYEZ_BACKUP_STATE_H

#include "backup_manifest.h"
#include "oyez/backup.h"
#include "oyez/checkpoint.h"

#define OYEZ_BACKUP_NEXT "next"
#define OYEZ_BACKUP_ARCHIVE "archive"
#define OYEZ_BACKUP_CONSUMERS                                                                      \
    "consumers.state" // of the recorder's files, the one nothing can make again

struct oyez_backup_progress {
    void (*tell)(void *arg, uint64_t done, uint64_t all); // may be NULL
    void *arg;
    uint64_t done, all;
};

// A piece of a file to be copied.
struct oyez_backup_piece {
    const char *from, *to;
    uint64_t start;      // in `from`
    uint64_t size;       // UINT64_MAX: up to its end
    uint64_t to_start;   // in `to`, which ends behind the piece
    const uint8_t *tail; // to be written behind it; may be NULL
    size_t tail_size;
    bool keep_time; // the copy is given the time of the original
};

struct oyez_backup {
    const struct oyez_disk *disk;
    const char *from, *to;
    char next[OYEZ_JOURNAL_PATH_SIZE];
    int lock_fd;      // -1 = not locked
    uint64_t wait_ns; // for an act, and its checkpoint
    bool has_before;
    struct oyez_backup_manifest before, after;
    struct oyez_checkpoint aim; // what the backup ends with
    char note[OYEZ_NOTE_SIZE_MAX];
    size_t note_size;
    struct oyez_backup_progress progress;
    struct oyez_backup_report *report;
};

// backup_files.c

// oyez_backup_segment_path is where a segment lies in a directory, in one form or the other.
oyez_err oyez_backup_segment_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory,
                                  uint64_t first, bool archived);

// oyez_backup_is_segment: whether a name is that of a segment in this form.
bool oyez_backup_is_segment(const char *name, bool archived, uint64_t *first);

// oyez_backup_open_file opens a file. OYEZ_ERR_NOT_FOUND: there is none.
oyez_err oyez_backup_open_file(const struct oyez_disk *disk, const char *path, int flags, int *fd);

// oyez_backup_make_directory makes it if it is not there.
oyez_err oyez_backup_make_directory(const struct oyez_disk *disk, const char *path);

// oyez_backup_remove unlinks a file; that it is not there is no error.
oyez_err oyez_backup_remove(const struct oyez_disk *disk, const char *path);

// oyez_backup_remove_names unlinks the files of a directory that `wanted` says yes to. A directory
// that is not there has none.
typedef bool oyez_backup_wanted(void *arg, const char *name);
oyez_err oyez_backup_remove_names(const struct oyez_disk *disk, const char *directory,
                                  oyez_backup_wanted *wanted, void *arg);

// oyez_backup_copy copies a piece and makes its bytes safe; `progress` may be NULL. OYEZ_ERR_NOT_FOUND:
// there is no such file. OYEZ_ERR_BUSY: it changed meanwhile.
oyez_err oyez_backup_copy(const struct oyez_disk *disk, const struct oyez_backup_piece *piece,
                          struct oyez_backup_progress *progress, uint64_t *bytes);

// oyez_backup_make_archive makes a directory's place for archived segments, if there are any.
oyez_err oyez_backup_make_archive(const struct oyez_disk *disk, const char *directory,
                                  const struct oyez_backup_manifest *manifest);

// oyez_backup_sync makes the names of a directory and of that place in it safe.
oyez_err oyez_backup_sync(const struct oyez_disk *disk, const char *directory,
                          const struct oyez_backup_manifest *manifest);

// oyez_backup_sync_directory makes the names of one directory safe.
oyez_err oyez_backup_sync_directory(const struct oyez_disk *disk, const char *path);

// oyez_backup_lock takes the lock of the directory of a backup. OYEZ_ERR_LOCKED.
oyez_err oyez_backup_lock(const struct oyez_disk *disk, const char *directory, int *fd);

// backup_aim.c

// oyez_backup_aim finds the newest checkpoint that is not below `least`, when nothing is unfinished in
// the journal that it covers: backup->aim, note, and where the history ends with it. Waits as long as
// wait_ns. OYEZ_ERR_NOT_FOUND, OYEZ_ERR_TIMEOUT.
oyez_err oyez_backup_aim(struct oyez_backup *backup, uint64_t least);

// oyez_backup_find_acts looks behind the aim for acts that changed what lies below it: *least is behind
// the last of them, or 0. *newer: records behind the aim.
oyez_err oyez_backup_find_acts(struct oyez_backup *backup, uint64_t *least, uint64_t *newer);

// backup_stage.c

// oyez_backup_list finds the segments that hold records below the aim, and which have to be copied.
oyez_err oyez_backup_list(struct oyez_backup *backup);

// oyez_backup_stage copies into `next` what is needed. OYEZ_ERR_NOT_FOUND, OYEZ_ERR_BUSY: the journal
// has changed; begin anew.
oyez_err oyez_backup_stage(struct oyez_backup *backup);

// backup_check.c

// oyez_backup_check reads what was copied and holds it against the hash files, and these against the
// aim. OYEZ_ERR_CORRUPT.
oyez_err oyez_backup_check(struct oyez_backup *backup);

// backup_switch.c

// oyez_backup_switch makes what lies in `next` the backup.
oyez_err oyez_backup_switch(struct oyez_backup *backup);

// oyez_backup_complete completes a switch that was interrupted; *completed: there was one.
oyez_err oyez_backup_complete(const struct oyez_disk *disk, const char *directory, bool *completed);

#endif
