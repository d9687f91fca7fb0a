// SPDX-License-Identifier: MIT
// The file consumers.state: one record behind the other, the last one of a name counts. It grows by
// appending, and is put in place anew, as a whole, when most of it is of the past.
// A record: u32 size of its body, u64 FNV-1a of size and body, body; little-endian. A body begins
// with its kind: 1 the journal's id, 2 a consumer, 3 the name of a deleted one.
#ifndef OYEZ_RECORDER_CONSUMERS_FILE_H
#define OYEZ_RECORDER_CONSUMERS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consumers.h"
#include "oyez/disk.h"
#include "oyez/journal.h"

#define RECORDER_CONSUMERS_FILE "consumers.state"

struct recorder_consumers_file {
    const struct oyez_disk *disk;
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    int fd; // -1 = to be made anew
    uint64_t size;
    uint8_t *waiting; // records not yet in the file
    size_t waiting_size, waiting_room;
};

struct recorder_consumers_report {
    uint64_t torn_bytes;    // behind the last good record
    uint64_t damaged_bytes; // before a good record: some consumer may have lost its last commits
    bool foreign;           // it was another journal's; nothing was taken from it
};

// recorder_consumers_file_open reads the file, if it is there, into an empty table; leases begin
// anew at `now_ms`. What cannot be read is passed over and told. The errors of oyez_disk_load_new.
// Blocks.
oyez_err recorder_consumers_file_open(struct recorder_consumers_file *file,
                                      const struct oyez_disk *disk, const char *directory,
                                      const uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE],
                                      struct recorder_consumers *consumers, uint64_t now_ms,
                                      struct recorder_consumers_report *report);

// recorder_consumers_file_add, _add_deletion put a record among those that wait. False: no memory.
bool recorder_consumers_file_add(struct recorder_consumers_file *file,
                                 const struct recorder_consumer *consumer);
bool recorder_consumers_file_add_deletion(struct recorder_consumers_file *file, const char *name);

// recorder_consumers_file_sync makes everything that waits durable, in one write; or, where the
// file is mostly past, not there, or has failed before, makes it anew from the table, which has
// everything that waits. OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY: nothing that waited is
// durable, and nothing waits. Blocks.
oyez_err recorder_consumers_file_sync(struct recorder_consumers_file *file,
                                      const struct recorder_consumers *consumers);

void recorder_consumers_file_close(struct recorder_consumers_file *file);

#endif
