// SPDX-License-Identifier: MIT
// The list: following what is live, standing still, going elsewhere in time.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app.h"

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define TIMELINE_ROW 2u
#define TIMELINE_COLUMN 9u

static int64_t steady_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

// Opens the window on what is live, where it is not open: to stand still needs something that does.
static void stand_still(struct app *app)
{
    if (!app->model->window.open) {
        model_pause(app->model);
        app->selected = event_list_end(&app->model->window.list) - 1;
        app->top = 0;
    }
}

static uint64_t clamp(const struct event_list *list, uint64_t at)
{
    uint64_t last = event_list_end(list) - 1;
    return list->count == 0 ? list->first : at < list->first ? list->first : at > last ? last : at;
}

void app_list_move(struct app *app, int64_t by)
{
    struct model *model = app->model;
    model_lock(model);
    bool was_live = !model->window.open;
    app->playing = false;
    // Nothing comes behind what is live.
    if (!was_live || by < 0) {
        stand_still(app);
        const struct event_list *list = &model->window.list;
        if (by > 0 && app->selected + (uint64_t)by >= event_list_end(list)) {
            model->window.at_last = false;
        }
        app->selected = clamp(list, app->selected + (uint64_t)by);
    }
    model_unlock(model);
}

void app_list_jump(struct app *app, const struct job *place)
{
    struct job job = *place;
    model_lock(app->model);
    app->playing = false;
    app->open_when_there = false;
    snprintf(job.filter, sizeof job.filter, "%s", app_filter(app));
    job.kind = JOB_JUMP;
    job.generation = model_new_window(app->model);
    app->model->window.loading = true;
    app->model->window.jumping = true;
    model_unlock(app->model);
    asker_put(app->asker, &job);
}

void app_list_first(struct app *app)
{
    const struct job job = {.time = 0};
    app_list_jump(app, &job);
}

void app_list_last(struct app *app)
{
    const struct job end = {.time = INT64_MAX};
    app->playing = false;
    if (app->directory != NULL) {
        app_list_jump(app, &end);
        return;
    }
    model_lock(app->model);
    model_close_window(app->model);
    model_unlock(app->model);
}

void app_list_pause(struct app *app)
{
    if (app->playing) {
        app_list_play(app);
        return;
    }
    model_lock(app->model);
    bool is_live = !app->model->window.open;
    if (is_live) {
        stand_still(app);
    }
    model_unlock(app->model);
    if (!is_live && app->directory == NULL) {
        app_list_last(app);
    }
}

// The time of what is selected; of the newest event, or now, where the list is live.
static int64_t time_of_selected(const struct app *app)
{
    const struct event_list *list = &app->model->window.list;
    uint64_t at = clamp(list, app->selected);
    for (; app->model->window.open && event_list_has(list, at); at--) {
        const struct event_entry *entry = event_list_entry(list, at);
        if (!entry->is_mark) {
            return (int64_t)entry->stamp.broker_time;
        }
    }
    return model_time();
}

void app_list_step_time(struct app *app, int64_t seconds)
{
    struct job job = {0};
    model_lock(app->model);
    job.time = time_of_selected(app) + seconds * NANOSECONDS_PER_SECOND;
    model_unlock(app->model);
    app_list_jump(app, &job);
}

void app_list_play(struct app *app)
{
    model_lock(app->model);
    stand_still(app);
    app->playing = !app->playing;
    if (app->playing) {
        app->model->window.at_last = false;
        playback_start(&app->playback, time_of_selected(app), steady_now());
    }
    model_unlock(app->model);
    if (app->playing) {
        app_say(app, "plays at %s; + and - change it, p stops",
                playback_speed_name(&app->playback));
    }
}

