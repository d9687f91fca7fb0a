// SPDX-License-Identifier: MIT
// Whole events as JSON: one object, flat header names, tags an object of strings, details an
// object, times RFC 3339 with nanoseconds. Fields that are absent are left out.
#ifndef OYEZ_JSON_H
#define OYEZ_JSON_H

#include <stddef.h>

#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

// oyez_event_to_json writes one line without newline. epoch, position, cursor, broker_time and
// index (null until recorded) stand in it when the event is stamped. Details stand last: JSON as it
// is but without white space between tokens, protobuf as JSON by the type of that schema_version.
// Protobuf that no known catalog can tell, or that is not what its type says, is not hidden:
// "details" is null, and "details_base64" has the bytes. *text ends in a NUL that *size does not
// count and is the caller's: free() it. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_MALFORMED (JSON details that
// are no JSON object, or text that is not UTF-8). Any thread.
OYEZ_EXPORT oyez_err oyez_event_to_json(const struct oyez_event *event, char **text, size_t *size);

// oyez_event_from_json reads one object: "event_type" (or "type"), header fields, "tags",
// "details" (absent = {}) or, with "details" null or absent, "details_base64", which is protobuf.
// epoch, position, index, cursor and broker_time are ignored; any other unknown field is
// OYEZ_ERR_INVALID by name, as are wrong kinds, duplicate keys, invalid UTF-8. A header field
// that is null is absent. A number too large for a double (1e400) is OYEZ_ERR_INVALID, one of many
// digits is not: details keep numbers exactly as they are written.
// OYEZ_ERR_TOO_LARGE for too many tags; all else is for oyez_event_check to judge. *event and its
// strings are the caller's: oyez_event_free. Any thread.
OYEZ_EXPORT oyez_err oyez_event_from_json(struct oyez_event **event, const char *text, size_t size);

// oyez_event_free frees what oyez_event_from_json or oyez_event_copy made. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_event_free(struct oyez_event **event);

// oyez_event_copy copies an event with everything it points to. OYEZ_ERR_NO_MEMORY. Any thread.
OYEZ_EXPORT oyez_err oyez_event_copy(struct oyez_event **out, const struct oyez_event *event);

// RFC 3339, UTC, nine digits: "2026-11-20T08:42:45.000000000Z".
#define OYEZ_TIME_TEXT_SIZE 31
OYEZ_EXPORT void oyez_time_to_text(int64_t nanoseconds, char text[OYEZ_TIME_TEXT_SIZE]);
// Reads RFC 3339 with any offset and 0 to 9 digits of a second, from 1970 to April 2262. A leap
// second (23:59:60 UTC) is read as the second after it. OYEZ_ERR_INVALID.
OYEZ_EXPORT oyez_err oyez_time_from_text(int64_t *nanoseconds, const char *text);

#ifdef __cplusplus
}
#endif

#endif
