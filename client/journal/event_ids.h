// SPDX-License-Identifier: MIT
// The table of a sealed segment's event ids and places, as a file. docs/journal.md has the bytes.
#ifndef OYEZ_EVENT_IDS_H
#define OYEZ_EVENT_IDS_H

#include "segment.h"
#include "segment_map.h"

enum oyez_event_ids_page {
    OYEZ_EVENT_IDS_OF_PRINTS, // of the filter, and of entries
    OYEZ_EVENT_IDS_OF_PLACES,
    OYEZ_EVENT_IDS_PAGES,
};

struct oyez_event_ids {
    int fd;   // -1 = not open
    bool bad; // it is not there, or something in it is wrong
    uint32_t records;
    uint32_t entries;
    uint32_t sum; // of the first page: those of all others continue from it
    size_t filter_size;
    uint8_t *filter; // in memory; NULL = read where it is needed
    struct {
        uint8_t *bytes;
        uint64_t number;
    } pages[OYEZ_EVENT_IDS_PAGES]; // read last
};

// oyez_event_ids_write makes the file of a sealed segment from its map. Not synced: it can be made
// again. OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY.
oyez_err oyez_event_ids_write(const struct oyez_disk *disk, const char *directory,
                              const struct oyez_segment_header *header, uint32_t chain,
                              const struct oyez_segment_map *map);

// oyez_event_ids_open opens the file and reads its first page. Each other one is judged when it is
// read, by whichever call. OYEZ_ERR_NOT_FOUND: there is none, or none of this segment; it is bad.
oyez_err oyez_event_ids_open(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                             const char *directory, const struct oyez_segment_header *header,
                             uint32_t chain);

// oyez_event_ids_close keeps the filter: it tells of the segment all the same.
// oyez_event_ids_free forgets all of it. Both also with ids that were never open.
void oyez_event_ids_close(struct oyez_event_ids *ids, const struct oyez_disk *disk);
void oyez_event_ids_free(struct oyez_event_ids *ids, const struct oyez_disk *disk);

// All of these: OYEZ_ERR_CORRUPT: the table is bad, the segment may be good; OYEZ_ERR_NO_MEMORY.

// oyez_event_ids_load_filter brings the filter into memory. Until then one page of it is read for
// each question.
oyez_err oyez_event_ids_load_filter(struct oyez_event_ids *ids, const struct oyez_disk *disk);

// oyez_event_ids_may_have: *perhaps false = no record has the fingerprint.
oyez_err oyez_event_ids_may_have(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                                 uint64_t fingerprint, bool *perhaps);

// oyez_event_ids_offset is the place of a record's frame in the segment. OYEZ_ERR_NOT_FOUND.
oyez_err oyez_event_ids_offset(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                               uint32_t record, uint64_t *offset);

// oyez_event_ids_find gives one record after another that has the fingerprint: start with
// *cursor = 0. OYEZ_ERR_NOT_FOUND: there is no other.
oyez_err oyez_event_ids_find(struct oyez_event_ids *ids, const struct oyez_disk *disk,
                             uint64_t fingerprint, size_t *cursor, uint32_t *record);

#endif
