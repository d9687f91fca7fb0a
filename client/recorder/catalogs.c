// SPDX-License-Identifier: MIT
#include "catalogs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/journal_catalogs.h"
#include "oyez/limits.h"

// catalogs.state is written anew after so many records: who opens the journal reads no more of it.
#define STATE_RECORDS 262144u
#define RECENT_COUNT 64u // a power of two
#define VERSION_SIZE_MAX 64u
#define STORED_MAX 256u // as many catalogs as a process has
#define TOLD_MAX 64u    // types that a line is logged of; their names are peers' choice

// An event type and a version whose catalog has been seen to.
struct recent {
    char name[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    char version[VERSION_SIZE_MAX + 1];
};

struct told {
    char names[TOLD_MAX][OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    size_t count;
};

struct recorder_catalogs {
    struct oyez_journal_catalogs journal;
    uint64_t saved_records; // that catalogs.state tells of
    size_t saved_acts;
    const struct oyez_catalog *stored[STORED_MAX]; // of this process, known to be in the journal
    size_t stored_count;
    struct recent recent[RECENT_COUNT];
    struct told unknown;
    struct told invalid;
    uint8_t act[OYEZ_LEAF_SIZE_MAX];
};

static void save(struct recorder_catalogs *catalogs, const struct oyez_recorder *recorder)
{
    if (oyez_journal_catalogs_save(&catalogs->journal, recorder->directory, recorder->disk) !=
        OYEZ_OK)
        recorder_log(recorder, OYEZ_WARNING, "%s", oyez_error_detail());
    catalogs->saved_records = catalogs->journal.acts.records;
    catalogs->saved_acts = catalogs->journal.acts.count;
}

oyez_err recorder_catalogs_open(struct recorder_catalogs **out,
                                const struct oyez_recorder *recorder)
{
    oyez_journal_reader *reader = NULL;
    struct recorder_catalogs *catalogs = calloc(1, sizeof *catalogs);
    if (catalogs == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for catalogs");
    *out = catalogs;
    oyez_err err = oyez_journal_reader_open(&reader, recorder->directory, recorder->disk);
    if (err == OYEZ_OK)
        err = oyez_journal_catalogs_read(&catalogs->journal, reader, recorder->directory,
                                         recorder->disk);
    oyez_journal_reader_close(&reader);
    if (err == OYEZ_OK && catalogs->journal.acts.stale)
        save(catalogs, recorder);
    catalogs->saved_records = catalogs->journal.acts.records;
    catalogs->saved_acts = catalogs->journal.acts.count;
    return err;
}

void recorder_catalogs_close(struct recorder_catalogs **catalogs)
{
    if (*catalogs == NULL)
        return;
    oyez_journal_catalogs_free(&(*catalogs)->journal);
    free(*catalogs);
    *catalogs = NULL;
}

// True the first time.
static bool tell_first(struct told *told, const char *name)
{
    for (size_t i = 0; i < told->count; i++) {
        if (strcmp(told->names[i], name) == 0)
            return false;
    }
    if (told->count == TOLD_MAX || strlen(name) > OYEZ_EVENT_TYPE_SIZE_MAX)
        return false;
    memcpy(told->names[told->count++], name, strlen(name) + 1);
    return true;
}

static oyez_err append_acts(struct recorder_writer *writer, struct oyez_stored_catalog *stored,
                            uint64_t time)
{
    struct recorder_catalogs *catalogs = writer->recorder->catalogs;
    oyez_err err = OYEZ_OK;
    size_t size;
    while (err == OYEZ_OK && oyez_stored_catalog_next(stored, catalogs->act, &size)) {
        const struct oyez_journal_record act = {.kind = OYEZ_RECORD_CATALOG_ADDED,
                                                .broker_time = time,
                                                .details = catalogs->act,
                                                .details_size = size};
        uint64_t index;
        err = recorder_group_append(writer, &act, &index);
        if (err == OYEZ_OK)
            err = oyez_act_list_note(&catalogs->journal.acts, index);
    }
    return err;
}

static oyez_err store(struct recorder_writer *writer, const struct oyez_catalog *catalog,
                      uint64_t time)
{
    struct recorder_catalogs *catalogs = writer->recorder->catalogs;
    struct oyez_stored_catalog stored;
    for (size_t i = 0; i < catalogs->stored_count; i++) {
        if (catalogs->stored[i] == catalog)
            return OYEZ_OK;
    }
    oyez_err err = oyez_stored_catalog_open(&stored, catalog);
    if (err == OYEZ_OK && !oyez_journal_catalogs_have(&catalogs->journal, stored.digest)) {
        err = append_acts(writer, &stored, time);
        if (err == OYEZ_OK)
            err = oyez_journal_catalogs_note_set(&catalogs->journal, stored.digest);
    }
    oyez_stored_catalog_close(&stored);
    if (err == OYEZ_OK && catalogs->stored_count < STORED_MAX)
        catalogs->stored[catalogs->stored_count++] = catalog;
    return err;
}

static struct recent *recent_of(struct recorder_catalogs *catalogs, const char *name, size_t size)
{
    size_t mixed = size * 31 + (uint8_t)name[size - 1] * 7u + (uint8_t)name[size / 2];
    return &catalogs->recent[mixed & (RECENT_COUNT - 1)];
}

oyez_err recorder_catalogs_before(struct recorder_writer *writer, const struct oyez_event *event,
                                  uint64_t time)
{
    struct recorder_catalogs *catalogs = writer->recorder->catalogs;
    const char *name = event->event_type;
    const char *version = event->schema_version != NULL ? event->schema_version : "";
    size_t size = name != NULL ? strlen(name) : 0;
    if (size == 0 || size > OYEZ_EVENT_TYPE_SIZE_MAX)
        return OYEZ_OK;
    struct recent *recent = recent_of(catalogs, name, size);
    if (strcmp(recent->name, name) == 0 && strcmp(recent->version, version) == 0)
        return OYEZ_OK;
    const struct oyez_type *type = oyez_type_find_version(name, size, event->schema_version);
    if (oyez_event_lacks_catalog(event) && tell_first(&catalogs->unknown, name))
        recorder_log(writer->recorder, OYEZ_WARNING,
                     "%s %.64s: no catalog here has this type and version; its events are recorded "
                     "as they came",
                     name, version);
    oyez_err err = type != NULL ? store(writer, type->catalog, time) : OYEZ_OK;
    if (err == OYEZ_OK && strlen(version) <= VERSION_SIZE_MAX) {
        memcpy(recent->name, name, size + 1);
        memcpy(recent->version, version, strlen(version) + 1);
    }
    return err;
}

oyez_err recorder_catalogs_copied(struct recorder_writer *writer, uint64_t index)
{
    return oyez_act_list_note(&writer->recorder->catalogs->journal.acts, index);
}

bool recorder_catalogs_judge(struct recorder_writer *writer, const struct oyez_event *event)
{
    oyez_err err = oyez_event_judge(event);
    if (err != OYEZ_ERR_INVALID && err != OYEZ_ERR_TOO_LARGE)
        return false;
    if (tell_first(&writer->recorder->catalogs->invalid, event->event_type))
        recorder_log(writer->recorder, OYEZ_WARNING,
                     "an emitter does not judge its events: %s; it is recorded all the same",
                     oyez_error_detail());
    return true;
}

void recorder_catalogs_written(struct recorder_writer *writer)
{
    struct recorder_catalogs *catalogs = writer->recorder->catalogs;
    struct oyez_journal_catalogs *journal = &catalogs->journal;
    uint64_t records = oyez_journal_next_index(writer->journal);
    bool due = journal->acts.count > catalogs->saved_acts ||
               records >= catalogs->saved_records + STATE_RECORDS;
    if (due)
        recorder_catalogs_save(writer->recorder, writer->hasher);
}

void recorder_catalogs_save(struct oyez_recorder *recorder, oyez_leaf_hasher *hasher)
{
    struct recorder_catalogs *catalogs = recorder->catalogs;
    uint64_t records = oyez_journal_next_index(recorder->journal);
    struct oyez_journal_record last;
    if (records > catalogs->saved_records &&
        oyez_journal_read(recorder->journal, records - 1, &last) == OYEZ_OK &&
        oyez_act_list_reach(&catalogs->journal.acts, hasher, &last) == OYEZ_OK)
        save(catalogs, recorder);
}
