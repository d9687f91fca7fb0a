// SPDX-License-Identifier: MIT
// From indexes of events to the acts that name them, and what those promise.
#include "oyez/erase.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "erasure_act.h"
#include "journal_state.h"
#include "note_text.h"
#include "oyez/disk.h"

#define PORTION_COST 16u // segments that are written in place; an archived one costs as much
#define TEXTS_MAX (OYEZ_ERASE_BY_MAX + OYEZ_ERASE_WHY_MAX + 16u) // with their words
#define EVENTS_AN_ACT ((OYEZ_ERASURE_ACT_MAX - TEXTS_MAX) / OYEZ_ERASURE_LINE_MAX)
#define ACTS_MAX (OYEZ_ERASE_MAX / EVENTS_AN_ACT + 1)

static_assert(OYEZ_ERASE_MAX <= OYEZ_UNFINISHED_BLANKS_MAX, "one file says what is to be done");
static_assert(ACTS_MAX * (OYEZ_ERASURE_ACT_MAX + OYEZ_FRAME_HEAD_SIZE) <= OYEZ_FRAME_MAX,
              "all acts of a call fit in the smallest group");

// What is to be erased, and how it will be said.
struct erasing {
    oyez_journal *journal;
    const struct oyez_erasure *erasure;
    struct oyez_unfinished unfinished;
    struct oyez_journal_record acts[ACTS_MAX];
    size_t act_count;
    size_t events; // in the last act
    char *text;    // of all acts
    size_t size, act_start;
};

static bool is_line(const char *text, size_t max)
{
    size_t size = strnlen(text, max + 1);

    return size > 0 && size <= max && oyez_note_text_is_valid(text, size) &&
           memchr(text, '\n', size) == NULL;
}

static oyez_err check(const oyez_journal *journal, const struct oyez_erasure *erasure, size_t count)
{
    size_t damaged = 0;
    oyez_err err = OYEZ_OK;

    if (erasure->kind != OYEZ_RECORD_ERASED && erasure->kind != OYEZ_RECORD_EXPIRED)
        return oyez_fail(OYEZ_ERR_INVALID, "kind %d erases nothing", (int)erasure->kind);
    if (!is_line(erasure->by, OYEZ_ERASE_BY_MAX))
        return oyez_fail(OYEZ_ERR_INVALID, "by: a line of 1 to %u bytes", OYEZ_ERASE_BY_MAX);
    if (!is_line(erasure->why, OYEZ_ERASE_WHY_MAX))
        return oyez_fail(OYEZ_ERR_INVALID, "reason: a line of 1 to %u bytes", OYEZ_ERASE_WHY_MAX);
    if (count > OYEZ_ERASE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%zu events at once, of at most %u", count,
                         OYEZ_ERASE_MAX);
    if (!erasure->despite_damaged_files)
        err = oyez_journal_find_damaged(journal->directory, journal->disk, &damaged);
    if (err == OYEZ_OK && damaged > 0)
        err = oyez_fail(OYEZ_ERR_FORBIDDEN,
                        "%s: %zu files that a repair set aside may hold what is to be erased "
                        "(….seg.damaged)",
                        journal->directory, damaged);
    return err;
}

static int find_damaged(void *arg, const char *name)
{
    size_t *count = arg;

    *count += strstr(name, ".seg") != NULL && strstr(name, ".damaged") != NULL;
    return 0;
}

oyez_err oyez_journal_find_damaged(const char *directory, const struct oyez_disk *disk,
                                   size_t *count)
{
    if (disk == NULL)
        disk = oyez_disk_system();
    *count = 0;
    return disk->list(disk->context, directory, find_damaged, count) == 0
               ? OYEZ_OK
               : oyez_disk_fail(directory, "listing");
}

static void end_act(struct erasing *erasing)
{
    struct oyez_journal_record *act = &erasing->acts[erasing->act_count++];

    erasing->size += (size_t)sprintf(erasing->text + erasing->size, "by %s\nwhy %s\n",
                                     erasing->erasure->by, erasing->erasure->why);
    *act =
        (struct oyez_journal_record){.kind = erasing->erasure->kind,
                                     .details = (const uint8_t *)erasing->text + erasing->act_start,
                                     .details_size = erasing->size - erasing->act_start};
    erasing->act_start = erasing->size;
    erasing->events = 0;
}

static oyez_err judge(const struct erasing *erasing, const struct oyez_journal_record *record)
{
    const struct oyez_erasure *erasure = erasing->erasure;

    if (record->kind != OYEZ_RECORD_EVENT && record->kind != OYEZ_RECORD_PERSONAL_EVENT)
        return oyez_fail(OYEZ_ERR_INVALID, "record %" PRIu64 " is no event", record->index);
    if (erasure->kind == OYEZ_RECORD_ERASED && record->kind != OYEZ_RECORD_PERSONAL_EVENT)
        return oyez_fail(OYEZ_ERR_INVALID, "record %" PRIu64 " is not a personal event",
                         record->index);
    return erasure->allow != NULL ? erasure->allow(erasure->arg, record) : OYEZ_OK;
}

