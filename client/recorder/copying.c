// SPDX-License-Identifier: MIT
#include "copying.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalogs.h"
#include "oyez/erase.h"
#include "oyez/expire.h"
#include "oyez/tiles.h"
#include "rebuild.h"
#include "wire/batch.h"

#define REFUSED "this mirror does not follow its primary: "

static bool is_event(const struct oyez_journal_record *record)
{
    return record->kind >= OYEZ_RECORD_EVENT && record->kind <= OYEZ_RECORD_PERSONAL_REPEAT;
}

static bool is_repeat(const struct oyez_journal_record *record)
{
    return record->kind == OYEZ_RECORD_REPEAT || record->kind == OYEZ_RECORD_PERSONAL_REPEAT;
}

static oyez_err build_hash(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                           bool bare, uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    static _Thread_local uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    size_t size;
    if (oyez_leaf_size(record) > sizeof leaf)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a leaf of %zu bytes", oyez_leaf_size(record));
    oyez_err err = oyez_leaf_build(hasher, record, leaf, &size);
    if (err != OYEZ_OK)
        return err;
    return bare ? recorder_witness_hash(hasher, leaf, size, out)
                : oyez_leaf_hash(hasher, leaf, size, out);
}

oyez_err recorder_copying_open(struct recorder_writer *writer)
{
    uint64_t records = oyez_journal_next_index(writer->journal);
    struct oyez_journal_record last;
    writer->copying = calloc(1, sizeof *writer->copying);
    if (writer->copying == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a mirror");
    oyez_err err = recorder_witness_open(&writer->copying->witness, RECORDER_WITNESS_MAX);
    if (err != OYEZ_OK || records == 0)
        return err;
    err = oyez_journal_read(writer->journal, records - 1, &last);
    return err == OYEZ_OK ? build_hash(writer->hasher, &last, false, writer->copying->last_hash)
                          : err;
}

void recorder_copying_close(struct recorder_writer *writer)
{
    struct recorder_copying *copying = writer->copying;
    if (copying == NULL)
        return;
    recorder_log(writer->recorder, OYEZ_INFO,
                 "copied %" PRIu64 " records of the primary; %" PRIu64
                 " events among them came over the bus too, and are the same; equal roots up to "
                 "%" PRIu64 " records",
                 copying->copied, copying->witnessed, copying->compared);
    recorder_witness_close(&copying->witness);
    free(copying);
    writer->copying = NULL;
}

static oyez_err refuse_place(const struct recorder_place *place,
                             const struct oyez_journal_record *record)
{
    return oyez_fail(OYEZ_ERR_CORRUPT,
                     REFUSED "its record %" PRIu64 " is of %" PRIu64 ":%" PRIu64
                             ", but the one before it ends at %" PRIu64 ":%" PRIu64,
                     record->index, record->epoch, record->position, place->epoch, place->position);
}

oyez_err recorder_copy_follows(const struct recorder_place *place, uint64_t index,
                               const struct oyez_journal_record *record)
{
    if (record->index != index)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         REFUSED "where record %" PRIu64 " is due it gives record %" PRIu64, index,
                         record->index);
    if (!is_event(record) && record->kind != OYEZ_RECORD_GAP &&
        record->kind != OYEZ_RECORD_EPOCH_END)
        return OYEZ_OK; // an act has no place in the stream
    // Before the first epoch there is none that could have an end.
    bool first = place->epoch == 0 && record->kind != OYEZ_RECORD_EPOCH_END;
    if (record->epoch == 0 || (!first && record->epoch != place->epoch))
        return refuse_place(place, record);
    bool follows = record->kind == OYEZ_RECORD_EPOCH_END
                       ? record->position == place->position && record->next_epoch > record->epoch
                       : record->position == place->position + 1;
    if (record->kind == OYEZ_RECORD_GAP)
        follows = follows && record->last_position >= record->position;
    return follows ? OYEZ_OK : refuse_place(place, record);
}

static oyez_err differs(uint64_t epoch, uint64_t position)
{
    return oyez_fail(OYEZ_ERR_CORRUPT,
                     REFUSED "its record of %" PRIu64 ":%" PRIu64
                             " is not the event that came over the bus there",
                     epoch, position);
}

