// SPDX-License-Identifier: MIT
// The health of a whole system, judged by thresholds.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "client_state.h"
#include "metrics_samples.h"
#include "wire/clock.h"

#define SLICE_MS 100u // a question made while there is no connection yet is lost: it is asked again
#define NS_PER_MS UINT64_C(1000000)
#define PERCENT 100u

// One judgement under way.
struct judging {
    const oyez_settings *settings;
    const oyez_metrics *metrics;
    struct oyez_status *status;
    uint64_t now_ns;
};

const char *oyez_health_name(enum oyez_health health)
{
    static const char *const names[] = {"healthy", "degraded", "unhealthy"};
    return (unsigned)health < sizeof names / sizeof names[0] ? names[health] : "unhealthy";
}

static void add_component(struct judging *judging, const char *name, enum oyez_health health,
                          const char *message)
{
    struct oyez_status *status = judging->status;
    if (status->component_count == OYEZ_COMPONENTS_MAX)
        return;
    struct oyez_component *component = &status->components[status->component_count++];
    component->status = health;
    component->last_check = judging->now_ns;
    snprintf(component->name, sizeof component->name, "%s", name);
    snprintf(component->message, sizeof component->message, "%s", message);
    if (health > status->health)
        status->health = health;
}

static uint64_t limit(const struct judging *judging, enum oyez_setting_id id)
{
    return oyez_settings_number(judging->settings, id);
}

// The recorders' disks: the fullest counts.
static void judge_disk(struct judging *judging)
{
    char message[200];
    uint64_t worst = UINT64_MAX; // percent
    uint64_t worst_bytes = 0;
    const struct oyez_metric_sample *const *sizes;
    const struct oyez_metric_sample *const *left;
    size_t count = metrics_find(judging->metrics, OYEZ_METRIC_RECORDER_DISK_SIZE, &sizes);
    if (metrics_find(judging->metrics, OYEZ_METRIC_RECORDER_DISK_FREE, &left) != count)
        return;
    for (size_t i = 0; i < count; i++) {
        uint64_t hundredth = sizes[i]->raw / PERCENT;
        uint64_t percent = hundredth > 0 ? left[i]->raw / hundredth : UINT64_MAX;
        if (percent < worst) {
            worst = percent;
            worst_bytes = left[i]->raw;
        }
    }
    if (worst == UINT64_MAX)
        return;
    enum oyez_health health = OYEZ_HEALTHY;
    if (worst < limit(judging, OYEZ_SETTING_HEALTH_DISK_UNHEALTHY))
        health = OYEZ_UNHEALTHY;
    else if (worst < limit(judging, OYEZ_SETTING_HEALTH_DISK_DEGRADED))
        health = OYEZ_DEGRADED;
    snprintf(message, sizeof message, "%" PRIu64 " %% free on the journal's disk, %" PRIu64 " MiB",
             worst, worst_bytes >> 20);
    add_component(judging, "disk", health, message);
}

static const struct oyez_metric_sample *find_largest(const struct judging *judging,
                                                     enum oyez_metric_number number)
{
    const struct oyez_metric_sample *const *samples;
    const struct oyez_metric_sample *largest = NULL;
    size_t count = metrics_find(judging->metrics, number, &samples);
    for (size_t i = 0; i < count; i++)
        if (largest == NULL || samples[i]->raw > largest->raw)
            largest = samples[i];
    return largest;
}

static void judge_checkpoint(struct judging *judging)
{
    char message[200];
    const struct oyez_metric_sample *lag =
        find_largest(judging, OYEZ_METRIC_RECORDER_CHECKPOINT_LAG);
    if (lag == NULL)
        return;
    bool late = lag->raw > limit(judging, OYEZ_SETTING_HEALTH_CHECKPOINT_DEGRADED);
    snprintf(message, sizeof message, "a record has waited for its checkpoint for %" PRIu64 " ms",
             lag->raw);
    add_component(judging, "checkpoint", late ? OYEZ_DEGRADED : OYEZ_HEALTHY,
                  late ? message : "in time");
}

static void judge_record(struct judging *judging)
{
    char message[200];
    const struct oyez_metric_sample *lag = find_largest(judging, OYEZ_METRIC_BROKER_UNRECORDED);
    if (lag == NULL || lag->raw <= limit(judging, OYEZ_SETTING_HEALTH_RECORDED_DEGRADED))
        return;
    snprintf(message, sizeof message, "%" PRIu64 " stamped events are not recorded yet", lag->raw);
    add_component(judging, "record", OYEZ_DEGRADED, message);
}

static const char *name_of(const struct oyez_metric_sample *sample)
{
    const char *name = sample->name;
    return name != NULL && name[0] != '\0' ? name : sample->client;
}