static oyez_err plan(struct erasing *erasing, const struct oyez_journal_record *record)
{
    struct oyez_unfinished *unfinished = &erasing->unfinished;
    struct oyez_unfinished_blank *blank = &unfinished->blanks[unfinished->count];
    oyez_err err = oyez_leaf_commit(erasing->journal->hasher, record, blank->commitment);

    if (err != OYEZ_OK)
        return err;
    blank->index = record->index;
    unfinished->count++;
    return OYEZ_OK;
}

static oyez_err plan_one(struct erasing *erasing, uint64_t index, struct oyez_erase_report *report)
{
    struct oyez_journal_record record;
    oyez_err err = oyez_journal_read(erasing->journal, index, &record);

    if (err == OYEZ_OK && record.erased) {
        report->already++;
        return OYEZ_OK;
    }
    if (err == OYEZ_OK)
        err = judge(erasing, &record);
    if (err == OYEZ_OK)
        err = plan(erasing, &record);
    if (err != OYEZ_OK)
        return err;
    erasing->size += oyez_erasure_put_event(erasing->text + erasing->size, &record);
    if (++erasing->events == EVENTS_AN_ACT)
        end_act(erasing);
    return OYEZ_OK;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static oyez_err plan_all(struct erasing *erasing, const uint64_t *indexes, size_t count,
                         struct oyez_erase_report *report)
{
    uint64_t *sorted = calloc(count + 1, sizeof(*sorted));
    oyez_err err = OYEZ_OK;

    erasing->unfinished.work = OYEZ_UNFINISHED_ERASE;
    erasing->unfinished.blanks = calloc(count + 1, sizeof(*erasing->unfinished.blanks));
    erasing->text = malloc((count / EVENTS_AN_ACT + 1) * OYEZ_ERASURE_ACT_MAX);
    if (sorted == NULL || erasing->unfinished.blanks == NULL || erasing->text == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "erasing %zu events", count);
    if (err == OYEZ_OK && count > 0) {
        memcpy(sorted, indexes, count * sizeof(*sorted));
        qsort(sorted, count, sizeof(*sorted), compare);
    }
    for (size_t i = 0; err == OYEZ_OK && i < count; i++)
        if (i == 0 || sorted[i] != sorted[i - 1])
            err = plan_one(erasing, sorted[i], report);
    if (err == OYEZ_OK && erasing->events > 0)
        end_act(erasing);
    free(sorted);
    return err;
}

oyez_err oyez_journal_erase(oyez_journal *journal, const struct oyez_erasure *erasure,
                            const uint64_t *indexes, size_t count, struct oyez_erase_report *report)
{
    struct oyez_erase_report unread;
    struct erasing *erasing = NULL;

    if (report == NULL)
        report = &unread;
    *report = (struct oyez_erase_report){0};
    oyez_err err = check(journal, erasure, count);
    if (err == OYEZ_OK)
        err = oyez_journal_commit(journal, NULL);
    if (err != OYEZ_OK)
        return err;
    erasing = calloc(1, sizeof(*erasing));
    if (erasing == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "erasing %zu events", count);
    erasing->journal = journal;
    erasing->erasure = erasure;
    err = plan_all(erasing, indexes, count, report);
    if (err == OYEZ_OK && erasing->act_count > 0)
        err = oyez_journal_do_act(journal, &erasing->unfinished, erasing->acts, erasing->act_count);
    if (err == OYEZ_OK && erasing->act_count > 0) {
        report->erased = erasing->unfinished.count;
        report->acts = erasing->act_count;
        report->first_act = erasing->unfinished.act;
    }
    oyez_unfinished_clear(&erasing->unfinished);
    free(erasing->text);
    free(erasing);
    return err;
}

// Which segment a record lies in, and what writing in it costs of a portion.
static unsigned cost_of(oyez_journal *journal, uint64_t index, uint64_t *segment)
{
    struct oyez_segments_item *item;
    uint64_t offset;

    if (oyez_journal_locate(journal, index, segment, &offset) != OYEZ_OK)
        return 0;
    if (*segment == journal->segment.header.first_index)
        return 1;
    size_t i = oyez_segments_at(&journal->sealed, index);
    bool archived =
        oyez_segments_use(&journal->sealed, i, &item) == OYEZ_OK && item->segment.archive != NULL;
    return archived ? PORTION_COST : 1;
}

size_t oyez_journal_erase_portion(oyez_journal *journal, const uint64_t *indexes, size_t count)
{
    uint64_t segment = 0, before = 0;
    unsigned cost = 0;
    size_t taken = 0;

    for (; taken < count && taken < OYEZ_ERASE_MAX; taken++) {
        unsigned more = cost_of(journal, indexes[taken], &segment);
        if (taken > 0 && segment == before)
            continue;
        cost += more;
        before = segment;
        if (taken > 0 && cost > PORTION_COST)
            break;
    }
    return taken;
}
