// SPDX-License-Identifier: MIT
// Event type names: the topics that ZeroMQ matches on.
#ifndef OYEZ_WIRE_TOPIC_H
#define OYEZ_WIRE_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

// Event types of the server itself; nobody else may emit under this prefix.
#define OYEZ_RESERVED_PREFIX "oyez."
#define OYEZ_TOPIC_HEARTBEAT "oyez.heartbeat"
#define OYEZ_TOPIC_RECORDED "oyez.recorded" // the recorded mark, as soon as it moves
#define OYEZ_TOPIC_BEACON_PREFIX "oyez.beacon." // and 16 hex digits of the subscriber's choice
#define OYEZ_TOPIC_SYNC "oyez.sync"             // event type of an empty batch on ingress
#define OYEZ_BEACON_NONCE_SIZE 16u

// oyez_topic_is_valid: 1 to OYEZ_EVENT_TYPE_SIZE_MAX bytes of [A-Za-z0-9._-].
bool oyez_topic_is_valid(const char *name, size_t size);

// oyez_topic_is_reserved: under OYEZ_RESERVED_PREFIX.
bool oyez_topic_is_reserved(const char *name, size_t size);

#endif
