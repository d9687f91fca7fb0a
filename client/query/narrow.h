// SPDX-License-Identifier: MIT
// The records of one segment that its index leaves of a plan.
#ifndef OYEZ_NARROW_H
#define OYEZ_NARROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index_set.h"
#include "oyez/error.h"
#include "plan.h"

enum oyez_narrowed {
    OYEZ_NARROWED_TO_LIST = 0, // of records, of those that the index knows
    OYEZ_NARROWED_TO_NONE = 1, // by the filter: the same, with nothing but marks in the list
    OYEZ_NARROWED_NOT = 2,     // all are to be looked at: no index helps, or not enough
};

struct oyez_narrowing {
    struct oyez_record_list list; // the result
    struct oyez_record_list other;
    uint64_t *keys; // of the term at hand
    size_t key_count;
    size_t key_room;
    uint64_t *bits; // of the segment's records
    size_t bits_room;
    oyez_err err; // of a callback
    const struct oyez_plan *plan;
};

// oyez_narrow finds the records that have the best of the plan's keys, and the next best ones as
// long as that is cheaper than to read. `marks`: gaps and ends of epochs are among them. More than
// `worthwhile` records are no help. OYEZ_ERR_CORRUPT, OYEZ_ERR_IO (of the index),
// OYEZ_ERR_NO_MEMORY.
oyez_err oyez_narrow(struct oyez_narrowing *narrowing, struct oyez_plan *plan,
                     const struct oyez_index_source *source, bool marks, uint64_t worthwhile,
                     enum oyez_narrowed *out);

// oyez_narrowing_free: of one that was zero to begin with.
void oyez_narrowing_free(struct oyez_narrowing *narrowing);

#endif
