// SPDX-License-Identifier: MIT
// Event type names: the topics that ZeroMQ matches on.
#ifndef OYEZ_WIRE_TOPIC_H
#define OYEZ_WIRE_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

// Event types of the server itself; nobody else may emit under this prefix.
#define OYEZ_RESERVED_PREFIX "oyez."
#define OYEZ_TOPIC_HEARTBEAT "oyez.heartbeat"
#define OYEZ_TOPIC_RECORDED "oyez.recorded"     // the recorded mark, as soon as it moves
#define OYEZ_TOPIC_BEACON_PREFIX "oyez.beacon." // and 16 hex digits of the subscriber's choice
#define OYEZ_TOPIC_SYNC "oyez.sync"             // event type of an empty batch on ingress
#define OYEZ_BEACON_NONCE_SIZE 16u

// Recorded events that are published again: "replay.", RUN, ".", their event type. They have no
// numbers, are never recorded, and are shown only to who asks for them by name.
#define OYEZ_REPLAY_PREFIX "replay."
#define OYEZ_REPLAY_RUN_SIZE 8u // of [A-Za-z0-9_-]

// oyez_topic_is_valid: 1 to OYEZ_EVENT_TYPE_SIZE_MAX bytes of [A-Za-z0-9._-].
bool oyez_topic_is_valid(const char *name, size_t size);

// oyez_topic_is_reserved: under OYEZ_RESERVED_PREFIX or OYEZ_REPLAY_PREFIX: no event is emitted as
// such.
bool oyez_topic_is_reserved(const char *name, size_t size);

// Reserved types that clients do emit, on behalf of Oyez: they are stamped and recorded as any other.
#define OYEZ_OWN_TYPE_PREFIX "oyez.dead_letter"

// oyez_topic_is_own: begins with OYEZ_OWN_TYPE_PREFIX.
bool oyez_topic_is_own(const char *name, size_t size);

// oyez_topic_replayed: the event type at the end of a replayed event's topic; NULL if the name is no
// such topic.
const char *oyez_topic_replayed(const char *name, size_t size);

// oyez_topic_is_run: as RUN is to be.
bool oyez_topic_is_run(const char *run);

#endif
