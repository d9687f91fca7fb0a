// SPDX-License-Identifier: MIT
// The file `backup`: what a backup consists of. docs/journal.md has the lines.
#ifndef OYEZ_BACKUP_MANIFEST_H
#define OYEZ_BACKUP_MANIFEST_H

#include "oyez/journal.h"

#define OYEZ_BACKUP_FILE "backup"
#define OYEZ_BACKUP_NEXT_FILE "backup.next" // there: what it says is being put in place

struct oyez_backup_segment {
    uint64_t first; // index of its first record
    bool archived;
    // Not in the file.
    bool needed;   // the backup has it not, or not as it is now
    bool staged;   // it is copied
    uint64_t size; // of the journal's file
};

struct oyez_backup_manifest {
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    uint64_t records;
    uint64_t taken;                       // ns since 1970-01-01T00:00:00Z
    uint64_t base;                        // records of the backup that it went on from
    uint64_t history_start;               // of `checkpoints`: what was added begins there
    uint64_t history_end;                 // its size
    struct oyez_backup_segment *segments; // ascending
    size_t count, room;
};

// oyez_backup_manifest_add adds a segment behind the others.
oyez_err oyez_backup_manifest_add(struct oyez_backup_manifest *manifest, uint64_t first,
                                  bool archived);
void oyez_backup_manifest_clear(struct oyez_backup_manifest *manifest);

// oyez_backup_manifest_has: a segment in this form.
bool oyez_backup_manifest_has(const struct oyez_backup_manifest *manifest, uint64_t first,
                              bool archived);

// oyez_backup_manifest_has_archived: any segment in that form.
bool oyez_backup_manifest_has_archived(const struct oyez_backup_manifest *manifest);

// oyez_backup_manifest_load reads the file `name` of a directory. OYEZ_ERR_NOT_FOUND: there is none.
// OYEZ_ERR_CORRUPT, OYEZ_ERR_VERSION. Clear *out in any case.
oyez_err oyez_backup_manifest_load(struct oyez_backup_manifest *out, const struct oyez_disk *disk,
                                   const char *directory, const char *name);

// oyez_backup_manifest_save puts it under that name, whole or not at all, and makes it safe.
oyez_err oyez_backup_manifest_save(const struct oyez_backup_manifest *manifest,
                                   const struct oyez_disk *disk, const char *directory,
                                   const char *name);

#endif
