// SPDX-License-Identifier: MIT
#include "index_build.h"

// So few are cheaper read one by one than by seeking, and leave the reader where it stands.
#define SINGLE_READS_MAX 64u

static oyez_err add(oyez_index_table *table, const struct oyez_journal_record *record,
                    struct oyez_event_view *view)
{
    bool seen = oyez_event_view_read(view, record);
    return oyez_index_table_add(table, record, seen ? view : NULL);
}

static oyez_err add_singly(oyez_index_table *table, oyez_journal_reader *reader, uint64_t from,
                           uint64_t to, struct oyez_event_view *view)
{
    struct oyez_journal_record record;
    oyez_err err = OYEZ_OK;
    for (uint64_t index = from; err == OYEZ_OK && index < to; index++) {
        err = oyez_journal_reader_read(reader, index, &record);
        if (err == OYEZ_OK)
            err = add(table, &record, view);
    }
    return err;
}

static oyez_err add_in_a_row(oyez_index_table *table, oyez_journal_reader *reader, uint64_t from,
                             uint64_t to, struct oyez_event_view *view)
{
    struct oyez_journal_record record;
    oyez_err err = oyez_journal_reader_seek_index(reader, from);
    for (uint64_t index = from; err == OYEZ_OK && index < to; index++) {
        err = oyez_journal_reader_next(reader, &record);
        if (err == OYEZ_OK)
            err = add(table, &record, view);
    }
    return err;
}

bool oyez_index_build_has_all(const oyez_index_table *table,
                              const struct oyez_journal_segment *segment)
{
    return oyez_index_table_records(table) >= segment->records;
}

oyez_err oyez_index_build(oyez_index_table *table, oyez_journal_reader *reader,
                          const struct oyez_journal_segment *segment, struct oyez_event_view *view,
                          bool *moved)
{
    uint64_t from = segment->first_index + oyez_index_table_records(table);
    uint64_t to = segment->first_index + segment->records;
    if (from >= to)
        return OYEZ_OK;
    bool singly = to - from <= SINGLE_READS_MAX;
    oyez_err err = singly ? add_singly(table, reader, from, to, view)
                          : add_in_a_row(table, reader, from, to, view);
    if (moved != NULL)
        *moved = *moved || !singly;
    // What cannot be read cannot be indexed; whoever reads it meets the damage.
    return err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_VERSION || err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK
                                                                                           : err;
}