// Whichever comes second of the record and the event on the bus.
static oyez_err compare(struct recorder_writer *writer, enum recorder_witness_source source,
                        uint64_t epoch, uint64_t position, const uint8_t *hash)
{
    struct recorder_copying *copying = writer->copying;
    switch (recorder_witness_take(&copying->witness, source, epoch, position, hash)) {
    case RECORDER_WITNESS_DIFFERS:
        return differs(epoch, position);
    case RECORDER_WITNESS_SAME:
        copying->witnessed++;
        return OYEZ_OK;
    case RECORDER_WITNESS_FIRST:
        return OYEZ_OK;
    }
    return OYEZ_OK;
}

static oyez_err see_frame(struct recorder_writer *writer, const struct recorder_item *item)
{
    struct oyez_batch batch;
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, item->frame, item->frame_size);
    assert(fault == OYEZ_BATCH_OK); // intake walked it
    const uint8_t *cursor = batch.events, *event;
    uint8_t hash[OYEZ_LEAF_HASH_SIZE];
    size_t size;
    oyez_err err = OYEZ_OK;
    for (uint32_t i = 0; err == OYEZ_OK && oyez_batch_next_event(&batch, &cursor, &event, &size);
         i++) {
        struct oyez_journal_record record;
        err = recorder_arrival_read(&writer->arrivals, &batch, i, event, size, &record);
        if (err == OYEZ_OK)
            err = build_hash(writer->hasher, &record, true, hash);
        if (err == OYEZ_OK)
            err = compare(writer, RECORDER_SEEN, record.epoch, record.position, hash);
    }
    return err;
}

// What a repeat hides behind: readers are shown that one in its place.
static oyez_err check_repeat(struct recorder_writer *writer,
                             const struct oyez_journal_record *record)
{
    struct oyez_journal_record first;
    oyez_err err = OYEZ_ERR_NOT_FOUND;
    if (record->first_index < record->index)
        err = oyez_journal_read(writer->journal, record->first_index, &first);
    if (err == OYEZ_ERR_NOT_FOUND && record->first_index < record->index)
        return OYEZ_OK; // it has expired
    if (err == OYEZ_OK && is_event(&first) && !is_repeat(&first) &&
        (first.flags & OYEZ_RECORD_CONFLICT) == 0 &&
        oyez_uuid_equal(first.event_id, record->event_id))
        return OYEZ_OK;
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND)
        return err;
    return oyez_fail(OYEZ_ERR_CORRUPT,
                     REFUSED "its record of %" PRIu64 ":%" PRIu64
                             " is said to repeat record %" PRIu64 ", which is another event",
                     record->epoch, record->position, record->first_index);
}

// A gap is the primary's word that it lost events; here is a witness of what they were.
static void look_at_gap(struct recorder_writer *writer, const struct oyez_journal_record *record)
{
    uint64_t lowest = 0;
    uint64_t seen = recorder_witness_count(&writer->copying->witness, record->epoch,
                                           record->position, record->last_position, &lowest);
    writer->copying->lost += seen;
    if (seen > 0)
        recorder_log(writer->recorder, OYEZ_WARNING,
                     "the primary has a gap at %" PRIu64 ":%" PRIu64 " to %" PRIu64 "; %" PRIu64
                     " of these events came over the bus, %" PRIu64 ":%" PRIu64 " first",
                     record->epoch, record->position, record->last_position, seen, record->epoch,
                     lowest);
}

static void look_at_end(struct recorder_writer *writer, const struct oyez_journal_record *record)
{
    uint64_t lowest = 0;
    uint64_t seen = recorder_witness_count(&writer->copying->witness, record->epoch,
                                           record->position + 1, UINT64_MAX, &lowest);
    if (seen > 0)
        recorder_log(writer->recorder, OYEZ_INFO,
                     "the record of epoch %" PRIu64 " ends at %" PRIu64 "; %" PRIu64
                     " later events came over the bus",
                     record->epoch, record->position, seen);
}

