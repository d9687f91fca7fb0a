// SPDX-License-Identifier: MIT
// Backups of a journal, also of one that is being written. A backup is a journal by itself: closed
// cleanly at a checkpoint, which covers all of its records. The key that signs is never in it.
// docs/journal.md has the files.
#ifndef OYEZ_BACKUP_H
#define OYEZ_BACKUP_H

#include "oyez/journal.h"

#ifdef __cplusplus
extern "C" {
#endif

struct oyez_backup_options {
    const struct oyez_disk *disk; // NULL = oyez_disk_system
    uint32_t wait_ms; // for an act under way in the journal, and its checkpoint; 0 = 10 s
    // Bytes done of all, now and then. May be NULL.
    void (*progress)(void *arg, uint64_t done, uint64_t all);
    void *arg;
};

struct oyez_backup_report {
    bool completed;  // a backup that was interrupted at its end was completed before this one
    uint64_t before; // records of the backup that this one goes on from; 0 = there was none
    uint64_t records;
    uint8_t root[OYEZ_LEAF_HASH_SIZE]; // of their tree, by the checkpoint
    char origin[256];                  // of the checkpoint
    uint64_t newer;                    // records of the journal that no checkpoint covered yet
    uint64_t segments;
    uint64_t copied; // segments
    uint64_t bytes;  // of all that was copied
};

// oyez_backup_make makes a backup of a journal in the directory `to`, or brings the one up to date
// that is there: what did not change is not copied again. What is copied is read again and held
// against the checkpoint before it counts. However it ends, by an error or a crash, the backup that
// was there stays whole, or the new one is completed by the next call.
// OYEZ_ERR_NO_JOURNAL; OYEZ_ERR_NOT_FOUND: there is no checkpoint yet; OYEZ_ERR_REFUSED: `to` holds
// something else, or the backup of another journal, or of more records; OYEZ_ERR_LOCKED: another one
// is at work in `to`; OYEZ_ERR_CORRUPT: the copy is not what the checkpoint covers;
// OYEZ_ERR_TIMEOUT: an act is unfinished, or no checkpoint covers one; OYEZ_ERR_IO,
// OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY. Blocks on the disk.
oyez_err oyez_backup_make(const char *from, const char *to,
                          const struct oyez_backup_options *options,
                          struct oyez_backup_report *report);

struct oyez_restore_report {
    uint64_t records;
    uint64_t taken; // when the backup was made, ns since 1970-01-01T00:00:00Z
    char origin[256];
    uint8_t root[OYEZ_LEAF_HASH_SIZE];
    uint64_t epoch; // reached by the last record that has one; 0 = none has
    uint64_t position;
    uint64_t bytes;
    struct oyez_journal_verdict verdict;
};

// oyez_backup_restore copies a backup into the directory `to`, which is made if it is not there, and
// verifies the copy as `verify` says (NULL: without a key). A directory in which a restore was
// interrupted, or has found problems, counts as empty: it holds the file `restoring`.
// OYEZ_OK: look at report->verdict.problems. OYEZ_ERR_NO_JOURNAL: `from` is no backup;
// OYEZ_ERR_REFUSED: `to` is not empty; OYEZ_ERR_LOCKED; OYEZ_ERR_CORRUPT, OYEZ_ERR_IO,
// OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY. Blocks on the disk.
oyez_err oyez_backup_restore(const char *from, const char *to,
                             const struct oyez_backup_options *options,
                             const struct oyez_journal_verify_options *verify,
                             struct oyez_restore_report *report);

#ifdef __cplusplus
}
#endif

#endif
