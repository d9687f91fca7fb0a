// SPDX-License-Identifier: MIT
// What a verification has found, for people and as JSON: what was proven, and against whom.
#ifndef OYEZ_VERIFY_VERDICT_H
#define OYEZ_VERIFY_VERDICT_H

#include "oyez/journal.h"
#include "verifying_key.h"

// How much a verdict is worth, if it is good.
enum verdict_tier {
    VERDICT_UNSIGNED,  // no checkpoint that a known key has signed
    VERDICT_DETECTING, // key and checkpoints lie where the journal lies
    VERDICT_EVIDENT,   // a key or a checkpoint from elsewhere vouches
};

enum verdict_tier verdict_tier_of(const struct oyez_journal_verdict *verdict,
                                  const struct verifying_key *key);

void verdict_print(const char *directory, const struct oyez_journal_verdict *verdict,
                   const struct verifying_key *key);
void verdict_print_json(const char *directory, const struct oyez_journal_verdict *verdict,
                        const struct verifying_key *key);

#endif
