// SPDX-License-Identifier: MIT
// Protobuf fields as a plan sees them: where each is, and what its bytes mean.
#ifndef OYEZ_SCHEMA_MESSAGE_FIELD_H
#define OYEZ_SCHEMA_MESSAGE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "schema/plan.h"
#include "schema/well_known.h"
#include "wire/field.h"

// message_read_field reads the field at *at and moves behind it; a fixed32 has its integer too.
bool message_read_field(const uint8_t **at, const uint8_t *end, struct wire_field *field);

// Where a field begins; of a repeated one, where it begins first and ends last.
struct message_place {
    const uint8_t *first; // NULL = it is not there
    const uint8_t *end;
};

// message_find_places finds all fields of a plan in one pass; `places` has one for each. Adds what
// the plan does not know to *unknown. False, with a detail: malformed, another wire type than the
// field's, a field twice that is not repeated, two fields of one choice.
bool message_find_places(const struct plan *plan, const uint8_t *bytes, size_t size,
                         struct message_place *places, uint64_t *unknown);

// The elements of a repeated field from its place, packed or not.
struct message_elements {
    const struct plan_field *field;
    const uint8_t *at;
    const uint8_t *end;
    const uint8_t *packed; // within packed elements, up to packed_end
    const uint8_t *packed_end;
    bool malformed;
};
bool message_next_element(struct message_elements *elements, struct wire_field *value);

// message_read_entry finds key and value of a map's element. What is not there is left alone.
// False: malformed, or one of them twice.
bool message_read_entry(const struct plan *entry, const struct wire_field *element,
                        struct wire_field *key, struct wire_field *value, uint64_t *unknown);

// message_keys_differ: whether no key of a map's elements stands twice. False above
// OYEZ_DETAILS_KEYS_MAX elements, too.
bool message_keys_differ(const struct plan_field *field, const struct message_place *place);

// message_field_integer: false when the bytes have more bits than the kind.
bool message_field_integer(enum plan_kind kind, const struct wire_field *value, int64_t *out);
double message_field_real(enum plan_kind kind, const struct wire_field *value);

// message_read_well_known reads a Timestamp or a Duration, without judging its range.
bool message_read_well_known(const uint8_t *bytes, size_t size, struct well_known *out,
                             uint64_t *unknown);

#endif
