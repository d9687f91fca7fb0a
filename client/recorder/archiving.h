// SPDX-License-Identifier: MIT
// Sealed segments go to the archive: compressed on the thread that asks, while recording goes on, and
// put in place by the writer. A mirror archives without an act of its own.
#ifndef OYEZ_RECORDER_ARCHIVING_H
#define OYEZ_RECORDER_ARCHIVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/archive.h"

struct oyez_recorder;

// recorder_archive archives one segment. `by` is for the act. The errors of
// oyez_journal_archive_prepare and oyez_journal_archive; OYEZ_ERR_CLOSED: the recorder is ending. Any
// thread but the writer's. Blocks for long.
oyez_err recorder_archive(struct oyez_recorder *recorder, uint64_t first_index, const char *by,
                          struct oyez_archive_report *report);

// Asked before each segment; false: enough.
typedef bool recorder_archive_go_on(void *arg);

// What recorder_archive_older did.
struct recorder_archived {
    size_t segments;
    uint64_t size;   // bytes of them
    uint64_t packed; // of their archived files
};

// recorder_archive_older archives, the oldest first, all sealed segments whose events were stamped
// before a time: a segment without events has none that was not. What something was erased of
// meanwhile is left for the next time. *out is filled in also after an error, which is that of the
// first segment that could not be archived. Otherwise as recorder_archive.
oyez_err recorder_archive_older(struct oyez_recorder *recorder, uint64_t before, const char *by,
                                recorder_archive_go_on *go_on, void *arg,
                                struct recorder_archived *out);

#endif
