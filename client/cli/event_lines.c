// SPDX-License-Identifier: MIT
#include "event_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cloudevent.h"
#include "command.h"
#include "oyez/catalog.h"
#include "oyez/json.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

oyez_err event_lines_open(struct event_lines *lines, const char *path, int interrupt_fd)
{
    struct stat status;
    memset(lines, 0, sizeof *lines);
    lines->path = path;
    lines->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (lines->fd < 0) {
        return oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (fstat(lines->fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        lines->file_size = (uint64_t)status.st_size;
    }
    return line_reader_open(&lines->reader, lines->fd, interrupt_fd, EVENT_LINE_SIZE_MAX);
}

void event_lines_close(struct event_lines *lines)
{
    line_reader_close(&lines->reader);
    if (lines->fd > STDIN_FILENO) {
        close(lines->fd);
    }
    lines->fd = -1;
}

static void keep_reason(struct event_lines *lines, oyez_err error)
{
    lines->error = error;
    snprintf(lines->reason, sizeof lines->reason, "%s", command_reason(error));
}

static enum event_line_status judge(struct event_lines *lines, const char *text, size_t size,
                                    struct oyez_event **event)
{
    oyez_err error = cloudevent_is(text, size) ? cloudevent_read(event, text, size)
                                               : oyez_event_from_json(event, text, size);
    if (error == OYEZ_OK) {
        error = oyez_event_check(*event);
    }
    if (error == OYEZ_OK) {
        return EVENT_LINE_GOOD;
    }
    keep_reason(lines, error);
    oyez_event_free(event);
    return EVENT_LINE_BAD;
}

enum event_line_status event_lines_next(struct event_lines *lines, struct oyez_event **event)
{
    const char *text;
    uint64_t size;
    *event = NULL;
    for (;;) {
        switch (line_reader_next(&lines->reader, &text, &size)) {
        case LINE_READ:
            if (lines->reader.number == 1 && strncmp(text, BYTE_ORDER_MARK, 3) == 0) {
                text += 3;
                size -= 3;
            }
            if (strspn(text, " \t\r") == size) {
                continue;
            }
            return judge(lines, text, (size_t)size, event);
        case LINE_TOO_LONG:
            lines->error = OYEZ_ERR_TOO_LARGE;
            snprintf(lines->reason, sizeof lines->reason,
                     "the line has %" PRIu64 " bytes, more than an event can have (%u)", size,
                     EVENT_LINE_SIZE_MAX);
            return EVENT_LINE_BAD;
        case LINE_END:
            return EVENT_LINE_END;
        case LINE_INTERRUPTED:
            return EVENT_LINE_INTERRUPTED;
        case LINE_FAILED:
            keep_reason(lines, oyez_fail(errno == ENOMEM ? OYEZ_ERR_NO_MEMORY : OYEZ_ERR_IO,
                                         "%s: %s", lines->path, strerror(errno)));
            return EVENT_LINE_FAILED;
        }
    }
}
