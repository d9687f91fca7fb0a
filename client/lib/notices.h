// SPDX-License-Identifier: MIT
// Notices on their way to the application. Bounded: when the application does not take them, the
// newest are dropped and their number is told by the next.
#ifndef OYEZ_NOTICES_H
#define OYEZ_NOTICES_H

#include <stdbool.h>

#include "client_state.h"

struct notice_queue;

oyez_err notices_open(struct notice_queue **out);
void notices_close(struct notice_queue **notices);

// notice_add queues a notice and wakes the dispatcher. Texts are copied. Takes inbox_lock.
void notice_add(struct oyez_client *client, const struct oyez_notice *notice);

// notice_add_locked is the same under inbox_lock.
void notice_add_locked(struct oyez_client *client, const struct oyez_notice *notice);

// notice_take moves the oldest notice out; its pointers lead into *storage. Under inbox_lock.
struct notice_storage {
    char text[256];
    char event_type[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
};
bool notice_take(struct oyez_client *client, struct oyez_notice *notice,
                 struct notice_storage *storage);

#endif
