// SPDX-License-Identifier: MIT
// Sessions: who is let in, with which numbers, and how they end.
#ifndef OYEZ_BROKER_HELLO_H
#define OYEZ_BROKER_HELLO_H

#include <stdbool.h>
#include <stddef.h>

#include "core.h"

// oyez_hello_is_ahead: the peer knows of a later epoch than ours, so ours must end. One that is
// beyond belief is counted and ignored; of the recorder everything is believed that an epoch can be.
// Who will be refused for its role moves nothing.
bool oyez_hello_is_ahead(struct oyez_broker *broker, const oyez_v1_Hello *hello);

// oyez_hello_answer opens or renews a session and fills broker->answer with a welcome or a
// refusal. False: it gets no answer, because it is rubbish or the recorder is still awaited.
bool oyez_hello_answer(struct oyez_broker *broker, const void *routing_id, size_t routing_id_size,
                       const oyez_v1_Hello *hello);

// oyez_hello_leave ends a session; its emitter becomes idle. `is_clean`: the client said goodbye.
void oyez_hello_leave(struct oyez_broker *broker, uint32_t session, bool is_clean);

// oyez_hello_refuse_role fills broker->answer with the refusal of a role, and counts it.
void oyez_hello_refuse_role(struct oyez_broker *broker, const char *text);

// oyez_hello_expire ends the sessions that were silent too long.
void oyez_hello_expire(struct oyez_broker *broker);

// oyez_hello_refuse fills broker->answer with a refusal.
void oyez_hello_refuse(struct oyez_broker *broker, oyez_v1_RefusalReason reason, const char *text);

#endif
