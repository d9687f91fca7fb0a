// SPDX-License-Identifier: MIT
// Events of a JSON lines file, one by one, each checked as emit checks it. A line with the member
// "specversion" is a CloudEvent.
#ifndef OYEZ_EVENT_LINES_H
#define OYEZ_EVENT_LINES_H

#include <stdint.h>

#include "line_reader.h"
#include "oyez/event.h"

// The longest line, bytes: an event of the largest header and details, written wastefully. What is
// longer cannot be one.
#define EVENT_LINE_SIZE_MAX (4u * 1024u * 1024u)

enum event_line_status {
    EVENT_LINE_GOOD,        // an event
    EVENT_LINE_BAD,         // error and reason; the next call goes on behind it
    EVENT_LINE_END,         // of the file
    EVENT_LINE_INTERRUPTED, // by SIGINT or SIGTERM
    EVENT_LINE_FAILED,      // the file cannot be read: error and reason
};

struct event_lines {
    const char *path; // "-" = standard input
    int fd;
    struct line_reader reader;
    uint64_t file_size; // bytes; 0 = not known
    oyez_err error;
    char reason[512];
};

// event_lines_open opens a file. OYEZ_ERR_IO with the path in the detail, OYEZ_ERR_NO_MEMORY.
// event_lines_close either way.
oyez_err event_lines_open(struct event_lines *lines, const char *path, int interrupt_fd);
void event_lines_close(struct event_lines *lines);

// event_lines_next reads the next event, skipping empty lines; its number is
// lines->reader.number. oyez_event_free it.
enum event_line_status event_lines_next(struct event_lines *lines, struct oyez_event **event);

#endif
