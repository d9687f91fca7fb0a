// SPDX-License-Identifier: MIT
// What is typed: filters, searches, places, names.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "place_text.h"

void app_ask_filter(struct app *app)
{
    prompt_open(&app->prompt, PROMPT_FILTER, app_filter(app));
    app->completion.count = 0;
}

void app_set_filter(struct app *app, const char *text)
{
    struct filter_text *filter = malloc(sizeof *filter);
    struct job job = {.kind = JOB_REFILL};
    if (filter == NULL || filter_text_read(filter, text) != OYEZ_OK) {
        app_complain(app, "%s", filter == NULL ? "out of memory" : oyez_error_detail());
        if (filter != NULL) {
            filter_text_close(filter);
        }
        free(filter);
        return;
    }
    model_lock(app->model);
    struct job jump = {.by_cursor = true};
    bool is_open = app->model->window.open;
    const struct event_list *list = &app->model->window.list;
    if (is_open && event_list_has(list, app->selected)) {
        jump.epoch = event_list_entry(list, app->selected)->stamp.epoch;
        jump.position = event_list_entry(list, app->selected)->stamp.position;
    }
    bool no_recorder = app->model->no_recorder;
    model_set_filter(app->model, filter);
    job.generation = app->model->filter_generation;
    job.at = app->model->next_number;
    memcpy(job.filter, filter->text, sizeof job.filter);
    if (is_open && no_recorder) {
        model_close_window(app->model); // there is no record to look in
    }
    bool empty = filter_text_is_empty(filter);
    model_unlock(app->model);
    if (!empty && app->directory == NULL) {
        asker_put(app->asker, &job);
    }
    if (is_open && !no_recorder) {
        app_list_jump(app, &jump);
    }
}

static void start_search(struct app *app, bool newer, bool from_here)
{
    struct model *model = app->model;
    struct job job = {.kind = JOB_SEARCH, .newer = newer};
    snprintf(job.text, sizeof job.text, "%s", app->needle);
    model_lock(model);
    if (!model->window.open) {
        model_pause(model);
        app->selected = event_list_end(&model->window.list) - 1;
    }
    const struct event_list *list = &model->window.list;
    job.generation = ++model->search.generation;
    model->search.running = true;
    model->search.failed = false;
    model->search.looked_at = 0;
    snprintf(job.filter, sizeof job.filter, "%s", app_filter(app));
    job.at = from_here ? app->selected : newer ? app->selected + 1 : app->selected - 1;
    // Beyond the window the record goes on where the window ends.
    uint64_t edge = newer ? event_list_end(list) - 1 : list->first;
    while (event_list_has(list, edge) && event_list_entry(list, edge)->is_mark) {
        edge = newer ? edge - 1 : edge + 1;
    }
    if (event_list_has(list, edge)) {
        const struct oyez_stamp *stamp = &event_list_entry(list, edge)->stamp;
        job.epoch = stamp->epoch;
        job.position = stamp->position;
        job.time = (int64_t)stamp->broker_time;
    }
    model_unlock(model);
    asker_put(app->asker, &job);
}

static void search_lines(struct app *app, int step, bool from_here)
{
    size_t *at;
    size_t *top;
    model_lock(app->model);
    const struct text_lines *lines = app_page_lines(app, &at, &top);
    size_t from = from_here ? *at : step > 0 ? *at + 1 : *at - 1;
    size_t found = text_lines_find(lines, from, step, app->needle);
    if (found != SIZE_MAX) {
        *at = found;
    } else if (!from_here) {
        app_complain(app, "not found");
    }
    model_unlock(app->model);
}

void app_search_on(struct app *app, bool newer)
{
    if (app->needle[0] == '\0') {
        app_complain(app, "nothing to search for: / asks");
    } else if (app_page(app) == PAGE_LIST) {
        start_search(app, newer, false);
    } else {
        search_lines(app, newer ? -1 : 1, false);
    }
}

static void search_as_typed(struct app *app)
{
    snprintf(app->needle, sizeof app->needle, "%s", app->prompt.text);
    if (app->needle[0] == '\0') {
        return;
    }
    if (app_page(app) == PAGE_LIST) {
        start_search(app, false, true);
    } else {
        search_lines(app, 1, true);
    }
}

static void go_to(struct app *app)
{
    struct place_text place;
    struct job job = {0};
    if (place_text_read(&place, app->prompt.text, model_time()) != OYEZ_OK) {
        app_complain(app, "%s", oyez_error_detail());
        return;
    }
    job.by_cursor = place.by_cursor;
    job.time = place.time;
    job.epoch = place.epoch;
    job.position = place.position;
    app_list_jump(app, &job);
}

static void export(struct app *app)
{
    struct job job = {.kind = JOB_EXPORT};
    snprintf(job.text, sizeof job.text, "%s", app->prompt.text);
    if (job.text[0] != '\0') {
        asker_put(app->asker, &job);
    }
}

static void settle(struct app *app)
{
    struct job job = {.kind = app->question == ACTION_DISCARD ? JOB_DISCARD : JOB_RETRY,
                      .id = app->letter};
    asker_put(app->asker, &job);
    app_say(app, "asking …");
}

static void finish(struct app *app, enum prompt_kind kind)
{
    switch (kind) {
    case PROMPT_FILTER:
        app_set_filter(app, app->prompt.text);
        break;
    case PROMPT_GO:
        go_to(app);
        break;
    case PROMPT_SAVE:
        if (filter_store_put(&app->store, app->prompt.text, app_filter(app)) == OYEZ_OK) {
            app_say(app, "kept: F lists the filters");
        } else {
            app_complain(app, "%s", oyez_error_detail());
        }
        break;
    case PROMPT_EXPORT:
        export(app);
        break;
    case PROMPT_QUESTION:
        settle(app);
        break;
    case PROMPT_SEARCH:
    case PROMPT_NONE:
        break;
    }
}

static void complete(struct app *app)
{
    struct prompt *prompt = &app->prompt;
    if (prompt->kind != PROMPT_FILTER) {
        return;
    }
    filter_completion_find(&app->completion, prompt->text, prompt->at);
    if (strlen(app->completion.shared) > prompt->at - app->completion.word_at) {
        prompt_replace(prompt, app->completion.word_at, app->completion.shared);
        filter_completion_find(&app->completion, prompt->text, prompt->at);
    }
}

static void stop_search(struct app *app)
{
    model_lock(app->model);
    app->model->search.generation++;
    app->model->search.running = false;
    model_unlock(app->model);
}

void app_prompt_key(struct app *app, int code)
{
    enum prompt_kind kind = app->prompt.kind;
    switch (prompt_key(&app->prompt, code)) {
    case PROMPT_GOES_ON:
        break;
    case PROMPT_CHANGED:
        app->completion.count = 0;
        if (kind == PROMPT_SEARCH) {
            search_as_typed(app);
        }
        break;
    case PROMPT_COMPLETE:
        complete(app);
        break;
    case PROMPT_DONE:
        app->prompt.kind = PROMPT_NONE;
        app->completion.count = 0;
        finish(app, kind);
        break;
    case PROMPT_LEFT:
        app->prompt.kind = PROMPT_NONE;
        app->completion.count = 0;
        if (kind == PROMPT_SEARCH) {
            app->needle[0] = '\0';
            stop_search(app);
        }
        break;
    }
}
