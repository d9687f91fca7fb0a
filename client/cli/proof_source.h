// SPDX-License-Identifier: MIT
// Checkpoints and proofs: from the server, which makes a fresh checkpoint for it, or from a
// directory, whose newest it is.
#ifndef OYEZ_PROOF_SOURCE_H
#define OYEZ_PROOF_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "oyez/uuid.h"

struct proof_answer {
    char *bytes; // the proof, or the checkpoint; free()
    size_t size;
};

// proof_source_prove gets the proof of an event. Returns EXIT_DONE, or the exit code with the reason
// printed: 1 where no such event is recorded, or no checkpoint covers it yet.
int proof_source_prove(const struct arguments *arguments, const char *directory,
                       uint32_t timeout_ms, struct oyez_uuid event_id, struct proof_answer *answer);

// proof_source_checkpoint gets the newest checkpoint.
int proof_source_checkpoint(const struct arguments *arguments, const char *directory,
                            uint32_t timeout_ms, struct proof_answer *answer);

#endif
