// SPDX-License-Identifier: MIT
// Reads a segment group by group, up to where no good group follows.
#ifndef OYEZ_SCAN_H
#define OYEZ_SCAN_H

#include "segment.h"

struct oyez_scan {
    const struct oyez_disk *disk;
    const struct oyez_segment *segment;
    bool skip_bodies; // leaves bodies to the caller
    uint64_t offset;  // behind the last good group
    uint64_t index;   // of the next record
    uint32_t chain;
    bool sealed;     // the seal was read: nothing follows
    bool partial;    // begun within a group: its mark is believed
    uint64_t synced; // the highest that a mark told
    uint8_t *bytes;  // of the file, from `start`
    size_t room;
    uint64_t start;
    size_t size;
    bool unread; // behind them the segment is damaged so that it gives no bytes
};

// A good group; pointers until the next call on the scan.
struct oyez_group {
    const uint8_t *bytes; // the records' frames
    size_t size;          // without the mark
    uint64_t offset;      // in the file
    uint64_t index;       // of the first record
    struct oyez_mark mark;
    uint64_t mark_offset;
};

// Where and why a scan ended.
struct oyez_scan_stop {
    enum oyez_frame_fault fault; // OYEZ_FRAME_NONE: zeros, or the end of the file
    uint64_t offset;
};

// oyez_scan_begin stands at the first group. The segment outlives the scan. Free with
// oyez_scan_end, also a scan that is all zero.
void oyez_scan_begin(struct oyez_scan *scan, const struct oyez_disk *disk,
                     const struct oyez_segment *segment);
// oyez_scan_begin_at stands at a record within the segment.
void oyez_scan_begin_at(struct oyez_scan *scan, const struct oyez_disk *disk,
                        const struct oyez_segment *segment, uint64_t offset, uint64_t index);
void oyez_scan_end(struct oyez_scan *scan);

// oyez_scan_next reads the next group. OYEZ_ERR_NOT_FOUND: *stop tells where and why; the same
// scan may be asked again when more was written. OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY,
// OYEZ_ERR_VERSION.
oyez_err oyez_scan_next(struct oyez_scan *scan, struct oyez_group *group,
                        struct oyez_scan_stop *stop);

// oyez_scan_next_frame walks a group's records: start with *at = 0; false at the end.
bool oyez_scan_next_frame(const struct oyez_scan *scan, const struct oyez_group *group, size_t *at,
                          struct oyez_frame *frame);

// oyez_scan_fail is OYEZ_ERR_CORRUPT, with the place of the stop and what is wrong there.
oyez_err oyez_scan_fail(const struct oyez_scan *scan, const struct oyez_scan_stop *stop);

// oyez_scan_count_rest counts the good records behind the last good group, up to the first bytes
// that are none.
oyez_err oyez_scan_count_rest(struct oyez_scan *scan, uint64_t *records);

#endif