static void count_record(struct recorder_writer *writer, const struct oyez_journal_record *record)
{
    struct oyez_recorder_counters *counted = &writer->counted;
    counted->events += is_event(record) && !is_repeat(record);
    counted->repeats += is_repeat(record);
    counted->conflicts += (record->flags & OYEZ_RECORD_CONFLICT) != 0;
    counted->invalid += (record->flags & OYEZ_RECORD_INVALID) != 0;
    counted->epoch_ends += record->kind == OYEZ_RECORD_EPOCH_END;
    if (record->kind != OYEZ_RECORD_GAP)
        return;
    counted->gaps++;
    counted->missing += record->last_position - record->position + 1;
}

static oyez_err witness_record(struct recorder_writer *writer, const struct recorder_copy *copy)
{
    const struct oyez_journal_record *record = &copy->record;
    uint8_t hash[OYEZ_LEAF_HASH_SIZE];
    if (record->kind == OYEZ_RECORD_GAP)
        look_at_gap(writer, record);
    if (record->kind == OYEZ_RECORD_EPOCH_END)
        look_at_end(writer, record);
    if (!is_event(record))
        return OYEZ_OK;
    oyez_err err = is_repeat(record) ? check_repeat(writer, record) : OYEZ_OK;
    if (err == OYEZ_OK)
        err = recorder_witness_hash(writer->hasher, copy->leaf, copy->leaf_size, hash);
    if (err == OYEZ_OK)
        err = compare(writer, RECORDER_COPIED, record->epoch, record->position, hash);
    return err;
}

// Whether an act removed segments from the beginning.
static bool has_removed(const struct oyez_journal_record *record)
{
    struct oyez_expired expired;
    return oyez_expired_read(&expired, record);
}

// What the primary has erased or removed goes here with the same act.
static oyez_err follow(struct recorder_writer *writer, const struct oyez_journal_record *act,
                       uint64_t *index)
{
    oyez_err err = recorder_make_quiet(writer);
    *index = oyez_journal_next_index(writer->journal);
    if (err == OYEZ_OK)
        err = oyez_erasure_names_events(act) ? oyez_journal_follow_erasure(writer->journal, act)
                                             : oyez_journal_copy_expiry(writer->journal, act);
    if (err == OYEZ_OK)
        recorder_tell_acts(writer);
    return err;
}

static oyez_err append(struct recorder_writer *writer, const struct oyez_journal_record *record,
                       uint64_t *index)
{
    return oyez_erasure_names_events(record) || has_removed(record)
               ? follow(writer, record, index)
               : recorder_group_append(writer, record, index);
}

static oyez_err copy_record(struct recorder_writer *writer, const struct recorder_copy *copy)
{
    const struct oyez_journal_record *record = &copy->record;
    uint64_t index;
    oyez_err err =
        recorder_copy_follows(&writer->place, oyez_journal_next_index(writer->journal), record);
    if (err == OYEZ_OK)
        err = witness_record(writer, copy);
    if (err == OYEZ_OK)
        err = append(writer, record, &index);
    if (err == OYEZ_OK)
        err = recorder_place_take(&writer->place, writer->emitters, record);
    if (err == OYEZ_OK && record->kind == OYEZ_RECORD_CATALOG_ADDED)
        err = recorder_catalogs_copied(writer, index);
    if (err != OYEZ_OK)
        return err;
    assert(index == record->index);
    count_record(writer, record);
    writer->copying->copied++;
    return OYEZ_OK;
}

// The primary's journal begins with ours.
static oyez_err check_before(struct recorder_writer *writer,
                             const struct recorder_records_head *head)
{
    uint64_t records = oyez_journal_next_index(writer->journal);
    if (head->end < records)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         REFUSED "it has %" PRIu64 " records, this mirror %" PRIu64
                                 ": another journal, or one that has lost its end",
                         head->end, records);
    if (records == 0)
        return OYEZ_OK;
    if (head->before_size != OYEZ_LEAF_HASH_SIZE ||
        memcmp(head->before, writer->copying->last_hash, OYEZ_LEAF_HASH_SIZE) != 0)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         REFUSED "its record %" PRIu64 ", before %" PRIu64 ":%" PRIu64
                                 ", is not the one that this mirror has: another journal, or one "
                                 "that was changed",
                         records - 1, writer->place.epoch, writer->place.position + 1);
    return OYEZ_OK;
}

