// SPDX-License-Identifier: MIT
// The tables of event ids: taken where they are good, made where they may be, and their filters kept
// in memory, because whoever asks for ids asks every segment.
#include <stdlib.h>

#include "segments.h"

#define ASKED_FOR_FILTER 2u // a program that asks once is not kept waiting for all of them

void oyez_segments_free_table(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    if (item->ids.filter != NULL)
        segments->filters -= item->ids.filter_size;
    oyez_event_ids_free(&item->ids, segments->disk);
    item->has_ids = false;
}

void oyez_segments_drop_table(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    if (item->ids.fd >= 0)
        segments->open_files--;
    oyez_segments_free_table(segments, item);
    item->ids.bad = true;
}

static void forget_map(struct oyez_segments_item *item)
{
    oyez_segment_map_clear(&item->map);
    oyez_scan_end(&item->scan);
    item->scanning = item->complete = false;
}

void oyez_segments_open_table(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    item->has_ids = oyez_event_ids_open(&item->ids, segments->disk, segments->directory,
                                        &item->segment.header, item->seal.chain) == OYEZ_OK;
    if (!item->has_ids)
        return;
    segments->open_files++;
    if (item->scanning)
        forget_map(item);
}

void oyez_segments_make_table(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    if (oyez_event_ids_write(segments->disk, segments->directory, &item->segment.header,
                             item->seal.chain, &item->map) == OYEZ_OK)
        oyez_segments_open_table(segments, item);
}

static void load_filter(struct oyez_segments *segments, struct oyez_segments_item *item)
{
    size_t size = item->ids.filter_size;

    if (segments->filters + size > OYEZ_SEGMENTS_FILTERS_MAX)
        return;
    if (oyez_event_ids_load_filter(&item->ids, segments->disk) == OYEZ_OK)
        segments->filters += size;
}

bool oyez_segments_may_have(struct oyez_segments *segments, struct oyez_segments_item *item,
                            uint64_t fingerprint)
{
    bool perhaps = true;

    if (item->ids.filter == NULL) {
        if (!item->has_ids)
            return true;
        if (item->asked >= ASKED_FOR_FILTER)
            load_filter(segments, item);
        else
            item->asked++;
    }
    // What is bad denies nothing; the search will come upon it.
    return item->ids.bad ||
           oyez_event_ids_may_have(&item->ids, segments->disk, fingerprint, &perhaps) != OYEZ_OK ||
           perhaps;
}
