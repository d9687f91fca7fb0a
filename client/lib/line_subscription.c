// SPDX-License-Identifier: MIT
#include <stdatomic.h>
#include <stdlib.h>

#include "argument.h"
#include "event_line.h"

struct oyez_event_lines {
    oyez_subscription *subscription;
    enum oyez_line_format format;
    oyez_line_writer *writer;
    void *writer_arg;
    FILE *file;
    struct json_text text; // the dispatcher's
    atomic_uint_fast64_t lost;
};

static void write_file(void *arg, const char *line, size_t size)
{
    struct oyez_event_lines *lines = arg;
    // One call a line, so that lines of several writers to one file do not mix.
    (void)size;
    if (fprintf(lines->file, "%s\n", line) < 0 || fflush(lines->file) != 0)
        lines->lost++;
}

static void take_event(void *arg, const struct oyez_event *event)
{
    struct oyez_event_lines *lines = arg;
    if (event_line_put(&lines->text, event, lines->format) == OYEZ_OK)
        lines->writer(lines->writer_arg, lines->text.bytes, lines->text.size);
    else
        lines->lost++;
}

static oyez_err check_options(const struct oyez_event_lines_options *options)
{
    REQUIRE_ARGUMENT(options);
    if (options->format != OYEZ_LINE_LOGFMT && options->format != OYEZ_LINE_JSON)
        return argument_out_of_range("options.format", options->format);
    if ((options->writer == NULL) == (options->file == NULL))
        return oyez_fail(OYEZ_ERR_INVALID, "options: either a writer or a file");
    return OYEZ_OK;
}

oyez_err oyez_event_lines_open(oyez_event_lines **out, oyez_client *client,
                               const struct oyez_event_lines_options *options, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(out);
    *out = NULL;
    oyez_err err = check_options(options);
    if (err != OYEZ_OK)
        return err;
    struct oyez_event_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for lines");
    lines->format = options->format;
    lines->writer = options->writer != NULL ? options->writer : write_file;
    lines->writer_arg = options->writer != NULL ? options->writer_arg : lines;
    lines->file = options->file;
    const struct oyez_subscription_options subscription = {.patterns = options->patterns,
                                                           .pattern_count = options->pattern_count,
                                                           .handler = take_event,
                                                           .handler_arg = lines};
    err = oyez_subscription_open(&lines->subscription, client, &subscription, timeout_ms);
    if (lines->subscription == NULL)
        free(lines);
    else
        *out = lines;
    return err;
}

uint64_t oyez_event_lines_lost(const oyez_event_lines *lines)
{
    return lines != NULL ? lines->lost : 0;
}

void oyez_event_lines_close(oyez_event_lines **lines_p)
{
    if (lines_p == NULL || *lines_p == NULL)
        return;
    struct oyez_event_lines *lines = *lines_p;
    *lines_p = NULL;
    oyez_subscription_close(&lines->subscription);
    free(lines->text.bytes);
    free(lines);
}
