// SPDX-License-Identifier: MIT
// What follows the last good group of a segment: zeros, a torn tail, or damage.
#ifndef OYEZ_TAIL_H
#define OYEZ_TAIL_H

#include <sys/types.h>

#include "scan.h"

struct oyez_tail {
    bool damaged;     // a later mark says that the place of the stop was safe on disk
    uint64_t bytes;   // up to the last one that is not zero
    uint64_t records; // whole ones in them
};

// An empty tail, as it was judged last. All zero = none was.
struct oyez_tail_judged {
    off_t size; // of the file
    uint64_t offset;
};

// oyez_tail_judge reads from the end of a scan that stopped to the end of the file.
oyez_err oyez_tail_judge(struct oyez_scan *scan, const struct oyez_scan_stop *stop,
                         struct oyez_tail *out);

// oyez_tail_find_damage judges too, but a tail that it found empty it does not read again while
// nothing is added. Of a live file the answer may be late: scan once more before it is believed.
oyez_err oyez_tail_find_damage(struct oyez_scan *scan, const struct oyez_scan_stop *stop,
                               struct oyez_tail_judged *judged, bool *damaged);

#endif
