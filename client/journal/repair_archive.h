// SPDX-License-Identifier: MIT
// Archived segments of a journal that is repaired.
#ifndef OYEZ_REPAIR_ARCHIVE_H
#define OYEZ_REPAIR_ARCHIVE_H

#include "repair_files.h"

// oyez_repair_move_archived moves the archived file of a segment aside, safely. None is no error.
oyez_err oyez_repair_move_archived(const struct oyez_repair *repair, uint64_t first_index);

// oyez_repair_take_out makes the first `size` bytes of an archived segment its own file, and moves the
// archived one aside. *taken is false where it has its own file: nothing is done.
oyez_err oyez_repair_take_out(const struct oyez_repair *repair, uint64_t first_index, uint64_t size,
                              bool *taken);

#endif
