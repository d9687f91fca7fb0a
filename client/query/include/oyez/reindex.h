// SPDX-License-Identifier: MIT
// Makes the index files of a journal directory: those that are missing or bad, or all of them.
// docs/journal.md has their bytes. They are no part of the record: the segments alone make them.
#ifndef OYEZ_REINDEX_H
#define OYEZ_REINDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

struct oyez_reindex_report {
    uint64_t segments; // sealed
    uint64_t good;     // had a good index
    uint64_t missing;  // had none
    uint64_t bad;      // had one that disagreed with its segment, or was damaged
    uint64_t written;
    uint64_t records;   // that were read
    uint64_t bytes;     // of the files that were written
    uint64_t unwritten; // segments that hold more than memory allows, or that are damaged
};

struct oyez_reindex_options {
    bool all;   // make good ones anew too
    bool check; // read whole files and judge every page; otherwise only whose they are
    // What was wrong with one; a line for people. May be NULL.
    void (*notice)(void *arg, const char *text);
    // After each segment, with how many are done, of how many. False stops. May be NULL.
    bool (*progress)(void *arg, uint64_t done, uint64_t of);
    void *arg;
};

// oyez_reindex works on a directory, which a recorder may be writing. The errors of reading a
// journal; OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE (of a file that is written), OYEZ_ERR_NO_MEMORY. *report is
// true in any case. Blocks. Any thread, its own reader.
oyez_err oyez_reindex(const char *directory, const struct oyez_reindex_options *options,
                      struct oyez_reindex_report *report);

#endif
