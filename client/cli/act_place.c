// SPDX-License-Identifier: MIT
#include "act_place.h"

#include "admin_client.h"
#include "oyez/key.h"
#include "wire/clock.h"

#define ANSWER_SIZE 8192u

oyez_err act_place_ask(const char *directory, const char *request, json_t **answer)
{
    char text[ANSWER_SIZE];
    *answer = NULL;
    oyez_err err = admin_ask(directory, request, text, sizeof text);
    if (err != OYEZ_OK) {
        return err;
    }
    json_t *object = json_loads(text, 0, NULL);
    const char *error = json_string_value(json_object_get(object, "error"));
    if (object == NULL || error != NULL) {
        err = oyez_fail(OYEZ_ERR_REFUSED, "%s",
                        error != NULL ? error : "the recorder's answer cannot be read");
        json_decref(object);
        return err;
    }
    *answer = object;
    return OYEZ_OK;
}

oyez_err act_place_open(oyez_journal **out, const char *directory, const char *key)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_journal_options options = {.key = key};
    oyez_err err = OYEZ_OK;
    *out = NULL;
    if (key == NULL) {
        err = oyez_key_default_path(path, directory);
        options.key = path;
    }
    return err == OYEZ_OK ? oyez_journal_open(out, directory, &options, NULL) : err;
}

uint64_t act_place_now(void)
{
    return oyez_clock_realtime_ns();
}
