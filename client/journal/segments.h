// SPDX-License-Identifier: MIT
// All segments of a directory: where each record is, and where an event id is.
#ifndef OYEZ_SEGMENTS_H
#define OYEZ_SEGMENTS_H

#include "event_ids.h"
#include "tail.h"

// Memory for the filters of all tables; of the others a page is read for each question.
#define OYEZ_SEGMENTS_FILTERS_MAX (64u * 1024u * 1024u)

struct oyez_segments_item {
    struct oyez_segment segment; // fd -1 = not open now
    bool known;                  // header, and seal or the lack of one, were read
    bool sealed;
    struct oyez_mark seal;
    bool has_ids;                // the table is on disk, and nothing in it was found bad yet
    struct oyez_event_ids ids;   // fd -1 = not open now
    unsigned asked;              // for an event id, before the filter is in memory
    struct oyez_segment_map map; // without a table: as far as the scan has come
    struct oyez_scan scan;
    bool scanning;
    struct oyez_scan_stop stop; // of the scan
    struct oyez_tail_judged judged;
    bool complete; // the map holds all of a sealed segment
};

struct oyez_segments {
    const struct oyez_disk *disk;
    char directory[OYEZ_JOURNAL_PATH_SIZE];
    char archive[OYEZ_JOURNAL_PATH_SIZE]; // the directory of archived ones
    bool writable;                        // tables that are missing are made
    struct oyez_segments_item **items;
    uint64_t *first;
    size_t count;
    uint64_t names;    // of the directory, when it was listed; 0 = not known
    uint64_t archived; // alike, of that of archived segments
    uint64_t erasures; // oyez_journal_erasures, before they were asked for
    bool has_archive;
    size_t open_files;
    struct oyez_segments_item *read_last; // it alone keeps memory for reading
    size_t filters;                       // bytes of them in memory
    uint8_t *frame;                       // of the record read last
    size_t frame_room;
};

// oyez_segments_open lists a directory. OYEZ_ERR_NO_JOURNAL if it has no segments.
oyez_err oyez_segments_open(struct oyez_segments *out, const struct oyez_disk *disk,
                            const char *directory, bool writable);
// oyez_segments_refresh adds what was made since, and forgets what is gone: numbers of segments are
// others then. The directory is listed only where its names may have changed.
oyez_err oyez_segments_refresh(struct oyez_segments *segments);
void oyez_segments_close(struct oyez_segments *segments);

// oyez_segments_use opens segment `i`; *out until the next call on the segments.
// OYEZ_ERR_CORRUPT: it contradicts the one before it, or has one after it and no seal.
oyez_err oyez_segments_use(struct oyez_segments *segments, size_t i,
                           struct oyez_segments_item **out);

// oyez_segments_at is the segment in which a record is, or would be.
size_t oyez_segments_at(const struct oyez_segments *segments, uint64_t index);

// oyez_segments_records tells how many committed records segment `i` holds, and what they span:
// by its seal, or else those that can be read.
oyez_err oyez_segments_records(struct oyez_segments *segments, size_t i, uint64_t *records,
                               struct oyez_journal_span *span);

// oyez_segments_describe tells of segment `i`. A sealed one is read once, another up to its last
// commit. OYEZ_ERR_CORRUPT: damage hides where that is.
oyez_err oyez_segments_describe(struct oyez_segments *segments, size_t i,
                                struct oyez_journal_segment *out);

// oyez_segments_prepare sees to it that segment `i` has a table, or a map up to its last commit,
// or up to damage.
oyez_err oyez_segments_prepare(struct oyez_segments *segments, size_t i);

// oyez_segments_check_end: does what is known of segment `i` end with its last commit?
// OYEZ_ERR_CORRUPT: it ends at damage, which is named. A torn tail is none.
oyez_err oyez_segments_check_end(struct oyez_segments *segments, size_t i);

// oyez_segments_offset is the place of a record in its segment. OYEZ_ERR_NOT_FOUND;
// OYEZ_ERR_CORRUPT: it would be behind damage.
oyez_err oyez_segments_offset(struct oyez_segments *segments, uint64_t index, uint64_t *offset);

// oyez_segments_read reads a record; valid until the next call on the segments.
oyez_err oyez_segments_read(struct oyez_segments *segments, uint64_t index,
                            struct oyez_journal_record *record);

// oyez_segments_find looks for an event id in the segments that begin below an index, the newest
// first. OYEZ_ERR_NOT_FOUND; OYEZ_ERR_CORRUPT: not found, and not all could be read.
oyez_err oyez_segments_find(struct oyez_segments *segments, uint64_t below,
                            struct oyez_uuid event_id, uint64_t *index);

// oyez_segments_read_frame reads and checks the frame at a place of an open segment into memory
// that it makes larger where needed.
oyez_err oyez_segments_read_frame(const struct oyez_disk *disk, const struct oyez_segment *segment,
                                  uint64_t offset, uint64_t index, uint8_t **memory, size_t *room,
                                  struct oyez_journal_record *record);

// segments_list.c

// oyez_segments_make_room closes files of other segments where too many are open.
void oyez_segments_make_room(struct oyez_segments *segments, const struct oyez_segments_item *keep);

// segments_table.c

// oyez_segments_open_table opens the table of a sealed segment, and forgets the map then. Not there,
// or of another segment: ids.bad.
void oyez_segments_open_table(struct oyez_segments *segments, struct oyez_segments_item *item);

// oyez_segments_make_table makes it from a map of all of the segment, and opens it. That it cannot
// be written is no error: the map serves as well.
void oyez_segments_make_table(struct oyez_segments *segments, struct oyez_segments_item *item);

// oyez_segments_may_have: false = by its filter the segment has no event id with the fingerprint.
bool oyez_segments_may_have(struct oyez_segments *segments, struct oyez_segments_item *item,
                            uint64_t fingerprint);

// oyez_segments_drop_table gives up a table that was found bad: the segment gets a map instead.
void oyez_segments_drop_table(struct oyez_segments *segments, struct oyez_segments_item *item);
void oyez_segments_free_table(struct oyez_segments *segments, struct oyez_segments_item *item);

#endif
