// SPDX-License-Identifier: MIT
// Searching: first what is in the window, then the record beyond it.
#include <stdlib.h>
#include <string.h>

#include "asker_work.h"
#include "oyez/json.h"

#define SLICE 64u // events looked at under the lock at a time

struct search {
    struct asker_work *work;
    const struct job *job;
    uint64_t looked_at;
    bool stale;
    bool found;
    uint64_t epoch;
    uint64_t position;
};

static bool contains(const struct oyez_event *event, const char *text)
{
    char *json = NULL;
    size_t size;
    bool found =
        oyez_event_to_json(event, &json, &size) == OYEZ_OK && strcasestr(json, text) != NULL;
    free(json);
    return found;
}

static bool is_stale(struct search *search)
{
    const struct model *model = search->work->model;
    search->stale =
        model->search.generation != search->job->generation || atomic_load(search->work->closing);
    return search->stale;
}

// True: it was found, or there is nothing more in the window.
static bool search_slice(struct search *search, uint64_t *at)
{
    struct model *model = search->work->model;
    struct event_reading reading;
    for (unsigned i = 0; i < SLICE; i++) {
        if (is_stale(search) || !model->window.open || !event_list_has(&model->window.list, *at)) {
            return true;
        }
        search->looked_at++;
        if (event_list_read(&model->window.list, *at, &reading) &&
            contains(&reading.event, search->job->text)) {
            model->window.selected = *at;
            search->found = true;
            return true;
        }
        *at = search->job->newer ? *at + 1 : *at - 1;
    }
    return false;
}

static void search_window(struct search *search)
{
    uint64_t at = search->job->at;
    bool over = false;
    while (!over) {
        model_lock(search->work->model);
        over = search_slice(search, &at);
        search->work->model->search.looked_at = search->looked_at;
        model_tell(search->work->model);
        model_unlock(search->work->model);
    }
}

static bool visit(void *arg, const struct oyez_event *event)
{
    struct search *search = arg;
    struct model *model = search->work->model;
    const struct job *job = search->job;
    // Of the events stamped at the same time as the window's edge some are in the window.
    bool beyond = job->newer || event->stamp.epoch < job->epoch ||
                  (event->stamp.epoch == job->epoch && event->stamp.position < job->position);
    if (!beyond) {
        return true;
    }
    search->looked_at++;
    if (search->looked_at % SLICE == 0) {
        model_lock(model);
        bool stale = is_stale(search);
        model->search.looked_at = search->looked_at;
        model_tell(model);
        model_unlock(model);
        if (stale) {
            return false;
        }
    }
    if (contains(event, job->text)) {
        search->found = true;
        search->epoch = event->stamp.epoch;
        search->position = event->stamp.position;
    }
    return !search->found;
}

static oyez_err search_record(struct search *search)
{
    const struct job *job = search->job;
    struct oyez_query_options options = {.reverse = !job->newer};
    if (job->newer) {
        options.from_epoch = job->epoch;
        options.from_position = job->position + 1;
    } else if (job->time > 0) {
        options.until = job->time + 1;
    }
    return asker_walk(search->work, job->filter, &options, visit, search);
}

void asker_search(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct search search = {.work = work, .job = job};
    struct job jump = *job;
    search_window(&search);
    if (!search.found && !search.stale && search_record(&search) == OYEZ_OK && search.found &&
        !search.stale) {
        jump.kind = JOB_JUMP;
        jump.by_cursor = true;
        jump.epoch = search.epoch;
        jump.position = search.position;
        model_lock(model);
        jump.generation = model_new_window(model);
        model_unlock(model);
        asker_jump(work, &jump);
    }
    model_lock(model);
    if (!is_stale(&search)) {
        model->search.running = false;
        model->search.failed = !search.found;
        model->search.looked_at = search.looked_at;
        model_tell(model);
    }
    model_unlock(model);
}
