// SPDX-License-Identifier: MIT
#include "oyez/reindex.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "index_build.h"
#include "index_file.h"
#include "index_set.h"
#include "oyez/erase.h"

struct work {
    const char *directory;
    const struct oyez_disk *disk;
    const struct oyez_reindex_options *options;
    struct oyez_reindex_report *report;
    oyez_journal_reader *reader;
    struct oyez_event_view view;
};

__attribute__((format(printf, 2, 3))) static void tell(const struct work *work, const char *format,
                                                       ...)
{
    char text[640];
    if (work->options->notice == NULL)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    work->options->notice(work->options->arg, text);
}

// OYEZ_OK, OYEZ_ERR_NOT_FOUND, or why it is bad.
static oyez_err judge(const struct work *work, const struct oyez_journal_segment *segment)
{
    oyez_index_file *file = NULL;
    oyez_err err = oyez_index_file_open(&file, work->disk, work->directory, segment, 0);
    if (err == OYEZ_OK && work->options->check)
        err = oyez_index_file_check(file);
    oyez_index_file_close(&file);
    return err;
}

static uint64_t size_of_file(const struct work *work, const struct oyez_journal_segment *segment)
{
    char path[OYEZ_JOURNAL_PATH_SIZE + 32];
    struct stat status;
    snprintf(path, sizeof path, "%s/%020" PRIu64 ".idx", work->directory, segment->first_index);
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static void tell_unwritten(const struct work *work, const struct oyez_journal_segment *segment,
                           const char *why)
{
    work->report->unwritten++;
    tell(work, "%020" PRIu64 ".idx: not made: %s", segment->first_index, why);
}

static oyez_err make(struct work *work, const struct oyez_journal_segment *segment)
{
    oyez_index_table *table = NULL;
    oyez_err err = oyez_index_table_open(&table, OYEZ_INDEX_BUILD_MEMORY_MAX);
    if (err == OYEZ_OK)
        err = oyez_index_build(table, work->reader, segment, &work->view, NULL);
    if (table != NULL)
        work->report->records += oyez_index_table_records(table);
    if (err == OYEZ_ERR_FULL) {
        tell_unwritten(work, segment, "the segment holds more than memory for it allows");
        err = OYEZ_OK;
    } else if (err == OYEZ_ERR_IO ||
               (err == OYEZ_OK && !oyez_index_build_has_all(table, segment))) {
        tell_unwritten(work, segment, oyez_error_detail());
        err = OYEZ_OK;
    } else if (err == OYEZ_OK) {
        err = oyez_index_file_write(work->disk, work->directory, segment, table,
                                    oyez_journal_reader_erasures(work->reader));
        work->report->written += err == OYEZ_OK;
        work->report->bytes += err == OYEZ_OK ? size_of_file(work, segment) : 0;
        // Somebody else is making it, or something was erased: the next who asks makes it.
        if (err == OYEZ_ERR_LOCKED || err == OYEZ_ERR_BUSY)
            err = OYEZ_OK;
    }
    oyez_index_table_close(&table);
    return err;
}

static oyez_err take(struct work *work, const struct oyez_journal_segment *segment)
{
    oyez_err err = judge(work, segment);
    if (err == OYEZ_ERR_NO_MEMORY)
        return err;
    if (err == OYEZ_OK) {
        work->report->good++;
        oyez_index_file_sweep(work->disk, work->directory, segment);
    } else if (err == OYEZ_ERR_NOT_FOUND) {
        work->report->missing++;
    } else {
        work->report->bad++;
        tell(work, "%s", oyez_error_detail());
    }
    return err != OYEZ_OK || work->options->all ? make(work, segment) : OYEZ_OK;
}

static oyez_err take_all(struct work *work, size_t count)
{
    const struct oyez_reindex_options *options = work->options;
    struct oyez_journal_segment segment;
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < count; i++) {
        // An erasure may be behind what is to be read next, and segments may go.
        err = oyez_journal_reader_refresh(work->reader, &count);
        if (err != OYEZ_OK || i >= count)
            break;
        err = oyez_journal_reader_segment(work->reader, i, &segment);
        if (err == OYEZ_ERR_CORRUPT) { // not even its seal can be read
            work->report->unwritten++;
            tell(work, "%s", oyez_error_detail());
            err = OYEZ_OK;
        } else if (err == OYEZ_OK && segment.sealed) {
            work->report->segments++;
            err = take(work, &segment);
        }
        if (options->progress != NULL && !options->progress(options->arg, i + 1, count))
            break;
    }
    return err;
}

oyez_err oyez_reindex(const char *directory, const struct oyez_reindex_options *options,
                      struct oyez_reindex_report *report)
{
    size_t count;
    *report = (struct oyez_reindex_report){0};
    struct work *work = calloc(1, sizeof *work);
    if (work == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the indexes of %s", directory);
    work->directory = directory;
    work->disk = oyez_disk_system();
    work->options = options;
    work->report = report;
    oyez_err err = oyez_journal_reader_open(&work->reader, directory, NULL);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_refresh(work->reader, &count);
    if (err == OYEZ_OK)
        err = take_all(work, count);
    oyez_journal_reader_close(&work->reader);
    free(work);
    return err;
}
