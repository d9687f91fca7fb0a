// SPDX-License-Identifier: MIT
#include "dead_letter_event.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client_state.h"
#include "emitter.h"
#include "oyez/catalog.h"

#define CURSOR_TEXT_SIZE 42

void letter_failure_set_text(struct letter_failure *failure, const char *text)
{
    size_t size = strnlen(text, sizeof failure->text);
    if (size == sizeof failure->text) {
        size--;
        // Not within a character: then the whole text would be no UTF-8.
        while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
            size--;
    }
    memcpy(failure->text, text, size);
    failure->text[size] = '\0';
}

void letter_process(char out[97], const char *client_name)
{
    snprintf(out, 97, "%.60s[%ld]",
             client_name[0] != '\0' ? client_name : program_invocation_short_name, (long)getpid());
}

// What is not UTF-8, or empty, is left out.
static void put_text(json_t *details, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_object_set_new(details, key, json_string(text));
}

static void put_id(json_t *details, const char *key, struct oyez_uuid id)
{
    char text[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(id, text);
    put_text(details, key, text);
}

static json_t *describe(const struct oyez_dead_letter *dead)
{
    char cursor[CURSOR_TEXT_SIZE] = "";
    json_t *details = json_object();
    put_id(details, "event_id", dead->event_id);
    put_text(details, "event_type", dead->event_type);
    if (dead->position != 0)
        snprintf(cursor, sizeof cursor, "%" PRIu64 ":%" PRIu64, dead->epoch, dead->position);
    put_text(details, "cursor", cursor);
    put_text(details, "handler", dead->handler);
    json_object_set_new(details, "attempts", json_integer(dead->attempts));
    json_object_set_new(details, "timed_out", json_boolean(dead->timed_out));
    put_text(details, "error", dead->error);
    put_text(details, "error_text", dead->error_text);
    put_text(details, "process", dead->process);
    return details;
}

static json_t *describe_resolved(const struct oyez_client *client, struct oyez_uuid letter_id,
                                 const char *outcome, const char *reason)
{
    char process[97];
    json_t *details = json_object();
    letter_process(process, client->name);
    put_id(details, "letter_id", letter_id);
    put_text(details, "outcome", outcome);
    put_text(details, "reason", reason);
    put_text(details, "process", process);
    return details;
}

// Takes the details.
static oyez_err dump(json_t *details, char **text)
{
    *text = json_dumps(details, JSON_COMPACT);
    json_decref(details);
    return *text != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a dead letter");
}

oyez_err letter_emit(struct oyez_client *client, const struct letter *letter)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    char *text;
    struct oyez_event event = {.event_type = OYEZ_DEAD_LETTER_RESOLVED_TYPE};
    json_t *details;
    if (letter->resolves) {
        details = describe_resolved(client, letter->letter_id, letter->outcome, NULL);
        oyez_uuid_to_text(letter->letter_id, id);
    } else {
        event.event_type = OYEZ_DEAD_LETTER_TYPE;
        details = describe(&letter->dead);
        oyez_uuid_to_text(letter->dead.event_id, id);
    }
    oyez_err err = dump(details, &text);
    if (err != OYEZ_OK)
        return err;
    event.causation_id = id;
    event.correlation_id = letter->correlation_id[0] != '\0' ? letter->correlation_id : id;
    event.details = text;
    err = emitter_emit_own(client, &event);
    free(text);
    return err;
}

oyez_err letter_emit_wish(struct oyez_client *client, const struct oyez_dead_letter *dead)
{
    char *text;
    char id[OYEZ_UUID_TEXT_SIZE];
    json_t *details = json_object();
    put_id(details, "letter_id", dead->letter_id);
    put_id(details, "event_id", dead->event_id);
    put_text(details, "handler", dead->handler);
    oyez_err err = dump(details, &text);
    if (err != OYEZ_OK)
        return err;
    oyez_uuid_to_text(dead->letter_id, id);
    struct oyez_event event = {
        .event_type = DEAD_LETTER_RETRY_TYPE, .causation_id = id, .details = text};
    err = emitter_emit_own(client, &event);
    free(text);
    return err;
}

