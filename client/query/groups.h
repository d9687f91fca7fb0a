// SPDX-License-Identifier: MIT
// Counts events by what they have in common. The table is a page's: whoever asks adds the pages up.
#ifndef OYEZ_GROUPS_H
#define OYEZ_GROUPS_H

#include <stdbool.h>

#include "oyez/event.h"
#include "query.pb.h"

// oyez_groups_count counts one event into the answer's groups. False when it would take one more
// group than an answer has room for: then nothing is counted. An event that lacks what it is
// counted by (no actor, a type of no catalog) is counted under the empty key.
bool oyez_groups_count(oyez_v1_QueryAnswer *answer, oyez_v1_StatsBy by,
                       const struct oyez_event *event);

#endif
