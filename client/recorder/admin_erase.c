// SPDX-License-Identifier: MIT
// `erase`
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin_verb.h"
#include "duty.h"
#include "oyez/erasing.h"
#include "writer.h"

#define LINE_MIN sizeof("event 0 ") // no line of an event is shorter
#define TRIES 8u                    // holds that are set again and again

static bool take_word(char **line, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(*line, word, size) != 0)
        return false;
    *line += size;
    return true;
}

static bool take_event(struct oyez_erasing *erasing, const char *text)
{
    struct oyez_erasing_event *event = &erasing->events[erasing->count];
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    event->index = strtoull(text, &end, 10);
    if (errno != 0 || *end != ' ' || oyez_uuid_from_text(&event->event_id, end + 1) != OYEZ_OK)
        return false;
    erasing->count++;
    return true;
}

static oyez_err read_request(struct recorder_request *request, struct oyez_erasing *erasing)
{
    char *line;
    erasing->events = calloc(strlen(request->next) / LINE_MIN + 1, sizeof *erasing->events);
    if (erasing->events == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a list of events");
    while ((line = recorder_request_line(request)) != NULL) {
        if (take_word(&line, "by "))
            erasing->by = line;
        else if (take_word(&line, "why "))
            erasing->why = line;
        else if (strcmp(line, "despite-damaged-files") == 0)
            erasing->despite_damaged_files = true;
        else if (!take_word(&line, "event ") || !take_event(erasing, line))
            return oyez_fail(OYEZ_ERR_INVALID, "not understood: %.100s", line);
    }
    if (erasing->by == NULL || erasing->why == NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "who, or why, is not said");
    return OYEZ_OK;
}

static oyez_err erase_portion(struct recorder_writer *writer, void *arg)
{
    return oyez_erasing_step(arg, writer->journal);
}

static oyez_err erase(struct oyez_recorder *recorder, struct oyez_erasing *erasing)
{
    oyez_err err = OYEZ_ERR_BUSY;
    for (unsigned i = 0; err == OYEZ_ERR_BUSY && i < TRIES; i++) {
        err = oyez_erasing_check(erasing, recorder->directory, recorder->disk);
        while (err == OYEZ_OK && erasing->done < erasing->count)
            err = recorder_duty_do(recorder, erase_portion, erasing);
    }
    return err;
}

static void answer_erase(struct oyez_recorder *recorder, struct recorder_request *request,
                         struct recorder_reply *reply)
{
    struct oyez_erasing erasing = {.by = NULL};
    oyez_err err = read_request(request, &erasing);
    if (err == OYEZ_OK)
        err = erase(recorder, &erasing);
    if (err != OYEZ_OK)
        recorder_reply_fail(reply, err);
    recorder_reply_number(reply, "erased", erasing.report.erased);
    recorder_reply_number(reply, "already", erasing.report.already);
    recorder_reply_number(reply, "acts", erasing.report.acts);
    if (erasing.report.acts > 0)
        recorder_reply_number(reply, "first_act", erasing.report.first_act);
    oyez_erasing_end(&erasing);
}

const struct recorder_verb recorder_verb_erase = {
    .name = "erase", .has_lines = true, .answer = answer_erase};
