// SPDX-License-Identifier: MIT
#include "duty.h"

#include <stdio.h>

#include "wire/clock.h"
#include "writer.h"

static bool is_over(const struct oyez_recorder *recorder)
{
    return recorder->writing_ended || recorder->failed != OYEZ_OK;
}

static oyez_err fail_over(void)
{
    return oyez_fail(OYEZ_ERR_CLOSED, "the recorder is ending, or has failed");
}

// Once the writer is at it, `arg` is in use, whatever fails meanwhile.
static oyez_err wait_for_end(struct oyez_recorder *recorder)
{
    struct recorder_duty *duty = &recorder->duty;
    while (!duty->done && (duty->running || !is_over(recorder)))
        pthread_cond_wait(&recorder->changed, &recorder->lock);
    if (!duty->done)
        return fail_over();
    return duty->err == OYEZ_OK ? OYEZ_OK : oyez_fail(duty->err, "%s", duty->detail);
}

oyez_err recorder_duty_do(struct oyez_recorder *recorder, recorder_duty_run *run, void *arg)
{
    struct recorder_duty *duty = &recorder->duty;
    oyez_err err;
    pthread_mutex_lock(&recorder->lock);
    while (duty->run != NULL && !is_over(recorder))
        pthread_cond_wait(&recorder->changed, &recorder->lock);
    if (is_over(recorder)) {
        err = fail_over();
    } else {
        *duty = (struct recorder_duty){.run = run, .arg = arg};
        pthread_cond_broadcast(&recorder->for_write);
        err = wait_for_end(recorder);
        *duty = (struct recorder_duty){.run = NULL};
        pthread_cond_broadcast(&recorder->changed); // the next one's turn
    }
    pthread_mutex_unlock(&recorder->lock);
    return err;
}

// All that was written is safe, and nobody syncs.
static void wait_for_quiet(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    while ((recorder->written.any || recorder->syncing) && recorder->failed == OYEZ_OK)
        pthread_cond_wait(&recorder->for_write, &recorder->lock);
    pthread_mutex_unlock(&recorder->lock);
}

oyez_err recorder_make_quiet(struct recorder_writer *writer)
{
    oyez_err err = OYEZ_OK;
    if (writer->group_open) {
        wait_for_quiet(writer->recorder);
        err = recorder_group_close(writer);
    }
    wait_for_quiet(writer->recorder);
    return err;
}

static bool take(struct oyez_recorder *recorder)
{
    struct recorder_duty *duty = &recorder->duty;
    pthread_mutex_lock(&recorder->lock);
    duty->running = recorder_duty_waits(duty) && recorder->failed == OYEZ_OK;
    bool taken = duty->running;
    pthread_mutex_unlock(&recorder->lock);
    return taken;
}

// An act is signed for like an event, also when none comes. Under lock.
static void want_checkpoint(struct oyez_recorder *recorder, uint64_t records)
{
    if (records <= recorder->safe_records || recorder->uncovered_since_ms != 0)
        return;
    recorder->uncovered_since_ms = oyez_clock_monotonic_ms();
    pthread_cond_signal(&recorder->for_checkpoint);
}

void recorder_tell_acts(struct recorder_writer *writer)
{
    struct oyez_recorder *recorder = writer->recorder;
    uint64_t records = oyez_journal_next_index(writer->journal);
    pthread_mutex_lock(&recorder->lock);
    want_checkpoint(recorder, records);
    recorder->safe_records = recorder->counters.index = records;
    recorder_tell_sealed(recorder, oyez_journal_segment_first(writer->journal));
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
}

static void tell_end(struct recorder_writer *writer, oyez_err err)
{
    struct oyez_recorder *recorder = writer->recorder;
    struct recorder_duty *duty = &recorder->duty;
    recorder_tell_acts(writer);
    pthread_mutex_lock(&recorder->lock);
    duty->running = false;
    duty->done = true;
    duty->err = err;
    if (err != OYEZ_OK)
        snprintf(duty->detail, sizeof duty->detail, "%s", oyez_error_detail());
    pthread_cond_broadcast(&recorder->changed);
    pthread_mutex_unlock(&recorder->lock);
}

oyez_err recorder_duty_run_if_asked(struct recorder_writer *writer)
{
    struct recorder_duty *duty = &writer->recorder->duty;
    if (!take(writer->recorder))
        return OYEZ_OK;
    oyez_err quiet = recorder_make_quiet(writer);
    tell_end(writer, quiet == OYEZ_OK ? duty->run(writer, duty->arg) : quiet);
    return quiet;
}
