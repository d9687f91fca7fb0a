// SPDX-License-Identifier: MIT
// What an event type's name says of how things went.
#ifndef OYEZ_OUTCOME_H
#define OYEZ_OUTCOME_H

enum outcome { OUTCOME_NONE, OUTCOME_GOOD, OUTCOME_BAD };

// outcome_of looks for words such as "failed" and "completed" in any case.
enum outcome outcome_of(const char *event_type);

#endif
