// SPDX-License-Identifier: MIT
#include "reader_state.h"

#include <fcntl.h>
#include <stdlib.h>

#include "oyez/archive.h"
#include "oyez/erase.h"

oyez_err oyez_journal_reader_open(oyez_journal_reader **out, const char *directory,
                                  const struct oyez_disk *disk)
{
    oyez_journal_reader *reader = calloc(1, sizeof(*reader));

    *out = NULL;
    if (reader == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "journal reader");
    reader->disk = disk != NULL ? disk : oyez_disk_system();
    reader->segment.fd = -1;
    oyez_err err = oyez_segments_open(&reader->segments, reader->disk, directory, false);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_seek_index(reader, reader->segments.first[0]);
    if (err != OYEZ_OK) {
        oyez_journal_reader_close(&reader);
        return err;
    }
    *out = reader;
    return OYEZ_OK;
}

void oyez_journal_reader_close(oyez_journal_reader **reader)
{
    if (*reader == NULL)
        return;
    oyez_segment_close(&(*reader)->segment, (*reader)->disk);
    oyez_scan_end(&(*reader)->scan);
    oyez_segments_close(&(*reader)->segments);
    free(*reader);
    *reader = NULL;
}

// The reader keeps a file of its own: the segments close theirs when they have too many.
oyez_err oyez_reader_enter(oyez_journal_reader *reader, size_t i, const struct oyez_mark *seal)
{
    struct oyez_segment next;
    oyez_err err = oyez_segment_open(&next, reader->disk, reader->segments.directory,
                                     reader->segments.first[i], O_RDONLY);

    if (err != OYEZ_OK)
        return err;
    if (seal != NULL)
        err = oyez_segment_check_next(&reader->segment.header, seal, &next);
    if (err != OYEZ_OK) {
        oyez_segment_close(&next, reader->disk);
        return err;
    }
    oyez_segment_close(&reader->segment, reader->disk);
    reader->segment = next;
    reader->in_group = false;
    reader->judged = (struct oyez_tail_judged){0};
    oyez_scan_begin(&reader->scan, reader->disk, &reader->segment);
    return OYEZ_OK;
}

// The segment behind the one that is read, which may be gone from the list itself.
static size_t next_number(const oyez_journal_reader *reader)
{
    uint64_t first = reader->segment.header.first_index;
    size_t i = oyez_segments_at(&reader->segments, first);

    return reader->segments.first[i] > first ? i : i + 1;
}

static oyez_err go_to_next_segment(oyez_journal_reader *reader)
{
    const struct oyez_mark seal = reader->group.mark; // the group read last
    oyez_err err = OYEZ_OK;

    if (next_number(reader) >= reader->segments.count) {
        err = oyez_segments_refresh(&reader->segments);
        if (err != OYEZ_OK)
            return err;
        if (next_number(reader) >= reader->segments.count)
            return OYEZ_ERR_NOT_FOUND;
    }
    for (int tries = 0;; tries++) {
        bool expired = reader->segments.first[0] > seal.index;
        err = oyez_reader_enter(reader, next_number(reader), expired ? NULL : &seal);
        if (err != OYEZ_ERR_IO || tries > 0)
            return err;
        // It may have expired since the directory was listed.
        err = oyez_segments_refresh(&reader->segments);
        if (err != OYEZ_OK)
            return err;
    }
}

// The writer may be in the middle of a group, so bad bytes at the end are no news: unless a later
// mark says that they were safe. It may have been written since they were read: look again.
static oyez_err judge_stop(oyez_journal_reader *reader, struct oyez_scan_stop *stop)
{
    bool damaged;

    if (next_number(reader) < reader->segments.count)
        return oyez_scan_fail(&reader->scan, stop);
    oyez_err err = oyez_tail_find_damage(&reader->scan, stop, &reader->judged, &damaged);
    if (err != OYEZ_OK)
        return err;
    if (!damaged)
        return OYEZ_ERR_NOT_FOUND;
    err = oyez_scan_next(&reader->scan, &reader->group, stop);
    return err == OYEZ_ERR_NOT_FOUND ? oyez_scan_fail(&reader->scan, stop) : err;
}

// A segment without a record is made anew under its name when the journal is opened again.
static oyez_err enter_if_another(oyez_journal_reader *reader, bool *moved)
{
    size_t i = oyez_segments_at(&reader->segments, reader->segment.header.first_index);
    struct oyez_segments_item *item;

    if (reader->scan.offset > OYEZ_SEGMENT_HEADER_SIZE ||
        reader->segments.first[i] != reader->segment.header.first_index)
        return OYEZ_OK;
    oyez_err err = oyez_segments_use(&reader->segments, i, &item);
    if (err != OYEZ_OK) // damage is named where the scan stands
        return err == OYEZ_ERR_CORRUPT ? OYEZ_OK : err;
    if (item->segment.header.sum == reader->segment.header.sum)
        return OYEZ_OK;
    *moved = true;
    return oyez_reader_enter(reader, i, NULL);
}

