// SPDX-License-Identifier: MIT
#include "acts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/json.h"
#include "wire/header.h"

// Within single quotes a shell reads everything as it stands, but a single quote ends them.
static void put_quoted(FILE *out, const char *text, size_t size)
{
    fputc('\'', out);
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\'') {
            fputs("'\\''", out);
        } else {
            fputc(text[i], out);
        }
    }
    fputc('\'', out);
}

static void put_option(FILE *out, const struct oyez_event *event,
                       const struct oyez_header_field *field)
{
    const char *text = oyez_header_text(event, field);
    if (text == NULL || strcmp(field->name, "event_type") == 0) {
        return;
    }
    fputs(" --", out);
    for (const char *c = field->name; *c != '\0'; c++) {
        fputc(*c == '_' ? '-' : *c, out);
    }
    fputc(' ', out);
    put_quoted(out, text, strlen(text));
}

static void put_command(FILE *out, const struct oyez_event *event, const char *details, size_t size)
{
    fprintf(out, "oyez emit %s ", event->event_type);
    put_quoted(out, details, size);
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        if (oyez_header_fields[i].kind == OYEZ_HEADER_TEXT) {
            put_option(out, event, &oyez_header_fields[i]);
        }
    }
    if (event->has_aggregate_version) {
        fprintf(out, " --aggregate-version %" PRIu64, event->aggregate_version);
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++) {
        char pair[OYEZ_HEADER_SIZE_MAX];
        snprintf(pair, sizeof pair, "%s=%s", event->tags[i].key,
                 event->tags[i].value != NULL ? event->tags[i].value : "");
        fputs(" --tag ", out);
        put_quoted(out, pair, strlen(pair));
    }
}

oyez_err acts_emit_command(const struct oyez_event *event, char **text, size_t *size)
{
    char *details = NULL;
    size_t details_size = 0;
    *text = NULL;
    oyez_err err = oyez_event_details_json(event, &details, &details_size);
    if (err != OYEZ_OK) {
        return err;
    }
    FILE *out = open_memstream(text, size);
    if (out != NULL) {
        put_command(out, event, details, details_size);
    }
    if (out == NULL || fclose(out) != 0) {
        free(*text);
        *text = NULL;
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a command line");
    }
    free(details);
    return err;
}

oyez_err acts_export(const char *path, bool (*next)(void *arg, char **line), void *arg,
                     size_t *count)
{
    char *line = NULL;
    *count = 0;
    FILE *file = fopen(path, "wxe");
    if (file == NULL) {
        return oyez_fail(errno == EEXIST ? OYEZ_ERR_BUSY : OYEZ_ERR_IO, "%s: %s", path,
                         strerror(errno));
    }
    while (next(arg, &line)) {
        fprintf(file, "%s\n", line);
        free(line);
        ++*count;
    }
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        return oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(errno));
    }
    return OYEZ_OK;
}
