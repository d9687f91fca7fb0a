// SPDX-License-Identifier: MIT
// Upcasting where events are read.
#ifndef OYEZ_UPCAST_H
#define OYEZ_UPCAST_H

#include "oyez/versioning.h"

// What an upcast event points to. Begin with zeros; upcast_release at the end.
struct upcast {
    char *details;
};

// upcast_apply runs the chain of an event that was read; its details and schema_version then live
// until the next call or upcast_release with the same `upcast`. Nothing registered costs nothing.
void upcast_apply(struct upcast *upcast, struct oyez_event *event);

void upcast_release(struct upcast *upcast);

#endif