// Bytes that were read ahead may be older than what the writer has put there since: the zeros that
// it fills a file with, for instance.
static oyez_err scan_on(oyez_journal_reader *reader, struct oyez_scan_stop *stop)
{
    bool ahead = reader->scan.size > 0;
    oyez_err err = oyez_scan_next(&reader->scan, &reader->group, stop);

    return err == OYEZ_ERR_NOT_FOUND && ahead ? oyez_scan_next(&reader->scan, &reader->group, stop)
                                              : err;
}

static oyez_err next_group(oyez_journal_reader *reader)
{
    struct oyez_scan_stop stop;
    oyez_err err;

    for (;;) {
        err = reader->scan.sealed ? OYEZ_ERR_NOT_FOUND : scan_on(reader, &stop);
        if (err == OYEZ_ERR_NOT_FOUND && reader->scan.sealed) {
            err = go_to_next_segment(reader);
            if (err == OYEZ_OK)
                continue;
            return err;
        }
        if (err == OYEZ_ERR_NOT_FOUND) {
            // A segment that is not the last any more may have been sealed since it was read.
            bool was_last = next_number(reader) >= reader->segments.count;
            bool moved = false;
            err = oyez_segments_refresh(&reader->segments);
            if (err == OYEZ_OK && was_last && next_number(reader) < reader->segments.count)
                continue;
            if (err == OYEZ_OK)
                err = enter_if_another(reader, &moved);
            if (err == OYEZ_OK && moved)
                continue;
            if (err == OYEZ_OK)
                err = judge_stop(reader, &stop);
        }
        break;
    }
    reader->in_group = err == OYEZ_OK;
    reader->group_at = 0;
    return err;
}

oyez_err oyez_journal_reader_next(oyez_journal_reader *reader, struct oyez_journal_record *record)
{
    struct oyez_frame frame;

    for (;;) {
        while (reader->in_group &&
               oyez_scan_next_frame(&reader->scan, &reader->group, &reader->group_at, &frame)) {
            if (frame.index < reader->target)
                continue;
            reader->target = frame.index + 1;
            oyez_frame_record(&frame, record);
            return OYEZ_OK;
        }
        oyez_err err = next_group(reader);
        if (err != OYEZ_OK)
            return err;
    }
}

oyez_err oyez_journal_reader_read(oyez_journal_reader *reader, uint64_t index,
                                  struct oyez_journal_record *record)
{
    // Who reads backwards would list the directory for each record.
    oyez_err err = oyez_segments_read(&reader->segments, index, record);

    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    err = oyez_segments_refresh(&reader->segments);
    return err == OYEZ_OK ? oyez_segments_read(&reader->segments, index, record) : err;
}

oyez_err oyez_journal_reader_find_event_id(oyez_journal_reader *reader, struct oyez_uuid event_id,
                                           uint64_t *index)
{
    oyez_err err = oyez_segments_refresh(&reader->segments);

    return err == OYEZ_OK ? oyez_segments_find(&reader->segments, UINT64_MAX, event_id, index)
                          : err;
}

oyez_err oyez_journal_reader_refresh(oyez_journal_reader *reader, size_t *segments)
{
    oyez_err err = oyez_segments_refresh(&reader->segments);

    *segments = reader->segments.count;
    return err;
}

uint64_t oyez_journal_reader_erasures(const oyez_journal_reader *reader)
{
    return reader->segments.erasures;
}

oyez_err oyez_journal_reader_segment(oyez_journal_reader *reader, size_t i,
                                     struct oyez_journal_segment *out)
{
    if (i >= reader->segments.count)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no such segment");
    return oyez_segments_describe(&reader->segments, i, out);
}

oyez_err oyez_journal_reader_storage(oyez_journal_reader *reader, size_t i,
                                     struct oyez_journal_storage *out)
{
    const struct oyez_disk *disk = reader->disk;
    struct oyez_segments_item *item;

    if (i >= reader->segments.count)
        return oyez_fail(OYEZ_ERR_NOT_FOUND, "no such segment");
    oyez_err err = oyez_segments_use(&reader->segments, i, &item);
    if (err != OYEZ_OK)
        return err;
    off_t size = oyez_segment_size(&item->segment, disk);
    off_t packed = item->segment.archive != NULL ? disk->size(disk->context, item->segment.fd) : 0;
    if (size < 0 || packed < 0)
        return oyez_disk_fail(item->segment.path, "asking for its size");
    *out = (struct oyez_journal_storage){(uint64_t)size, (uint64_t)packed};
    return OYEZ_OK;
}

oyez_err oyez_journal_reader_end(oyez_journal_reader *reader, uint64_t *records)
{
    struct oyez_journal_span span;
    oyez_err err = oyez_segments_refresh(&reader->segments);

    if (err != OYEZ_OK)
        return err;
    size_t last = reader->segments.count - 1;
    err = oyez_segments_check_end(&reader->segments, last);
    if (err == OYEZ_OK)
        err = oyez_segments_records(&reader->segments, last, records, &span);
    if (err == OYEZ_OK)
        *records += reader->segments.first[last];
    return err;
}
