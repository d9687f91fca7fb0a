// SPDX-License-Identifier: MIT
// The file emitters.state: what recorded_emitters.h knows, so that opening need not read the whole
// journal. It is no part of the record: whatever is wrong with it, the journal is read instead.
#ifndef OYEZ_RECORDER_EMITTERS_FILE_H
#define OYEZ_RECORDER_EMITTERS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"
#include "recorded_emitters.h"

#define RECORDER_STATE_FILE "emitters.state"
// Emitters without a record for so long are left out: ns of broker time.
#define RECORDER_EMITTER_AGE_MAX UINT64_C(86400000000000)

// Where a journal stands.
struct recorder_place {
    uint64_t epoch;    // the one that is being recorded; 0 = none yet
    uint64_t position; // in it, decided through
};

// What the broker let be known of an epoch.
struct recorder_heard {
    uint64_t epoch;   // 0 = nothing was heard
    uint64_t highest; // position
    bool clean;       // the broker said that it is the last one
};

struct recorder_state_head {
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    uint64_t records; // of the journal, that it tells of
    struct recorder_place place;
    struct recorder_heard over;  // of an epoch that will not go on; place's, or of no use
    struct recorder_heard heard; // of the epoch on the bus, which may be beyond place's
};

// recorder_state_encode gives the file's bytes, which are the caller's: free(). NULL: no memory.
uint8_t *recorder_state_encode(const struct recorder_state_head *head,
                               const struct recorder_emitters *emitters, size_t *size);

// recorder_state_decode fills an empty table. OYEZ_ERR_MALFORMED (the table may be half full),
// OYEZ_ERR_NO_MEMORY.
oyez_err recorder_state_decode(const uint8_t *bytes, size_t size, struct recorder_state_head *head,
                               struct recorder_emitters *emitters);

// recorder_state_save puts the bytes in place of the file as a whole, as oyez_disk_replace. Blocks.
oyez_err recorder_state_save(const struct oyez_disk *disk, const char *directory,
                             const uint8_t *bytes, size_t size);

// recorder_state_load reads the file whole, as oyez_disk_load_new; *bytes is the caller's.
oyez_err recorder_state_load(const struct oyez_disk *disk, const char *directory, uint8_t **bytes,
                             size_t *size);

#endif
