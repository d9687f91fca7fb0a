// SPDX-License-Identifier: MIT
// The formats that a string field may promise. None of them allocates.
#ifndef OYEZ_SCHEMA_FORMAT_H
#define OYEZ_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/plan.h"

// format_matches: whether UTF-8 text has the format. PLAN_FORMAT_NONE: any text.
bool format_matches(enum plan_format format, const char *text, size_t size);

// format_name says it in an error: "a UUID", "an RFC 3339 time", "an email address", ...
const char *format_name(enum plan_format format);

#endif