static const struct oyez_metric_sample *find_fullest(const struct judging *judging)
{
    static const enum oyez_metric_number numbers[] = {OYEZ_METRIC_CLIENT_WINDOW_SATURATION,
                                                      OYEZ_METRIC_SUBSCRIPTION_SATURATION,
                                                      OYEZ_METRIC_RECORDER_SATURATION};
    uint64_t full = limit(judging, OYEZ_SETTING_HEALTH_QUEUE_DEGRADED) * 10; // of thousand
    const struct oyez_metric_sample *fullest = NULL;
    for (unsigned k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        const struct oyez_metric_sample *sample = find_largest(judging, numbers[k]);
        if (sample != NULL && sample->raw >= full &&
            (fullest == NULL || sample->raw > fullest->raw))
            fullest = sample;
    }
    return fullest;
}

// The fullest of all windows and queues, else the handler that has rested longest.
static void judge_queues(struct judging *judging)
{
    char message[200] = "none is nearly full";
    const struct oyez_metric_sample *fullest = find_fullest(judging);
    const struct oyez_metric_sample *rested =
        find_largest(judging, OYEZ_METRIC_SUBSCRIPTION_WAITED);
    uint64_t rest_ns = limit(judging, OYEZ_SETTING_CLIENT_STARVATION_THRESHOLD) * NS_PER_MS;
    bool starves = rested != NULL && rested->raw > rest_ns;
    if (fullest != NULL)
        snprintf(message, sizeof message, "%.60s%s%.60s is %" PRIu64 " %% full", name_of(fullest),
                 fullest->subscription != NULL ? ": " : "'s window",
                 fullest->subscription != NULL ? fullest->subscription : "", fullest->raw / 10);
    else if (starves)
        snprintf(message, sizeof message, "%.60s: %.60s has taken nothing for %" PRIu64 " ms",
                 name_of(rested), rested->subscription, rested->raw / NS_PER_MS);
    add_component(judging, "queues", fullest != NULL || starves ? OYEZ_DEGRADED : OYEZ_HEALTHY,
                  message);
}

// A broker that does not answer is a component like any other.
static void describe_silence(struct judging *judging, const char *endpoint, oyez_err err,
                             uint64_t waited_ms)
{
    char message[200];
    memset(judging->status, 0, sizeof *judging->status);
    if (err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE)
        snprintf(message, sizeof message, "no broker answers at %.120s (waited %" PRIu64 " ms)",
                 endpoint, waited_ms);
    else
        snprintf(message, sizeof message, "%.190s", oyez_error_detail());
    add_component(judging, "broker", OYEZ_UNHEALTHY, message);
}

// Asks in slices that grow.
static oyez_err ask_status(oyez_client *client, struct oyez_status *status, uint32_t timeout_ms)
{
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + timeout_ms;
    uint32_t slice_ms = SLICE_MS;
    uint32_t left_ms = timeout_ms;
    oyez_err err = OYEZ_ERR_TIMEOUT;
    while ((err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE || err == OYEZ_ERR_BUSY) &&
           left_ms > 0) {
        const struct timespec pause = {.tv_nsec = (long)NS_PER_MS};
        if (err == OYEZ_ERR_BUSY)
            nanosleep(&pause, NULL);
        pthread_mutex_lock(&client->metrics_lock);
        err = oyez_client_status(client, status, left_ms < slice_ms ? left_ms : slice_ms);
        pthread_mutex_unlock(&client->metrics_lock);
        slice_ms *= 2;
        uint64_t now_ms = oyez_clock_monotonic_ms();
        left_ms = now_ms < deadline_ms ? (uint32_t)(deadline_ms - now_ms) : 0;
    }
    return err;
}

static oyez_err judge_metrics(struct judging *judging, oyez_client *client, uint32_t timeout_ms)
{
    oyez_metrics *metrics;
    oyez_err err = oyez_metrics_read(&metrics, client, timeout_ms);
    if (err == OYEZ_ERR_NO_MEMORY)
        return err;
    if (err != OYEZ_OK) {
        add_component(judging, "metrics", OYEZ_DEGRADED,
                      "the broker told none: disk, checkpoints and queues are not judged");
        return OYEZ_OK;
    }
    judging->metrics = metrics;
    judge_disk(judging);
    judge_checkpoint(judging);
    judge_record(judging);
    judge_queues(judging);
    oyez_metrics_close(&metrics);
    return OYEZ_OK;
}

oyez_err oyez_client_health(oyez_client *client, struct oyez_status *out,
                            const oyez_settings *settings, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(out);
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    struct judging judging = {.settings = settings != NULL ? settings : client->settings,
                              .status = out,
                              .now_ns = oyez_clock_realtime_ns()};
    uint64_t began_ms = oyez_clock_monotonic_ms();
    memset(out, 0, sizeof *out);
    err = ask_status(client, out, timeout_ms);
    if (err == OYEZ_OK)
        return judge_metrics(&judging, client, timeout_ms);
    describe_silence(&judging, client->endpoint, err, oyez_clock_monotonic_ms() - began_ms);
    return OYEZ_OK;
}

bool oyez_client_is_healthy(oyez_client *client, uint32_t timeout_ms)
{
    struct oyez_status *status = calloc(1, sizeof *status); // too large for the stack
    bool healthy = status != NULL &&
                   oyez_client_health(client, status, NULL, timeout_ms) == OYEZ_OK &&
                   status->health == OYEZ_HEALTHY;
    free(status);
    return healthy;
}
