// SPDX-License-Identifier: MIT
#include "app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "oyez/json.h"
#include "screen.h"

void app_open(struct app *app)
{
    app->pages[0] = PAGE_LIST;
    app->depth = 1;
    app->playback.speed = PLAYBACK_SPEED_NORMAL;
    filter_store_open(&app->store);
    if (app->directory != NULL) {
        struct job job = {.kind = JOB_JUMP, .time = INT64_MAX};
        app_list_jump(app, &job);
    }
}

void app_close(struct app *app)
{
    for (size_t i = 0; i < PAGE_COUNT; i++) {
        text_lines_free(&app->lines[i].lines);
    }
}

enum page app_page(const struct app *app)
{
    return app->pages[app->depth - 1];
}

static void look(struct app *app)
{
    if (app->watcher != NULL) {
        watcher_look(app->watcher, app_page(app) == PAGE_SYSTEM);
    }
}

void app_go_to_page(struct app *app, enum page page)
{
    if (app_page(app) == page) {
        return;
    }
    // Going round in circles forgets where it began.
    if (app->depth == APP_DEPTH_MAX) {
        memmove(app->pages + 1, app->pages + 2, (APP_DEPTH_MAX - 2) * sizeof app->pages[0]);
        app->depth--;
    }
    app->pages[app->depth++] = page;
    look(app);
}

static void go_back(struct app *app)
{
    if (app->depth > 1) {
        app->depth--;
        look(app);
    } else if (app->needle[0] != '\0') {
        app->needle[0] = '\0';
    }
}

static void say(struct app *app, bool is_bad, const char *format, va_list list)
{
    vsnprintf(app->message, sizeof app->message, format, list);
    app->message_is_bad = is_bad;
}

void app_say(struct app *app, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(app, false, format, list);
    va_end(list);
}

void app_complain(struct app *app, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(app, true, format, list);
    va_end(list);
}

unsigned app_list_rows(const struct app *app)
{
    return app->rows > APP_LIST_TOP + 2 ? app->rows - APP_LIST_TOP - 1 : 1;
}

unsigned app_page_rows(const struct app *app)
{
    return app->rows > APP_HEADER_ROWS + 2 ? app->rows - APP_HEADER_ROWS - 1 : 1;
}

const char *app_filter(const struct app *app)
{
    return app->model->filter != NULL ? app->model->filter->text : "";
}

// Keeps a private copy of an event for as long as it is worked on without the lock.
static struct oyez_event *copy_selected(struct app *app)
{
    struct oyez_event *copy = NULL;
    struct event_reading *reading = malloc(sizeof *reading);
    model_lock(app->model);
    if (reading != NULL && app_read(app, reading)) {
        (void)oyez_event_copy(&copy, &reading->event);
    }
    model_unlock(app->model);
    free(reading);
    return copy;
}

void app_copy(struct app *app, bool as_command)
{
    char *text = NULL;
    size_t size = 0;
    struct oyez_event *event = copy_selected(app);
    if (event == NULL) {
        app_complain(app, "there is no event to copy");
        return;
    }
    oyez_err err = as_command ? acts_emit_command(event, &text, &size)
                              : oyez_event_to_json(event, &text, &size);
    if (err != OYEZ_OK) {
        app_complain(app, "%s", oyez_error_detail());
    } else if (!screen_copy(text, size)) {
        app_complain(app, "%zu bytes are too many for the terminal's clipboard", size);
    } else {
        app_say(app, "copied %zu bytes %s", size, as_command ? "as a command line" : "of JSON");
    }
    free(text);
    oyez_event_free(&event);
}

static void move(struct app *app, int64_t by)
{
    if (app_page(app) == PAGE_LIST) {
        app_list_move(app, by);
    } else {
        app_page_move(app, by);
    }
}

static int64_t screenful(const struct app *app)
{
    unsigned rows = app_page(app) == PAGE_LIST ? app_list_rows(app) : app_page_rows(app);
    return rows > 1 ? rows - 1 : 1;
}

static bool act_on_moving(struct app *app, enum action action)
{
    switch (action) {
    case ACTION_UP:
        move(app, -1);
        return true;
    case ACTION_DOWN:
        move(app, 1);
        return true;
    case ACTION_PAGE_UP:
        move(app, -screenful(app));
        return true;
    case ACTION_PAGE_DOWN:
        move(app, screenful(app));
        return true;
    case ACTION_WHEEL_UP:
        move(app, -3);
        return true;
    case ACTION_WHEEL_DOWN:
        move(app, 3);
        return true;
    case ACTION_FIRST:
        if (app_page(app) == PAGE_LIST) {
            app_list_first(app);
        } else {
            app_page_move(app, INT32_MIN);
        }
        return true;
    case ACTION_LAST:
        if (app_page(app) == PAGE_LIST) {
            app_list_last(app);
        } else {
            app_page_move(app, INT32_MAX);
        }
        return true;
    default:
        return false;
    }
}

static bool act_on_time(struct app *app, enum action action)
{
    switch (action) {
    case ACTION_PAUSE:
        app_list_pause(app);
        return true;
    case ACTION_MINUTE_BACK:
        app_list_step_time(app, -60);
        return true;
    case ACTION_MINUTE_ON:
        app_list_step_time(app, 60);
        return true;
    case ACTION_HOUR_BACK:
        app_list_step_time(app, -3600);
        return true;
    case ACTION_HOUR_ON:
        app_list_step_time(app, 3600);
        return true;
    case ACTION_SPAN_LONGER:
    case ACTION_SPAN_SHORTER:
        model_lock(app->model);
        timeline_zoom(&app->model->timeline, action == ACTION_SPAN_LONGER ? 1 : -1);
        model_unlock(app->model);
        look(app);
        return true;
    case ACTION_PLAY:
        app_list_play(app);
        return true;
    case ACTION_FASTER:
    case ACTION_SLOWER:
        playback_change_speed(&app->playback, action == ACTION_FASTER ? 1 : -1);
        app_say(app, "plays at %s", playback_speed_name(&app->playback));
        return true;
    case ACTION_GO:
        prompt_open(&app->prompt, PROMPT_GO, "");
        return true;
    default:
        return false;
    }
}

