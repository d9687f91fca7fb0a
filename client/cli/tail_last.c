// SPDX-License-Identifier: MIT
#include "tail_last.h"

oyez_err tail_last_find(struct tail_from *from, oyez_client *client,
                        const struct oyez_query_options *query, uint32_t timeout_ms)
{
    struct oyez_query_options backwards = *query;
    oyez_query *pages = NULL;
    const struct oyez_event *event;
    bool found = false;
    backwards.reverse = true;
    backwards.limit = from->count;
    oyez_err err = oyez_query_open(&pages, client, &backwards);
    while (err == OYEZ_OK) {
        err = oyez_query_next(pages, &event, timeout_ms);
        if (err == OYEZ_OK) {
            found = true;
            from->epoch = event->stamp.epoch;
            from->position = event->stamp.position;
        }
    }
    if (err == OYEZ_ERR_NOT_FOUND) {
        err = OYEZ_OK;
    }
    if (err == OYEZ_OK && !found) {
        oyez_query_complete(pages, &from->epoch, &from->position);
        if (from->position == UINT64_MAX) {
            from->epoch++;
            from->position = 0;
        } else {
            from->position++;
        }
    }
    from->kind = TAIL_FROM_CURSOR;
    oyez_query_close(&pages);
    return err;
}
