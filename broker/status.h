// SPDX-License-Identifier: MIT
#ifndef OYEZ_BROKER_STATUS_H
#define OYEZ_BROKER_STATUS_H

#include "core.h"

// oyez_status_refresh brings the counters that are states, not sums, up to date.
void oyez_status_refresh(struct oyez_broker *broker);

// oyez_status_fill fills broker->answer with the state of the broker.
void oyez_status_fill(struct oyez_broker *broker);

#endif
