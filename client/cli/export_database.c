// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "export.h"
#include "export_sqlite.h"
#include "interrupt.h"
#include "message.h"

static oyez_err put(void *arg, const struct oyez_event *event)
{
    return export_sqlite_put(arg, event);
}

int export_database(const struct arguments *arguments)
{
    struct export_sqlite *database = NULL;
    size_t pattern_count = arguments->positional_count - 1;
    const char *path = arguments->positional[pattern_count];
    uint64_t count = 0;
    interrupt_open();
    oyez_err err = export_sqlite_open(&database, path);
    if (err != OYEZ_OK) {
        return command_fail(err);
    }
    int code = export_events(arguments, pattern_count, put, database, &count);
    // What some events lack is no reason to withhold the others.
    bool complete = (code == EXIT_DONE || code == EXIT_CHECK_FAILED) && !interrupt_pending();
    if (complete) {
        err = export_sqlite_finish(database);
        code = err == OYEZ_OK ? code : command_fail(err);
    }
    export_sqlite_close(&database);
    if (complete && err == OYEZ_OK) {
        message_print("%" PRIu64 " event%s in %s", count, count == 1 ? "" : "s", path);
    }
    interrupt_raise();
    return code;
}
