// SPDX-License-Identifier: MIT
// The control side: what clients ask, and what they are told.
#ifndef OYEZ_BROKER_ANSWERS_H
#define OYEZ_BROKER_ANSWERS_H

#include <stdbool.h>

#include "core.h"

// oyez_answers_serve answers up to `limit` control messages. True when there may be more.
bool oyez_answers_serve(struct oyez_broker *broker, unsigned limit);

// oyez_answers_pay sends the marks, NACKs and refusals that emitters are owed.
void oyez_answers_pay(struct oyez_broker *broker);

#endif
