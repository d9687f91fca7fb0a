// SPDX-License-Identifier: MIT
// An erasure that another journal with the same records has done is done here too.
#include <inttypes.h>
#include <stdlib.h>

#include "erasure_act.h"
#include "journal_state.h"
#include "oyez/erase.h"

bool oyez_erasure_names_events(const struct oyez_journal_record *act)
{
    struct oyez_erasure_event event;
    size_t at = 0;

    return (act->kind == OYEZ_RECORD_ERASED || act->kind == OYEZ_RECORD_EXPIRED) &&
           oyez_erasure_next_event(act, &at, &event);
}

static bool is_event_at(const struct oyez_journal_record *record,
                        const struct oyez_erasure_event *event)
{
    return (record->kind == OYEZ_RECORD_EVENT || record->kind == OYEZ_RECORD_PERSONAL_EVENT) &&
           record->epoch == event->epoch && record->position == event->position;
}

// Not every event has an id, and two may have one.
static oyez_err find_by_place(oyez_journal *journal, const struct oyez_erasure_event *event,
                              struct oyez_journal_record *record)
{
    oyez_journal_reader *reader = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, journal->directory, journal->disk);

    if (err == OYEZ_OK)
        err = oyez_journal_reader_seek_cursor(reader, event->epoch, event->position);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_next(reader, record);
    uint64_t index = err == OYEZ_OK ? record->index : 0;
    bool found = err == OYEZ_OK && is_event_at(record, event);
    oyez_journal_reader_close(&reader);
    if (found)
        return oyez_journal_read(journal, index, record);
    return err == OYEZ_OK || err == OYEZ_ERR_NOT_FOUND
               ? oyez_fail(OYEZ_ERR_NOT_FOUND, "no event at %" PRIu64 ":%" PRIu64, event->epoch,
                           event->position)
               : err;
}

static oyez_err find(oyez_journal *journal, const struct oyez_erasure_event *event,
                     struct oyez_journal_record *record)
{
    uint64_t index;
    oyez_err err = oyez_journal_find_event_id(journal, event->event_id, &index);

    if (err == OYEZ_OK)
        err = oyez_journal_read(journal, index, record);
    if (err == OYEZ_OK && is_event_at(record, event))
        return OYEZ_OK;
    return err == OYEZ_OK || err == OYEZ_ERR_NOT_FOUND ? find_by_place(journal, event, record)
                                                       : err;
}

static int compare(const void *a, const void *b)
{
    const struct oyez_unfinished_blank *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static oyez_err plan(oyez_journal *journal, const struct oyez_journal_record *act,
                     struct oyez_unfinished *out)
{
    struct oyez_journal_record record;
    struct oyez_erasure_event event;
    size_t at = 0, room = act->details_size / sizeof("event 1:1 ") + 1;
    oyez_err err = OYEZ_OK;

    out->work = OYEZ_UNFINISHED_ERASE;
    out->blanks = calloc(room, sizeof(*out->blanks));
    if (out->blanks == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "an act of erasure");
    while (err == OYEZ_OK && oyez_erasure_next_event(act, &at, &event)) {
        err = find(journal, &event, &record);
        // What is not here any more was removed with its segment.
        if (err == OYEZ_ERR_NOT_FOUND || (err == OYEZ_OK && record.erased)) {
            err = OYEZ_OK;
            continue;
        }
        if (err == OYEZ_OK)
            err = oyez_leaf_commit(journal->hasher, &record, out->blanks[out->count].commitment);
        if (err == OYEZ_OK)
            out->blanks[out->count++].index = record.index;
    }
    qsort(out->blanks, out->count, sizeof(*out->blanks), compare);
    for (size_t i = 1; err == OYEZ_OK && i < out->count; i++)
        if (out->blanks[i].index == out->blanks[i - 1].index)
            err = oyez_fail(OYEZ_ERR_CORRUPT, "an act of erasure names record %" PRIu64 " twice",
                            out->blanks[i].index);
    return err;
}

static oyez_err append_alone(oyez_journal *journal, const struct oyez_journal_record *act)
{
    oyez_err err = oyez_journal_append(journal, act, NULL);

    return err == OYEZ_OK ? oyez_journal_commit(journal, NULL) : err;
}

oyez_err oyez_journal_follow_erasure(oyez_journal *journal, const struct oyez_journal_record *act)
{
    struct oyez_unfinished unfinished = {0};
    struct oyez_journal_record copy = *act;
    oyez_err err = oyez_journal_commit(journal, NULL);

    if (err == OYEZ_OK)
        err = plan(journal, act, &unfinished);
    if (err == OYEZ_OK && unfinished.count == 0)
        err = append_alone(journal, act);
    else if (err == OYEZ_OK)
        err = oyez_journal_do_act(journal, &unfinished, &copy, 1);
    oyez_unfinished_clear(&unfinished);
    return err;
}
