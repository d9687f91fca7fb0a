// SPDX-License-Identifier: MIT
// Control messages (proto/control.proto): nanopb structs and their two directions.
// Reading is static and bounded: every field has its size in proto/control.options.
#ifndef OYEZ_WIRE_CONTROL_H
#define OYEZ_WIRE_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "control.pb.h"
#include "oyez/error.h"

// Each encode writes one frame into `out` and sets *size. protocol_version is filled in when 0.
// OYEZ_ERR_TOO_LARGE when the capacity does not do. Each decode refuses with OYEZ_ERR_MALFORMED
// what is no such message, and OYEZ_ERR_VERSION (with *out filled as far as protocol_version)
// what speaks another version.
oyez_err oyez_to_broker_encode(const oyez_v1_ToBroker *message, uint8_t *out, size_t capacity,
                               size_t *size);
oyez_err oyez_to_broker_decode(oyez_v1_ToBroker *out, const uint8_t *frame, size_t size);
oyez_err oyez_from_broker_encode(const oyez_v1_FromBroker *message, uint8_t *out, size_t capacity,
                                 size_t *size);
oyez_err oyez_from_broker_decode(oyez_v1_FromBroker *out, const uint8_t *frame, size_t size);

// Details of oyez.heartbeat and oyez.beacon.* hold up to OYEZ_HEADS_MAX heads, so these go
// through callbacks and never through a static array.
struct oyez_head {
    const char *event_type; // may lack a NUL: use the size
    size_t event_type_size;
    uint64_t type_seq;
};

struct oyez_heads_message { // Heartbeat or Beacon: same field meanings
    uint64_t instance;
    uint64_t position;
    uint64_t recorded_position; // heartbeat only
    bool heads_complete;
    bool ending; // heartbeat only
};

// Bytes of heads in one heartbeat or beacon: they travel as one ordinary event.
#define OYEZ_HEADS_BYTES_MAX (192u * 1024u)

// Writes the message with `count` heads. *size 0..capacity. TOO_LARGE when it does not fit.
oyez_err oyez_heartbeat_encode(const struct oyez_heads_message *message,
                               const struct oyez_head *heads, size_t count, uint8_t *out,
                               size_t capacity, size_t *size);
oyez_err oyez_beacon_encode(const struct oyez_heads_message *message, const struct oyez_head *heads,
                            size_t count, uint8_t *out, size_t capacity, size_t *size);

// Calls `each` for every head, in order; pointers lead into the frame.
typedef void oyez_head_each(void *arg, const struct oyez_head *head);
oyez_err oyez_heartbeat_decode(struct oyez_heads_message *out, const uint8_t *details, size_t size,
                               oyez_head_each *each, void *arg);
oyez_err oyez_beacon_decode(struct oyez_heads_message *out, const uint8_t *details, size_t size,
                            oyez_head_each *each, void *arg);

#endif
