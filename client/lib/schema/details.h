// SPDX-License-Identifier: MIT
// Details judged and converted by their plan. Input is hostile: nothing recurses deeper than
// OYEZ_PLAN_DEPTH_MAX, nothing allocates more than it says.
#ifndef OYEZ_SCHEMA_DETAILS_H
#define OYEZ_SCHEMA_DETAILS_H

#include <stddef.h>
#include <stdint.h>

#include "schema/plan.h"
#include "schema/violation.h"

// details_check_protobuf judges the bytes of a message by all rules. A field that the plan does
// not know is a violation. Nothing is allocated. Returns OYEZ_OK or OYEZ_ERR_INVALID with the
// violation filled. Hot: every typed emit comes through here.
oyez_err details_check_protobuf(const struct plan *plan, const uint8_t *bytes, size_t size,
                                struct violation *violation);

// details_check_json judges JSON text (a JSON object of at most OYEZ_DETAILS_SIZE_MAX) the same
// way: unknown members, wrong kinds, duplicate keys, numbers out of range, half surrogates are
// violations. proto3 JSON is read as the specification says, save the documented differences
// (docs/catalogs.md): members by the names of the .proto only. Nothing is allocated.
oyez_err details_check_json(const struct plan *plan, const char *text, size_t size,
                            struct violation *violation);

// details_to_json writes a message as JSON in the order of field numbers. Unknown fields are left
// out and counted in *unknown (may be NULL). *text ends in a NUL that *out_size does not count; the
// caller frees it. OYEZ_ERR_MALFORMED (not such a message), OYEZ_ERR_TOO_LARGE (above 16 times
// OYEZ_DETAILS_SIZE_MAX), OYEZ_ERR_NO_MEMORY.
oyez_err details_to_json(const struct plan *plan, const uint8_t *bytes, size_t size, char **text,
                         size_t *out_size, uint64_t *unknown);

// details_from_json writes JSON text as a message, fields in the order of their numbers (the
// canonical form). Judges as details_check_json does. The caller frees *bytes.
oyez_err details_from_json(const struct plan *plan, const char *text, size_t size, uint8_t **bytes,
                           size_t *out_size, struct violation *violation);

// details_truncate cuts strings that are longer than their `truncate` rule and marks them with
// "… [N characters cut]" at their end, which counts into the limit. Works on either format. When
// nothing has to be cut *bytes is NULL; else the caller frees it. *cut counts. OYEZ_ERR_NO_MEMORY,
// OYEZ_ERR_MALFORMED.
oyez_err details_truncate(const struct plan *plan, enum oyez_details_format format,
                          const void *details, size_t size, uint8_t **bytes, size_t *out_size,
                          unsigned *cut);

#endif
