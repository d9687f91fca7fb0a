// SPDX-License-Identifier: MIT
// Who archives: the recorder that writes the journal, or this process where none does.
#ifndef OYEZ_ARCHIVE_PLACE_H
#define OYEZ_ARCHIVE_PLACE_H

#include <stdbool.h>

#include "oyez/archive.h"
#include "oyez/key.h"

struct archive_place;

// archive_place_open asks for nothing yet. `directory` and `key` outlive it; key and mirror count
// where no recorder runs. OYEZ_ERR_NO_MEMORY.
oyez_err archive_place_open(struct archive_place **out, const char *directory, const char *key,
                            bool mirror);
// archive_place_close: the error of closing the journal. NULL-safe.
oyez_err archive_place_close(struct archive_place **closing);

// archive_place_segment archives one segment. OYEZ_ERR_REFUSED: the recorder says why not. The errors
// of opening a journal, and of archiving. Blocks for long.
oyez_err archive_place_segment(struct archive_place *place, uint64_t first_index,
                               struct oyez_archive_report *report);

#endif
