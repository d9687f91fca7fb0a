// SPDX-License-Identifier: MIT
// Pieces of the past: more of the window at either end, a window somewhere else, what matched a filter
// before it was set.
#include <stdio.h>
#include <string.h>

#include "asker_work.h"

#define PIECE_EVENTS 300u
#define REFILL_EVENTS 1000u
#define REFILL_SLICE 256u // live events looked at under the lock at a time

// Where the window ends, or the place beside which to look.
struct place {
    bool known;
    uint64_t epoch;
    uint64_t position;
    int64_t time;
};

struct piece {
    struct asker_work *work;
    const struct job *job;
    struct place from;
    size_t added;
    size_t most;
    bool stale;
};

static bool is_before(const struct oyez_stamp *stamp, const struct place *place)
{
    return stamp->epoch < place->epoch ||
           (stamp->epoch == place->epoch && stamp->position < place->position);
}

static struct place place_of(const struct event_list *list, uint64_t at, int step)
{
    struct place place = {0};
    for (; event_list_has(list, at); at = step > 0 ? at + 1 : at - 1) {
        const struct event_entry *entry = event_list_entry(list, at);
        if (!entry->is_mark) {
            place = (struct place){true, entry->stamp.epoch, entry->stamp.position,
                                   (int64_t)entry->stamp.broker_time};
            break;
        }
    }
    return place;
}

static bool visit_before(void *arg, const struct oyez_event *event)
{
    struct piece *piece = arg;
    struct model *model = piece->work->model;
    if (piece->from.known && !is_before(&event->stamp, &piece->from)) {
        return true;
    }
    model_lock(model);
    piece->stale = model->window.generation != piece->job->generation;
    if (!piece->stale) {
        uint64_t last = event_list_end(&model->window.list);
        event_list_prepend(&model->window.list, event, 0);
        model->window.at_last =
            model->window.at_last && event_list_end(&model->window.list) == last;
        piece->added++;
    }
    model_unlock(model);
    return !piece->stale && piece->added < piece->most;
}

static bool visit_behind(void *arg, const struct oyez_event *event)
{
    struct piece *piece = arg;
    struct model *model = piece->work->model;
    model_lock(model);
    piece->stale = model->window.generation != piece->job->generation;
    if (!piece->stale) {
        uint64_t first = model->window.list.first;
        event_list_append(&model->window.list, event, 0);
        model->window.at_first = model->window.at_first && model->window.list.first == first;
        piece->added++;
    }
    model_unlock(model);
    return !piece->stale && piece->added < piece->most;
}

static void finish(struct asker_work *work, const struct job *job, oyez_err err)
{
    struct model *model = work->model;
    if (model->window.generation != job->generation) {
        return;
    }
    model->window.loading = false;
    model->window.jumping = false;
    snprintf(model->window.failure, sizeof model->window.failure, "%s",
             err != OYEZ_OK ? oyez_error_detail() : "");
    model_tell(model);
}

static oyez_err load_before(struct piece *piece)
{
    struct oyez_query_options options = {.reverse = true};
    if (piece->from.known) {
        options.until = piece->from.time + 1;
    }
    return asker_walk(piece->work, piece->job->filter, &options, visit_before, piece);
}

void asker_before(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct piece piece = {.work = work, .job = job, .most = PIECE_EVENTS};
    model_lock(model);
    bool done =
        model->window.generation != job->generation || model_extend_before(model, PIECE_EVENTS);
    piece.from = place_of(&model->window.list, model->window.list.first, 1);
    if (done) {
        finish(work, job, OYEZ_OK);
    }
    model_unlock(model);
    if (done) {
        return;
    }
    oyez_err err = load_before(&piece);
    model_lock(model);
    if (!piece.stale && err == OYEZ_OK) {
        model->window.at_first = piece.added < piece.most;
    } else if (!piece.stale && err == OYEZ_ERR_NO_RECORDER) {
        model->window.at_first = true;
        err = OYEZ_OK;
    }
    finish(work, job, err);
    model_unlock(model);
}

