// SPDX-License-Identifier: MIT
#include "rebuild.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/expire.h"

oyez_err recorder_place_take(struct recorder_place *place, struct recorder_emitters *emitters,
                             const struct oyez_journal_record *record)
{
    struct oyez_expired expired = {.epoch = 0};
    switch (record->kind) {
    case OYEZ_RECORD_EVENT:
    case OYEZ_RECORD_PERSONAL_EVENT:
    case OYEZ_RECORD_REPEAT:
    case OYEZ_RECORD_PERSONAL_REPEAT:
        *place = (struct recorder_place){record->epoch, record->position};
        return recorder_emitters_note(emitters, record->emitter_id,
                                      (record->flags & OYEZ_RECORD_FAST) != 0, record->emitter_seq,
                                      record->epoch, record->position, record->broker_time);
    case OYEZ_RECORD_GAP:
        *place = (struct recorder_place){record->epoch, record->last_position};
        recorder_emitters_note_gap(emitters, record->epoch, record->last_position);
        return OYEZ_OK;
    case OYEZ_RECORD_EPOCH_END:
        *place = (struct recorder_place){record->next_epoch, 0};
        return OYEZ_OK;
    case OYEZ_RECORD_EXPIRED:
        // All that had a place may have gone; the act says where it stood.
        if (place->epoch == 0 && oyez_expired_read(&expired, record) && expired.next_epoch != 0)
            *place = (struct recorder_place){expired.next_epoch, 0};
        else if (place->epoch == 0 && expired.epoch != 0)
            *place = (struct recorder_place){expired.epoch, expired.position};
        return OYEZ_OK;
    default:
        return OYEZ_OK; // the journal's own acts have no place in the stream
    }
}

static oyez_err scan(struct oyez_recorder *recorder, uint64_t from)
{
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    oyez_err err = oyez_journal_reader_open(&reader, recorder->directory, recorder->disk);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_seek_index(reader, from);
    while (err == OYEZ_OK) {
        err = oyez_journal_reader_next(reader, &record);
        if (err == OYEZ_OK)
            err = recorder_place_take(&recorder->place, recorder->emitters, &record);
    }
    oyez_journal_reader_close(&reader);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

// How many records the file tells of; 0 = it is of no use.
static uint64_t load(struct oyez_recorder *recorder, uint64_t records)
{
    struct recorder_state_head head = {.records = 0};
    uint8_t *bytes;
    size_t size;
    uint64_t told = 0;
    oyez_err err = recorder_state_load(recorder->disk, recorder->directory, &bytes, &size);
    if (err == OYEZ_OK)
        err = recorder_state_decode(bytes, size, &head, recorder->emitters);
    free(bytes);
    if (err == OYEZ_OK && head.records <= records &&
        memcmp(head.journal_id, recorder->journal_id, sizeof head.journal_id) == 0) {
        recorder->place = head.place;
        recorder->over = head.over;
        recorder->heard = head.heard;
        told = head.records;
    } else if (err != OYEZ_ERR_NOT_FOUND) {
        recorder_log(recorder, OYEZ_INFO, "%s is of no use and made again from the journal: %s",
                     RECORDER_STATE_FILE,
                     err == OYEZ_OK ? "it tells of another journal" : oyez_error_detail());
    }
    return told;
}

oyez_err recorder_rebuild(struct oyez_recorder *recorder, uint64_t records)
{
    oyez_err err = recorder_emitters_open(&recorder->emitters, RECORDER_EMITTERS_MAX);
    if (err != OYEZ_OK)
        return err;
    uint64_t told = load(recorder, records);
    // What a file that is of no use has left.
    if (told == 0) {
        recorder_emitters_close(&recorder->emitters);
        err = recorder_emitters_open(&recorder->emitters, RECORDER_EMITTERS_MAX);
    }
    if (err == OYEZ_OK && told < records)
        err = scan(recorder, told);
    if (err == OYEZ_OK)
        recorder_emitters_clear_moved(recorder->emitters);
    return err;
}

void recorder_state_write(struct oyez_recorder *recorder, uint64_t records)
{
    struct recorder_state_head head = {.records = records,
                                       .place = recorder->place,
                                       .over = recorder->over,
                                       .heard = recorder->heard};
    size_t size;
    memcpy(head.journal_id, recorder->journal_id, sizeof head.journal_id);
    uint8_t *bytes = recorder_state_encode(&head, recorder->emitters, &size);
    if (bytes != NULL &&
        recorder_state_save(recorder->disk, recorder->directory, bytes, size) != OYEZ_OK)
        recorder_log(recorder, OYEZ_WARNING, "%s", oyez_error_detail());
    free(bytes);
}
