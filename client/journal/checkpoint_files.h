// SPDX-License-Identifier: MIT
// The directory's checkpoints as the writer keeps them.
#ifndef OYEZ_CHECKPOINT_FILES_H
#define OYEZ_CHECKPOINT_FILES_H

#include "checkpoint_history.h"

struct oyez_checkpoint_files {
    const struct oyez_disk *disk;
    const char *directory;
    int history_fd; // -1 = not open
    struct oyez_history_header header;
    uint64_t history_end;
};

// oyez_checkpoint_files_check: does the history have what `checkpoint` has? A crash never leaves it
// behind that, so what is missing was lost, and earlier ones may be missing too: OYEZ_ERR_CORRUPT. But
// not where all that is damaged is the entry of that one. Changes nothing.
oyez_err oyez_checkpoint_files_check(const struct oyez_disk *disk, const char *directory);

// oyez_checkpoint_files_open opens the history, cuts a torn entry at its end, and sees to it that
// the newest checkpoint stands in both files; makes the history where there is none. `directory`
// outlives the files. OYEZ_ERR_CORRUPT: another journal's, or damage that hides the newest.
oyez_err oyez_checkpoint_files_open(struct oyez_checkpoint_files *files,
                                    const struct oyez_disk *disk, const char *directory,
                                    const uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE]);
void oyez_checkpoint_files_close(struct oyez_checkpoint_files *files);

// oyez_checkpoint_files_put makes a note the newest: in the history first, then under the name
// `checkpoint`. Safe when it returns.
oyez_err oyez_checkpoint_files_put(struct oyez_checkpoint_files *files, const char *note,
                                   size_t size);

#endif