static bool act_on_finding(struct app *app, enum action action)
{
    switch (action) {
    case ACTION_SEARCH:
        prompt_open(&app->prompt, PROMPT_SEARCH, "");
        return true;
    case ACTION_SEARCH_OLDER:
        app_search_on(app, false);
        return true;
    case ACTION_SEARCH_NEWER:
        app_search_on(app, true);
        return true;
    case ACTION_FILTER:
        app_ask_filter(app);
        return true;
    case ACTION_FILTER_CLEAR:
        app_set_filter(app, "");
        return true;
    case ACTION_FILTER_SAVE:
        if (app_filter(app)[0] != '\0') {
            prompt_open(&app->prompt, PROMPT_SAVE, "");
        } else {
            app_complain(app, "there is no filter to keep: f sets one");
        }
        return true;
    case ACTION_FILTERS:
        app_open_filters(app);
        return true;
    case ACTION_DELETE:
        if (filter_store_remove(&app->store, app->lines[PAGE_FILTERS].at) != OYEZ_OK) {
            app_complain(app, "%s", oyez_error_detail());
        }
        app_open_filters(app);
        return true;
    default:
        return false;
    }
}

static void prove(struct app *app)
{
    struct job job = {.kind = JOB_PROVE};
    model_lock(app->model);
    bool any = app->model->event != NULL;
    if (any) {
        job.generation = app->model->event_generation;
        job.id = app->model->event->event_id;
    }
    model_unlock(app->model);
    if (any) {
        asker_put(app->asker, &job);
        app_say(app, "asking for the proof …");
    }
}

static void fold(struct app *app, enum action action)
{
    model_lock(app->model);
    if (action == ACTION_FOLD) {
        trace_page_fold(&app->model->trace, app->trace_at);
    } else {
        trace_page_fold_all(&app->model->trace, action == ACTION_FOLD_ALL);
    }
    model_unlock(app->model);
}

static void click(struct app *app, unsigned row, unsigned column)
{
    if (app_page(app) == PAGE_LIST) {
        app_list_click(app, row, column);
        return;
    }
    size_t *at;
    size_t *top;
    model_lock(app->model);
    (void)app_page_lines(app, &at, &top);
    if (row >= APP_HEADER_ROWS) {
        *at = *top + (row - APP_HEADER_ROWS);
    }
    model_unlock(app->model);
    app_page_move(app, 0);
}

static bool act_on_event(struct app *app, enum action action)
{
    switch (action) {
    case ACTION_OPEN:
        app_open_event(app);
        return true;
    case ACTION_TRACE:
        app_open_trace(app);
        return true;
    case ACTION_COPY:
        app_copy(app, false);
        return true;
    case ACTION_COPY_COMMAND:
        app_copy(app, true);
        return true;
    case ACTION_EXPORT:
        prompt_open(&app->prompt, PROMPT_EXPORT, "oyez-view.jsonl");
        return true;
    case ACTION_PREVIOUS:
    case ACTION_NEXT:
        app_list_move(app, action == ACTION_NEXT ? 1 : -1);
        app_open_event(app);
        return true;
    case ACTION_PROVE:
        prove(app);
        return true;
    case ACTION_FOLD:
    case ACTION_FOLD_ALL:
    case ACTION_UNFOLD_ALL:
        fold(app, action);
        return true;
    default:
        return false;
    }
}

static void act(struct app *app, enum action action, unsigned row, unsigned column)
{
    if (act_on_moving(app, action) || act_on_time(app, action) || act_on_finding(app, action)) {
        return;
    }
    if (action == ACTION_CLICK || (action == ACTION_OPEN && row > 0)) {
        click(app, row, column);
    }
    if (act_on_event(app, action)) {
        return;
    }
    switch (action) {
    case ACTION_SYSTEM:
        app_go_to_page(app, PAGE_SYSTEM);
        break;
    case ACTION_HELP:
        keys_help(&app->lines[PAGE_HELP].lines);
        app_go_to_page(app, PAGE_HELP);
        break;
    case ACTION_REDRAW:
        app->redraw = true;
        break;
    case ACTION_BACK:
        go_back(app);
        break;
    case ACTION_QUIT:
        app->quit = true;
        break;
    case ACTION_RETRY:
    case ACTION_DISCARD:
        app_settle(app, action == ACTION_DISCARD);
        break;
    default:
        break;
    }
}

void app_key(struct app *app, int code, unsigned row, unsigned column)
{
    app->message[0] = '\0';
    if (app->prompt.kind != PROMPT_NONE) {
        app_prompt_key(app, code);
        return;
    }
    // What could not be had before may be there now.
    model_lock(app->model);
    app->model->window.failure[0] = '\0';
    app_list_follow(app);
    model_unlock(app->model);
    act(app, keys_action(app_page(app), code), row, column);
}

void app_step(struct app *app)
{
    if (app->model->notice_number != app->notice_seen) {
        app->notice_seen = app->model->notice_number;
        app_say(app, "%s", app->model->notice);
    }
    app_list_step(app);
    app_page_step(app);
}
