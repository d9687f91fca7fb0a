// SPDX-License-Identifier: MIT
// `hold` and `release`: the lines of the request are those of the act.
#include <stdlib.h>
#include <string.h>

#include "admin_verb.h"
#include "duty.h"
#include "oyez/holds.h"
#include "writer.h"

struct wish {
    struct oyez_legal_hold hold;
    const char **patterns, **conditions;
    bool release;
};

static const char *behind(const char *line, const char *word)
{
    size_t size = strlen(word);
    return strncmp(line, word, size) == 0 && line[size] == ' ' ? line + size + 1 : NULL;
}

static bool read_line(struct wish *wish, const char *line)
{
    struct oyez_legal_hold *hold = &wish->hold;
    const char *rest;
    if ((rest = behind(line, "hold")) != NULL)
        hold->name = rest;
    else if ((rest = behind(line, "pattern")) != NULL)
        wish->patterns[hold->pattern_count++] = rest;
    else if ((rest = behind(line, "where")) != NULL)
        wish->conditions[hold->condition_count++] = rest;
    else if ((rest = behind(line, "by")) != NULL)
        hold->by = rest;
    else if ((rest = behind(line, "why")) != NULL)
        hold->why = rest;
    else
        return false;
    return true;
}

static oyez_err read_request(struct wish *wish, struct recorder_request *request)
{
    size_t lines = strlen(request->next) / strlen("by x") + 1; // no line is shorter
    wish->patterns = calloc(lines, sizeof *wish->patterns);
    wish->conditions = calloc(lines, sizeof *wish->conditions);
    wish->hold = (struct oyez_legal_hold){
        .by = "admin", .patterns = wish->patterns, .conditions = wish->conditions};
    if (wish->patterns == NULL || wish->conditions == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a hold");
    for (const char *line; (line = recorder_request_line(request)) != NULL;)
        if (strlen(line) < strlen("by x") || !read_line(wish, line))
            return oyez_fail(OYEZ_ERR_INVALID, "not understood: %.80s", line);
    return OYEZ_OK;
}

static oyez_err load(const struct oyez_recorder *recorder, oyez_holds **holds)
{
    oyez_journal_reader *reader = NULL;
    oyez_err err = oyez_journal_reader_open(&reader, recorder->directory, recorder->disk);
    *holds = NULL;
    if (err == OYEZ_OK)
        err = oyez_holds_load(holds, reader, recorder->directory, recorder->disk);
    oyez_journal_reader_close(&reader);
    return err;
}

static oyez_err record(struct recorder_writer *writer, void *arg)
{
    const struct wish *wish = arg;
    const struct oyez_legal_hold *hold = &wish->hold;
    const struct oyez_disk *disk = writer->recorder->disk;
    uint64_t now = disk->now(disk->context);
    oyez_holds *holds;
    oyez_err err = load(writer->recorder, &holds);
    if (err == OYEZ_OK && wish->release)
        err = oyez_holds_release(writer->journal, holds, hold->name, hold->by, hold->why, now);
    else if (err == OYEZ_OK)
        err = oyez_holds_set(writer->journal, holds, hold, now);
    oyez_holds_close(&holds);
    return err;
}

// What is found here need not be looked for while the writer is waited for.
static oyez_err prepare(const struct oyez_recorder *recorder)
{
    oyez_holds *holds;
    oyez_err err = load(recorder, &holds);
    if (err == OYEZ_OK)
        (void)oyez_holds_save(holds);
    oyez_holds_close(&holds);
    return err;
}

static void answer(struct oyez_recorder *recorder, struct recorder_request *request,
                   struct recorder_reply *reply, bool release)
{
    struct wish wish = {.release = release};
    oyez_err err = read_request(&wish, request);
    if (err == OYEZ_OK && wish.hold.name == NULL)
        err = oyez_fail(OYEZ_ERR_INVALID, "the name of the hold is missing");
    if (err == OYEZ_OK)
        err = prepare(recorder);
    if (err == OYEZ_OK)
        err = recorder_duty_do(recorder, record, &wish);
    if (err == OYEZ_OK)
        recorder_reply_text(reply, "hold", wish.hold.name);
    else
        recorder_reply_fail(reply, err);
    free(wish.patterns);
    free(wish.conditions);
}

static void answer_hold(struct oyez_recorder *recorder, struct recorder_request *request,
                        struct recorder_reply *reply)
{
    answer(recorder, request, reply, false);
}

static void answer_release(struct oyez_recorder *recorder, struct recorder_request *request,
                           struct recorder_reply *reply)
{
    answer(recorder, request, reply, true);
}

const struct recorder_verb recorder_verb_hold = {
    .name = "hold", .has_lines = true, .answer = answer_hold};
const struct recorder_verb recorder_verb_release = {
    .name = "release", .has_lines = true, .answer = answer_release};
