// SPDX-License-Identifier: MIT
// The envelope as nanopb reads and writes it from proto/event.proto: what our own reader and writer
// are checked and timed against.
#ifndef OYEZ_EVENT_ORACLE_H
#define OYEZ_EVENT_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.pb.h"
#include "oyez/event.h"

#define ORACLE_TEXT_SIZE_MAX 149u // longest text that tests/oracle/event.options has room for

struct oracle_event {
    oyez_v1_EventHeader header;
    bool has_header;
    const uint8_t *details; // leads into what was decoded or filled from
    size_t details_size;
    enum oyez_details_format details_format;
    bool has_salt;
    uint8_t salt[OYEZ_SALT_SIZE];
    uint8_t signature[OYEZ_SIGNATURE_SIZE_MAX];
    size_t signature_size;
};

// Field by field, without the table that our own code goes by.
void oracle_fill(struct oracle_event *out, const struct oyez_event *event);
bool oracle_equals(const struct oracle_event *oracle, const struct oyez_event *event);

// Returns bytes written; 0 = nanopb refused, or there was nothing to write.
size_t oracle_encode(const struct oracle_event *oracle, uint8_t *out, size_t capacity);
bool oracle_decode(struct oracle_event *out, const uint8_t *bytes, size_t size);

#endif
