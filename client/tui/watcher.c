// SPDX-License-Identifier: MIT
#include "watcher.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "dead_letter_event.h"
#include "outcome.h"
#include "oyez/consumer.h"
#include "oyez/json.h"
#include "oyez/metrics.h"

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define LOOK_AGAIN_NS (500 * 1000 * 1000)
#define STATUS_MS 1000u
#define DEAD_LETTERS_READ_MAX 1000u     // and what resolved them
#define TIMELINE_NS (300 * 1000 * 1000) // spent on the time line at a time

struct watcher {
    struct model *model;
    struct source *source;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_bool closing;
    atomic_bool system;
    bool asked; // to look now
};

static void look_at_status(struct watcher *watcher)
{
    struct model *model = watcher->model;
    struct oyez_status *status = calloc(1, sizeof *status);
    if (status == NULL || watcher->source->client == NULL) {
        free(status);
        return;
    }
    // Judging the whole system asks for more than its status.
    oyez_client *client = watcher->source->client;
    oyez_err err = atomic_load(&watcher->system)
                       ? oyez_client_health(client, status, NULL, STATUS_MS)
                       : oyez_client_status(client, status, STATUS_MS);
    if (err == OYEZ_OK && status->epoch == 0) {
        err = oyez_fail(OYEZ_ERR_UNREACHABLE, "%.190s",
                        status->component_count > 0 ? status->components[0].message : "no answer");
    }
    model_lock(model);
    if (err == OYEZ_OK) {
        model->system.status = *status;
        model->system.has_status = true;
        model->system.status_time = model_time();
    }
    snprintf(model->system.failure, sizeof model->system.failure, "%s",
             err != OYEZ_OK ? oyez_error_detail() : "");
    model_tell(model);
    model_unlock(model);
    free(status);
}

// An event that came live does not know its index: only the record does.
static void look_at_event(struct watcher *watcher)
{
    struct model *model = watcher->model;
    struct source_checkpoint checkpoint = {0};
    struct oyez_event *event = NULL;
    model_lock(model);
    bool wanted = model->event != NULL && !(model->facts.recorded && model->facts.has_checkpoint &&
                                            model->facts.index <= model->facts.checkpointed);
    struct oyez_uuid id = wanted ? model->event->event_id : (struct oyez_uuid){{0}};
    uint64_t generation = model->event_generation;
    model_unlock(model);
    if (!wanted) {
        return;
    }
    oyez_err err = source_get(watcher->source, id, &event);
    char failure[sizeof model->facts.failure] = "";
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND) {
        snprintf(failure, sizeof failure, "%.190s", oyez_error_detail());
    }
    bool signed_for = err == OYEZ_OK && source_checkpoint(watcher->source, &checkpoint) == OYEZ_OK;
    model_lock(model);
    if (model->event_generation == generation) {
        model->facts.asked = true;
        model->facts.recorded = err == OYEZ_OK;
        model->facts.index = err == OYEZ_OK ? event->stamp.index : 0;
        memcpy(model->facts.failure, failure, sizeof failure);
        model->facts.has_checkpoint = signed_for;
        model->facts.checkpointed = checkpoint.size;
        snprintf(model->facts.key, sizeof model->facts.key, "%s", checkpoint.key);
        model_tell(model);
    }
    model_unlock(model);
    oyez_event_free(&event);
}

static void copy_consumers(struct system_facts *facts, const struct oyez_consumer_info *consumers,
                           size_t count)
{
    facts->has_consumers = true;
    facts->consumer_count = count < SYSTEM_CONSUMERS_MAX ? count : SYSTEM_CONSUMERS_MAX;
    for (size_t i = 0; i < facts->consumer_count; i++) {
        const struct oyez_consumer_info *from = &consumers[i];
        struct system_consumer *to = &facts->consumers[i];
        memcpy(to->name, from->name, sizeof to->name);
        memcpy(to->holder, from->holder_name, sizeof to->holder);
        to->held = from->held;
        to->epoch = from->epoch;
        to->position = from->position;
        to->lag = from->lag;
        to->lag_is_bound = from->lag_is_bound;
        snprintf(to->patterns, sizeof to->patterns, "%.90s%s%.90s",
                 from->pattern_count > 0 ? from->patterns[0] : "*",
                 from->pattern_count > 1 ? " " : "",
                 from->pattern_count > 1 ? from->patterns[1] : "");
    }
}

