// SPDX-License-Identifier: MIT
#include "erase_selection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inert.h"
#include "interrupt.h"
#include "oyez/json.h"
#include "record_source.h"
#include "wire/batch.h"

static oyez_err count_type(struct erase_selection *selection, const char *type)
{
    json_int_t before = json_integer_value(json_object_get(selection->types, type));
    return json_object_set_new(selection->types, type, json_integer(before + 1)) == 0
               ? OYEZ_OK
               : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a list of events");
}

static void write_place(char out[ERASE_PLACE_SIZE], const struct oyez_event *event)
{
    char time[OYEZ_TIME_TEXT_SIZE];
    oyez_time_to_text((int64_t)event->stamp.broker_time, time);
    snprintf(out, ERASE_PLACE_SIZE, "%" PRIu64 ":%" PRIu64 " %s", event->stamp.epoch,
             event->stamp.position, time);
}

static oyez_err take(struct erase_selection *selection, const struct oyez_event *event)
{
    if ((event->stamp.flags & OYEZ_FLAG_PERSONAL) == 0) {
        selection->ordinary++;
        return OYEZ_OK;
    }
    if (selection->count == selection->room) {
        size_t room = selection->room == 0 ? 256 : selection->room * 2;
        void *grown = realloc(selection->events, room * sizeof *selection->events);
        if (grown == NULL) {
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a list of %zu events", room);
        }
        selection->events = grown;
        selection->room = room;
    }
    selection->events[selection->count] =
        (struct oyez_erasing_event){.index = event->stamp.index - 1, .event_id = event->event_id};
    write_place(selection->count == 0 ? selection->first : selection->last, event);
    if (selection->count == 0) {
        memcpy(selection->last, selection->first, sizeof selection->last);
    }
    selection->count++;
    return count_type(selection, event->event_type);
}

// What cannot be read as an event might be one of those that are meant.
int erase_selection_find(struct erase_selection *selection, const struct arguments *arguments,
                         const char *directory, const struct oyez_query_options *options)
{
    struct record_source source = {0};
    const struct oyez_event *event;
    oyez_query *query = NULL;
    selection->types = json_object();
    int code = record_source_open(&source, arguments, directory, RECORD_SOURCE_TIMEOUT_MS);
    if (code != EXIT_DONE) {
        record_source_close(&source);
        return code;
    }
    oyez_err err = record_source_query(&source, &query, options);
    while (err == OYEZ_OK && !interrupt_pending()) {
        err = oyez_query_next(query, &event, RECORD_SOURCE_TIMEOUT_MS);
        if (err == OYEZ_OK) {
            err = take(selection, event);
        }
    }
    oyez_query_close(&query);
    if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND) {
        code = record_source_fail(&source, err);
    }
    record_source_close(&source);
    return code;
}

void erase_selection_free(struct erase_selection *selection)
{
    free(selection->events);
    json_decref(selection->types);
    *selection = (struct erase_selection){0};
}

void erase_selection_print(const struct erase_selection *selection, bool done)
{
    const char *type;
    json_t *count;
    printf("%zu personal event%s %s\n", selection->count, selection->count == 1 ? "" : "s",
           done ? "erased" : "would be erased");
    json_object_foreach(selection->types, type, count)
    {
        printf("  %10" PRIu64 "  ", (uint64_t)json_integer_value(count));
        inert_write(stdout, type, strlen(type));
        putchar('\n');
    }
    if (selection->count > 0) {
        printf("first %s\nlast  %s\n", selection->first, selection->last);
    }
    if (selection->ordinary > 0) {
        printf("%" PRIu64 " event%s that match%s %s not personal, and stay%s as %s\n",
               selection->ordinary, selection->ordinary == 1 ? "" : "s",
               selection->ordinary == 1 ? "es" : "", selection->ordinary == 1 ? "is" : "are",
               selection->ordinary == 1 ? "s" : "",
               selection->ordinary == 1 ? "it is" : "they are");
    }
}

json_t *erase_selection_json(const struct erase_selection *selection)
{
    json_t *object = json_pack("{s:I, s:O, s:I}", "personal", (json_int_t)selection->count, "types",
                               selection->types, "ordinary", (json_int_t)selection->ordinary);
    if (selection->count > 0) {
        json_object_set_new(object, "first", json_string(selection->first));
        json_object_set_new(object, "last", json_string(selection->last));
    }
    return object;
}
