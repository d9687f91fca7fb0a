// SPDX-License-Identifier: MIT
// An erasure is an act: who blanks an event without one hides something.
#include <stdlib.h>

#include "erasure_act.h"
#include "oyez/erase.h"
#include "record_kind.h"
#include "unfinished.h"
#include "verify_state.h"

static oyez_err make_room(void **list, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return OYEZ_OK;
    size_t next = *room == 0 ? 64 : *room * 2;
    void *grown = realloc(*list, next * size);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of erased events");
    *list = grown;
    *room = next;
    return OYEZ_OK;
}

oyez_err oyez_verify_erased_add(struct oyez_verify_erased *erased,
                                const struct oyez_journal_record *record, uint64_t segment,
                                uint64_t offset)
{
    void *list = erased->blanks;
    oyez_err err =
        make_room(&list, &erased->blank_room, erased->blank_count, sizeof(*erased->blanks));

    erased->blanks = list;
    if (err == OYEZ_OK)
        erased->blanks[erased->blank_count++] =
            (struct oyez_verify_blank){.place = {record->epoch, record->position},
                                       .index = record->index,
                                       .offset = offset,
                                       .segment = segment};
    return err;
}

oyez_err oyez_verify_erased_act(struct oyez_verify_erased *erased,
                                const struct oyez_journal_record *act, bool *good)
{
    struct oyez_erasure_event event;
    size_t at = 0;

    *good = false;
    while (oyez_erasure_next_event(act, &at, &event)) {
        void *list = erased->acts;
        oyez_err err =
            make_room(&list, &erased->act_room, erased->act_count, sizeof(*erased->acts));
        erased->acts = list;
        if (err != OYEZ_OK)
            return err;
        erased->acts[erased->act_count++] = (struct oyez_verify_place){event.epoch, event.position};
        *good = true;
    }
    return OYEZ_OK;
}

static int compare_places(const void *a, const void *b)
{
    const struct oyez_verify_place *x = a, *y = b;

    if (x->epoch != y->epoch)
        return x->epoch < y->epoch ? -1 : 1;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return 0;
}

static int compare_blanks(const void *a, const void *b)
{
    const struct oyez_verify_blank *x = a, *y = b;

    return compare_places(&x->place, &y->place);
}

static bool is_covered(const struct oyez_verify_erased *erased,
                       const struct oyez_verify_blank *blank)
{
    return erased->act_count > 0 && bsearch(&blank->place, erased->acts, erased->act_count,
                                            sizeof(*erased->acts), compare_places) != NULL;
}

static bool is_blank(const struct oyez_verify_erased *erased, const struct oyez_verify_place *place)
{
    const struct oyez_verify_blank wanted = {.place = *place};

    return erased->blank_count > 0 && bsearch(&wanted, erased->blanks, erased->blank_count,
                                              sizeof(wanted), compare_blanks) != NULL;
}

static void sort_acts(struct oyez_verify_erased *erased)
{
    if (erased->act_count > 0)
        qsort(erased->acts, erased->act_count, sizeof(*erased->acts), compare_places);
}

// A blank may be seen before its act, where that was recorded behind what was read.
static oyez_err read_later_acts(struct oyez_verify_erased *erased, oyez_journal_reader *reader,
                                uint64_t records)
{
    struct oyez_journal_record record;
    bool good;
    oyez_err err = oyez_journal_reader_seek_index(reader, records);

    while (err == OYEZ_OK) {
        err = oyez_journal_reader_next(reader, &record);
        if (err == OYEZ_OK && oyez_erasure_names_events(&record))
            err = oyez_verify_erased_act(erased, &record, &good);
    }
    sort_acts(erased);
    // Damage was told where it was met.
    return err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_CORRUPT ? OYEZ_OK : err;
}

