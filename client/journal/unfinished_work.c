// SPDX-License-Identifier: MIT
// From an act's intent to its end.
#include <assert.h>
#include <stdio.h>

#include "journal_state.h"
#include "oyez/disk.h"

static const enum oyez_record_kind kinds[] = {[OYEZ_UNFINISHED_ERASE] = OYEZ_RECORD_ERASED,
                                              [OYEZ_UNFINISHED_ARCHIVE] = OYEZ_RECORD_ARCHIVED,
                                              [OYEZ_UNFINISHED_EXPIRE] = OYEZ_RECORD_EXPIRED};

static oyez_err carry_out(oyez_journal *journal, const struct oyez_unfinished *unfinished)
{
    switch (unfinished->work) {
    case OYEZ_UNFINISHED_ERASE:
        return oyez_journal_blank(journal, unfinished);
    case OYEZ_UNFINISHED_ARCHIVE:
        return oyez_journal_drop_plain(journal, unfinished->segment);
    case OYEZ_UNFINISHED_EXPIRE:
        return oyez_journal_drop_expired(journal, unfinished->segment, unfinished->act);
    }
    return OYEZ_OK;
}

// All of them, or none of them: a group is written at once.
static oyez_err record_acts(oyez_journal *journal, struct oyez_journal_record *acts, size_t count)
{
    oyez_err err = OYEZ_OK;

    for (size_t i = 0; err == OYEZ_OK && i < count; i++) {
        if (acts[i].broker_time == 0) // a mirror's has its primary's
            acts[i].broker_time = journal->disk->now(journal->disk->context);
        err = oyez_journal_append(journal, &acts[i], NULL);
    }
    return err == OYEZ_OK ? oyez_journal_commit(journal, NULL) : err;
}

// A disk that is full, say, ends no recording: nothing was begun, if the file is gone again.
static oyez_err take_back(oyez_journal *journal, oyez_err err)
{
    char detail[512];

    snprintf(detail, sizeof(detail), "%s", oyez_error_detail());
    bool is_disk = err == OYEZ_ERR_IO || err == OYEZ_ERR_NO_SPACE;
    if (is_disk && oyez_unfinished_remove(journal->disk, journal->directory) == OYEZ_OK)
        return oyez_fail(err, "%s", detail);
    return oyez_journal_fail(journal, oyez_fail(err, "%s", detail));
}

oyez_err oyez_journal_do_act(oyez_journal *journal, struct oyez_unfinished *unfinished,
                             struct oyez_journal_record *acts, size_t count)
{
    oyez_err err = oyez_journal_check_failed(journal);

    if (err != OYEZ_OK)
        return err;
    assert(journal->group_size == 0 && count > 0);
    unfinished->act = journal->next_index;
    err = oyez_unfinished_write(journal->disk, journal->directory, unfinished);
    if (err != OYEZ_OK)
        return take_back(journal, err);
    err = record_acts(journal, acts, count);
    if (err == OYEZ_OK && journal->tree.kept)
        err = oyez_journal_checkpoint(journal);
    if (err == OYEZ_OK)
        err = carry_out(journal, unfinished);
    if (err == OYEZ_OK)
        err = oyez_unfinished_remove(journal->disk, journal->directory);
    return err == OYEZ_OK ? OYEZ_OK : oyez_journal_fail(journal, err);
}

// The act stands where the file says, or nowhere: nothing is recorded before this was asked.
static oyez_err find_act(oyez_journal *journal, const struct oyez_unfinished *unfinished,
                         bool *found)
{
    struct oyez_journal_record record;

    *found = false;
    if (unfinished->act >= journal->next_index)
        return OYEZ_OK;
    oyez_err err = oyez_journal_read(journal, unfinished->act, &record);
    if (err == OYEZ_OK && record.kind != kinds[unfinished->work] &&
        record.kind != OYEZ_RECORD_EXPIRED)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s/%s: record %llu is not the act that it waits for",
                        journal->directory, OYEZ_UNFINISHED_FILE,
                        (unsigned long long)unfinished->act);
    *found = err == OYEZ_OK;
    return err;
}

oyez_err oyez_journal_end_unfinished(oyez_journal *journal)
{
    struct oyez_unfinished unfinished;
    bool found = false;
    oyez_err err = oyez_unfinished_load(journal->disk, journal->directory, &unfinished);

    if (err == OYEZ_ERR_NOT_FOUND)
        return OYEZ_OK;
    if (err == OYEZ_OK)
        err = find_act(journal, &unfinished, &found);
    if (err == OYEZ_OK && found)
        err = carry_out(journal, &unfinished);
    else if (err == OYEZ_OK && unfinished.work == OYEZ_UNFINISHED_ARCHIVE)
        err = oyez_journal_drop_archived(journal, unfinished.segment);
    if (err == OYEZ_OK)
        err = oyez_unfinished_remove(journal->disk, journal->directory);
    oyez_unfinished_clear(&unfinished);
    return err;
}
