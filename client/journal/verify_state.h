// SPDX-License-Identifier: MIT
// What a verification remembers from record to record.
#ifndef OYEZ_VERIFY_STATE_H
#define OYEZ_VERIFY_STATE_H

#include "oyez/journal.h"

// Where the stream stands.
struct oyez_verify_order {
    bool known; // false: at the beginning, or behind damage
    bool begun; // a record with a position was seen
    bool ended;
    uint64_t epoch;
    uint64_t position;
    uint64_t next_epoch;
};

// oyez_verify_order_add judges the next record. NULL, or what is wrong; static text.
const char *oyez_verify_order_add(struct oyez_verify_order *order,
                                  const struct oyez_journal_record *record);

struct oyez_verify_run {
    uint64_t first, last;
};

// The numbers of one emitter and lane that were seen, as runs: nearly always one.
struct oyez_verify_emitter {
    struct oyez_uuid id;
    bool fast;
    bool used;
    struct oyez_verify_run run;
    struct oyez_verify_run *more; // ascending, behind the first
    size_t more_count;
};

struct oyez_verify_numbers {
    struct oyez_verify_emitter *slots;
    size_t room; // a power of two
    size_t count;
};

// oyez_verify_numbers_add notes an event's number. *seen: it was there before.
// OYEZ_ERR_NO_MEMORY.
oyez_err oyez_verify_numbers_add(struct oyez_verify_numbers *numbers,
                                 const struct oyez_journal_record *record, bool *seen);
void oyez_verify_numbers_clear(struct oyez_verify_numbers *numbers);

#endif
