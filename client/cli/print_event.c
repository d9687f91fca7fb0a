// SPDX-License-Identifier: MIT
#include "print_event.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "inert.h"
#include "message.h"
#include "outcome.h"
#include "oyez/json.h"
#include "summary.h"

#define REST_COLUMNS_MIN 40u // of an event behind its ids
#define NANOSECONDS_PER_SECOND 1000000000
#define NANOSECONDS_PER_MILLISECOND 1000000

#define TYPE_COLUMN 14u
#define TYPE_COLUMNS 28u
#define CONTEXT_COLUMNS 24u
#define ACTOR_COLUMNS 12u
#define UUID_SIZE_SHOWN 8u

#define STYLE_DIM "2"
#define STYLE_RED "31"
#define STYLE_GREEN "32"
#define STYLE_CYAN "36"

static void put_time(struct line *line, const struct oyez_event *event)
{
    char text[32];
    struct tm parts;
    int64_t moment =
        event->stamp.broker_time != 0 ? (int64_t)event->stamp.broker_time : event->occurred_at;
    time_t seconds = (time_t)(moment / NANOSECONDS_PER_SECOND);
    if (moment <= 0 || localtime_r(&seconds, &parts) == NULL) {
        line_field(line, "--:--:--.---", 12, TYPE_COLUMN);
        return;
    }
    int milliseconds = (int)(moment % NANOSECONDS_PER_SECOND / NANOSECONDS_PER_MILLISECOND);
    int size = snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", parts.tm_hour, parts.tm_min,
                        parts.tm_sec, milliseconds);
    line_field(line, text, (size_t)size, TYPE_COLUMN);
}

static const char *style_of(const char *type)
{
    switch (outcome_of(type)) {
    case OUTCOME_BAD:
        return STYLE_RED;
    case OUTCOME_GOOD:
        return STYLE_GREEN;
    case OUTCOME_NONE:
        break;
    }
    return STYLE_CYAN;
}

// Types longer than their column are shown whole; the columns behind them move.
static void put_type(struct line *line, const char *type)
{
    if (type == NULL) {
        type = "?";
    }
    line_style(line, style_of(type));
    line_text(line, type);
    line_style(line, NULL);
    line_pad(line, TYPE_COLUMN + TYPE_COLUMNS);
    line_text(line, " ");
}

// The label gives way where the id would have to be cut for it.
static void put_id(struct line *line, const char *label, const char *id)
{
    struct oyez_uuid uuid;
    // UUIDs made at the same time begin alike: their end tells them apart.
    if (oyez_uuid_from_text(&uuid, id) == OYEZ_OK) {
        id += strlen(id) - UUID_SIZE_SHOWN;
    }
    if (line->columns + strlen(label) + strlen(id) <= line->columns_max) {
        line_text(line, label);
    }
    line_text(line, id);
}

// The nearest of what an event belongs to.
static void put_belonging(struct line *line, const struct oyez_event *event)
{
    const struct {
        const char *label;
        const char *id;
    } candidates[] = {
        {"plan:", event->plan_id},        {"agg:", event->aggregate_id},
        {"corr:", event->correlation_id}, {"sess:", event->session_id},
        {"run:", event->run_id},          {"proj:", event->project_name},
    };
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (candidates[i].id != NULL && candidates[i].id[0] != '\0') {
            put_id(line, candidates[i].label, candidates[i].id);
            return;
        }
    }
}

static void put_context(struct line *line, const struct oyez_event *event)
{
    struct line context;
    const char *actor = event->actor_name != NULL ? event->actor_name : event->actor_id;
    line_open(&context, CONTEXT_COLUMNS - 1, false);
    if (actor != NULL && actor[0] != '\0') {
        struct line name;
        line_open(&name, ACTOR_COLUMNS, false);
        line_text(&name, actor);
        line_put(&context, name.bytes, name.size);
        line_text(&context, " ");
    }
    put_belonging(&context, event);
    line_style(line, STYLE_DIM);
    line_field(line, context.bytes, context.size, CONTEXT_COLUMNS);
    line_style(line, NULL);
}

void print_event_format(struct line *line, const struct terminal *terminal,
                        const struct oyez_event *event)
{
    line_open(line, terminal->width, terminal->colour);
    line_style(line, STYLE_DIM);
    put_time(line, event);
    line_style(line, NULL);
    put_type(line, event->event_type);
    put_context(line, event);
    summary_put(line, event);
    while (line->size > 0 && line->bytes[line->size - 1] == ' ') {
        line->size--;
    }
    line_close(line);
}

bool print_event(FILE *out, const struct terminal *terminal, const struct oyez_event *event)
{
    struct line line;
    print_event_format(&line, terminal, event);
    line.bytes[line.size] = '\n';
    return fwrite(line.bytes, 1, line.size + 1, out) == line.size + 1;
}

bool print_event_with_ids(FILE *out, const struct terminal *terminal,
                          const struct oyez_event *event)
{
    struct terminal rest = *terminal;
    char id[OYEZ_UUID_TEXT_SIZE];
    char ids[OYEZ_UUID_TEXT_SIZE + 48];
    oyez_uuid_to_text(event->event_id, id);
    int size = snprintf(ids, sizeof ids, "%" PRIu64 ":%" PRIu64 "  %s  ", event->stamp.epoch,
                        event->stamp.position, id);
    unsigned used = size > 0 ? (unsigned)size : 0;
    rest.width = rest.width > used + REST_COLUMNS_MIN ? rest.width - used : REST_COLUMNS_MIN;
    return fwrite(ids, 1, used, out) == used && print_event(out, &rest, event);
}

bool print_event_json(FILE *out, const struct terminal *terminal, const struct oyez_event *event)
{
    char *text = NULL;
    size_t size = 0;
    oyez_err err = oyez_event_to_json(event, &text, &size);
    if (err != OYEZ_OK) {
        message_print("%s: %s", event->event_type, command_reason(err));
        return true;
    }
    if (terminal->is_tty) {
        inert_write(out, text, size);
    } else {
        fwrite(text, 1, size, out);
    }
    free(text);
    fputc('\n', out);
    return ferror(out) == 0;
}
