// SPDX-License-Identifier: MIT
#include "row.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "line.h"
#include "outcome.h"
#include "oyez/catalog.h"
#include "oyez/uuid.h"
#include "row_words.h"

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define UUID_SIZE_SHOWN 8u
#define WIDE 140u

void row_columns_fit(struct row_columns *out, unsigned width)
{
    bool wide = width >= WIDE;
    out->time = 0;
    out->type = 13;
    out->actor = out->type + (wide ? 31 : 24);
    out->belonging = out->actor + (wide ? 16 : 10);
    out->summary = out->belonging + (wide ? 22 : 14);
    out->end = width;
}

void row_draw_titles(const struct row_columns *columns, struct canvas *canvas, unsigned row)
{
    canvas_text(canvas, row, columns->time, 12, STYLE_FAINT, "time");
    canvas_text(canvas, row, columns->type, 20, STYLE_FAINT, "type");
    canvas_text(canvas, row, columns->actor, 9, STYLE_FAINT, "actor");
    canvas_text(canvas, row, columns->belonging, 13, STYLE_FAINT, "belongs to");
    canvas_text(canvas, row, columns->summary, 10, STYLE_FAINT, "details");
}

void row_time(char text[ROW_TIME_SIZE], int64_t time, bool dated)
{
    struct tm parts;
    time_t seconds = (time_t)(time / NANOSECONDS_PER_SECOND);
    if (time <= 0 || localtime_r(&seconds, &parts) == NULL) {
        snprintf(text, ROW_TIME_SIZE, "--:--:--.---");
        return;
    }
    int used = dated ? snprintf(text, ROW_TIME_SIZE, "%04d-%02d-%02d ",
                                (parts.tm_year + 1900) % 10000, parts.tm_mon + 1, parts.tm_mday)
                     : 0;
    snprintf(text + used, ROW_TIME_SIZE - (size_t)used, "%02d:%02d:%02d.%03d", parts.tm_hour,
             parts.tm_min, parts.tm_sec, (int)(time % NANOSECONDS_PER_SECOND / 1000000));
}

enum style row_style(const char *event_type)
{
    const char *name = event_type;
    size_t size = strcspn(event_type, ".");
    if (outcome_of(event_type) == OUTCOME_BAD) {
        return STYLE_BAD;
    }
    const struct oyez_type *type = oyez_type_find(event_type, strlen(event_type));
    if (type != NULL) {
        name = type->domain;
        size = strlen(name);
    }
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    }
    return (enum style)(STYLE_DOMAIN + (hash >> 16) % STYLE_DOMAINS);
}

// UUIDs made at the same time begin alike: their end tells them apart.
static const char *shorten(const char *id)
{
    struct oyez_uuid uuid;
    return oyez_uuid_from_text(&uuid, id) == OYEZ_OK ? id + strlen(id) - UUID_SIZE_SHOWN : id;
}

static void draw_belonging(const struct row_columns *columns, struct canvas *canvas, unsigned row,
                           const struct oyez_event *event)
{
    const struct {
        const char *label;
        const char *id;
    } candidates[] = {
        {"plan ", event->plan_id},        {"agg ", event->aggregate_id},
        {"corr ", event->correlation_id}, {"sess ", event->session_id},
        {"run ", event->run_id},          {"proj ", event->project_name},
    };
    unsigned width = columns->summary - columns->belonging - 1;
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (candidates[i].id != NULL && candidates[i].id[0] != '\0') {
            unsigned used = canvas_text(canvas, row, columns->belonging, width, STYLE_FAINT,
                                        candidates[i].label);
            canvas_text(canvas, row, columns->belonging + used, width - used, STYLE_PLAIN,
                        shorten(candidates[i].id));
            return;
        }
    }
}

void row_summary(const struct oyez_event *event, unsigned width, char *out, size_t size)
{
    struct line line;
    line_open(&line, width, false);
    row_words_put(&line, event);
    line_close(&line);
    size_t kept = line.size < size ? line.size : size - 1;
    memcpy(out, line.bytes, kept);
    out[kept] = '\0';
}

void row_draw(const struct row_columns *columns, struct canvas *canvas, unsigned row,
              const struct oyez_event *event)
{
    char time[ROW_TIME_SIZE];
    char summary[LINE_SIZE_MAX];
    const char *type = event->event_type != NULL ? event->event_type : "?";
    const char *actor = event->actor_name != NULL ? event->actor_name : event->actor_id;
    int64_t moment =
        event->stamp.broker_time != 0 ? (int64_t)event->stamp.broker_time : event->occurred_at;
    row_time(time, moment, false);
    canvas_text(canvas, row, columns->time, columns->type - 1, STYLE_FAINT, time);
    canvas_text(canvas, row, columns->type, columns->actor - columns->type - 1, row_style(type),
                type);
    canvas_text(canvas, row, columns->actor, columns->belonging - columns->actor - 1, STYLE_PLAIN,
                actor != NULL ? actor : "");
    draw_belonging(columns, canvas, row, event);
    if (columns->summary < columns->end) {
        unsigned width = columns->end - columns->summary;
        row_summary(event, width, summary, sizeof summary);
        canvas_text(canvas, row, columns->summary, width, STYLE_PLAIN, summary);
    }
}
