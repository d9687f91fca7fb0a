// SPDX-License-Identifier: MIT
#include "event_json.h"

#include <stdlib.h>
#include <string.h>

#include "oyez/json.h"

static bool is_key(const struct oyez_json_slice *key, const char *name)
{
    size_t size = strlen(name);
    return key->size == size + 2 && memcmp(key->text + 1, name, size) == 0;
}

oyez_err event_json_make(struct event_json *out, const struct oyez_event *event)
{
    struct oyez_json_slice key;
    struct oyez_json_slice value;
    *out = (struct event_json){0};
    oyez_err err = oyez_event_to_json(event, &out->text, &out->size);
    if (err != OYEZ_OK) {
        out->text = NULL;
        return err;
    }
    const char *at = out->text;
    while (oyez_json_next_member(&at, &key, &value)) {
        if (is_key(&key, "details") && value.text[0] == '{') {
            out->details = value;
        } else if (is_key(&key, "details_base64")) {
            out->base64 = value;
        }
    }
    return OYEZ_OK;
}

void event_json_free(struct event_json *json)
{
    free(json->text);
    *json = (struct event_json){0};
}