oyez_err letter_emit_discard(struct oyez_client *client, struct oyez_uuid letter_id,
                             const char *reason, uint32_t timeout_ms)
{
    char *text;
    char id[OYEZ_UUID_TEXT_SIZE];
    oyez_err err = dump(describe_resolved(client, letter_id, "discarded", reason), &text);
    if (err != OYEZ_OK)
        return err;
    oyez_uuid_to_text(letter_id, id);
    struct oyez_event event = {
        .event_type = OYEZ_DEAD_LETTER_RESOLVED_TYPE, .causation_id = id, .details = text};
    err = emitter_emit_own_wait(client, &event, OYEZ_LEVEL_RECORDED, timeout_ms);
    free(text);
    return err;
}

// NULL: it is another type, or cannot be read.
static json_t *read_details(const struct oyez_event *event, const char *event_type)
{
    char *text = NULL;
    size_t size;
    if (event->event_type == NULL || strcmp(event->event_type, event_type) != 0 ||
        oyez_event_details_json(event, &text, &size) != OYEZ_OK)
        return NULL;
    json_t *details = json_loadb(text, size, 0, NULL);
    free(text);
    return details;
}

static void get_text(const json_t *details, const char *key, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(details, key));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static bool get_id(const json_t *details, const char *key, struct oyez_uuid *id)
{
    const char *text = json_string_value(json_object_get(details, key));
    return text != NULL && oyez_uuid_from_text(id, text) == OYEZ_OK;
}

// EPOCH:POSITION; anything else is none.
static void get_cursor(const json_t *details, struct oyez_dead_letter *dead)
{
    const char *text = json_string_value(json_object_get(details, "cursor"));
    char *end;
    if (text == NULL)
        return;
    dead->epoch = strtoull(text, &end, 10);
    if (*end == ':')
        dead->position = strtoull(end + 1, NULL, 10);
    else
        dead->epoch = 0;
}

bool letter_read(struct oyez_dead_letter *dead, const struct oyez_event *event)
{
    *dead =
        (struct oyez_dead_letter){.letter_id = event->event_id, .failed_at = event->occurred_at};
    json_t *details = read_details(event, OYEZ_DEAD_LETTER_TYPE);
    bool good = get_id(details, "event_id", &dead->event_id);
    get_cursor(details, dead);
    get_text(details, "event_type", dead->event_type, sizeof dead->event_type);
    get_text(details, "handler", dead->handler, sizeof dead->handler);
    get_text(details, "error", dead->error, sizeof dead->error);
    get_text(details, "error_text", dead->error_text, sizeof dead->error_text);
    get_text(details, "process", dead->process, sizeof dead->process);
    dead->attempts = (uint32_t)json_integer_value(json_object_get(details, "attempts"));
    dead->timed_out = json_is_true(json_object_get(details, "timed_out"));
    json_decref(details);
    return good;
}

bool letter_read_wish(const struct oyez_event *event, struct oyez_uuid *letter_id,
                      struct oyez_uuid *event_id, char *handler)
{
    json_t *details = read_details(event, DEAD_LETTER_RETRY_TYPE);
    bool good = get_id(details, "letter_id", letter_id) && get_id(details, "event_id", event_id);
    get_text(details, "handler", handler, 65);
    json_decref(details);
    return good;
}

bool letter_read_resolved(const struct oyez_event *event, struct oyez_uuid *letter_id,
                          char *outcome)
{
    json_t *details = read_details(event, OYEZ_DEAD_LETTER_RESOLVED_TYPE);
    bool good = get_id(details, "letter_id", letter_id);
    get_text(details, "outcome", outcome, 17);
    json_decref(details);
    return good;
}
