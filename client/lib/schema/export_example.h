// SPDX-License-Identifier: MIT
// Values that show what a field holds.
#ifndef OYEZ_SCHEMA_EXPORT_EXAMPLE_H
#define OYEZ_SCHEMA_EXPORT_EXAMPLE_H

#include "json_text.h"
#include "schema/plan.h"

// export_example_field puts an example of a field's value as JSON: its own, or for a message one
// made of its fields. False, and nothing put: there is none.
bool export_example_field(struct json_text *out, const struct plan_field *field);

// export_example_is_json: whoever wrote a catalog may have written anything.
bool export_example_is_json(const char *example);

// export_example_details puts a JSON object with every field that is not deprecated and has an
// example; required ones always, with a value that fits where the catalog gives none.
void export_example_details(struct json_text *out, const struct plan *plan);

#endif