void asker_behind(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct oyez_query_options options = {0};
    struct piece piece = {.work = work, .job = job, .most = PIECE_EVENTS};
    model_lock(model);
    bool done =
        model->window.generation != job->generation || model_extend_behind(model, PIECE_EVENTS);
    struct place from = place_of(&model->window.list, event_list_end(&model->window.list) - 1, -1);
    if (done) {
        finish(work, job, OYEZ_OK);
    }
    model_unlock(model);
    if (done) {
        return;
    }
    options.from_epoch = from.epoch;
    options.from_position = from.position + 1;
    oyez_err err = asker_walk(work, job->filter, &options, visit_behind, &piece);
    model_lock(model);
    if (!piece.stale) {
        model->window.at_last = piece.added < piece.most;
    }
    finish(work, job, err == OYEZ_ERR_NO_RECORDER ? OYEZ_OK : err);
    model_unlock(model);
}

static void select_jumped(struct model *model, size_t behind)
{
    const struct event_list *list = &model->window.list;
    if (list->count > 0) {
        model->window.selected = event_list_end(list) - (behind > 0 ? behind : 1);
    }
}

void asker_jump(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct oyez_query_options options = {0};
    struct piece behind = {.work = work, .job = job, .most = PIECE_EVENTS};
    struct piece before = {.work = work, .job = job, .most = PIECE_EVENTS};
    bool to_end = !job->by_cursor && job->time == INT64_MAX;
    if (job->by_cursor) {
        options.from_epoch = job->epoch;
        options.from_position = job->position;
    } else {
        options.since = job->time > 0 ? job->time : 0;
    }
    oyez_err err =
        to_end ? OYEZ_OK : asker_walk(work, job->filter, &options, visit_behind, &behind);
    model_lock(model);
    before.from = place_of(&model->window.list, model->window.list.first, 1);
    model_unlock(model);
    // A place behind the end is the end.
    if (err == OYEZ_OK && !behind.stale) {
        err = load_before(&before);
    }
    model_lock(model);
    if (!behind.stale && !before.stale && model->window.generation == job->generation) {
        model->window.at_last = behind.added < behind.most;
        model->window.at_first = before.added < before.most;
        select_jumped(model, behind.added);
    }
    finish(work, job, err);
    model_unlock(model);
}

// Live events that are older than the filter, newest first, some at a time.
static bool refill_slice(struct model *model, const struct job *job, uint64_t *number,
                         size_t *added)
{
    struct event_reading reading;
    const struct event_list *live = &model->live;
    for (unsigned i = 0; i < REFILL_SLICE; i++) {
        uint64_t first = live->count > 0 ? event_list_entry(live, live->first)->number : 0;
        if (model->filter_generation != job->generation || live->count == 0 || *number <= first ||
            *added == REFILL_EVENTS || model->matched.used > MODEL_PART_BYTES / 2) {
            return false;
        }
        --*number;
        uint64_t at = live->first + (*number - first);
        if (!event_list_entry(live, at)->is_mark && event_list_read(live, at, &reading) &&
            filter_text_matches(model->filter, &reading.event)) {
            event_list_prepend_copy(&model->matched, live, at);
            ++*added;
        }
    }
    return true;
}

static bool visit_refill(void *arg, const struct oyez_event *event)
{
    struct piece *piece = arg;
    struct model *model = piece->work->model;
    if (piece->from.known && !is_before(&event->stamp, &piece->from)) {
        return true;
    }
    model_lock(model);
    piece->stale = model->filter_generation != piece->job->generation ||
                   model->matched.used > MODEL_PART_BYTES / 2;
    if (!piece->stale) {
        event_list_prepend(&model->matched, event, 0);
        piece->added++;
        model_tell(model);
    }
    model_unlock(model);
    return !piece->stale && piece->added < piece->most;
}

void asker_refill(struct asker_work *work, const struct job *job)
{
    struct model *model = work->model;
    struct oyez_query_options options = {.reverse = true};
    struct piece piece = {.work = work, .job = job, .most = REFILL_EVENTS};
    uint64_t number = job->at;
    bool more = true;
    while (more && !atomic_load(work->closing)) {
        model_lock(model);
        more = refill_slice(model, job, &number, &piece.added);
        model_tell(model);
        model_unlock(model);
    }
    model_lock(model);
    piece.from = place_of(&model->live, model->live.first, 1);
    bool stale = model->filter_generation != job->generation;
    model_unlock(model);
    if (stale || piece.added >= PIECE_EVENTS) {
        return;
    }
    piece.most = PIECE_EVENTS;
    options.until = piece.from.known ? piece.from.time + 1 : 0;
    (void)asker_walk(work, job->filter, &options, visit_refill, &piece);
}
