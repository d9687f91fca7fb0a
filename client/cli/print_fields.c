// SPDX-License-Identifier: MIT
#include "print_fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inert.h"
#include "oyez/catalog.h"
#include "oyez/json.h"
#include "oyez/uuid.h"
#include "wire/header.h"

#define NAME_COLUMNS 18
#define STYLE_DIM "\033[2m"
#define STYLE_END "\033[0m"

static void begin(FILE *out, const struct terminal *terminal, const char *name)
{
    fputs(terminal->colour ? STYLE_DIM : "", out);
    inert_write(out, name, strlen(name));
    fprintf(out, "%*s", strlen(name) < NAME_COLUMNS ? (int)(NAME_COLUMNS - strlen(name)) : 1, "");
    fputs(terminal->colour ? STYLE_END : "", out);
}

static void put(FILE *out, const struct terminal *terminal, const char *name, const char *text)
{
    begin(out, terminal, name);
    inert_write(out, text, strlen(text));
    fputc('\n', out);
}

static void put_number(FILE *out, const struct terminal *terminal, const char *name,
                       uint64_t number)
{
    begin(out, terminal, name);
    fprintf(out, "%" PRIu64 "\n", number);
}

static void put_time(FILE *out, const struct terminal *terminal, const char *name, int64_t time)
{
    char text[OYEZ_TIME_TEXT_SIZE];
    oyez_time_to_text(time, text);
    put(out, terminal, name, text);
}

static void put_uuid(FILE *out, const struct terminal *terminal, const char *name,
                     struct oyez_uuid uuid)
{
    char text[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(uuid, text);
    put(out, terminal, name, text);
}

static void put_field(FILE *out, const struct terminal *terminal, const struct oyez_event *event,
                      const struct oyez_header_field *field)
{
    switch (field->kind) {
    case OYEZ_HEADER_TEXT:
        if (oyez_header_text(event, field) != NULL) {
            put(out, terminal, field->name, oyez_header_text(event, field));
        }
        break;
    case OYEZ_HEADER_UUID:
        put_uuid(out, terminal, field->name, event->event_id);
        break;
    case OYEZ_HEADER_TIME:
        put_time(out, terminal, field->name, event->occurred_at);
        break;
    case OYEZ_HEADER_UINT:
        if (event->has_aggregate_version) {
            put_number(out, terminal, field->name, event->aggregate_version);
        }
        break;
    }
}

static void put_tags(FILE *out, const struct terminal *terminal, const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        char name[64];
        snprintf(name, sizeof name, "tag.%s", event->tags[i].key);
        put(out, terminal, name, event->tags[i].value != NULL ? event->tags[i].value : "");
    }
}

static void put_stamp(FILE *out, const struct terminal *terminal, const struct oyez_stamp *stamp)
{
    char cursor[48];
    snprintf(cursor, sizeof cursor, "%" PRIu64 ":%" PRIu64, stamp->epoch, stamp->position);
    put(out, terminal, "cursor", cursor);
    if (stamp->index > 0) {
        put_number(out, terminal, "index", stamp->index - 1);
    }
    put_time(out, terminal, "broker_time",
             stamp->broker_time > INT64_MAX ? INT64_MAX : (int64_t)stamp->broker_time);
    put_uuid(out, terminal, "emitter", stamp->emitter_id);
    begin(out, terminal, "emitter number");
    fprintf(out, "%" PRIu64 ", %s\n", stamp->emitter_seq,
            stamp->lane == OYEZ_LANE_FAST ? "fast" : "durable");
}

static void put_details(FILE *out, const struct oyez_event *event)
{
    char *text = NULL;
    size_t size;
    if (event->details_format != OYEZ_DETAILS_PROTOBUF) {
        if (event->details == NULL) {
            fputs("{}", out);
        } else {
            inert_write(out, event->details, event->details_size);
        }
    } else if (oyez_event_details_json(event, &text, &size) == OYEZ_OK) {
        inert_write(out, text, size);
    } else {
        fprintf(out, "(protobuf, %zu bytes)", event->details_size);
    }
    free(text);
}

void print_fields(FILE *out, const struct terminal *terminal, const struct oyez_event *event)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        put_field(out, terminal, event, &oyez_header_fields[i]);
    }
    put_tags(out, terminal, event);
    put_stamp(out, terminal, &event->stamp);
    begin(out, terminal, "details");
    put_details(out, event);
    fputc('\n', out);
}
