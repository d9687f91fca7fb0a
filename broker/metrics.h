// SPDX-License-Identifier: MIT
// What sessions report of themselves, kept as they said it, and given to who asks.
#ifndef OYEZ_BROKER_METRICS_H
#define OYEZ_BROKER_METRICS_H

#include "core.h"

// oyez_metrics_take keeps the report in broker->request for a session; without memory the session
// has none.
void oyez_metrics_take(struct oyez_broker *broker, uint32_t session);

// oyez_metrics_answer sends a session an answer, OYEZ_METRICS_PARTS_MAX parts at most; returns the
// bytes of its frames. A session that reads none of its answers gets no more.
size_t oyez_metrics_answer(struct oyez_broker *broker, uint32_t session);

#endif
