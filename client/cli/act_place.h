// SPDX-License-Identifier: MIT
// Where an act of the journal is recorded: by the recorder that writes the directory, or by this process
// where none does.
#ifndef OYEZ_ACT_PLACE_H
#define OYEZ_ACT_PLACE_H

#include <jansson.h>

#include "oyez/journal.h"

// act_place_ask says a request to the recorder, as admin_ask, and reads its answer, which the caller
// drops. OYEZ_ERR_NOT_FOUND: no recorder listens. OYEZ_ERR_REFUSED: the detail is what it says.
oyez_err act_place_ask(const char *directory, const char *request, json_t **answer);

// act_place_open opens the journal for writing; `key` NULL = DIR.key. The errors of oyez_journal_open.
oyez_err act_place_open(oyez_journal **out, const char *directory, const char *key);

// act_place_now: the time of an act, ns.
uint64_t act_place_now(void);

#endif
