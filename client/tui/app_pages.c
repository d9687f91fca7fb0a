// SPDX-License-Identifier: MIT
// The pages of lines: one event, a workflow, the system, filters, help.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "oyez/json.h"

struct text_lines *app_page_lines(struct app *app, size_t **at, size_t **top)
{
    if (app_page(app) == PAGE_TRACE) {
        *at = &app->trace_at;
        *top = &app->trace_top;
        return &app->model->trace.lines;
    }
    struct app_lines *page = &app->lines[app_page(app)];
    *at = &page->at;
    *top = &page->top;
    return &page->lines;
}

bool app_page_scrolls(const struct app *app)
{
    return app_page(app) == PAGE_EVENT || app_page(app) == PAGE_HELP;
}

static void keep_in_sight(struct app *app)
{
    size_t *at;
    size_t *top;
    const struct text_lines *lines = app_page_lines(app, &at, &top);
    unsigned rows = app_page_rows(app);
    if (app_page_scrolls(app)) {
        size_t last = lines->count > rows ? lines->count - rows : 0;
        *at = *at < last ? *at : last;
        *top = *at;
        return;
    }
    if (*at >= lines->count) {
        *at = lines->count > 0 ? lines->count - 1 : 0;
    }
    if (*at < *top) {
        *top = *at;
    } else if (*at >= *top + rows) {
        *top = *at - rows + 1;
    }
}

void app_page_move(struct app *app, int64_t by)
{
    size_t *at;
    size_t *top;
    model_lock(app->model);
    const struct text_lines *lines = app_page_lines(app, &at, &top);
    int64_t to = (int64_t)*at + by;
    int64_t last = (int64_t)lines->count - 1;
    *at = to < 0 || last < 0 ? 0 : (size_t)(to > last ? last : to);
    keep_in_sight(app);
    model_unlock(app->model);
}

// The dead letter of the selected line, as it was drawn. False: it is about none.
static bool selected_letter(const struct app *app, struct oyez_uuid *id)
{
    const struct app_lines *page = &app->lines[PAGE_SYSTEM];
    size_t subject = page->at < page->lines.count ? page->lines.lines[page->at].subject : SIZE_MAX;
    if (subject < SYSTEM_DEAD_LETTERS_MAX) {
        *id = app->shown_letters[subject];
    }
    return subject < SYSTEM_DEAD_LETTERS_MAX;
}

// Lines come and go above it: the letter that was selected stays so.
static void select_letter(struct app *app, struct oyez_uuid id)
{
    struct app_lines *page = &app->lines[PAGE_SYSTEM];
    for (size_t i = 0; i < page->lines.count; i++) {
        size_t subject = page->lines.lines[i].subject;
        if (subject < SYSTEM_DEAD_LETTERS_MAX && oyez_uuid_equal(app->shown_letters[subject], id)) {
            page->at = i;
            return;
        }
    }
}

static void build_system(struct app *app)
{
    struct oyez_uuid letter;
    bool on_letter = selected_letter(app, &letter);
    static const char *const links[] = {"", "waiting for it", "connected", "gone; trying again"};
    const struct model *model = app->model;
    const struct system_view view = {.endpoint = app->endpoint,
                                     .directory = app->directory,
                                     .link = links[model->link],
                                     .breaks = model->breaks,
                                     .lost = model->lost,
                                     .now = model_time()};
    system_page_build(&app->lines[PAGE_SYSTEM].lines, &model->system, &view);
    for (size_t i = 0; i < model->system.dead_letter_count; i++) {
        app->shown_letters[i] = model->system.dead_letters[i].letter_id;
    }
    if (on_letter) {
        select_letter(app, letter);
    }
}

void app_page_step(struct app *app)
{
    struct model *model = app->model;
    switch (app_page(app)) {
    case PAGE_EVENT:
        if (model->event != NULL) {
            event_page_build(&app->lines[PAGE_EVENT].lines, model->event, &model->facts,
                             app->columns);
        }
        break;
    case PAGE_TRACE:
        (void)trace_page_build(&model->trace);
        break;
    case PAGE_SYSTEM:
        build_system(app);
        break;
    default:
        break;
    }
    if (app_page(app) != PAGE_LIST) {
        keep_in_sight(app);
    }
}

static bool read_at(struct app *app, struct event_reading *out)
{
    struct event_list *list = model_shown(app->model);
    uint64_t at = app->model->window.open ? app->selected : event_list_end(list) - 1;
    return event_list_has(list, at) && event_list_read(list, at, out);
}

bool app_read(const struct app *app, struct event_reading *out)
{
    const struct oyez_event *event = NULL;
    switch (app_page(app)) {
    case PAGE_LIST:
        return read_at((struct app *)app, out);
    case PAGE_EVENT:
        event = app->model->event;
        break;
    case PAGE_TRACE:
        event = trace_page_event(&app->model->trace, app->trace_at);
        break;
    default:
        break;
    }
    if (event != NULL) {
        out->event = *event;
    }
    return event != NULL;
}

static void take_open_event(struct app *app, const struct oyez_event *event)
{
    struct oyez_event *copy = NULL;
    if (oyez_event_copy(&copy, event) == OYEZ_OK) {
        model_set_event(app->model, copy);
        app->lines[PAGE_EVENT].at = 0;
        app->lines[PAGE_EVENT].top = 0;
    }
}

