// SPDX-License-Identifier: MIT
// The table of a sealed segment's event ids and places, as a file. docs/journal.md has the bytes.
#ifndef OYEZ_EVENT_IDS_H
#define OYEZ_EVENT_IDS_H

#include "segment.h"
#include "segment_map.h"

struct oyez_event_ids {
    int fd; // -1 = not open
    uint32_t records;
    uint32_t entries;
};

// oyez_event_ids_write makes the file of a sealed segment from its map. Not synced: it can be made
// again. OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY.
oyez_err oyez_event_ids_write(const struct oyez_disk *disk, const char *directory,
                              const struct oyez_segment_header *header, uint32_t chain,
                              const struct oyez_segment_map *map);

// oyez_event_ids_open opens the file; `check` reads it all and judges its checksum.
// OYEZ_ERR_NOT_FOUND: there is none, or none that is good and of this segment.
oyez_err oyez_event_ids_open(struct oyez_event_ids *out, const struct oyez_disk *disk,
                             const char *directory, const struct oyez_segment_header *header,
                             uint32_t chain, bool check);
void oyez_event_ids_close(struct oyez_event_ids *ids, const struct oyez_disk *disk);

// oyez_event_ids_offset is the place of a record's frame in the segment.
oyez_err oyez_event_ids_offset(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                               uint32_t record, uint64_t *offset);

// oyez_event_ids_find gives one record after another that has the fingerprint: start with
// *cursor = 0. OYEZ_ERR_NOT_FOUND: there is no other.
oyez_err oyez_event_ids_find(const struct oyez_event_ids *ids, const struct oyez_disk *disk,
                             uint64_t fingerprint, size_t *cursor, uint32_t *record);

#endif
