// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cloudevent.h"
#include "export.h"
#include "inert.h"
#include "output.h"
#include "oyez/json.h"
#include "terminal.h"

typedef oyez_err write_event(const struct oyez_event *event, char **text, size_t *size);

struct lines {
    struct terminal terminal;
    write_event *write;
};

static oyez_err put(void *arg, const struct oyez_event *event)
{
    const struct lines *lines = arg;
    char *text = NULL;
    size_t size = 0;
    oyez_err err = lines->write(event, &text, &size);
    if (err != OYEZ_OK) {
        return err;
    }
    if (lines->terminal.is_tty) {
        inert_write(stdout, text, size);
    } else {
        fwrite(text, 1, size, stdout);
    }
    free(text);
    fputc('\n', stdout);
    // What is not taken is told at the end, by output_finish.
    return output_keep(ferror(stdout) == 0) ? OYEZ_OK : OYEZ_ERR_CLOSED;
}

int export_lines(const struct arguments *arguments)
{
    const struct export_values *values = arguments->values;
    struct lines lines = {.write = values->format == EXPORT_CLOUDEVENTS ? cloudevent_write
                                                                        : oyez_event_to_json};
    uint64_t count;
    terminal_detect(&lines.terminal, STDOUT_FILENO);
    return export_events(arguments, arguments->positional_count, put, &lines, &count);
}