static void look_at_consumers(struct watcher *watcher)
{
    struct oyez_consumer_info *consumers = NULL;
    size_t count = 0;
    if (watcher->source->client != NULL &&
        oyez_client_consumers(watcher->source->client, &consumers, &count, SOURCE_TIMEOUT_MS) ==
            OYEZ_OK) {
        model_lock(watcher->model);
        copy_consumers(&watcher->model->system, consumers, count);
        model_unlock(watcher->model);
    }
    free(consumers);
}

static void look_at_checkpoint(struct watcher *watcher)
{
    struct source_checkpoint checkpoint;
    struct statvfs disk;
    bool known = source_checkpoint(watcher->source, &checkpoint) == OYEZ_OK;
    bool has_disk =
        watcher->source->directory != NULL && statvfs(watcher->source->directory, &disk) == 0;
    model_lock(watcher->model);
    struct system_facts *facts = &watcher->model->system;
    facts->has_checkpoint = known;
    if (known) {
        facts->checkpointed = checkpoint.size;
        memcpy(facts->key, checkpoint.key, sizeof facts->key);
    }
    facts->has_disk = has_disk;
    if (has_disk) {
        facts->disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
        facts->disk_size = (uint64_t)disk.f_blocks * disk.f_frsize;
    }
    model_unlock(watcher->model);
}

// Newest first: what resolves a letter comes before it.
struct letters {
    struct oyez_uuid resolved[DEAD_LETTERS_READ_MAX];
    size_t resolved_count;
    struct oyez_dead_letter open[SYSTEM_DEAD_LETTERS_MAX];
    size_t open_count;
};

static void take_letter(struct letters *letters, const struct oyez_event *event)
{
    struct oyez_uuid id;
    char outcome[17];
    struct oyez_dead_letter *letter = &letters->open[letters->open_count];
    if (letter_read_resolved(event, &id, outcome)) {
        letters->resolved[letters->resolved_count++] = id;
        return;
    }
    if (letters->open_count == SYSTEM_DEAD_LETTERS_MAX || !letter_read(letter, event)) {
        return;
    }
    for (size_t i = 0; i < letters->resolved_count; i++) {
        if (oyez_uuid_equal(letters->resolved[i], letter->letter_id)) {
            return;
        }
    }
    letters->open_count++;
}

static void look_at_dead_letters(struct watcher *watcher)
{
    const char *patterns[] = {OYEZ_DEAD_LETTER_TYPE, OYEZ_DEAD_LETTER_RESOLVED_TYPE};
    const struct oyez_query_options options = {
        .patterns = patterns, .pattern_count = 2, .reverse = true, .limit = DEAD_LETTERS_READ_MAX};
    struct letters *letters = calloc(1, sizeof *letters);
    const struct oyez_event *event;
    oyez_query *query = NULL;
    if (letters == NULL) {
        return;
    }
    oyez_err err = source_query(watcher->source, &query, &options);
    while (err == OYEZ_OK) {
        err = oyez_query_next(query, &event, SOURCE_TIMEOUT_MS);
        if (err == OYEZ_OK) {
            take_letter(letters, event);
        }
    }
    oyez_query_close(&query);
    model_lock(watcher->model);
    struct system_facts *facts = &watcher->model->system;
    memcpy(facts->dead_letters, letters->open, sizeof letters->open);
    facts->dead_letter_count = letters->open_count;
    model_tell(watcher->model);
    model_unlock(watcher->model);
    free(letters);
}

