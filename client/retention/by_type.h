// SPDX-License-Identifier: MIT
// The events of some types that are older than their rule allows, found by index.
#ifndef OYEZ_BY_TYPE_H
#define OYEZ_BY_TYPE_H

#include "oyez/retention.h"

// oyez_by_type_find adds to plan->blanks, up to `max` of them, and counts what holds keep. Errors of
// asking a journal.
oyez_err oyez_by_type_find(struct oyez_retention_plan *plan, oyez_holds *holds,
                           oyez_journal_reader *reader, const char *directory,
                           const struct oyez_retention_rules *rules, uint64_t now, size_t max);

#endif
