// SPDX-License-Identifier: MIT
#include "catalog_check.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "event_lines.h"
#include "inert.h"
#include "interrupt.h"
#include "message.h"
#include "oyez/catalog_tools.h"
#include "oyez/json.h"
#include "progress.h"

static void print_object(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_bad(const struct event_lines *lines, bool json)
{
    uint64_t number = lines->reader.number;
    if (json) {
        json_t *reason = json_string(lines->reason);
        // A reason that quotes a broken byte is no JSON text; its error still is.
        print_object(json_pack("{s:I, s:b, s:o}", "line", (json_int_t)number, "valid", 0, "reason",
                               reason != NULL ? reason : json_string(oyez_strerror(lines->error))));
        return;
    }
    flockfile(stderr);
    progress_hide();
    funlockfile(stderr);
    printf("line %" PRIu64 ": ", number);
    inert_write(stdout, lines->reason, strlen(lines->reason));
    putchar('\n');
}

static void print_summary(uint64_t good, uint64_t bad, bool json)
{
    if (json) {
        print_object(json_pack("{s:I, s:I}", "checked", (json_int_t)(good + bad), "failed",
                               (json_int_t)bad));
    } else {
        printf("%" PRIu64 " event%s checked, %" PRIu64 " failed\n", good + bad,
               good + bad == 1 ? "" : "s", bad);
    }
}

static bool is_set(const char *path)
{
    static const char suffix[] = ".binpb";
    size_t size = strlen(path);
    return size >= sizeof suffix && strcmp(path + size - (sizeof suffix - 1), suffix) == 0;
}

// A catalog that breaks a rule is what was looked for; a file that cannot be read is not.
static int check_set(const char *path, bool json)
{
    oyez_err err = oyez_catalog_file_check(path);
    int code = command_exit_code(err);
    if (code != EXIT_DONE && code != EXIT_REFUSED) {
        return command_fail(err);
    }
    const char *reason = code == EXIT_DONE ? "" : command_reason(err);
    if (json) {
        print_object(json_pack("{s:s, s:b, s:s}", "file", path, "valid", (int)(code == EXIT_DONE),
                               "reason", reason));
    } else if (code == EXIT_DONE) {
        printf("%s: good\n", path);
    } else {
        inert_write(stdout, reason, strlen(reason));
        putchar('\n');
    }
    return code == EXIT_DONE ? EXIT_DONE : EXIT_CHECK_FAILED;
}

int catalog_check(const char *path, bool set, bool json)
{
    if (set || is_set(path)) {
        return check_set(path, json);
    }
    struct event_lines lines;
    uint64_t good = 0;
    uint64_t bad = 0;
    oyez_err err = event_lines_open(&lines, path, -1);
    int code = err == OYEZ_OK ? EXIT_DONE : command_fail(err);
    progress_open(lines.file_size, "events");
    for (bool more = err == OYEZ_OK; more;) {
        struct oyez_event *event;
        switch (event_lines_next(&lines, &event)) {
        case EVENT_LINE_GOOD:
            good++;
            oyez_event_free(&event);
            break;
        case EVENT_LINE_BAD:
            bad++;
            print_bad(&lines, json);
            break;
        case EVENT_LINE_FAILED:
            message_print("%s", lines.reason);
            code = command_exit_code(lines.error);
            more = false;
            break;
        case EVENT_LINE_INTERRUPTED:
        case EVENT_LINE_END:
            more = false;
            break;
        }
        progress_set(lines.reader.offset, good + bad);
    }
    progress_close();
    if (err == OYEZ_OK) {
        print_summary(good, bad, json);
    }
    event_lines_close(&lines);
    return code == EXIT_DONE && bad > 0 ? EXIT_CHECK_FAILED : code;
}
