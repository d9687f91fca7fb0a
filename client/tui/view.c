// SPDX-License-Identifier: MIT
#include "view.h"

#include <stdio.h>
#include <string.h>

static void draw_lines(struct app *app, struct canvas *canvas)
{
    size_t *at;
    size_t *top;
    const struct text_lines *lines = app_page_lines(app, &at, &top);
    unsigned rows = app_page_rows(app);
    for (unsigned i = 0; i < rows && *top + i < lines->count; i++) {
        unsigned row = APP_HEADER_ROWS + i;
        text_lines_draw(lines, *top + i, canvas, row, 0);
        if (app->needle[0] != '\0') {
            canvas_find(canvas, row, app->needle);
        }
        if (*top + i == *at && !app_page_scrolls(app)) {
            canvas_select(canvas, row);
        }
    }
}

static void draw_title(const struct app *app, struct canvas *canvas)
{
    static const char *const titles[PAGE_COUNT] = {"",       "Event",   "Trace",
                                                   "System", "Filters", "Keys"};
    const struct trace_page *trace = &app->model->trace;
    size_t failed = 0;
    unsigned used = canvas_text(canvas, 1, 1, 40, STYLE_STRONG, titles[app_page(app)]);
    if (app_page(app) != PAGE_TRACE) {
        return;
    }
    for (size_t i = 0; i < trace->count; i++) {
        failed += trace_has_failed(trace->events[i]->event_type);
    }
    canvas_format(canvas, 1, used + 2, CANVAS_COLUMNS_MAX, failed > 0 ? STYLE_BAD : STYLE_PLAIN,
                  "%s: %zu events, %zu failed%s%s%s", trace->id, trace->count, failed,
                  trace->truncated ? ", more are not shown" : "",
                  trace->complete ? "" : ", asking the record …", trace->failure);
}

// The last bytes of a text that is longer than its room.
static int draw_prompt(const struct app *app, struct canvas *canvas, unsigned row)
{
    const struct prompt *prompt = &app->prompt;
    const char *label = prompt_label(prompt);
    unsigned used = canvas_text(canvas, row, 0, canvas->columns, STYLE_STRONG, label);
    unsigned room = canvas->columns > used + 1 ? canvas->columns - used - 1 : 1;
    size_t from = 0;
    while (prompt->at - from >= room) {
        from++;
    }
    while (from < prompt->at && ((unsigned char)prompt->text[from] & 0xC0) == 0x80) {
        from++;
    }
    if (prompt->kind == PROMPT_QUESTION) {
        return (int)used;
    }
    unsigned to_cursor =
        canvas_put(canvas, row, used, room, STYLE_PLAIN, prompt->text + from, prompt->at - from);
    canvas_put(canvas, row, used + to_cursor, room - to_cursor, STYLE_PLAIN,
               prompt->text + prompt->at, prompt->size - prompt->at);
    return (int)(used + to_cursor);
}

static void draw_completions(const struct app *app, struct canvas *canvas, unsigned row)
{
    unsigned column = 0;
    canvas_fill(canvas, row, STYLE_BAR);
    for (unsigned i = 0; i < canvas->columns; i++) {
        canvas_text(canvas, row, i, 1, STYLE_BAR, " ");
    }
    for (size_t i = 0; i < app->completion.count && column + 4 < canvas->columns; i++) {
        column += 1 + canvas_text(canvas, row, column, canvas->columns - column, STYLE_BAR,
                                  app->completion.words[i]);
    }
}

static void draw_search(const struct app *app, struct canvas *canvas, unsigned row)
{
    const struct model_search *search = &app->model->search;
    if (search->running) {
        canvas_format(canvas, row, canvas->columns / 2, canvas->columns / 2, STYLE_WARN,
                      "searching, %llu events so far", (unsigned long long)search->looked_at);
    } else if (search->failed && app->needle[0] != '\0') {
        canvas_format(canvas, row, canvas->columns / 2, canvas->columns / 2, STYLE_BAD,
                      "not found in %llu events", (unsigned long long)search->looked_at);
    }
}

static int draw_footer(const struct app *app, struct canvas *canvas)
{
    unsigned row = canvas->rows - 1;
    char hint[256];
    if (app->prompt.kind != PROMPT_NONE) {
        if (app->completion.count > 0) {
            draw_completions(app, canvas, row - 1);
        }
        int column = draw_prompt(app, canvas, row);
        draw_search(app, canvas, row);
        return column;
    }
    canvas_fill(canvas, row, STYLE_BAR);
    const char *failure = app->model->window.failure;
    if (app->message[0] != '\0') {
        canvas_text(canvas, row, 0, canvas->columns, app->message_is_bad ? STYLE_BAD : STYLE_STRONG,
                    app->message);
    } else if (app_page(app) == PAGE_LIST && failure[0] != '\0') {
        canvas_text(canvas, row, 0, canvas->columns, STYLE_BAD, failure);
    } else {
        keys_hint(app_page(app), hint, sizeof hint);
        canvas_text(canvas, row, 0, canvas->columns, STYLE_BAR, hint);
    }
    draw_search(app, canvas, row);
    return -1;
}

void view_draw(struct app *app, struct canvas *canvas, int *cursor_column)
{
    canvas_clear(canvas);
    view_draw_header(app, canvas);
    if (app_page(app) == PAGE_LIST) {
        view_draw_list(app, canvas);
    } else {
        draw_title(app, canvas);
        draw_lines(app, canvas);
    }
    *cursor_column = draw_footer(app, canvas);
}
