// SPDX-License-Identifier: MIT
// From what came to what is recorded.
#include <assert.h>
#include <string.h>

#include "catalogs.h"
#include "copying.h"
#include "deciding.h"
#include "wire/batch.h"
#include "writer.h"

static void count_event(struct oyez_recorder_counters *counted,
                        const struct oyez_journal_record *record)
{
    bool repeat = record->kind == OYEZ_RECORD_REPEAT || record->kind == OYEZ_RECORD_PERSONAL_REPEAT;
    counted->events += !repeat;
    counted->repeats += repeat;
    counted->conflicts += (record->flags & OYEZ_RECORD_CONFLICT) != 0;
    counted->invalid += (record->flags & OYEZ_RECORD_INVALID) != 0;
}

// A run of events of a batch that asked to be told goes on, or the next begins.
static void tell(struct recorder_writer *writer, const struct oyez_journal_record *record,
                 uint64_t index)
{
    oyez_v1_Told *told = &writer->told;
    bool duplicate =
        record->kind == OYEZ_RECORD_REPEAT || record->kind == OYEZ_RECORD_PERSONAL_REPEAT;
    uint64_t place = duplicate ? record->first_index : index;
    if (told->count > 0 && told->duplicate == duplicate && told->index + told->count == place) {
        told->count++;
        return;
    }
    recorder_group_tell(writer);
    *told = (oyez_v1_Told){.emitter_seq = record->emitter_seq,
                           .count = 1,
                           .position = record->position,
                           .index = place,
                           .duplicate = duplicate,
                           .broker_time = record->broker_time};
    memcpy(told->emitter_id.bytes, record->emitter_id.bytes, OYEZ_UUID_SIZE);
    told->emitter_id.size = OYEZ_UUID_SIZE;
}

// A new event whose envelope can be read has its catalog before it. Whether it breaks a rule of that
// is no part of the record: who has other catalogs would record another leaf.
static oyez_err keep_catalog(struct recorder_writer *writer, const struct oyez_batch *batch,
                             const struct oyez_journal_record *record)
{
    const struct oyez_event *event = &writer->arrivals.event;
    if (record->details_format == 0 ||
        (record->kind != OYEZ_RECORD_EVENT && record->kind != OYEZ_RECORD_PERSONAL_EVENT))
        return OYEZ_OK;
    oyez_err err = recorder_catalogs_before(writer, event, record->broker_time);
    if (err == OYEZ_OK && (batch->flags & OYEZ_FLAG_CHECKED) == 0)
        writer->counted.invalid_events += recorder_catalogs_judge(writer, event);
    return err;
}

static oyez_err write_event(struct recorder_writer *writer, const struct oyez_batch *batch,
                            struct oyez_journal_record *record)
{
    uint64_t index;
    oyez_err err = recorder_epoch_begin(writer, record->epoch, record->broker_time);
    assert(err != OYEZ_OK || record->position == writer->place.position + 1);
    if (err == OYEZ_OK)
        err = recorder_decide(writer->journal, writer->hasher,
                              recorder_emitters_find(writer->emitters, record->emitter_id),
                              batch->flags, record);
    if (err == OYEZ_OK)
        err = keep_catalog(writer, batch, record);
    if (err == OYEZ_OK)
        err = recorder_group_append(writer, record, &index);
    if (err == OYEZ_OK)
        err = recorder_emitters_note(writer->emitters, record->emitter_id,
                                     (record->flags & OYEZ_RECORD_FAST) != 0, record->emitter_seq,
                                     record->epoch, record->position, record->broker_time);
    if (err != OYEZ_OK)
        return err;
    writer->place.position = record->position;
    count_event(&writer->counted, record);
    if ((batch->flags & OYEZ_FLAG_TELL) != 0)
        tell(writer, record, index);
    return OYEZ_OK;
}

static bool is_recorded(const struct recorder_writer *writer, uint64_t epoch, uint64_t position)
{
    const struct recorder_place *place = &writer->place;
    return epoch < place->epoch || (epoch == place->epoch && position <= place->position);
}

static oyez_err write_frame(struct recorder_writer *writer, const struct recorder_item *item)
{
    struct oyez_batch batch;
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, item->frame, item->frame_size);
    assert(fault == OYEZ_BATCH_OK); // intake walked it
    const uint8_t *cursor = batch.events, *event;
    size_t size;
    for (uint32_t i = 0; oyez_batch_next_event(&batch, &cursor, &event, &size); i++) {
        // A crash may have cut the batch in two: its first part is there.
        if (is_recorded(writer, batch.epoch, batch.position + i))
            continue;
        struct oyez_journal_record record;
        oyez_err err = recorder_arrival_read(&writer->arrivals, &batch, i, event, size, &record);
        if (err == OYEZ_OK)
            err = write_event(writer, &batch, &record);
        if (err != OYEZ_OK)
            return err;
    }
    recorder_group_tell(writer);
    return OYEZ_OK;
}

static oyez_err write_gap(struct recorder_writer *writer, const struct recorder_item *item)
{
    oyez_err err = recorder_epoch_begin(writer, item->epoch, item->time);
    if (err != OYEZ_OK)
        return err;
    assert(item->from == writer->place.position + 1 && item->to >= item->from);
    const struct oyez_journal_record gap = {.kind = OYEZ_RECORD_GAP,
                                            .epoch = item->epoch,
                                            .position = item->from,
                                            .broker_time = item->time,
                                            .last_position = item->to,
                                            .reason = item->reason};
    err = recorder_group_append(writer, &gap, NULL);
    if (err != OYEZ_OK)
        return err;
    recorder_emitters_note_gap(writer->emitters, item->epoch, item->to);
    writer->place.position = item->to;
    writer->counted.gaps++;
    writer->counted.missing += item->to - item->from + 1;
    return OYEZ_OK;
}

oyez_err recorder_write_item(struct recorder_writer *writer, const struct recorder_item *item)
{
    if (writer->copying != NULL)
        return recorder_copy_item(writer, item);
    switch (item->kind) {
    case RECORDER_ITEM_FRAME:
        return write_frame(writer, item);
    case RECORDER_ITEM_GAP:
        return write_gap(writer, item);
    case RECORDER_ITEM_EPOCH_OVER:
        return recorder_epoch_over(writer, item);
    case RECORDER_ITEM_RECORDS:
        break; // a mirror's alone
    }
    return OYEZ_OK;
}
