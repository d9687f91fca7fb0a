// SPDX-License-Identifier: MIT
// A subscription that writes a line for each event, where its caller says: for diagnostics, beside
// the record. The library itself never prints.
#ifndef OYEZ_EVENT_LINES_H
#define OYEZ_EVENT_LINES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "oyez/client.h"
#include "oyez/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_event_lines oyez_event_lines;

enum oyez_line_format {
    // time=… event=plan.created id=… plan_id=… tag.team=… details={…}; details_bytes=… where they
    // are protobuf that no catalog can tell, or no JSON at all
    OYEZ_LINE_LOGFMT = 0,
    OYEZ_LINE_JSON, // as oyez_event_to_json
};

// Called on the dispatcher thread with a line of `size` bytes and a NUL, without a line end. The
// text ends with the call.
typedef void oyez_line_writer(void *arg, const char *line, size_t size);

struct oyez_event_lines_options {
    const char *const *patterns; // as of a subscription; count 0 = everything
    size_t pattern_count;
    enum oyez_line_format format;
    oyez_line_writer *writer; // NULL = to `file`
    void *writer_arg;
    FILE *file; // borrowed; each line is flushed
};

// oyez_event_lines_open subscribes, live. Either a writer or a file: OYEZ_ERR_INVALID otherwise.
// Returns as oyez_subscription_open: OYEZ_ERR_TIMEOUT and OYEZ_ERR_UNREACHABLE leave it in *out,
// and it begins with the connection. The caller owns *out, and closes it before the client. Blocks.
OYEZ_EXPORT oyez_err oyez_event_lines_open(oyez_event_lines **out, oyez_client *client,
                                           const struct oyez_event_lines_options *options,
                                           uint32_t timeout_ms);

// oyez_event_lines_lost tells how many lines could not be made or written. Any thread.
OYEZ_EXPORT uint64_t oyez_event_lines_lost(const oyez_event_lines *lines);

// oyez_event_line makes one such line of an event. *line is the caller's: free().
// OYEZ_ERR_NO_MEMORY, OYEZ_ERR_MALFORMED as oyez_event_to_json. Any thread.
OYEZ_EXPORT oyez_err oyez_event_line(const struct oyez_event *event, enum oyez_line_format format,
                                     char **line, size_t *size);

// oyez_event_lines_close ends it: when it returns no line is being written. Not from its
// writer. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_event_lines_close(oyez_event_lines **lines);

#ifdef __cplusplus
}
#endif

#endif
