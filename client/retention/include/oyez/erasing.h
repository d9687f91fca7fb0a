// SPDX-License-Identifier: MIT
// An erasure of a list of events, portion by portion, so that who records waits shortly; and none where
// a legal hold covers one of them.
#ifndef OYEZ_ERASING_H
#define OYEZ_ERASING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/erase.h"
#include "oyez/holds.h"

struct oyez_erasing_event {
    uint64_t index;
    struct oyez_uuid event_id; // it must be that one
};

// Zero it, and give what is named first; oyez_erasing_end in any case.
struct oyez_erasing {
    const char *by, *why; // as in struct oyez_erasure
    bool despite_damaged_files;
    struct oyez_erasing_event *events; // sorted by their index from the first call on
    size_t count;
    // Read only.
    size_t done;
    struct oyez_erase_report report; // of all portions
    oyez_holds *holds;
    uint64_t known; // records in which holds were looked for
};

// oyez_erasing_check loads the holds of a directory and asks them for each event that is not done.
// OYEZ_ERR_FORBIDDEN: a hold covers one, and the detail names both. OYEZ_ERR_INVALID: an index has
// another event, or one that is not personal. Errors of oyez_holds_load and of reading. Any thread.
oyez_err oyez_erasing_check(struct oyez_erasing *erasing, const char *directory,
                            const struct oyez_disk *disk);

// oyez_erasing_step erases the next portion. OYEZ_ERR_BUSY: holds were set or released since they were
// loaded, check again. Otherwise as oyez_journal_erase. The writer's thread.
oyez_err oyez_erasing_step(struct oyez_erasing *erasing, oyez_journal *journal);

void oyez_erasing_end(struct oyez_erasing *erasing);

#endif
