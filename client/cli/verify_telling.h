// SPDX-License-Identifier: MIT
// What a verification finds, printed as it is found, and how far it is.
#ifndef OYEZ_VERIFY_TELLING_H
#define OYEZ_VERIFY_TELLING_H

#include <stdbool.h>

#include "oyez/journal.h"
#include "verifying_key.h"

struct verify_telling {
    bool json;
    bool has_bar;
};

// verify_telling_options: how to verify. `telling` and `key` outlive the options.
struct oyez_journal_verify_options verify_telling_options(struct verify_telling *telling,
                                                          const struct verifying_key *key);

// verify_telling_end takes the progress bar off.
void verify_telling_end(struct verify_telling *telling);

#endif