bool app_dead_letter(struct app *app, struct oyez_dead_letter *out)
{
    struct oyez_uuid id;
    bool found = false;
    model_lock(app->model);
    const struct system_facts *facts = &app->model->system;
    for (size_t i = 0; selected_letter(app, &id) && i < facts->dead_letter_count && !found; i++) {
        found = oyez_uuid_equal(facts->dead_letters[i].letter_id, id);
        *out = facts->dead_letters[i];
    }
    model_unlock(app->model);
    return found;
}

// The event that a dead letter names: the record has it.
static void open_dead_letter(struct app *app)
{
    struct oyez_dead_letter letter;
    struct job job = {.kind = JOB_OPEN};
    if (!app_dead_letter(app, &letter)) {
        app_complain(app, "no dead letter is selected");
        return;
    }
    job.id = letter.event_id;
    model_lock(app->model);
    oyez_event_free(&app->model->event);
    text_lines_clear(&app->lines[PAGE_EVENT].lines);
    model_unlock(app->model);
    asker_put(app->asker, &job);
    app_go_to_page(app, PAGE_EVENT);
}

void app_settle(struct app *app, bool discard)
{
    struct oyez_dead_letter letter;
    if (app->directory != NULL || !app_dead_letter(app, &letter)) {
        app_complain(app, app->directory != NULL ? "a directory has no handlers to ask"
                                                 : "no dead letter is selected");
        return;
    }
    app->letter = letter.letter_id;
    app->question = discard ? ACTION_DISCARD : ACTION_RETRY;
    prompt_open(&app->prompt, PROMPT_QUESTION, "");
    snprintf(app->prompt.question, sizeof app->prompt.question, "%s %.60s of %.60s? (y/n) ",
             discard ? "discard the letter of" : "have handled again by", letter.handler,
             letter.event_type);
}

static void use_filter(struct app *app)
{
    size_t at = app->lines[PAGE_FILTERS].at;
    if (at < app->store.count) {
        app->depth = 1;
        app_set_filter(app, app->store.filters[at].text);
    }
}

static bool is_on_its_way(struct app *app)
{
    model_lock(app->model);
    bool waits = app_page(app) == PAGE_LIST && app->model->window.jumping;
    model_unlock(app->model);
    return waits;
}

void app_open_selected(struct app *app)
{
    struct event_reading *reading = malloc(sizeof *reading);
    if (reading != NULL && read_at(app, reading)) {
        take_open_event(app, &reading->event);
        app_go_to_page(app, PAGE_EVENT);
    }
    free(reading);
}

void app_open_event(struct app *app)
{
    struct event_reading *reading = malloc(sizeof *reading);
    if (app_page(app) == PAGE_FILTERS) {
        free(reading);
        use_filter(app);
        return;
    }
    if (app_page(app) == PAGE_SYSTEM) {
        free(reading);
        open_dead_letter(app);
        return;
    }
    if (is_on_its_way(app)) {
        free(reading);
        app->open_when_there = true;
        return;
    }
    // From the live list: it stands still where the event is.
    enum page page = app_page(app);
    if (page == PAGE_LIST || page == PAGE_EVENT) {
        model_lock(app->model);
        bool is_live = !app->model->window.open;
        model_unlock(app->model);
        if (is_live) {
            app_list_pause(app);
        }
    }
    model_lock(app->model);
    bool found =
        reading != NULL && (page == PAGE_EVENT ? read_at(app, reading) : app_read(app, reading));
    if (found) {
        take_open_event(app, &reading->event);
    }
    model_unlock(app->model);
    free(reading);
    if (found) {
        app_go_to_page(app, PAGE_EVENT);
        watcher_look(app->watcher, false);
    }
}

void app_open_trace(struct app *app)
{
    struct event_reading *reading = malloc(sizeof *reading);
    struct job job = {.kind = JOB_TRACE};
    model_lock(app->model);
    bool found = reading != NULL && app_read(app, reading);
    if (found) {
        const struct oyez_event *event = &reading->event;
        char id[OYEZ_UUID_TEXT_SIZE];
        oyez_uuid_to_text(event->event_id, id);
        strncpy(job.text, event->correlation_id != NULL ? event->correlation_id : id,
                sizeof job.text - 1);
        trace_page_begin(&app->model->trace, job.text);
        trace_page_add(&app->model->trace, event);
        app->trace_at = 0;
        app->trace_top = 0;
    }
    model_unlock(app->model);
    free(reading);
    if (found) {
        app_go_to_page(app, PAGE_TRACE);
        asker_put(app->asker, &job);
    } else {
        app_complain(app, "there is no event to trace");
    }
}

void app_open_filters(struct app *app)
{
    struct text_lines *lines = &app->lines[PAGE_FILTERS].lines;
    text_lines_clear(lines);
    for (size_t i = 0; i < app->store.count; i++) {
        char label[FILTER_NAME_SIZE + 8];
        const struct named_filter *filter = &app->store.filters[i];
        snprintf(label, sizeof label, "  %-20s ", filter->name);
        text_lines_add(lines, STYLE_KEY, label, STYLE_PLAIN, filter->text, strlen(filter->text), i);
    }
    if (app->store.count == 0) {
        text_lines_format(lines, STYLE_PLAIN, "  ", STYLE_FAINT,
                          "no filter has a name yet: f sets one, S keeps it");
    }
    app_go_to_page(app, PAGE_FILTERS);
}
