// SPDX-License-Identifier: MIT
// Header, domains, time line and the list of events.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "oyez/catalog.h"
#include "view.h"

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define TIMELINE_ROW 2u
#define TIMELINE_COLUMN 9u
#define SPARKLINE_SECONDS_MAX 60u

// 1234567 as 1,234,567.
static void put_number(char out[32], uint64_t number)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    size_t at = 0;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

static enum style describe_state(const struct app *app, char *out, size_t size)
{
    const struct model *model = app->model;
    char number[32];
    uint64_t total = model_has_filter(model) ? model->matched_total : model->counts.total;
    if (model->link == MODEL_LINK_WAITING) {
        snprintf(out, size, "… waiting for the server");
        return STYLE_BAR_WARN;
    }
    if (model->link == MODEL_LINK_DOWN) {
        snprintf(out, size, "✗ server gone, %lld s",
                 (long long)((model_time() - model->link_since) / NANOSECONDS_PER_SECOND));
        return STYLE_BAR_BAD;
    }
    if (app->playing) {
        char time[ROW_TIME_SIZE];
        row_time(time, app->playback.at, false);
        snprintf(out, size, "▶ %s %s", time, playback_speed_name(&app->playback));
        return STYLE_BAR_WARN;
    }
    if (!model->window.open) {
        snprintf(out, size, "● live");
        return STYLE_BAR_STRONG;
    }
    if (app->directory != NULL) {
        snprintf(out, size, "▪ journal");
        return STYLE_BAR_STRONG;
    }
    put_number(number, total - model->window.paused_at);
    snprintf(out, size, "‖ paused, %s new", number);
    return STYLE_BAR_WARN;
}

static unsigned add(struct canvas *canvas, unsigned column, enum style style, const char *text)
{
    return column + 2 + canvas_text(canvas, 0, column, canvas->columns, style, text);
}

static void describe_lag(const struct model *model, char *out, size_t size)
{
    const struct oyez_status *status = &model->system.status;
    bool same = model->system.has_status && status->epoch == model->newest_epoch;
    uint64_t lag = same && status->position > model->newest_position
                       ? status->position - model->newest_position
                       : 0;
    char number[32];
    put_number(number, lag);
    snprintf(out, size, "lag %s", number);
}

void view_draw_header(const struct app *app, struct canvas *canvas)
{
    const struct model *model = app->model;
    char text[FILTER_TEXT_SIZE + 64];
    char number[32];
    char matched[32];
    canvas_fill(canvas, 0, STYLE_BAR);
    unsigned column = add(canvas, 0, STYLE_BAR_STRONG, " oyez");
    enum style style = describe_state(app, text, sizeof text);
    column = add(canvas, column, style, text);
    if (app->directory == NULL) {
        put_number(number, model->counts.total);
        snprintf(text, sizeof text, "%s events", number);
        column = add(canvas, column, STYLE_BAR_STRONG, text);
        double rate = counts_rate(&model->counts, model_time() / NANOSECONDS_PER_SECOND, 3);
        put_number(number, (uint64_t)(rate + 0.5));
        snprintf(text, sizeof text, "%s/s", number);
        column = add(canvas, column, STYLE_BAR, text);
        describe_lag(model, text, sizeof text);
        column = add(canvas, column, STYLE_BAR, text);
        if (app->skipped > 0 && !model->window.open) {
            put_number(number, app->skipped);
            snprintf(text, sizeof text, "a sample is drawn (%s not), all are counted", number);
            column = add(canvas, column, STYLE_BAR_WARN, text);
        }
    }
    if (model_has_filter(model)) {
        put_number(matched, model->matched_total);
        snprintf(text, sizeof text, "filter: %s (%s)", model->filter->text, matched);
        column = add(canvas, column, STYLE_BAR_WARN, text);
    }
    add(canvas, column, STYLE_BAR, app->directory != NULL ? app->directory : app->endpoint);
}

static void draw_sparkline(const struct app *app, struct canvas *canvas, unsigned count)
{
    uint64_t numbers[SPARKLINE_SECONDS_MAX];
    int64_t now = model_time() / NANOSECONDS_PER_SECOND;
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = counts_second(&app->model->counts, now - (int64_t)(count - i)).total;
    }
    bar_draw(canvas, 1, canvas->columns - count, STYLE_GOOD, numbers, NULL, count);
}

