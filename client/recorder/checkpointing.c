// SPDX-License-Identifier: MIT
// The thread that makes checkpoints: none of the others waits for it.
#include "recorder_state.h"
#include "wire/clock.h"

void recorder_take_checkpoint(void *arg, const struct oyez_journal_checkpoint *checkpoint)
{
    struct oyez_recorder *recorder = arg;
    pthread_mutex_lock(&recorder->lock);
    recorder->covered = (struct recorder_covered){checkpoint->epoch, checkpoint->position};
    recorder->counters.checkpoints++;
    recorder->counters.checkpointed = checkpoint->records;
    pthread_mutex_unlock(&recorder->lock);
    recorder_wake(recorder);
}

void recorder_checkpoint(struct oyez_recorder *recorder)
{
    oyez_err err = oyez_journal_checkpoint(recorder->journal);
    if (err != OYEZ_OK)
        recorder_fail(recorder, err, oyez_error_detail());
}

static void extend_tree(struct oyez_recorder *recorder)
{
    oyez_err err = oyez_journal_extend_tree(recorder->journal);
    if (err != OYEZ_OK)
        recorder_fail(recorder, err, oyez_error_detail());
}

static void wait_until(struct oyez_recorder *recorder, uint64_t ms)
{
    struct timespec deadline = {.tv_sec = (time_t)(ms / 1000u),
                                .tv_nsec = (long)(ms % 1000u) * 1000000L};
    pthread_cond_timedwait(&recorder->for_checkpoint, &recorder->lock, &deadline);
}

// Waits until a checkpoint is due, and meanwhile does what it would have to do otherwise. False:
// there will be no other.
static bool wait_for_checkpoint(struct oyez_recorder *recorder)
{
    uint64_t extend_ms = 0;
    uint64_t look_ms = 0;
    pthread_mutex_lock(&recorder->lock);
    for (;;) {
        uint64_t now_ms = oyez_clock_monotonic_ms();
        uint64_t since_ms = recorder->uncovered_since_ms;
        if (recorder->syncing_ended || recorder->failed != OYEZ_OK ||
            (since_ms != 0 && now_ms >= since_ms + recorder->checkpoint_ms))
            break;
        if (now_ms >= look_ms) {
            pthread_mutex_unlock(&recorder->lock);
            recorder_look_at_disk(recorder);
            look_ms = now_ms + RECORDER_LOOK_MS;
            pthread_mutex_lock(&recorder->lock);
            continue;
        }
        if (since_ms == 0) {
            wait_until(recorder, look_ms);
            continue;
        }
        if (now_ms >= extend_ms) {
            pthread_mutex_unlock(&recorder->lock);
            extend_tree(recorder);
            extend_ms = now_ms + RECORDER_TREE_MS;
            pthread_mutex_lock(&recorder->lock);
            continue;
        }
        uint64_t due_ms = since_ms + recorder->checkpoint_ms;
        due_ms = due_ms < extend_ms ? due_ms : extend_ms;
        wait_until(recorder, due_ms < look_ms ? due_ms : look_ms);
    }
    bool more = !recorder->syncing_ended && recorder->failed == OYEZ_OK;
    // What becomes safe from now on may not be covered by it.
    recorder->uncovered_since_ms = 0;
    pthread_mutex_unlock(&recorder->lock);
    return more;
}

void *recorder_checkpointing_run(void *arg)
{
    struct oyez_recorder *recorder = arg;
    while (wait_for_checkpoint(recorder))
        recorder_checkpoint(recorder);
    return NULL;
}

void oyez_recorder_set_checkpoint_interval(oyez_recorder *recorder, uint32_t checkpoint_ms)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->checkpoint_ms = checkpoint_ms;
    pthread_cond_broadcast(&recorder->for_checkpoint);
    pthread_mutex_unlock(&recorder->lock);
}
