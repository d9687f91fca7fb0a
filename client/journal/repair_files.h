// SPDX-License-Identifier: MIT
// Moving files of a journal aside.
#ifndef OYEZ_REPAIR_FILES_H
#define OYEZ_REPAIR_FILES_H

#include "oyez/repair.h"

struct oyez_repair {
    const char *directory;
    int lock_fd; // -1 = not locked
    oyez_repair_moved *moved;
    void *arg;
};

// oyez_repair_lock takes the journal's lock, so that nobody writes meanwhile. OYEZ_ERR_LOCKED.
oyez_err oyez_repair_lock(struct oyez_repair *repair);
void oyez_repair_unlock(struct oyez_repair *repair);

// oyez_repair_move_aside renames PATH to PATH.damaged, or .damaged.2 and so on where that is taken.
// A file that is not there is no error.
oyez_err oyez_repair_move_aside(const struct oyez_repair *repair, const char *path);

// oyez_repair_move_name does so with a file of the directory.
oyez_err oyez_repair_move_name(const struct oyez_repair *repair, const char *name);

// oyez_repair_cut puts the first `size` bytes of a file of the directory in its place; the whole
// file stays beside it.
oyez_err oyez_repair_cut(const struct oyez_repair *repair, const char *name, uint64_t size);

// oyez_repair_replace puts the file NAME.new, whose bytes are safe, in the place of NAME, which stays
// beside it if it is there.
oyez_err oyez_repair_replace(const struct oyez_repair *repair, const char *name);

// oyez_repair_sync makes the names safe.
oyez_err oyez_repair_sync(const struct oyez_repair *repair);

#endif
