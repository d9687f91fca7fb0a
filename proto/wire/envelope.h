// SPDX-License-Identifier: MIT
// Event and EventHeader (proto/event.proto) to and from struct oyez_event.
// Our own reader and writer, because this is the hot path of every process; nanopb is the oracle
// in the tests, and the reader is fuzzed.
#ifndef OYEZ_WIRE_ENVELOPE_H
#define OYEZ_WIRE_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"

// An Event split into its fields; pointers lead into the event's bytes. NULL, 0 = absent.
struct oyez_event_parts {
    const uint8_t *header;
    size_t header_size;
    const uint8_t *details;
    size_t details_size;
    enum oyez_details_format details_format; // 0 = absent
    const uint8_t *salt;
    size_t salt_size;
    const uint8_t *signature;
    size_t signature_size;
};

// oyez_event_measure gives the encoded size of an event in bytes, and of its header alone.
// details must carry its size (0 = empty). Does not judge: see oyez_event_check.
size_t oyez_event_measure(const struct oyez_event *event, size_t *header_size);

// oyez_event_encode writes exactly oyez_event_measure bytes: fields in number order, minimal
// varints, absent fields left out, so equal events have equal bytes. Returns bytes written.
size_t oyez_event_encode(const struct oyez_event *event, size_t header_size, uint8_t *out);

// oyez_event_split finds the fields of an encoded Event. OYEZ_ERR_MALFORMED names what is wrong;
// unknown fields and repeated ones are malformed: nothing may hide in what is hashed.
oyez_err oyez_event_split(struct oyez_event_parts *out, const uint8_t *event, size_t size);

// Room that oyez_event_decode needs for a header of the largest size with its NULs.
#define OYEZ_DECODE_SCRATCH_SIZE (OYEZ_HEADER_SIZE_MAX + 128u)

// oyez_event_decode reads an encoded Event. Header strings are copied to `scratch`
// (OYEZ_DECODE_SCRATCH_SIZE bytes) with NULs; details, salt and signature lead into `event`.
// out->stamp is left alone. Returns OYEZ_ERR_MALFORMED or OYEZ_ERR_TOO_LARGE with a detail.
// Strings with a NUL byte inside or that are not UTF-8 are malformed. Unknown header fields are
// skipped (a newer emitter); a repeated known field other than tags is malformed.
oyez_err oyez_event_decode(struct oyez_event *out, const uint8_t *event, size_t size,
                           char *scratch);

// oyez_utf8_is_valid: RFC 3629, no surrogates, no overlong forms, no NUL.
bool oyez_utf8_is_valid(const void *text, size_t size);

#endif
