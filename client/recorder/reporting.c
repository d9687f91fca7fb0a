// SPDX-License-Identifier: MIT
// How the recorder does, told to its broker once a second where something has changed.
#include <string.h>
#include <time.h>

#include "intake.h"
#include "wire/clock.h"

// What a report tells, as it is at one moment.
struct moment {
    struct oyez_recorder_counters counters;
    uint64_t queue_bytes, queue_capacity;
    uint64_t lag_ms; // of the oldest record that no checkpoint covers
    uint64_t disk_free, disk_size;
};

static void read_moment(struct oyez_recorder *recorder, uint64_t now_ms, struct moment *out)
{
    pthread_mutex_lock(&recorder->lock);
    uint64_t since_ms = recorder->uncovered_since_ms;
    *out = (struct moment){.counters = recorder->counters,
                           .queue_bytes = recorder->queue.filling.size,
                           .queue_capacity = recorder->queue.capacity,
                           .lag_ms = since_ms != 0 && now_ms > since_ms ? now_ms - since_ms : 0,
                           .disk_free = recorder->disk_free,
                           .disk_size = recorder->disk_size};
    pthread_mutex_unlock(&recorder->lock);
}

static void fill_counters(oyez_v1_MetricSet *set, const struct oyez_recorder_counters *counters)
{
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_RECORDS, counters->index);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_EVENTS, counters->events);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_REPEATS, counters->repeats);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_CONFLICTS, counters->conflicts);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_GAPS, counters->missing);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_INVALID, counters->invalid_events);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_COMMITS, counters->commits);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_CHECKPOINTS, counters->checkpoints);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_CHECKPOINTED, counters->checkpointed);
}

static void fill(struct oyez_recorder *recorder, uint64_t now_ms, oyez_v1_MetricSet *set)
{
    struct moment moment;
    struct oyez_times syncs;
    read_moment(recorder, now_ms, &moment);
    oyez_histogram_read(&recorder->syncs, &syncs);
    oyez_metric_set_begin(set, OYEZ_METRIC_SCOPE_RECORDER,
                          recorder->mirror ? "mirror" : "recorder");
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_START, recorder->started_ns);
    fill_counters(set, &moment.counters);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_QUEUE_BYTES, moment.queue_bytes);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_QUEUE_CAPACITY, moment.queue_capacity);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_SATURATION,
                        moment.queue_bytes * 1000u / moment.queue_capacity);
    oyez_metric_set_add_times(set, OYEZ_METRIC_RECORDER_SYNC_P50, &syncs);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_CHECKPOINT_LAG, moment.lag_ms);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_DISK_FREE, moment.disk_free);
    oyez_metric_set_add(set, OYEZ_METRIC_RECORDER_DISK_SIZE, moment.disk_size);
}

void recorder_report_tick(struct recorder_intake *intake, uint64_t now_ms)
{
    struct oyez_metric_sets *sets = &intake->report;
    oyez_v1_MetricSet set;
    if (!intake->open || !intake->reports_wanted || now_ms < intake->report_due_ms)
        return;
    intake->report_due_ms = now_ms + OYEZ_PING_MS;
    fill(intake->recorder, now_ms, &set);
    sets->size = 0;
    if (!oyez_metric_sets_put(sets, &set) ||
        (sets->size == intake->report_told.size &&
         memcmp(sets->bytes, intake->report_told.bytes, sets->size) == 0))
        return;
    memset(&intake->to_broker, 0, sizeof intake->to_broker);
    intake->to_broker.which_body = oyez_v1_ToBroker_metrics_report_tag;
    oyez_v1_MetricsReport *report = &intake->to_broker.body.metrics_report;
    memcpy(report->sets.bytes, sets->bytes, sets->size);
    report->sets.size = (pb_size_t)sets->size;
    if (recorder_control_say(intake, false))
        intake->report_told = *sets;
}

void recorder_look_at_disk(struct oyez_recorder *recorder)
{
    struct oyez_disk_space space;
    const struct oyez_disk *disk = recorder->disk;
    if (disk->space == NULL || disk->space(disk->context, recorder->directory, &space) != 0)
        return;
    pthread_mutex_lock(&recorder->lock);
    recorder->disk_free = space.free_bytes;
    recorder->disk_size = space.size_bytes;
    pthread_mutex_unlock(&recorder->lock);
}
