// SPDX-License-Identifier: MIT
// The writer's thread.
#include "writer.h"

#include <stdlib.h>
#include <string.h>

#include "catalogs.h"
#include "copying.h"
#include "wire/clock.h"

// Items between two looks at whether the group is due.
#define ITEMS_A_LOOK 64u

static struct timespec group_deadline(const struct recorder_writer *writer)
{
    uint64_t due = writer->group_since_ms + RECORDER_GROUP_MS;
    return (struct timespec){.tv_sec = (time_t)(due / 1000u),
                             .tv_nsec = (long)(due % 1000u) * 1000000L};
}

// Sleeps until there is something to do; false when there never will be.
static bool wait_for_work(struct recorder_writer *writer)
{
    struct oyez_recorder *recorder = writer->recorder;
    pthread_mutex_lock(&recorder->lock);
    while (recorder->failed == OYEZ_OK && recorder_queue_is_empty(&recorder->queue) &&
           !recorder->queue_ended && !recorder->confirm_all &&
           !recorder_duty_waits(&recorder->duty) &&
           !(writer->group_open && !recorder->written.any && !recorder->syncing)) {
        struct timespec deadline = group_deadline(writer);
        if (writer->group_open && !recorder->written.any &&
            oyez_clock_monotonic_ms() >= writer->group_since_ms + RECORDER_GROUP_MS)
            break;
        // Without a group, or while one waits to be safe, only a signal brings anything new.
        if (writer->group_open && !recorder->written.any)
            pthread_cond_timedwait(&recorder->for_write, &recorder->lock, &deadline);
        else
            pthread_cond_wait(&recorder->for_write, &recorder->lock);
    }
    bool more = !recorder_queue_is_empty(&recorder->queue) || !recorder->queue_ended;
    recorder_queue_swap(&recorder->queue, &writer->run);
    bool waits = recorder->intake_waits;
    bool all = recorder->confirm_all;
    recorder->intake_waits = recorder->confirm_all = false;
    more = more && recorder->failed == OYEZ_OK;
    pthread_mutex_unlock(&recorder->lock);
    if (waits)
        recorder_wake(recorder);
    if (all) {
        recorder_emitters_move_all(writer->emitters, writer->place.epoch);
        writer->group.all = true;
        if (!writer->group_open)
            writer->group_since_ms = oyez_clock_monotonic_ms();
        writer->group_open = true;
    }
    return more;
}

static oyez_err write_run(struct recorder_writer *writer)
{
    struct recorder_item item;
    oyez_err err = OYEZ_OK;
    for (unsigned i = 1; err == OYEZ_OK && recorder_run_next(&writer->run, &item); i++) {
        err = recorder_write_item(writer, &item);
        if (err == OYEZ_OK && i % ITEMS_A_LOOK == 0)
            err = recorder_group_close_if_due(writer);
    }
    return err;
}

static void end_writing(struct recorder_writer *writer, oyez_err err)
{
    struct oyez_recorder *recorder = writer->recorder;
    if (err == OYEZ_OK && writer->group_open && !recorder_has_failed(recorder))
        err = recorder_group_close(writer);
    if (err == OYEZ_OK && !recorder_has_failed(recorder))
        recorder_catalogs_save(recorder, writer->hasher);
    if (err != OYEZ_OK)
        recorder_fail(recorder, err, oyez_error_detail());
    pthread_mutex_lock(&recorder->lock);
    recorder->writing_ended = true;
    recorder->place = writer->place;
    recorder->over = writer->over;
    pthread_cond_broadcast(&recorder->for_sync);
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
}

void *recorder_writer_run(void *arg)
{
    struct oyez_recorder *recorder = arg;
    struct recorder_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        recorder_fail(recorder, OYEZ_ERR_NO_MEMORY, "no memory for the writer");
        return NULL;
    }
    writer->recorder = recorder;
    writer->journal = recorder->journal;
    writer->emitters = recorder->emitters;
    writer->place = recorder->place;
    writer->over = recorder->over;
    writer->state_records = oyez_journal_next_index(recorder->journal);
    oyez_err err = recorder_run_open(&writer->run, RECORDER_QUEUE_SIZE);
    if (err == OYEZ_OK)
        err = oyez_leaf_hasher_open(&writer->hasher);
    if (err == OYEZ_OK && recorder->mirror)
        err = recorder_copying_open(writer);
    while (err == OYEZ_OK) {
        bool more = wait_for_work(writer);
        err = write_run(writer);
        if (err == OYEZ_OK)
            err = recorder_duty_run_if_asked(writer);
        if (!more)
            break;
        if (err == OYEZ_OK)
            err = recorder_group_close_if_due(writer);
    }
    end_writing(writer, err);
    recorder_commit_free(&writer->group);
    recorder_arrivals_free(&writer->arrivals);
    recorder_copying_close(writer);
    oyez_leaf_hasher_close(&writer->hasher);
    recorder_run_close(&writer->run);
    free(writer);
    return NULL;
}