static void draw_domains(const struct app *app, struct canvas *canvas)
{
    size_t order[COUNTS_DOMAINS_MAX];
    size_t count = counts_sort_domains(&app->model->counts, order);
    unsigned sparkline = canvas->columns >= 140 ? SPARKLINE_SECONDS_MAX : 20;
    unsigned end = canvas->columns > sparkline + 2 ? canvas->columns - sparkline - 2 : 0;
    unsigned column = 1;
    for (size_t i = 0; i < count; i++) {
        const struct domain_count *domain = &app->model->counts.domains[order[i]];
        char text[COUNTS_NAME_SIZE + 64];
        char number[32];
        put_number(number, domain->total);
        int size = snprintf(text, sizeof text, "%s %s", domain->name, number);
        if (column + (unsigned)size + 8 > end) {
            canvas_text(canvas, 1, column, 2, STYLE_FAINT, "…");
            break;
        }
        column += canvas_text(canvas, 1, column, end - column, STYLE_PLAIN, text);
        if (domain->failed > 0) {
            put_number(number, domain->failed);
            column += canvas_format(canvas, 1, column, end - column, STYLE_BAD, " ✗%s", number);
        }
        column += 2;
    }
    draw_sparkline(app, canvas, sparkline);
}

static void draw_timeline(const struct app *app, struct canvas *canvas)
{
    const struct model *model = app->model;
    const struct event_list *list = &model->window.list;
    int64_t at = 0;
    if (model->window.open && event_list_has(list, app->selected)) {
        at = (int64_t)event_list_entry(list, app->selected)->stamp.broker_time /
             NANOSECONDS_PER_SECOND;
    }
    canvas_text(canvas, TIMELINE_ROW, 0, TIMELINE_COLUMN - 1, STYLE_FAINT,
                timeline_span_name(&model->timeline));
    canvas_text(canvas, TIMELINE_ROW + 1, 0, TIMELINE_COLUMN - 1, STYLE_FAINT, "errors");
    timeline_draw(&model->timeline, &model->counts, canvas, TIMELINE_ROW, TIMELINE_COLUMN, at);
}

// An event of a catalog that is not known here is shown as bytes until the server has told it.
static void learn(struct app *app, const struct oyez_event *event)
{
    if (app->directory == NULL && !oyez_uuid_equal(app->learned, event->event_id) &&
        event->details_format == OYEZ_DETAILS_PROTOBUF && oyez_event_lacks_catalog(event)) {
        struct job job = {.kind = JOB_LEARN, .id = event->event_id};
        app->learned = event->event_id;
        asker_put(app->asker, &job);
    }
}

static void draw_entry(struct app *app, struct canvas *canvas, unsigned row,
                       const struct row_columns *columns, const struct event_list *list,
                       uint64_t at)
{
    struct event_reading reading;
    size_t size;
    if (event_list_entry(list, at)->is_mark) {
        const char *text = event_list_mark_text(list, at, &size);
        canvas_put(canvas, row, 0, canvas->columns, STYLE_MARK, text, size);
    } else if (event_list_read(list, at, &reading)) {
        learn(app, &reading.event);
        row_draw(columns, canvas, row, &reading.event);
    } else {
        canvas_text(canvas, row, columns->type, canvas->columns, STYLE_WARN,
                    "an event that cannot be read");
    }
    if (app->needle[0] != '\0') {
        canvas_find(canvas, row, app->needle);
    }
}

// What came since the last drawing and is not on the screen was never seen: that is said.
static void note_sample(struct app *app, unsigned rows)
{
    uint64_t total = app->model->counts.total;
    uint64_t came = total - app->shown_total;
    app->skipped = came > rows ? came - rows : 0;
    app->shown_total = total;
}

void view_draw_list(struct app *app, struct canvas *canvas)
{
    struct row_columns columns;
    struct model *model = app->model;
    const struct event_list *list = model_shown(model);
    unsigned rows = app_list_rows(app);
    uint64_t end = event_list_end(list);
    uint64_t top = model->window.open ? app->top : list->count > rows ? end - rows : list->first;
    draw_domains(app, canvas);
    draw_timeline(app, canvas);
    row_columns_fit(&columns, canvas->columns);
    row_draw_titles(&columns, canvas, APP_LIST_TOP - 1);
    note_sample(app, rows);
    for (unsigned i = 0; i < rows; i++) {
        uint64_t at = top + i;
        if (!event_list_has(list, at) || (app->playing && at > app->selected)) {
            continue;
        }
        draw_entry(app, canvas, APP_LIST_TOP + i, &columns, list, at);
        if (model->window.open && at == app->selected) {
            canvas_select(canvas, APP_LIST_TOP + i);
        }
    }
    if (list->count == 0) {
        canvas_text(canvas, APP_LIST_TOP, 0, canvas->columns, STYLE_FAINT,
                    model->window.loading ? "asking the record …" : "no event yet");
    }
}
