// SPDX-License-Identifier: MIT
// `oyez export`: recorded events in a form that other tools read.
#ifndef OYEZ_EXPORT_COMMAND_H
#define OYEZ_EXPORT_COMMAND_H

#include <stdint.h>

#include "command.h"
#include "oyez/event.h"

enum export_format {
    EXPORT_JSONL = 0,
    EXPORT_CLOUDEVENTS = 1,
    EXPORT_SQLITE = 2,
    EXPORT_TLOG_TILES = 3,
};

struct export_values {
    int format; // enum export_format
    struct text_list where;
    const char *since;
    const char *until;
    const char *directory;
    uint32_t timeout_ms;
};

// Where events go, one by one. OYEZ_ERR_MALFORMED: this one has no such form, the next may have
// one; OYEZ_ERR_CLOSED: no more is wanted; anything else ends the export.
typedef oyez_err export_sink(void *arg, const struct oyez_event *event);

// export_events gives the sink all events that were asked for, by the first `pattern_count`
// positional arguments, and names those that have no such form. With a progress bar. *count = events
// that the sink took. Returns EXIT_DONE; EXIT_CHECK_FAILED if some were left out; else an exit code
// with the reason printed. Interrupted it ends as if it were done: interrupt_pending tells.
int export_events(const struct arguments *arguments, size_t pattern_count, export_sink *sink,
                  void *arg, uint64_t *count);

// export_lines: jsonl and cloudevents, to standard output. Returns an exit code.
int export_lines(const struct arguments *arguments);

// export_database: sqlite, into the file that the last positional argument names.
int export_database(const struct arguments *arguments);

// export_tiles: tlog-tiles, into the directory that the one positional argument names.
int export_tiles(const struct arguments *arguments);

#endif
