// SPDX-License-Identifier: MIT
// An item that an operator keeps: a copy of the event and of what map made of it.
#ifndef OYEZ_STREAM_KEPT_H
#define OYEZ_STREAM_KEPT_H

#include "oyez/stream.h"

struct kept_item {
    struct oyez_event *event; // NULL = nothing is kept
    size_t event_size;
    void *value;
    size_t value_size;
    size_t value_capacity;
};

// kept_set copies an item, which is no batch, over what was kept. OYEZ_ERR_NO_MEMORY: what was kept
// stays.
oyez_err kept_set(struct kept_item *kept, const struct oyez_stream_item *item);

// kept_show makes an item of what is kept, valid until it changes.
struct oyez_stream_item kept_show(const struct kept_item *kept);

size_t kept_bytes(const struct kept_item *kept);

void kept_free(struct kept_item *kept);

#endif
