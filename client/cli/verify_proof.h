// SPDX-License-Identifier: MIT
// `oyez verify FILE`: a proof of one record.
#ifndef OYEZ_VERIFY_PROOF_H
#define OYEZ_VERIFY_PROOF_H

#include <stdbool.h>

#include "verifying_key.h"

// verify_proof judges the file of a proof, and whether it proves the Event message in the file
// `event`, if that is not NULL. Returns an exit code.
int verify_proof(const char *path, const struct verifying_key *key, const char *event, bool json);

#endif
