// SPDX-License-Identifier: MIT
#include "asker.h"

#include <stdlib.h>
#include <string.h>

#include "asker_work.h"
#include "oyez/json.h"

#define JOBS_MAX 16u

struct asker_thread {
    struct asker_work work;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_bool closing;
    struct job jobs[JOBS_MAX];
    size_t count;
};

oyez_err asker_walk(struct asker_work *work, const char *text, struct oyez_query_options *options,
                    asker_visit *visit, void *arg)
{
    struct filter_text *filter = calloc(1, sizeof *filter);
    oyez_query *query = NULL;
    const struct oyez_event *event;
    oyez_err err = filter != NULL ? filter_text_read(filter, text)
                                  : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a filter");
    if (err == OYEZ_OK) {
        options->patterns = filter->patterns;
        options->pattern_count = filter->pattern_count;
        if (filter->condition_count > 0) {
            options->conditions = filter->conditions;
            options->condition_count = filter->condition_count;
        }
        err = source_query(work->source, &query, options);
    }
    while (err == OYEZ_OK && !atomic_load(work->closing)) {
        err = oyez_query_next(query, &event, SOURCE_TIMEOUT_MS);
        if (err == OYEZ_ERR_MALFORMED) {
            err = OYEZ_OK; // one event that nobody can read does not hide the others
        } else if (err == OYEZ_OK && !visit(arg, event)) {
            break;
        }
    }
    oyez_query_close(&query);
    if (filter != NULL) {
        filter_text_close(filter);
    }
    free(filter);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static void learn(struct asker_work *work, const struct job *job)
{
    struct oyez_event *event = NULL;
    if (source_get(work->source, job->id, &event) == OYEZ_OK) {
        source_learn(work->source, event);
        model_lock(work->model);
        model_tell(work->model);
        model_unlock(work->model);
    }
    oyez_event_free(&event);
}

static void do_job(struct asker_work *work, const struct job *job)
{
    switch (job->kind) {
    case JOB_BEFORE:
        asker_before(work, job);
        break;
    case JOB_BEHIND:
        asker_behind(work, job);
        break;
    case JOB_JUMP:
        asker_jump(work, job);
        break;
    case JOB_REFILL:
        asker_refill(work, job);
        break;
    case JOB_SEARCH:
        asker_search(work, job);
        break;
    case JOB_TRACE:
        asker_trace(work, job);
        break;
    case JOB_PROVE:
        asker_prove(work, job);
        break;
    case JOB_EXPORT:
        asker_export(work, job);
        break;
    case JOB_LEARN:
        learn(work, job);
        break;
    case JOB_OPEN:
        asker_open_event(work, job);
        break;
    case JOB_RETRY:
    case JOB_DISCARD:
        asker_settle(work, job);
        break;
    case JOB_NONE:
        break;
    }
}

static void *run(void *arg)
{
    struct asker_thread *asker = arg;
    struct job *job = malloc(sizeof *job);
    pthread_mutex_lock(&asker->lock);
    while (job != NULL && !atomic_load(&asker->closing)) {
        if (asker->count == 0) {
            pthread_cond_wait(&asker->changed, &asker->lock);
            continue;
        }
        *job = asker->jobs[0];
        asker->count--;
        memmove(asker->jobs, asker->jobs + 1, asker->count * sizeof *asker->jobs);
        pthread_mutex_unlock(&asker->lock);
        do_job(&asker->work, job);
        pthread_mutex_lock(&asker->lock);
    }
    pthread_mutex_unlock(&asker->lock);
    free(job);
    return NULL;
}

oyez_err asker_open(struct asker_thread **out, struct model *model, struct source *source)
{
    struct asker_thread *asker = calloc(1, sizeof *asker);
    *out = asker;
    if (asker == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    asker->work = (struct asker_work){model, source, &asker->closing};
    pthread_mutex_init(&asker->lock, NULL);
    pthread_cond_init(&asker->changed, NULL);
    if (pthread_create(&asker->thread, NULL, run, asker) != 0) {
        free(asker);
        *out = NULL;
        return oyez_fail(OYEZ_ERR_SYSTEM, "no thread for questions");
    }
    return OYEZ_OK;
}

void asker_put(struct asker_thread *asker, const struct job *job)
{
    pthread_mutex_lock(&asker->lock);
    size_t at = 0;
    while (at < asker->count && asker->jobs[at].kind != job->kind) {
        at++;
    }
    if (at < JOBS_MAX) {
        asker->jobs[at] = *job;
        asker->count = at == asker->count ? at + 1 : asker->count;
    }
    pthread_cond_signal(&asker->changed);
    pthread_mutex_unlock(&asker->lock);
}

void asker_close(struct asker_thread **out)
{
    struct asker_thread *asker = *out;
    if (asker == NULL) {
        return;
    }
    pthread_mutex_lock(&asker->lock);
    atomic_store(&asker->closing, true);
    pthread_cond_signal(&asker->changed);
    pthread_mutex_unlock(&asker->lock);
    pthread_join(asker->thread, NULL);
    pthread_cond_destroy(&asker->changed);
    pthread_mutex_destroy(&asker->lock);
    free(asker);
    *out = NULL;
}
