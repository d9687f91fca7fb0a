// SPDX-License-Identifier: MIT
// Recorded events published again, for whoever asks for them by name: to try a new subscriber, to
// show what happened. A replayed event comes as replay.RUN.TYPE, RUN being the replay's name; its
// header and details are those of the recorded one, its tag replay.cursor says where that stands. It
// has no epoch and no position, is never recorded, and no pattern matches it that does not begin
// with "replay.".
#ifndef OYEZ_REPLAY_H
#define OYEZ_REPLAY_H

#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_replay oyez_replay;

// oyez_replay_open connects and waits up to `timeout_ms` until the broker takes events. `run`: 8 of
// [A-Za-z0-9_-]; NULL = random ones. OYEZ_ERR_INVALID, OYEZ_ERR_UNREACHABLE, OYEZ_ERR_REFUSED,
// OYEZ_ERR_SYSTEM, OYEZ_ERR_NO_MEMORY. The caller owns *out; a replay belongs to one thread, and is
// closed before its client. Blocks.
OYEZ_EXPORT oyez_err oyez_replay_open(oyez_replay **out, oyez_client *client, const char *run,
                                      uint32_t timeout_ms);

// oyez_replay_run is the replay's RUN. Text of the replay.
OYEZ_EXPORT const char *oyez_replay_run(const oyez_replay *replay);

// oyez_replay_publish sends one event, waiting up to `timeout_ms` while a thousand are on their way:
// back-pressure, not loss. Order is kept. The event's stamp says where it stands in the record.
// OYEZ_ERR_TIMEOUT: nothing was taken. OYEZ_ERR_UNREACHABLE: the connection broke; the replay is
// over, and the detail says how many were passed on. OYEZ_ERR_INVALID, OYEZ_ERR_TOO_LARGE: no event
// that was recorded. Blocks.
OYEZ_EXPORT oyez_err oyez_replay_publish(oyez_replay *replay, const struct oyez_event *event,
                                         uint32_t timeout_ms);

// oyez_replay_flush waits until the broker has passed everything on to its subscribers, which is
// heard as they hear it. OYEZ_ERR_TIMEOUT, OYEZ_ERR_UNREACHABLE (the connection broke),
// OYEZ_ERR_FULL: so many found no room on the way. Blocks.
OYEZ_EXPORT oyez_err oyez_replay_flush(oyez_replay *replay, uint32_t timeout_ms);

// oyez_replay_close frees; what is still on its way may be lost. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_replay_close(oyez_replay **replay);

#ifdef __cplusplus
}
#endif

#endif
