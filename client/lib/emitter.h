// SPDX-License-Identifier: MIT
// Emitting what only Oyez itself may emit: events of its reserved catalog.
#ifndef OYEZ_EMITTER_H
#define OYEZ_EMITTER_H

#include "oyez/client.h"

// emitter_emit_own and emitter_emit_own_wait are oyez_client_emit and oyez_client_emit_wait for
// those. Inline handlers do not see them.
oyez_err emitter_emit_own(struct oyez_client *client, const struct oyez_event *event);
oyez_err emitter_emit_own_wait(struct oyez_client *client, const struct oyez_event *event,
                               enum oyez_level level, uint32_t timeout_ms);

#endif
