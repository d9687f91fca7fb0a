// SPDX-License-Identifier: MIT
// Fields as tables for people.
#ifndef OYEZ_SCHEMA_EXPORT_MARKDOWN_H
#define OYEZ_SCHEMA_EXPORT_MARKDOWN_H

#include "json_text.h"
#include "schema/plan.h"

// export_markdown_fields puts a table of the fields of details, and one for each message that they
// are made of.
void export_markdown_fields(struct json_text *out, const struct plan *plan);

// export_markdown_text puts text so that Markdown and its tables take nothing of it for their own.
void export_markdown_text(struct json_text *out, const char *text);

#endif
