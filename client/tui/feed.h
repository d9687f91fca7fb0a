// SPDX-License-Identifier: MIT
// The thread that takes live events from a server into the model.
#ifndef OYEZ_FEED_H
#define OYEZ_FEED_H

#include "model.h"

#define FEED_LAST_EVENTS 500u // recorded ones that it begins with

struct feed;

// feed_open starts it; it connects by itself, now and after every break. OYEZ_ERR_NO_MEMORY,
// OYEZ_ERR_SYSTEM.
oyez_err feed_open(struct feed **out, struct model *model, const char *endpoint);

// feed_close ends it. Takes up to a second. NULL-safe, sets NULL.
void feed_close(struct feed **out);

#endif
