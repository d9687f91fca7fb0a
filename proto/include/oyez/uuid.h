// SPDX-License-Identifier: MIT
// UUIDs: version 7 (RFC 9562, 5.7) for event and client ids.
#ifndef OYEZ_UUID_H
#define OYEZ_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_UUID_SIZE 16
#define OYEZ_UUID_TEXT_SIZE 37 // 36 characters and a NUL

struct oyez_uuid {
    uint8_t bytes[OYEZ_UUID_SIZE]; // network order; all zero = absent
};

// oyez_uuid_new makes a version 7 UUID. Ids of one process only ever grow, over all its threads,
// also when the clock is set back (RFC 9562, 6.2: sub-millisecond time, then a counter). Not a
// secret. Never fails, does not block. Any thread; after a fork the child's ids differ.
OYEZ_EXPORT struct oyez_uuid oyez_uuid_new(void);

// oyez_uuid_from_text reads the 8-4-4-4-12 form in either case, any version.
// Returns OYEZ_ERR_INVALID for anything else, and leaves *out alone. Any thread.
OYEZ_EXPORT oyez_err oyez_uuid_from_text(struct oyez_uuid *out, const char *text);

// oyez_uuid_to_text writes the lower-case 8-4-4-4-12 form and a NUL. Any thread.
OYEZ_EXPORT void oyez_uuid_to_text(struct oyez_uuid uuid, char text[OYEZ_UUID_TEXT_SIZE]);

OYEZ_EXPORT bool oyez_uuid_is_zero(struct oyez_uuid uuid);
OYEZ_EXPORT bool oyez_uuid_equal(struct oyez_uuid a, struct oyez_uuid b);

#ifdef __cplusplus
}
#endif

#endif
