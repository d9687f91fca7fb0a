// SPDX-License-Identifier: MIT
// Two journals of one stream: are they the same, and if not, where and how do they part?
#ifndef OYEZ_COMPARE_H
#define OYEZ_COMPARE_H

#include "oyez/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

struct oyez_journal_difference {
    bool equal;            // the same records in the same order
    uint64_t records;      // that both begin with
    struct oyez_hash root; // of these
    // Where they are not equal: the first record of each that differs; kind 0 = it ends before.
    unsigned kind_a, kind_b;
    uint64_t epoch_a, position_a;
    uint64_t epoch_b, position_b;
    char why[256];
};

// oyez_journal_compare reads both to their last commits. OYEZ_OK: *out tells. Errors of
// oyez_journal_reader_open and _next; OYEZ_ERR_CORRUPT: one of them cannot be read so far. disk NULL
// = oyez_disk_system. Blocks.
oyez_err oyez_journal_compare(const char *a, const char *b, const struct oyez_disk *disk,
                              void (*progress)(void *arg, uint64_t records), void *arg,
                              struct oyez_journal_difference *out);

#ifdef __cplusplus
}
#endif

#endif
