// SPDX-License-Identifier: MIT
// What a crash may have left is cut and reported; whatever else is wrong is named and left alone.
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expired.h"
#include "journal_state.h"
#include "oyez/disk.h"
#include "tail.h"

#define COPY_SIZE (256u * 1024u)

struct last_segment {
    struct oyez_segment segment;
    uint64_t end;
    uint64_t index;
    uint32_t chain;
    uint64_t synced;
    uint8_t mark; // the last one's kind; 0 = none
    struct oyez_tail tail;
};

// What is missing before the first segment was removed by an act, or by somebody else.
static oyez_err check_begin(oyez_journal *journal, uint64_t first, const char *name)
{
    struct oyez_expired expired;
    oyez_err err = oyez_expired_find(&expired, journal->disk, journal->directory, first);

    if (err == OYEZ_ERR_NOT_FOUND)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: records 0 to %" PRIu64 " are missing before it, and no act of the "
                         "journal removed them",
                         name, first - 1);
    if (err != OYEZ_OK)
        return err;
    oyez_expired_note(journal->disk, journal->directory, expired.index);
    // Of a journal in which nothing is left that has a place in the stream.
    journal->epoch = expired.epoch;
    journal->position = expired.position;
    return OYEZ_OK;
}

// All but the last have a seal, and each begins where the one before it ended.
static oyez_err check_sealed(oyez_journal *journal, const struct oyez_segment_list *list)
{
    struct oyez_segment segment, next;
    oyez_err err =
        oyez_segment_open(&segment, journal->disk, journal->directory, list->first[0], O_RDONLY);

    if (err != OYEZ_OK)
        return err;
    memcpy(journal->journal_id, segment.header.journal_id, OYEZ_JOURNAL_ID_SIZE);
    if (list->first[0] != 0)
        err = check_begin(journal, list->first[0], segment.name);
    for (size_t i = 0; i + 1 < list->count && err == OYEZ_OK; i++) {
        struct oyez_mark seal;
        uint64_t offset;
        err = oyez_segment_read_seal(&segment, journal->disk, &seal, &offset);
        if (err == OYEZ_ERR_NOT_FOUND)
            err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: no good seal at its end, and a segment after it",
                            segment.name);
        if (err != OYEZ_OK)
            break;
        if (seal.span.last_epoch != 0) {
            journal->epoch = seal.span.last_epoch;
            journal->position = seal.span.last_position;
        }
        err = oyez_segment_open(&next, journal->disk, journal->directory, list->first[i + 1],
                                O_RDONLY);
        if (err != OYEZ_OK)
            break;
        err = oyez_segment_check_next(&segment.header, &seal, &next);
        oyez_segment_close(&segment, journal->disk);
        segment = next;
    }
    oyez_segment_close(&segment, journal->disk);
    return err;
}

static oyez_err add_group(oyez_journal *journal, const struct oyez_scan *scan,
                          const struct oyez_group *group)
{
    struct oyez_journal_record record;
    struct oyez_frame frame;
    size_t at = 0;

    while (oyez_scan_next_frame(scan, group, &at, &frame)) {
        oyez_frame_record(&frame, &record);
        oyez_err err =
            oyez_segment_map_add(&journal->map, &record, group->offset + at - frame.size);
        if (err != OYEZ_OK)
            return err;
    }
    return OYEZ_OK;
}

static oyez_err judge(struct oyez_scan *scan, const struct oyez_scan_stop *stop,
                      struct last_segment *last)
{
    oyez_err err = oyez_tail_judge(scan, stop, &last->tail);

    if (err == OYEZ_OK && (last->tail.damaged || (scan->sealed && last->tail.bytes > 0)))
        return oyez_fail(
            OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": %s", last->segment.name, stop->offset,
            scan->sealed ? "bytes behind the seal" : oyez_frame_fault_text(stop->fault));
    return err;
}

static oyez_err read_last(oyez_journal *journal, struct last_segment *last)
{
    struct oyez_scan scan = {0};
    struct oyez_group group;
    struct oyez_scan_stop stop;
    oyez_err err;

    oyez_scan_begin(&scan, journal->disk, &last->segment);
    while ((err = oyez_scan_next(&scan, &group, &stop)) == OYEZ_OK) {
        last->mark = group.mark.kind;
        err = add_group(journal, &scan, &group);
        if (err != OYEZ_OK)
            break;
    }
    last->end = scan.offset;
    last->index = scan.index;
    last->chain = scan.chain;
    last->synced = scan.synced;
    if (err == OYEZ_ERR_NOT_FOUND)
        err = judge(&scan, &stop, last);
    oyez_scan_end(&scan);
    return err;
}

