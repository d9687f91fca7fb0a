// SPDX-License-Identifier: MIT
// `retain`: a step of what may go by rules goes now; without rules in the request by those of the
// recorder. The answer says whether there is more.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin_verb.h"
#include "life.h"
#include "retaining.h"

struct wish {
    struct oyez_retention_rules rules;
    const char *by, *why;
};

static oyez_err read_size(uint64_t *out, const char *text)
{
    char *end = NULL;
    errno = 0;
    *out = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    return end != NULL && *end == '\0' && errno == 0
               ? OYEZ_OK
               : oyez_fail(OYEZ_ERR_INVALID, "'%.40s' is no number of bytes", text);
}

static const char *behind(const char *line, const char *word)
{
    size_t size = strlen(word);
    return strncmp(line, word, size) == 0 && line[size] == ' ' ? line + size + 1 : NULL;
}

static oyez_err read_line(struct wish *wish, const char *line)
{
    const char *rest;
    if ((rest = behind(line, "keep-for")) != NULL)
        return oyez_age_read(&wish->rules.keep_for, rest);
    if ((rest = behind(line, "keep-size")) != NULL)
        return read_size(&wish->rules.keep_size, rest);
    if ((rest = behind(line, "keep-type")) != NULL)
        return oyez_retention_add_type(&wish->rules, rest);
    if ((rest = behind(line, "by")) != NULL)
        wish->by = rest;
    else if ((rest = behind(line, "why")) != NULL)
        wish->why = rest;
    else
        return oyez_fail(OYEZ_ERR_INVALID, "not understood: %.80s", line);
    return OYEZ_OK;
}

// One step a request, so that nobody else who asks waits for long.
static bool go_on(void *arg)
{
    bool *first = arg;
    bool was_first = *first;
    *first = false;
    return was_first;
}

static void write_reply(struct recorder_reply *reply, const struct oyez_retention_report *report,
                        const struct recorder_held *held)
{
    recorder_reply_number(reply, "records", report->records);
    recorder_reply_number(reply, "events", report->events);
    recorder_reply_number(reply, "segments", report->segments);
    recorder_reply_number(reply, "bytes", report->bytes);
    recorder_reply_number(reply, "blanked", report->blanked);
    recorder_reply_number(reply, "unblanked", report->unblanked);
    recorder_reply_number(reply, "held_events", held->events);
    recorder_reply_number(reply, "more", held->more);
    if (held->hold[0] != '\0')
        recorder_reply_text(reply, "hold", held->hold);
}

static void answer_retain(struct oyez_recorder *recorder, struct recorder_request *request,
                          struct recorder_reply *reply)
{
    struct wish *wish = calloc(1, sizeof *wish);
    struct oyez_retention_report report = {.records = 0};
    struct recorder_held held = {.from = UINT64_MAX};
    bool first = true;
    oyez_err err = wish != NULL ? OYEZ_OK : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for rules");
    for (const char *line; err == OYEZ_OK && (line = recorder_request_line(request)) != NULL;)
        err = read_line(wish, line);
    if (err == OYEZ_OK && (wish->by == NULL || wish->why == NULL))
        err = oyez_fail(OYEZ_ERR_INVALID, "who, or why, is not said");
    if (err == OYEZ_OK && !oyez_retention_has_rules(&wish->rules)) {
        const struct oyez_retention_rules *own = recorder_life_rules(recorder);
        if (own != NULL)
            wish->rules = *own;
    }
    if (err == OYEZ_OK)
        err = recorder_retain(recorder, &wish->rules, wish->by, wish->why, go_on, &first, &report,
                              &held);
    if (err == OYEZ_OK)
        write_reply(reply, &report, &held);
    else
        recorder_reply_fail(reply, err);
    free(wish);
}

const struct recorder_verb recorder_verb_retain = {
    .name = "retain", .has_lines = true, .answer = answer_retain};
