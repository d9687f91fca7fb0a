// SPDX-License-Identifier: MIT
// Details in JSON Schema 2020-12.
#ifndef OYEZ_SCHEMA_EXPORT_JSON_SCHEMA_H
#define OYEZ_SCHEMA_EXPORT_JSON_SCHEMA_H

#include "json_text.h"
#include "schema/plan.h"

#define PATTERN_UUID "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
#define PATTERN_TIMESTAMP                                                                          \
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:"         \
    "([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"

// export_json_schema_definitions puts the members of "$defs": "details", and each message that
// they are made of by its full name. `plan` NULL: any object.
void export_json_schema_definitions(struct json_text *out, const struct plan *plan);

#endif
