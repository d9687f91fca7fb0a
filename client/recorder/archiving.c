// SPDX-License-Identifier: MIT
#include "archiving.h"

#include <stdio.h>

#include "duty.h"
#include "writer.h"

struct placing {
    const struct oyez_archive_report *prepared;
    const char *by;
};

static oyez_err place(struct recorder_writer *writer, void *arg)
{
    const struct placing *placing = arg;
    // A mirror's records are its primary's: an act of its own would be one that the primary has not.
    const char *by = writer->recorder->mirror ? NULL : placing->by;
    return oyez_journal_archive(writer->journal, placing->prepared, by);
}

static oyez_err archive_one(struct oyez_recorder *recorder, uint64_t first_index, const char *by,
                            struct oyez_archive_report *report)
{
    struct placing placing = {.prepared = report, .by = by};
    char detail[512];
    oyez_err err = oyez_journal_archive_prepare(recorder->journal, first_index, report);
    if (err != OYEZ_OK)
        return err;
    err = recorder_duty_do(recorder, place, &placing);
    if (err == OYEZ_OK)
        return OYEZ_OK;
    snprintf(detail, sizeof detail, "%s", oyez_error_detail());
    (void)oyez_journal_archive_forget(recorder->journal, first_index);
    return oyez_fail(err, "%s", detail);
}

// One at a time: who compressed the same segment again meanwhile would write in the file that takes
// the segment's place.
oyez_err recorder_archive(struct oyez_recorder *recorder, uint64_t first_index, const char *by,
                          struct oyez_archive_report *report)
{
    pthread_mutex_lock(&recorder->archiving);
    oyez_err err = archive_one(recorder, first_index, by, report);
    pthread_mutex_unlock(&recorder->archiving);
    return err;
}

// Whether the segment is sealed, old enough, and not archived.
static oyez_err look_at(oyez_journal_reader *reader, size_t i, uint64_t before, bool *due,
                        uint64_t *first_index)
{
    struct oyez_journal_segment segment;
    struct oyez_journal_storage storage = {.packed = 0};
    oyez_err err = oyez_journal_reader_segment(reader, i, &segment);
    *due = err == OYEZ_OK && segment.sealed && segment.time_max < before;
    if (*due)
        err = oyez_journal_reader_storage(reader, i, &storage);
    *due = err == OYEZ_OK && *due && storage.packed == 0;
    *first_index = segment.first_index;
    return err;
}

static oyez_err archive_older(struct oyez_recorder *recorder, oyez_journal_reader *reader,
                              uint64_t before, const char *by, recorder_archive_go_on *go_on,
                              void *arg, struct recorder_archived *out)
{
    struct oyez_archive_report report;
    size_t segments;
    oyez_err err = oyez_journal_reader_refresh(reader, &segments);
    // The last one is never archived: writing goes on there.
    for (size_t i = 0; err == OYEZ_OK && i + 1 < segments && go_on(arg); i++) {
        uint64_t first_index;
        bool due;
        err = look_at(reader, i, before, &due, &first_index);
        if (err != OYEZ_OK || !due)
            continue;
        err = recorder_archive(recorder, first_index, by, &report);
        if (err == OYEZ_ERR_NOT_FOUND) {
            err = OYEZ_OK;
        } else if (err == OYEZ_OK) {
            out->segments++;
            out->size += report.size;
            out->packed += report.packed;
        }
    }
    return err;
}

oyez_err recorder_archive_older(struct oyez_recorder *recorder, uint64_t before, const char *by,
                                recorder_archive_go_on *go_on, void *arg,
                                struct recorder_archived *out)
{
    oyez_journal_reader *reader = NULL;
    *out = (struct recorder_archived){0};
    oyez_err err = oyez_journal_reader_open(&reader, recorder->directory, recorder->disk);
    if (err == OYEZ_OK)
        err = archive_older(recorder, reader, before, by, go_on, arg, out);
    oyez_journal_reader_close(&reader);
    return err;
}