static oyez_err judge_blanks(struct oyez_verify_erased *erased,
                             const struct oyez_verify_report *report, oyez_journal_reader *reader,
                             uint64_t records)
{
    char name[OYEZ_SEGMENT_NAME_SIZE];
    bool later = false;
    oyez_err err = OYEZ_OK;

    for (size_t i = 0; err == OYEZ_OK && i < erased->blank_count; i++) {
        const struct oyez_verify_blank *blank = &erased->blanks[i];
        if (!is_covered(erased, blank) && !later) {
            err = read_later_acts(erased, reader, records);
            later = true;
        }
        if (err != OYEZ_OK || is_covered(erased, blank))
            continue;
        oyez_segment_name(name, blank->segment, ".seg");
        oyez_verify_tell(report, name, blank->offset, blank->index,
                         "the event was blanked, and no act of erasure covers it");
    }
    return err;
}

// What an act names has to be gone, or about to be.
static oyez_err judge_whole(struct oyez_verify_erased *erased,
                            const struct oyez_verify_report *report, oyez_journal_reader *reader,
                            const struct oyez_unfinished *unfinished,
                            const struct oyez_verify_place *place)
{
    struct oyez_journal_record record;
    char name[OYEZ_SEGMENT_NAME_SIZE];
    uint64_t offset = 0;
    oyez_err err = oyez_journal_reader_seek_cursor(reader, place->epoch, place->position);

    if (err == OYEZ_OK)
        err = oyez_journal_reader_next(reader, &record);
    if (err != OYEZ_OK)
        return err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_CORRUPT ? OYEZ_OK : err;
    if (oyez_record_is_repeat(record.kind) || !oyez_record_is_event(record.kind) || record.erased ||
        record.epoch != place->epoch || record.position != place->position)
        return OYEZ_OK;
    if (oyez_unfinished_find(unfinished, record.index) != NULL) {
        report->verdict->being_erased++;
        return OYEZ_OK;
    }
    (void)oyez_segments_offset(erased->segments, record.index, &offset);
    oyez_segment_name(
        name, erased->segments->first[oyez_segments_at(erased->segments, record.index)], ".seg");
    oyez_verify_tell(report, name, offset, record.index,
                     "an act of erasure names the event, and it is still there");
    return OYEZ_OK;
}

static oyez_err judge_acts(struct oyez_verify_erased *erased,
                           const struct oyez_verify_report *report, oyez_journal_reader *reader)
{
    struct oyez_unfinished unfinished;
    oyez_err err =
        oyez_unfinished_load(erased->segments->disk, erased->segments->directory, &unfinished);

    if (err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_VERSION)
        oyez_verify_tell(report, OYEZ_UNFINISHED_FILE, 0, 0, "%s", oyez_error_detail());
    else if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND)
        return err;
    err = OYEZ_OK;
    if (erased->blank_count > 0)
        qsort(erased->blanks, erased->blank_count, sizeof(*erased->blanks), compare_blanks);
    for (size_t i = 0; err == OYEZ_OK && i < erased->act_count; i++)
        if (!is_blank(erased, &erased->acts[i]) &&
            (i == 0 || compare_places(&erased->acts[i - 1], &erased->acts[i]) != 0))
            err = judge_whole(erased, report, reader, &unfinished, &erased->acts[i]);
    oyez_unfinished_clear(&unfinished);
    return err;
}

oyez_err oyez_verify_erased_end(struct oyez_verify_erased *erased,
                                const struct oyez_verify_report *report, uint64_t records)
{
    oyez_journal_reader *reader = NULL;
    oyez_err err = OYEZ_OK;

    if (erased->blank_count == 0 && erased->act_count == 0)
        return OYEZ_OK;
    sort_acts(erased);
    err = oyez_journal_reader_open(&reader, erased->segments->directory, erased->segments->disk);
    if (err == OYEZ_OK)
        err = judge_blanks(erased, report, reader, records);
    if (err == OYEZ_OK)
        err = judge_acts(erased, report, reader);
    oyez_journal_reader_close(&reader);
    return err;
}

void oyez_verify_erased_clear(struct oyez_verify_erased *erased)
{
    free(erased->blanks);
    free(erased->acts);
    *erased = (struct oyez_verify_erased){0};
}
