// SPDX-License-Identifier: MIT
// The seam: whether a frame, live or from the record, continues what a subscription has, and its
// way into the inbox if it does. Each event passes here once, wherever it comes from.
#ifndef OYEZ_SEAM_H
#define OYEZ_SEAM_H

#include "catch_up.h"

enum seam {
    SEAM_DONE,   // put into the inbox, or not wanted
    SEAM_HOLE,   // something before it is missing: nothing was done
    SEAM_FULL,   // the inbox has no room: nothing was done
    SEAM_UNSURE, // only the record knows whether it came before: nothing was done
};

// seam_take; `index` is the frame's in the record plus 1, 0 for a live one. Under inbox_lock.
enum seam seam_take(struct receiver *receiver, const struct route *route,
                    struct route_target *target, const struct oyez_batch *batch, const void *frame,
                    size_t size, uint64_t index);

// seam_enter makes the numbers of a target those of an epoch.
void seam_enter(struct route_target *target, uint64_t epoch);

#endif
