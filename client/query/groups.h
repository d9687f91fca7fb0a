// SPDX-License-Identifier: MIT
// Counts events by what they have in common. The table is a page's: whoever asks adds the pages up.
#ifndef OYEZ_GROUPS_H
#define OYEZ_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/event.h"
#include "query.pb.h"

// oyez_groups_count counts one event into the answer's groups. False when it would take one more
// group than an answer has room for: then nothing is counted. An event that lacks what it is
// counted by (no actor, a type of no catalog) is counted under the empty key.
bool oyez_groups_count(oyez_v1_QueryAnswer *answer, oyez_v1_StatsBy by,
                       const struct oyez_event *event);

// oyez_groups_add counts so many at once under a name of `size` bytes. *hint is where names that
// come in the same order again are found at once; begin with 0. False as above.
bool oyez_groups_add(oyez_v1_QueryAnswer *answer, const char *name, size_t size, uint64_t count,
                     size_t *hint);

// oyez_groups_of_type is the name under which events of a type are counted, by type, domain or
// catalog; `event_type` may be it.
const char *oyez_groups_of_type(oyez_v1_StatsBy by, const char *event_type);

#endif