static oyez_err compare_roots(struct recorder_writer *writer)
{
    struct recorder_copying *copying = writer->copying;
    oyez_tiles *tiles = NULL;
    oyez_err err = oyez_tiles_open(&tiles, writer->recorder->directory, writer->recorder->disk);
    if (err == OYEZ_OK)
        err = oyez_tiles_check(tiles, writer->hasher, copying->checkpoint, &copying->root);
    oyez_tiles_close(&tiles);
    if (err == OYEZ_ERR_CORRUPT)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        REFUSED "its checkpoint over %" PRIu64
                                " records has another root: one of them was changed",
                        copying->checkpoint);
    if (err == OYEZ_OK)
        copying->compared = copying->checkpoint;
    copying->checkpoint = 0;
    return err;
}

// What was copied long ago may be changed there later, and the tree with it.
static oyez_err check_root(struct recorder_writer *writer, const struct recorder_records_head *head)
{
    struct oyez_recorder *recorder = writer->recorder;
    struct recorder_copying *copying = writer->copying;
    pthread_mutex_lock(&recorder->lock);
    uint64_t covered = recorder->counters.checkpointed;
    pthread_mutex_unlock(&recorder->lock);
    oyez_err err = OYEZ_OK;
    if (copying->checkpoint != 0 && copying->checkpoint <= covered)
        err = compare_roots(writer);
    if (copying->checkpoint == 0 && head->checkpoint > copying->compared && head->root_size > 0) {
        copying->checkpoint = head->checkpoint;
        memcpy(copying->root.bytes, head->root, head->root_size);
    }
    return err;
}

static oyez_err copy_records(struct recorder_writer *writer, const struct recorder_item *item)
{
    struct recorder_records_head head;
    struct recorder_copy copy = {.leaf = NULL};
    uint64_t count;
    size_t offset = 0;
    bool is_records = recorder_records_read(item->frame, item->frame_size, &head, &count);
    assert(is_records); // intake read it
    oyez_err err = check_before(writer, &head);
    if (err == OYEZ_OK)
        err = check_root(writer, &head);
    while (err == OYEZ_OK) {
        err = recorder_records_next(item->frame, item->frame_size, &offset, writer->hasher, &copy);
        if (err == OYEZ_OK)
            err = copy_record(writer, &copy);
    }
    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    return copy.leaf == NULL ? OYEZ_OK
                             : oyez_leaf_hash(writer->hasher, copy.leaf, copy.leaf_size,
                                              writer->copying->last_hash);
}

static void tell_counts(struct recorder_writer *writer)
{
    struct oyez_recorder *recorder = writer->recorder;
    pthread_mutex_lock(&recorder->lock);
    recorder->counters.copied = writer->copying->copied;
    recorder->counters.witnessed = writer->copying->witnessed;
    pthread_mutex_unlock(&recorder->lock);
}

oyez_err recorder_copy_item(struct recorder_writer *writer, const struct recorder_item *item)
{
    oyez_err err = OYEZ_OK;
    switch (item->kind) {
    case RECORDER_ITEM_FRAME:
        err = see_frame(writer, item);
        break;
    case RECORDER_ITEM_RECORDS:
        err = copy_records(writer, item);
        break;
    case RECORDER_ITEM_EPOCH_OVER:
        // Of the first epoch that the record has not left behind: so much a mirror that becomes the
        // primary can say of its end.
        if (item->epoch >= writer->place.epoch &&
            (writer->over.epoch == 0 || writer->over.epoch < writer->place.epoch))
            writer->over = (struct recorder_heard){item->epoch, item->highest, item->clean};
        break;
    case RECORDER_ITEM_GAP:
        break; // what is missing on the bus the primary may have
    }
    tell_counts(writer);
    return err;
}
