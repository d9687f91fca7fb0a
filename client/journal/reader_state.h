// SPDX-License-Identifier: MIT
// The open reader, as reading and seeking see it.
#ifndef OYEZ_READER_STATE_H
#define OYEZ_READER_STATE_H

#include "oyez/expire.h"
#include "segments.h"

struct oyez_journal_reader {
    const struct oyez_disk *disk;
    struct oyez_segments segments;
    struct oyez_segment segment; // that is read, opened by the reader itself
    struct oyez_scan scan;
    struct oyez_group group;
    bool in_group;
    size_t group_at;
    uint64_t target; // the next record to give
    struct oyez_tail_judged judged;
    struct oyez_journal_begin begin; // as it was last looked for
};

// oyez_reader_enter stands at the beginning of segment `i`. With a seal, that of the segment which
// is left, it has to follow it; after a failure the reader stands where it stood.
oyez_err oyez_reader_enter(oyez_journal_reader *reader, size_t i, const struct oyez_mark *seal);

#endif
