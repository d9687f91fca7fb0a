// SPDX-License-Identifier: MIT
#include "erase_place.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin_client.h"
#include "oyez/key.h"
#include "progress.h"

#define ANSWER_SIZE 8192u
#define REQUEST_EVENTS 8192u // in one request
#define EVENT_LINE_MAX 80u
#define TEXTS_MAX (OYEZ_ERASE_BY_MAX + OYEZ_ERASE_WHY_MAX + 128u)
#define TRIES 8u // holds that are set again and again

static uint64_t read_number(const json_t *answer, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(answer, name));
}

static oyez_err take_answer(struct oyez_erasing *erasing, const char *text)
{
    struct oyez_erase_report *report = &erasing->report;
    json_t *answer = json_loads(text, 0, NULL);
    const char *error = json_string_value(json_object_get(answer, "error"));
    oyez_err err = OYEZ_OK;
    if (report->acts == 0) {
        report->first_act = read_number(answer, "first_act");
    }
    report->erased += read_number(answer, "erased");
    report->already += read_number(answer, "already");
    report->acts += read_number(answer, "acts");
    if (error != NULL || answer == NULL) {
        err = oyez_fail(OYEZ_ERR_REFUSED, "%s",
                        error != NULL ? error : "the recorder's answer cannot be read");
    }
    json_decref(answer);
    return err;
}

static void write_request(char *out, const struct oyez_erasing *erasing, size_t count)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    out += sprintf(out, "erase\nby %.*s\nwhy %.*s\n%s", (int)OYEZ_ERASE_BY_MAX, erasing->by,
                   (int)OYEZ_ERASE_WHY_MAX, erasing->why,
                   erasing->despite_damaged_files ? "despite-damaged-files\n" : "");
    for (size_t i = 0; i < count; i++) {
        const struct oyez_erasing_event *event = &erasing->events[erasing->done + i];
        oyez_uuid_to_text(event->event_id, id);
        out += sprintf(out, "event %" PRIu64 " %s\n", event->index, id);
    }
}

// OYEZ_ERR_NOT_FOUND: no recorder listens.
static oyez_err ask(struct oyez_erasing *erasing, const char *directory)
{
    char *request = malloc(TEXTS_MAX + REQUEST_EVENTS * EVENT_LINE_MAX), answer[ANSWER_SIZE];
    oyez_err err = request != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "erasing");
    while (err == OYEZ_OK && erasing->done < erasing->count) {
        size_t left = erasing->count - erasing->done;
        size_t count = left < REQUEST_EVENTS ? left : REQUEST_EVENTS;
        write_request(request, erasing, count);
        err = admin_ask(directory, request, answer, sizeof answer);
        if (err == OYEZ_OK) {
            err = take_answer(erasing, answer);
        }
        if (err == OYEZ_OK) {
            erasing->done += count;
            progress_set(erasing->done, erasing->done);
        }
    }
    free(request);
    return err;
}

static oyez_err erase_here(struct oyez_erasing *erasing, const char *directory, const char *key)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_journal_options options = {.key = key};
    oyez_journal *journal = NULL;
    oyez_err err = OYEZ_OK;
    if (key == NULL) {
        err = oyez_key_default_path(path, directory);
        options.key = path;
    }
    if (err == OYEZ_OK) {
        err = oyez_journal_open(&journal, directory, &options, NULL);
    }
    for (unsigned i = 0; err == OYEZ_OK && i < TRIES; i++) {
        err = oyez_erasing_check(erasing, directory, NULL);
        while (err == OYEZ_OK && erasing->done < erasing->count) {
            err = oyez_erasing_step(erasing, journal);
            progress_set(erasing->done, erasing->done);
        }
        if (err != OYEZ_ERR_BUSY) {
            break;
        }
        err = OYEZ_OK;
    }
    oyez_err closed = oyez_journal_close(&journal);
    return err == OYEZ_OK ? closed : err;
}

oyez_err erase_place_do(struct oyez_erasing *erasing, const char *directory, const char *key)
{
    progress_open(erasing->count, "events");
    oyez_err err = ask(erasing, directory);
    if (err == OYEZ_ERR_NOT_FOUND && erasing->done == 0) {
        err = erase_here(erasing, directory, key);
    }
    progress_close();
    return err;
}
