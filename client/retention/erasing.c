// SPDX-License-Identifier: MIT
#include "oyez/erasing.h"

#include <inttypes.h>
#include <stdlib.h>

// Events in one portion, so that those who wait for the writer wait shortly.
#define PORTION_MAX 4096u

static int compare(const void *a, const void *b)
{
    const struct oyez_erasing_event *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

static oyez_err judge(const struct oyez_erasing *erasing, const struct oyez_erasing_event *event,
                      const struct oyez_journal_record *record)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    const char *name = "";
    oyez_uuid_to_text(event->event_id, id);
    if (!oyez_uuid_equal(record->event_id, event->event_id))
        return oyez_fail(OYEZ_ERR_INVALID, "record %" PRIu64 " is not the event %s", record->index,
                         id);
    if (record->kind != OYEZ_RECORD_PERSONAL_EVENT)
        return oyez_fail(OYEZ_ERR_INVALID, "%s is not a personal event", id);
    if (oyez_holds_cover(erasing->holds, record, &name))
        return oyez_fail(OYEZ_ERR_FORBIDDEN, "%s is under the hold %s", id, name);
    return OYEZ_OK;
}

static oyez_err judge_all(const struct oyez_erasing *erasing, oyez_journal_reader *reader)
{
    struct oyez_journal_record record;
    oyez_err err = OYEZ_OK;
    for (size_t i = erasing->done; err == OYEZ_OK && i < erasing->count; i++) {
        err = oyez_journal_reader_read(reader, erasing->events[i].index, &record);
        if (err == OYEZ_OK)
            err = judge(erasing, &erasing->events[i], &record);
    }
    return err;
}

oyez_err oyez_erasing_check(struct oyez_erasing *erasing, const char *directory,
                            const struct oyez_disk *disk)
{
    oyez_journal_reader *reader = NULL;
    if (erasing->count > 0)
        qsort(erasing->events, erasing->count, sizeof *erasing->events, compare);
    oyez_holds_close(&erasing->holds);
    oyez_err err = oyez_journal_reader_open(&reader, directory, disk);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_end(reader, &erasing->known);
    if (err == OYEZ_OK)
        err = oyez_holds_load(&erasing->holds, reader, directory, disk);
    if (err == OYEZ_OK)
        err = judge_all(erasing, reader);
    oyez_journal_reader_close(&reader);
    return err;
}

static oyez_err look_for_holds(struct oyez_erasing *erasing, oyez_journal *journal)
{
    struct oyez_journal_record record;
    oyez_err err = OYEZ_OK;
    for (; err == OYEZ_OK && erasing->known < oyez_journal_next_index(journal); erasing->known++) {
        err = oyez_journal_read(journal, erasing->known, &record);
        if (err == OYEZ_OK &&
            (record.kind == OYEZ_RECORD_HELD || record.kind == OYEZ_RECORD_RELEASED))
            err = oyez_fail(OYEZ_ERR_BUSY, "a hold was set or released meanwhile");
    }
    return err;
}

struct portion {
    const struct oyez_erasing *erasing;
    size_t from, count;
};

static oyez_err allow(void *arg, const struct oyez_journal_record *record)
{
    const struct portion *portion = arg;
    const struct oyez_erasing_event wanted = {.index = record->index};
    const struct oyez_erasing_event *event = bsearch(
        &wanted, portion->erasing->events + portion->from, portion->count, sizeof wanted, compare);
    return judge(portion->erasing, event, record);
}

static void add(struct oyez_erase_report *to, const struct oyez_erase_report *from)
{
    if (to->acts == 0)
        to->first_act = from->first_act;
    to->erased += from->erased;
    to->already += from->already;
    to->acts += from->acts;
}

oyez_err oyez_erasing_step(struct oyez_erasing *erasing, oyez_journal *journal)
{
    uint64_t indexes[PORTION_MAX];
    struct oyez_erase_report report;
    struct portion portion = {.erasing = erasing, .from = erasing->done};
    const struct oyez_erasure erasure = {.kind = OYEZ_RECORD_ERASED,
                                         .by = erasing->by,
                                         .why = erasing->why,
                                         .allow = allow,
                                         .arg = &portion,
                                         .despite_damaged_files = erasing->despite_damaged_files};
    oyez_err err = look_for_holds(erasing, journal);
    if (err != OYEZ_OK)
        return err;
    size_t count = erasing->count - erasing->done;
    count = count < PORTION_MAX ? count : PORTION_MAX;
    for (size_t i = 0; i < count; i++)
        indexes[i] = erasing->events[erasing->done + i].index;
    portion.count = oyez_journal_erase_portion(journal, indexes, count);
    err = oyez_journal_erase(journal, &erasure, indexes, portion.count, &report);
    if (err == OYEZ_OK) {
        erasing->done += portion.count;
        add(&erasing->report, &report);
    }
    return err;
}

void oyez_erasing_end(struct oyez_erasing *erasing)
{
    oyez_holds_close(&erasing->holds);
    free(erasing->events);
    erasing->events = NULL;
}
