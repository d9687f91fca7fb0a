// SPDX-License-Identifier: MIT
// Where a journal begins, of which retention took the beginning.
#include "expired.h"
#include "reader_state.h"
#include "record_kind.h"

// An epoch's end has the position of the record before it, which is gone.
static oyez_err look_for_end(oyez_journal_reader *reader, size_t i, uint64_t records,
                             struct oyez_journal_begin *out)
{
    struct oyez_journal_record record = {.kind = OYEZ_RECORD_ACT_LAST};

    for (uint64_t at = 0; at < records && !oyez_record_has_position(record.kind); at++) {
        oyez_err err =
            oyez_segments_read(&reader->segments, reader->segments.first[i] + at, &record);
        if (err != OYEZ_OK)
            return err;
    }
    out->position += record.kind == OYEZ_RECORD_EPOCH_END;
    return OYEZ_OK;
}

// What is there tells it where the first record does not begin an epoch.
static oyez_err look_at_spans(oyez_journal_reader *reader, struct oyez_journal_begin *out,
                              uint64_t *epoch)
{
    struct oyez_journal_span span = {.first_epoch = 0};
    uint64_t records = 0;
    size_t i = 0;

    for (; i < reader->segments.count && span.first_epoch == 0; i++) {
        oyez_err err = oyez_segments_records(&reader->segments, i, &records, &span);
        if (err != OYEZ_OK)
            return err;
    }
    *epoch = span.first_epoch;
    if (*epoch == 0 || span.first_position == 0)
        return OYEZ_OK;
    out->position = span.first_position - 1;
    oyez_err err = look_for_end(reader, i - 1, records, out);
    if (out->position > 0)
        out->epoch = *epoch;
    return err;
}

static oyez_err look(oyez_journal_reader *reader, struct oyez_journal_begin *out)
{
    struct oyez_expired expired;
    uint64_t epoch;
    oyez_err err = look_at_spans(reader, out, &epoch);

    if (err != OYEZ_OK || out->epoch != 0)
        return err;
    err = oyez_expired_find(&expired, reader->disk, reader->segments.directory, out->index);
    // Where the first record begins an epoch, an earlier one was removed to its end. An act that
    // removed more than its journal could let go of says more than that.
    if (err == OYEZ_OK && (epoch == 0 || expired.epoch < epoch)) {
        out->epoch = expired.epoch;
        out->position = expired.position;
    }
    return err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_CORRUPT ? OYEZ_OK : err;
}

oyez_err oyez_journal_reader_begin(oyez_journal_reader *reader, struct oyez_journal_begin *out)
{
    uint64_t first = reader->segments.first[0];

    if (reader->begin.index != first) {
        struct oyez_journal_begin begin = {.index = first};
        oyez_err err = first > 0 ? look(reader, &begin) : OYEZ_OK;
        // Damage hides how far what is gone reached; it is met by who reads on.
        if (err == OYEZ_ERR_CORRUPT)
            begin = (struct oyez_journal_begin){.index = first};
        else if (err != OYEZ_OK)
            return err;
        reader->begin = begin;
    }
    *out = reader->begin;
    return OYEZ_OK;
}
