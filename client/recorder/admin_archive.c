// SPDX-License-Identifier: MIT
// `archive`: one segment a request, so that nobody else who asks waits for long.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin_verb.h"
#include "archiving.h"

struct wish {
    uint64_t segment;
    const char *by;
    bool named;
};

// "segment INDEX" or "by WHO"
static bool read_line(struct wish *wish, const char *line)
{
    char *end = NULL;
    if (strncmp(line, "by ", 3) == 0) {
        wish->by = line + 3;
        return true;
    }
    if (strncmp(line, "segment ", 8) != 0 || line[8] < '0' || line[8] > '9')
        return false;
    errno = 0;
    wish->segment = strtoull(line + 8, &end, 10);
    wish->named = errno == 0 && *end == '\0';
    return wish->named;
}

static void answer_archive(struct oyez_recorder *recorder, struct recorder_request *request,
                           struct recorder_reply *reply)
{
    struct wish wish = {.by = "admin"};
    struct oyez_archive_report report;
    bool good = true;
    for (const char *line; good && (line = recorder_request_line(request)) != NULL;)
        good = read_line(&wish, line);
    if (!good || !wish.named) {
        recorder_reply_error(reply, "archive: lines 'segment INDEX' and 'by WHO' expected");
        return;
    }
    oyez_err err = recorder_archive(recorder, wish.segment, wish.by, &report);
    if (err != OYEZ_OK) {
        recorder_reply_fail(reply, err);
        return;
    }
    recorder_reply_number(reply, "segment", report.first_index);
    recorder_reply_number(reply, "records", report.records);
    recorder_reply_number(reply, "bytes", report.size);
    recorder_reply_number(reply, "archived", report.packed);
}

const struct recorder_verb recorder_verb_archive = {
    .name = "archive", .has_lines = true, .for_mirrors = true, .answer = answer_archive};