void app_list_click(struct app *app, unsigned row, unsigned column)
{
    struct model *model = app->model;
    model_lock(model);
    const struct timeline *timeline = &model->timeline;
    struct job job = {0};
    bool on_timeline = (row == TIMELINE_ROW || row == TIMELINE_ROW + 1) &&
                       column >= TIMELINE_COLUMN && column < TIMELINE_COLUMN + timeline->shown;
    if (on_timeline) {
        int64_t first = timeline->end - (int64_t)timeline->shown * timeline->step;
        job.time =
            (first + (int64_t)(column - TIMELINE_COLUMN) * timeline->step) * NANOSECONDS_PER_SECOND;
    } else if (row >= APP_LIST_TOP && row < APP_LIST_TOP + app_list_rows(app)) {
        bool was_live = !model->window.open;
        stand_still(app);
        const struct event_list *list = &model->window.list;
        unsigned rows = app_list_rows(app);
        uint64_t top = was_live ? clamp(list, event_list_end(list) - rows) : app->top;
        app->selected = clamp(list, top + (row - APP_LIST_TOP));
        app->top = top;
    }
    model_unlock(model);
    if (on_timeline) {
        app_list_jump(app, &job);
    }
}

// More of the past, or of what comes behind it, before its end is seen.
static void ask_for_more(struct app *app)
{
    struct model_window *window = &app->model->window;
    struct job job = {.generation = window->generation};
    unsigned rows = app_list_rows(app);
    if (window->loading || window->failure[0] != '\0' || window->list.count == 0) {
        return;
    }
    if (!window->at_first && app->selected < window->list.first + 2 * rows) {
        job.kind = JOB_BEFORE;
    } else if (!window->at_last && app->selected + 2 * rows >= event_list_end(&window->list)) {
        job.kind = JOB_BEHIND;
    }
    if (job.kind != JOB_NONE) {
        snprintf(job.filter, sizeof job.filter, "%s", app_filter(app));
        window->loading = true;
        asker_put(app->asker, &job);
    }
}

static void play_on(struct app *app)
{
    struct model_window *window = &app->model->window;
    playback_advance(&app->playback, steady_now());
    uint64_t end = event_list_find_time(&window->list, app->playback.at);
    if (end > window->list.first) {
        app->selected = end - 1;
    }
    if (end == event_list_end(&window->list) && window->at_last && !window->loading) {
        app->playing = false;
        app_say(app, "played to the end");
    }
}

static void keep_in_sight(struct app *app)
{
    const struct event_list *list = &app->model->window.list;
    unsigned rows = app_list_rows(app);
    app->selected = clamp(list, app->selected);
    if (app->top < list->first || app->top >= event_list_end(list)) {
        app->top = app->selected >= list->first + rows ? app->selected - rows + 1 : list->first;
    }
    if (app->selected < app->top) {
        app->top = app->selected;
    } else if (app->selected >= app->top + rows) {
        app->top = app->selected - rows + 1;
    }
    // No empty rows at the end while there is something before.
    if (app->top > list->first && event_list_end(list) - app->top < rows && !app->playing) {
        uint64_t top =
            event_list_end(list) - list->first > rows ? event_list_end(list) - rows : list->first;
        app->top = top < app->top ? top : app->top;
    }
}

static void fit_timeline(struct app *app)
{
    struct timeline *timeline = &app->model->timeline;
    unsigned columns =
        app->columns > TIMELINE_COLUMN + 10 ? app->columns - TIMELINE_COLUMN - 1 : 10;
    int64_t at = time_of_selected(app) / NANOSECONDS_PER_SECOND;
    timeline_fit(timeline, columns, at, !app->model->window.open);
}

void app_list_follow(struct app *app)
{
    struct model_window *window = &app->model->window;
    if (window->open && window->selected != 0) {
        app->selected = window->selected;
        // In the middle, so that what came before and after is seen.
        uint64_t half = app_list_rows(app) / 2;
        app->top =
            app->selected > window->list.first + half ? app->selected - half : window->list.first;
        window->selected = 0;
    }
}

void app_list_step(struct app *app)
{
    struct model_window *window = &app->model->window;
    if (window->open) {
        app_list_follow(app);
        if (app->playing) {
            play_on(app);
        }
        keep_in_sight(app);
        if (app->open_when_there && !window->jumping) {
            app->open_when_there = false;
            app_open_selected(app);
        }
        ask_for_more(app);
    }
    fit_timeline(app);
}
