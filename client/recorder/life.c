// SPDX-License-Identifier: MIT
#include "life.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "archiving.h"
#include "recorder_state.h"
#include "retaining.h"
#include "wire/clock.h"

#define INTERVAL_MS_DEFAULT 3600000u
#define BY "recorder"
#define WHY "the rules of retention"

struct recorder_life {
    struct oyez_recorder *recorder;
    struct oyez_retention_rules keep;
    uint64_t archive_after; // ns
    uint32_t interval_ms;
    pthread_t thread;
    atomic_bool ended;
    uint64_t sealed_before; // when it last looked
    bool told_unblanked;
    char told[OYEZ_HOLD_NAME_SIZE_MAX + 1]; // the hold that was told last
};

static bool go_on(void *arg)
{
    struct recorder_life *life = arg;
    return !atomic_load(&life->ended);
}

static void tell_failure(const struct recorder_life *life, const char *what, oyez_err err)
{
    // The writer has said why it failed; who ends has no more to do.
    if (err != OYEZ_OK && err != OYEZ_ERR_CLOSED && !recorder_has_failed(life->recorder))
        recorder_log(life->recorder, OYEZ_WARNING, "%s: %s", what, oyez_error_detail());
}

static void archive(struct recorder_life *life)
{
    const struct oyez_disk *disk = life->recorder->disk;
    struct recorder_archived done;
    uint64_t now = disk->now(disk->context);
    if (life->archive_after == 0 || life->archive_after >= now)
        return;
    oyez_err err =
        recorder_archive_older(life->recorder, now - life->archive_after, BY, go_on, life, &done);
    if (done.segments > 0)
        recorder_log(life->recorder, OYEZ_INFO,
                     "archived %zu segments: %" PRIu64 " bytes are %" PRIu64 " now", done.segments,
                     done.size, done.packed);
    tell_failure(life, "archiving", err);
}

// Once for each hold: it stands for long, and is asked again and again.
static void tell_held(struct recorder_life *life, const struct recorder_held *held)
{
    if (strcmp(held->hold, life->told) == 0)
        return;
    memcpy(life->told, held->hold, sizeof life->told);
    if (held->hold[0] != '\0')
        recorder_log(life->recorder, OYEZ_INFO, "the hold %s keeps what would go by the rules",
                     held->hold);
}

// Once, until the files are gone: they stay until somebody looks.
static void tell_unblanked(struct recorder_life *life, uint64_t events)
{
    if (events > 0 && !life->told_unblanked)
        recorder_log(life->recorder, OYEZ_WARNING,
                     "%" PRIu64 " events were not blanked by their types: files that a repair set "
                     "aside (….seg.damaged) may hold them too; move those elsewhere",
                     events);
    life->told_unblanked = events > 0;
}

static void retain(struct recorder_life *life)
{
    struct oyez_retention_report report;
    struct recorder_held held;
    if (life->recorder->mirror || !oyez_retention_has_rules(&life->keep))
        return;
    oyez_err err =
        recorder_retain(life->recorder, &life->keep, BY, WHY, go_on, life, &report, &held);
    if (report.segments > 0)
        recorder_log(life->recorder, OYEZ_INFO,
                     "removed %zu segments with %" PRIu64 " records, %" PRIu64
                     " bytes: the journal begins with record %" PRIu64,
                     report.segments, report.records, report.bytes, report.begins);
    if (report.blanked > 0)
        recorder_log(life->recorder, OYEZ_INFO, "blanked %" PRIu64 " events by their types",
                     report.blanked);
    if (err == OYEZ_OK) {
        tell_unblanked(life, report.unblanked);
        tell_held(life, &held);
    }
    tell_failure(life, "retention", err);
}

// Sleeps until the time has come, or a segment was sealed.
static void wait_for_turn(struct recorder_life *life)
{
    struct oyez_recorder *recorder = life->recorder;
    struct timespec deadline = oyez_clock_deadline(life->interval_ms);
    pthread_mutex_lock(&recorder->lock);
    while (!atomic_load(&life->ended) && recorder->sealed_before == life->sealed_before &&
           pthread_cond_timedwait(&recorder->for_index, &recorder->lock, &deadline) == 0)
        ;
    life->sealed_before = recorder->sealed_before;
    pthread_mutex_unlock(&recorder->lock);
}

static void *run(void *arg)
{
    struct recorder_life *life = arg;
    while (!atomic_load(&life->ended) && !recorder_has_failed(life->recorder)) {
        retain(life);
        archive(life);
        wait_for_turn(life);
    }
    return NULL;
}

oyez_err recorder_life_open(struct recorder_life **out, struct oyez_recorder *recorder,
                            const struct oyez_recorder_options *options)
{
    *out = NULL;
    if (options->archive_after == 0 && !oyez_retention_has_rules(&options->keep))
        return OYEZ_OK;
    struct recorder_life *life = calloc(1, sizeof *life);
    if (life == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for rules of retention");
    life->recorder = recorder;
    life->keep = options->keep;
    life->archive_after = options->archive_after;
    life->interval_ms =
        options->life_interval_ms > 0 ? options->life_interval_ms : INTERVAL_MS_DEFAULT;
    int failed = pthread_create(&life->thread, NULL, run, life);
    if (failed != 0) {
        free(life);
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread: %s", strerror(failed));
    }
    *out = life;
    return OYEZ_OK;
}

void recorder_life_close(struct recorder_life **closing)
{
    struct recorder_life *life = *closing;
    *closing = NULL;
    if (life == NULL)
        return;
    pthread_mutex_lock(&life->recorder->lock);
    atomic_store(&life->ended, true);
    pthread_cond_broadcast(&life->recorder->for_index);
    pthread_mutex_unlock(&life->recorder->lock);
    pthread_join(life->thread, NULL);
    free(life);
}

const struct oyez_retention_rules *recorder_life_rules(const struct oyez_recorder *recorder)
{
    return recorder->life != NULL ? &recorder->life->keep : NULL;
}
