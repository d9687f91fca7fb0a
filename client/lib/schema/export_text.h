// SPDX-License-Identifier: MIT
// Text that is made of catalogs.
#ifndef OYEZ_SCHEMA_EXPORT_TEXT_H
#define OYEZ_SCHEMA_EXPORT_TEXT_H

#include "json_text.h"

// export_print puts words made as by printf, at most 8 KiB of them at once.
void export_print(struct json_text *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// export_string puts a C string as a JSON string.
void export_string(struct json_text *out, const char *text);

// export_finish ends the text with a NUL and hands it over; on failure it is freed, and *text is
// NULL. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_TOO_LARGE.
oyez_err export_finish(struct json_text *out, char **text);

// export_indent breaks JSON text into lines, two spaces a level. `text` is JSON.
void export_indent(struct json_text *out, const char *text);

#endif
