// SPDX-License-Identifier: MIT
// The thread that waits for the disk, so that no other has to.
#include <stdlib.h>

#include "recorder_state.h"
#include "wire/clock.h"

// Takes what was written; false when nothing more will be.
static bool take_written(struct oyez_recorder *recorder, struct recorder_commit *commit)
{
    pthread_mutex_lock(&recorder->lock);
    while (!recorder->written.any && !recorder->writing_ended && recorder->failed == OYEZ_OK)
        pthread_cond_wait(&recorder->for_sync, &recorder->lock);
    bool more = recorder->written.any && recorder->failed == OYEZ_OK;
    if (more)
        recorder_commit_merge(commit, &recorder->written);
    recorder->syncing = more;
    pthread_cond_signal(&recorder->for_write);
    pthread_mutex_unlock(&recorder->lock);
    return more;
}

static void hand_on(struct oyez_recorder *recorder, struct recorder_commit *commit,
                    uint64_t records)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->safe_records = records;
    recorder->syncing = false;
    recorder->counters.commits++;
    recorder->counters.epoch = commit->epoch;
    recorder->counters.position = commit->position;
    recorder_commit_merge(&recorder->safe, commit);
    if (recorder->uncovered_since_ms == 0) {
        recorder->uncovered_since_ms = oyez_clock_monotonic_ms();
        pthread_cond_signal(&recorder->for_checkpoint);
    }
    pthread_cond_signal(&recorder->for_write);
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    recorder_wake(recorder);
}

// Without the file the next opening reads the journal instead: no reason to stop.
static void save_state(struct oyez_recorder *recorder, uint8_t *state, size_t size)
{
    if (state == NULL)
        return;
    if (recorder_state_save(recorder->disk, recorder->directory, state, size) != OYEZ_OK)
        recorder_log(recorder, OYEZ_WARNING, "%s", oyez_error_detail());
    free(state);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void *recorder_syncing_run(void *arg)
{
    struct oyez_recorder *recorder = arg;
    struct recorder_commit commit = {0};
    while (take_written(recorder, &commit)) {
        uint64_t records;
        uint64_t began_ns = now_ns();
        oyez_err err = oyez_journal_sync(recorder->journal, &records);
        oyez_histogram_add(&recorder->syncs, now_ns() - began_ns);
        if (err != OYEZ_OK) {
            recorder_fail(recorder, err, oyez_error_detail());
            break;
        }
        uint8_t *state = commit.state;
        size_t state_size = commit.state_size;
        commit.state = NULL;
        hand_on(recorder, &commit, records);
        save_state(recorder, state, state_size);
    }
    recorder_commit_free(&commit);
    // Who waits for a checkpoint is told before this recorder says goodbye.
    if (!recorder_has_failed(recorder))
        recorder_checkpoint(recorder);
    pthread_mutex_lock(&recorder->lock);
    recorder->syncing_ended = true;
    pthread_cond_broadcast(&recorder->for_checkpoint);
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
    recorder_wake(recorder);
    return NULL;
}
