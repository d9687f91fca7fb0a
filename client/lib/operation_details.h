// SPDX-License-Identifier: MIT
// What an operation adds to the details of its events: how long it took, and why it failed. Only
// where the event type has a field for it, and the caller has not filled that.
#ifndef OYEZ_OPERATION_DETAILS_H
#define OYEZ_OPERATION_DETAILS_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/error.h"

struct operation_outcome {
    uint64_t duration_ms;
    const char *message; // NULL = nothing to say
};

// operation_details makes *text, which the caller frees, of `details` (NULL = {}) and the outcome.
// *timed: the duration stands in them. OYEZ_ERR_INVALID (no JSON object), OYEZ_ERR_NO_MEMORY.
oyez_err operation_details(const char *event_type, const char *details,
                           const struct operation_outcome *outcome, char **text, bool *timed);

#endif
