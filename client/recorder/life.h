// SPDX-License-Identifier: MIT
// The thread that looks after the life of records: archives and removes what is old enough by the
// recorder's rules, now and then and whenever a segment ends.
#ifndef OYEZ_RECORDER_LIFE_H
#define OYEZ_RECORDER_LIFE_H

#include "oyez/recorder.h"

struct recorder_life;

// recorder_life_open starts it where there is a rule; *out stays NULL otherwise. A mirror archives by
// its own rules, and removes only what its primary does. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_SYSTEM.
oyez_err recorder_life_open(struct recorder_life **out, struct oyez_recorder *recorder,
                            const struct oyez_recorder_options *options);

// recorder_life_close ends it between two steps. Before the writer ends. NULL-safe.
void recorder_life_close(struct recorder_life **closing);

// recorder_life_rules are those of the recorder; NULL = there are none.
const struct oyez_retention_rules *recorder_life_rules(const struct oyez_recorder *recorder);

#endif
