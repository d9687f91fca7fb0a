// SPDX-License-Identifier: MIT
// Verifying a copy of a journal: problems are printed as `oyez verify` prints them.
#ifndef OYEZ_VERIFY_COPY_H
#define OYEZ_VERIFY_COPY_H

#include <stdbool.h>

#include "oyez/journal.h"
#include "verifying_key.h"

struct verify_copy {
    bool json;
    bool has_bar;
};

// verify_copy_options: how to verify. `copy` and `key` outlive the options.
struct oyez_journal_verify_options verify_copy_options(struct verify_copy *copy,
                                                       const struct verifying_key *key);

// verify_copy_end takes the progress bar off.
void verify_copy_end(struct verify_copy *copy);

#endif
