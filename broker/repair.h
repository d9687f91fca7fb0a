// SPDX-License-Identifier: MIT
#ifndef OYEZ_BROKER_REPAIR_H
#define OYEZ_BROKER_REPAIR_H

#include "core.h"

// oyez_repair_answer answers broker->request, a RepairRequest of this session, with frames out of
// the ring. Returns the bytes of frames sent.
size_t oyez_repair_answer(struct oyez_broker *broker, uint32_t session);

#endif
