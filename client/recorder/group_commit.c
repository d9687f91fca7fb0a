// SPDX-License-Identifier: MIT
// Group commit: while one group is being made safe, the next is made.
#include <string.h>

#include "catalogs.h"
#include "wire/clock.h"
#include "writer.h"

// A state file is due after so many records.
#define STATE_RECORDS 262144u
// Emitters that may move in one group: well below what the table holds, so that none of them is
// the one that goes when it is full.
#define MOVED_MAX (RECORDER_EMITTERS_MAX / 2)

static void open_group(struct recorder_writer *writer)
{
    if (writer->group_open)
        return;
    writer->group_open = true;
    writer->group_since_ms = oyez_clock_monotonic_ms();
}

// What was written waits for a sync: no more than that may lie between here and the disk.
static oyez_err wait_for_sync(struct recorder_writer *writer)
{
    struct oyez_recorder *recorder = writer->recorder;
    pthread_mutex_lock(&recorder->lock);
    while (recorder->written.any && recorder->failed == OYEZ_OK)
        pthread_cond_wait(&recorder->for_write, &recorder->lock);
    oyez_err err = recorder->failed;
    pthread_mutex_unlock(&recorder->lock);
    return err;
}

oyez_err recorder_group_append(struct recorder_writer *writer,
                               const struct oyez_journal_record *record, uint64_t *index)
{
    oyez_err err = OYEZ_OK;
    if (recorder_emitters_moved_count(writer->emitters) >= MOVED_MAX)
        err = recorder_group_close(writer);
    open_group(writer);
    if (err == OYEZ_OK)
        err = oyez_journal_append(writer->journal, record, index);
    if (err != OYEZ_ERR_FULL)
        return err;
    err = wait_for_sync(writer);
    if (err == OYEZ_OK)
        err = recorder_group_close(writer);
    open_group(writer);
    return err == OYEZ_OK ? oyez_journal_append(writer->journal, record, index) : err;
}

static void add_counters(struct oyez_recorder_counters *to, struct oyez_recorder_counters *from)
{
    to->events += from->events;
    to->repeats += from->repeats;
    to->gaps += from->gaps;
    to->missing += from->missing;
    to->epoch_ends += from->epoch_ends;
    to->conflicts += from->conflicts;
    to->invalid += from->invalid;
    to->invalid_events += from->invalid_events;
    *from = (struct oyez_recorder_counters){0};
}

static void add_state(struct recorder_writer *writer)
{
    uint64_t records = oyez_journal_next_index(writer->journal);
    if (records < writer->state_records + STATE_RECORDS)
        return;
    struct oyez_recorder *recorder = writer->recorder;
    struct recorder_state_head head = {
        .records = records, .place = writer->place, .over = writer->over};
    memcpy(head.journal_id, recorder->journal_id, sizeof head.journal_id);
    pthread_mutex_lock(&recorder->lock);
    head.heard = recorder->heard;
    pthread_mutex_unlock(&recorder->lock);
    // Only who closes in good order vouches for an end: after a crash it is said to be none.
    head.over.clean = head.heard.clean = false;
    struct recorder_commit *group = &writer->group;
    group->state = recorder_state_encode(&head, writer->emitters, &group->state_size);
    writer->state_records = records;
}

void recorder_group_tell(struct recorder_writer *writer)
{
    if (writer->told.count > 0)
        recorder_commit_tell(&writer->group, &writer->told);
    writer->told.count = 0;
}

oyez_err recorder_group_close(struct recorder_writer *writer)
{
    struct oyez_recorder *recorder = writer->recorder;
    struct recorder_commit *group = &writer->group;
    oyez_err err = oyez_journal_write(writer->journal);
    if (err != OYEZ_OK)
        return err;
    recorder_catalogs_written(writer);
    group->any = true;
    group->epoch = writer->place.epoch;
    group->position = writer->place.position;
    // A group that fills in the middle of a batch decides the numbers of its first events.
    recorder_group_tell(writer);
    for (size_t i = 0; i < recorder_emitters_moved_count(writer->emitters); i++) {
        const struct recorder_emitter *emitter = recorder_emitters_moved(writer->emitters, i);
        if (emitter->epoch == group->epoch)
            recorder_commit_decide(group, emitter);
    }
    recorder_emitters_clear_moved(writer->emitters);
    add_state(writer);
    pthread_mutex_lock(&recorder->lock);
    recorder_commit_merge(&recorder->written, group);
    add_counters(&recorder->counters, &writer->counted);
    recorder->counters.index = oyez_journal_next_index(writer->journal);
    pthread_cond_signal(&recorder->for_sync);
    recorder_tell_sealed(recorder, oyez_journal_segment_first(writer->journal));
    pthread_mutex_unlock(&recorder->lock);
    writer->group_open = false;
    return OYEZ_OK;
}

oyez_err recorder_group_close_if_due(struct recorder_writer *writer)
{
    struct oyez_recorder *recorder = writer->recorder;
    if (!writer->group_open)
        return OYEZ_OK;
    bool old = oyez_clock_monotonic_ms() >= writer->group_since_ms + RECORDER_GROUP_MS;
    pthread_mutex_lock(&recorder->lock);
    bool due = !recorder->written.any && (old || !recorder->syncing);
    pthread_mutex_unlock(&recorder->lock);
    return due ? recorder_group_close(writer) : OYEZ_OK;
}
