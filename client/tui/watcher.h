// SPDX-License-Identifier: MIT
// The thread that asks again and again for what changes by itself: status, time line, the record's
// word about the event that is open, and, while its page is open, the system.
#ifndef OYEZ_WATCHER_H
#define OYEZ_WATCHER_H

#include "model.h"
#include "source.h"

struct watcher;

// watcher_open starts it. The source is the thread's until watcher_close. OYEZ_ERR_NO_MEMORY,
// OYEZ_ERR_SYSTEM.
oyez_err watcher_open(struct watcher **out, struct model *model, struct source *source);

// watcher_look makes it look now. `system`: the page of the system is open.
void watcher_look(struct watcher *watcher, bool system);

// watcher_close ends it. NULL-safe, sets NULL.
void watcher_close(struct watcher **out);

#endif