static oyez_err count_piece(struct watcher *watcher, int64_t start, int64_t end, uint64_t *total,
                            uint64_t *failed)
{
    const struct oyez_stats_options options = {.by = OYEZ_STATS_BY_TYPE,
                                               .since = start * NANOSECONDS_PER_SECOND,
                                               .until = end * NANOSECONDS_PER_SECOND};
    struct oyez_stats_group *groups = NULL;
    size_t count = 0;
    *total = 0;
    *failed = 0;
    oyez_err err = source_stats(watcher->source, &options, &groups, &count);
    for (size_t i = 0; err == OYEZ_OK && i < count; i++) {
        *total += groups[i].count;
        *failed += outcome_of(groups[i].key) == OUTCOME_BAD ? groups[i].count : 0;
    }
    free(groups);
    return err;
}

static void look_at_timeline(struct watcher *watcher)
{
    struct model *model = watcher->model;
    int64_t began = model_time();
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && model_time() - began < TIMELINE_NS &&
           !atomic_load(&watcher->closing)) {
        int64_t start;
        uint64_t total, failed;
        model_lock(model);
        bool missing = timeline_missing(&model->timeline, &start);
        int64_t step = model->timeline.step;
        int64_t live_since = model->timeline.live_since;
        model_unlock(model);
        int64_t end = start + step < live_since ? start + step : live_since;
        // What is stamped now is recorded some time later.
        if (!missing || end >= model_time() / NANOSECONDS_PER_SECOND - 1) {
            return;
        }
        err = count_piece(watcher, start, end, &total, &failed);
        if (err == OYEZ_OK) {
            model_lock(model);
            timeline_put(&model->timeline, start, step, total, failed);
            model_tell(model);
            model_unlock(model);
        }
    }
}

static void wait_a_while(struct watcher *watcher)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_AGAIN_NS;
    until.tv_sec += until.tv_nsec / NANOSECONDS_PER_SECOND;
    until.tv_nsec %= NANOSECONDS_PER_SECOND;
    pthread_mutex_lock(&watcher->lock);
    if (!watcher->asked && !atomic_load(&watcher->closing)) {
        pthread_cond_timedwait(&watcher->changed, &watcher->lock, &until);
    }
    watcher->asked = false;
    pthread_mutex_unlock(&watcher->lock);
}

static void *run(void *arg)
{
    struct watcher *watcher = arg;
    while (!atomic_load(&watcher->closing)) {
        look_at_event(watcher);
        look_at_status(watcher);
        if (atomic_load(&watcher->system)) {
            look_at_checkpoint(watcher);
            look_at_consumers(watcher);
            look_at_dead_letters(watcher);
        }
        look_at_timeline(watcher);
        wait_a_while(watcher);
    }
    return NULL;
}

oyez_err watcher_open(struct watcher **out, struct model *model, struct source *source)
{
    struct watcher *made = calloc(1, sizeof *made);
    *out = made;
    if (made == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    made->model = model;
    made->source = source;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->changed, NULL);
    if (pthread_create(&made->thread, NULL, run, made) != 0) {
        free(made);
        *out = NULL;
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread to watch the system");
    }
    return OYEZ_OK;
}

void watcher_look(struct watcher *watcher, bool system)
{
    atomic_store(&watcher->system, system);
    pthread_mutex_lock(&watcher->lock);
    watcher->asked = true;
    pthread_cond_signal(&watcher->changed);
    pthread_mutex_unlock(&watcher->lock);
}

void watcher_close(struct watcher **out)
{
    struct watcher *watcher = *out;
    if (watcher == NULL) {
        return;
    }
    pthread_mutex_lock(&watcher->lock);
    atomic_store(&watcher->closing, true);
    pthread_cond_signal(&watcher->changed);
    pthread_mutex_unlock(&watcher->lock);
    pthread_join(watcher->thread, NULL);
    pthread_cond_destroy(&watcher->changed);
    pthread_mutex_destroy(&watcher->lock);
    free(watcher);
    *out = NULL;
}
