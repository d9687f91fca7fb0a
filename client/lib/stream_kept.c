// SPDX-License-Identifier: MIT
#include "stream_kept.h"

#include <stdlib.h>
#include <string.h>

#include "event_copy.h"
#include "oyez/json.h"

static oyez_err make_room(struct kept_item *kept, size_t size)
{
    if (size <= kept->value_capacity)
        return OYEZ_OK;
    void *value = malloc(size);
    if (value == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a value of %zu bytes", size);
    free(kept->value);
    kept->value = value;
    kept->value_capacity = size;
    return OYEZ_OK;
}

oyez_err kept_set(struct kept_item *kept, const struct oyez_stream_item *item)
{
    struct oyez_event *event = NULL;
    size_t event_size = 0;
    oyez_err err = event_copy_sized(&event, item->event, &event_size);
    if (err == OYEZ_OK && item->value != NULL)
        err = make_room(kept, item->value_size);
    if (err != OYEZ_OK) {
        oyez_event_free(&event);
        return err;
    }
    oyez_event_free(&kept->event);
    kept->event = event;
    kept->event_size = event_size;
    kept->value_size = item->value != NULL ? item->value_size : 0;
    if (kept->value_size != 0)
        memcpy(kept->value, item->value, kept->value_size);
    return OYEZ_OK;
}

struct oyez_stream_item kept_show(const struct kept_item *kept)
{
    return (struct oyez_stream_item){.event = kept->event,
                                     .value = kept->value_size != 0 ? kept->value : NULL,
                                     .value_size = kept->value_size};
}

size_t kept_bytes(const struct kept_item *kept)
{
    return kept->event_size + kept->value_size;
}

void kept_free(struct kept_item *kept)
{
    oyez_event_free(&kept->event);
    free(kept->value);
    *kept = (struct kept_item){0};
}
