// SPDX-License-Identifier: MIT
// Retention done by the recorder of a directory, or by this process where none runs.
#ifndef OYEZ_RETENTION_PLACE_H
#define OYEZ_RETENTION_PLACE_H

#include "oyez/retention.h"

struct retention_done {
    struct oyez_retention_report report;
    char hold[OYEZ_HOLD_NAME_SIZE_MAX + 1]; // that kept something; "" = none
};

// retention_place_do lets go what the rules let go, step by step. *out is filled in also after an error.
// OYEZ_ERR_REFUSED: the recorder says why not. Errors of opening a journal, of oyez_retention_survey and
// oyez_retention_apply. Blocks for long; an interrupt ends it behind a step.
oyez_err retention_place_do(struct retention_done *out, const char *directory, const char *key,
                            const struct oyez_retention_rules *rules, const char *why);

#endif
