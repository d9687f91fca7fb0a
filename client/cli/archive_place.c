// SPDX-License-Identifier: MIT
#include "archive_place.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "acting_user.h"
#include "admin_client.h"

#define ANSWER_SIZE 4096u

struct archive_place {
    const char *directory;
    const char *key;
    bool mirror;
    char by[ACTING_USER_SIZE];
    oyez_journal *journal; // NULL: the recorder does it, or none was asked yet
};

oyez_err archive_place_open(struct archive_place **out, const char *directory, const char *key,
                            bool mirror)
{
    struct archive_place *place = calloc(1, sizeof *place);
    *out = place;
    if (place == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "archiving");
    }
    place->directory = directory;
    place->key = key;
    place->mirror = mirror;
    acting_user(place->by);
    return OYEZ_OK;
}

oyez_err archive_place_close(struct archive_place **closing)
{
    struct archive_place *place = *closing;
    *closing = NULL;
    if (place == NULL) {
        return OYEZ_OK;
    }
    oyez_err err = oyez_journal_close(&place->journal);
    free(place);
    return err;
}

static bool read_number(const json_t *answer, const char *name, uint64_t *out)
{
    const json_t *number = json_object_get(answer, name);
    *out = (uint64_t)json_integer_value(number);
    return json_is_integer(number);
}

static oyez_err read_answer(const char *text, struct oyez_archive_report *report)
{
    json_t *answer = json_loads(text, 0, NULL);
    const char *error = json_string_value(json_object_get(answer, "error"));
    oyez_err err = OYEZ_OK;
    if (!read_number(answer, "segment", &report->first_index) ||
        !read_number(answer, "records", &report->records) ||
        !read_number(answer, "bytes", &report->size) ||
        !read_number(answer, "archived", &report->packed)) {
        err = oyez_fail(OYEZ_ERR_REFUSED, "%s",
                        error != NULL ? error : "the recorder's answer cannot be read");
    }
    json_decref(answer);
    return err;
}

static oyez_err ask(const struct archive_place *place, uint64_t first_index,
                    struct oyez_archive_report *report)
{
    char request[128 + ACTING_USER_SIZE], answer[ANSWER_SIZE];
    snprintf(request, sizeof request, "archive\nsegment %" PRIu64 "\nby %s\n", first_index,
             place->by);
    oyez_err err = admin_ask(place->directory, request, answer, sizeof answer);
    return err == OYEZ_OK ? read_answer(answer, report) : err;
}

static oyez_err archive_here(const struct archive_place *place, uint64_t first_index,
                             struct oyez_archive_report *report)
{
    oyez_err err = oyez_journal_archive_prepare(place->journal, first_index, report);
    return err == OYEZ_OK
               ? oyez_journal_archive(place->journal, report, place->mirror ? NULL : place->by)
               : err;
}

oyez_err archive_place_segment(struct archive_place *place, uint64_t first_index,
                               struct oyez_archive_report *report)
{
    const struct oyez_journal_options options = {.key = place->key};
    oyez_err err = OYEZ_ERR_NOT_FOUND;
    if (place->journal == NULL) {
        err = ask(place, first_index, report);
    }
    if (err != OYEZ_ERR_NOT_FOUND) {
        return err;
    }
    if (place->journal == NULL) {
        err = oyez_journal_open(&place->journal, place->directory, &options, NULL);
    } else {
        err = OYEZ_OK;
    }
    return err == OYEZ_OK ? archive_here(place, first_index, report) : err;
}
