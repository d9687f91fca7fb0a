// SPDX-License-Identifier: MIT
// What the broker's words do to the windows and to whoever waits for an event.
// Session thread, with lock held.
#ifndef OYEZ_ACCEPTANCE_H
#define OYEZ_ACCEPTANCE_H

#include "client_state.h"

// acceptance_welcome: which durable number the broker takes next, and whether a recorder is
// expected. `fresh`: it is another epoch or instance than before, so everything still kept goes
// again. False when the broker's number cannot be ours.
bool acceptance_welcome(struct oyez_client *client, const oyez_v1_Welcome *welcome, bool fresh);

// acceptance_through: the broker has decided on durable numbers up to this one. Without a recorder
// that is the end of their way, and the window lets go of them.
void acceptance_through(struct oyez_client *client, uint64_t through);

// True when the mark brought progress.
bool acceptance_mark(struct oyez_client *client, const oyez_v1_AcceptMark *mark);

// False when the window no longer holds that number: say hello again with the floor.
bool acceptance_nack(struct oyez_client *client, uint64_t expected);

void acceptance_refusal(struct oyez_client *client, const oyez_v1_Refusal *refusal);

#endif