// After a failed sync the system may show bytes that the disk never got, and the next sync would
// not notice. Written once more they are its duty again.
static oyez_err write_again(oyez_journal *journal, const struct last_segment *last)
{
    uint64_t at = last->synced > OYEZ_SEGMENT_HEADER_SIZE ? last->synced : OYEZ_SEGMENT_HEADER_SIZE;
    uint8_t *copy = malloc(COPY_SIZE);
    oyez_err err = OYEZ_OK;

    if (copy == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "recovering %s", last->segment.name);
    while (at < last->end && err == OYEZ_OK) {
        size_t size = last->end - at < COPY_SIZE ? (size_t)(last->end - at) : COPY_SIZE;
        size_t got = 0;
        err = oyez_segment_read(&last->segment, journal->disk, copy, size, at, &got);
        if (err == OYEZ_OK)
            err =
                oyez_disk_write(journal->disk, last->segment.fd, last->segment.path, copy, got, at);
        at += size;
    }
    free(copy);
    return err;
}

static oyez_err sync_again(oyez_journal *journal, const struct last_segment *last)
{
    const struct oyez_disk *disk = journal->disk;
    oyez_err err = write_again(journal, last);

    if (err == OYEZ_OK && disk->fdatasync(disk->context, last->segment.fd) != 0)
        err = oyez_disk_fail(last->segment.path, "syncing");
    return err;
}

static oyez_err cut(oyez_journal *journal, const struct last_segment *last)
{
    const struct oyez_disk *disk = journal->disk;

    if (disk->ftruncate(disk->context, last->segment.fd, (off_t)last->end) != 0)
        return oyez_disk_fail(last->segment.path, "cutting the tail");
    return sync_again(journal, last);
}

static void adopt(oyez_journal *journal, const struct last_segment *last)
{
    journal->segment = last->segment;
    journal->end = last->end;
    journal->chain = last->chain;
    journal->next_index = journal->group_first = last->index;
    journal->written_end = journal->synced_end = last->end;
    journal->written_index = journal->durable = last->index;
    if (journal->map.span.last_epoch != 0) {
        journal->epoch = journal->map.span.last_epoch;
        journal->position = journal->map.span.last_position;
    }
    off_t size = oyez_segment_size(&last->segment, journal->disk);
    journal->filled = size > 0 ? (uint64_t)size : last->end;
    journal->closed = last->mark == OYEZ_MARK_CLOSE;
}

static oyez_err seal_and_go_on(oyez_journal *journal, const struct last_segment *last)
{
    if (journal->map.records == 0) {
        // Made anew under its own name: there is nothing in it, and no room for two of that name.
        journal->chain = last->segment.header.chain;
        return oyez_journal_begin_segment(journal);
    }
    // What begins behind a mark makes it part of the record: it must not be in memory alone.
    oyez_err err = cut(journal, last);
    if (err == OYEZ_OK && last->mark != OYEZ_MARK_SEAL)
        err = oyez_journal_write_mark(journal, OYEZ_MARK_SEAL, false);
    if (err == OYEZ_OK)
        (void)oyez_event_ids_write(journal->disk, journal->directory, &journal->segment.header,
                                   journal->chain, &journal->map);
    return err == OYEZ_OK ? oyez_journal_begin_segment(journal) : err;
}

oyez_err oyez_journal_recover(oyez_journal *journal, const struct oyez_segment_list *list,
                              const struct oyez_journal_options *options,
                              struct oyez_journal_report *report)
{
    struct last_segment last = {0};
    oyez_err err = check_sealed(journal, list);

    if (err == OYEZ_OK)
        err = oyez_segment_open(&last.segment, journal->disk, journal->directory,
                                list->first[list->count - 1], O_RDWR);
    if (err != OYEZ_OK)
        return err;
    err = read_last(journal, &last);
    adopt(journal, &last);
    if (err != OYEZ_OK)
        return err;
    report->clean = last.mark == OYEZ_MARK_CLOSE && last.tail.bytes == 0 && !journal->was_reopened;
    if (last.tail.bytes > 0) {
        report->torn_bytes = last.tail.bytes;
        report->torn_records = last.tail.records;
        memcpy(report->torn_file, last.segment.name, sizeof(last.segment.name));
    }
    err = oyez_journal_check_tree(journal, list, options, report);
    if (err != OYEZ_OK)
        return err;
    // Of a journal that was closed only the mark of its end can be unsafe, until the next commit.
    return report->clean ? write_again(journal, &last) : seal_and_go_on(journal, &last);
}
