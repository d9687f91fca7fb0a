// SPDX-License-Identifier: MIT
// Patterns over event types, and filters over header fields, tags and details.
#ifndef OYEZ_PATTERN_H
#define OYEZ_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

// A pattern is a glob over the whole event type, case-sensitive; * is any run of characters, dots
// too: plan.created, plan.*, *.errored, GIT.*.CREATED, *. Or @domain, or @catalog/domain.
// oyez.* types match only a pattern that begins with "oyez.", replayed events (replay.RUN.TYPE) only
// one that begins with "replay.".

// oyez_pattern_check: OYEZ_OK, or OYEZ_ERR_INVALID with a detail (a character that no event type
// has, an unknown domain or one that two catalogs share). Any thread.
OYEZ_EXPORT oyez_err oyez_pattern_check(const char *pattern);

// oyez_pattern_matches one event type. False for a pattern that does not check. Any thread.
OYEZ_EXPORT bool oyez_pattern_matches(const char *pattern, const char *event_type);

typedef struct oyez_filter oyez_filter;

// oyez_filter_open compiles conditions, all of which must hold: FIELD=V (header field by its JSON
// name, or type for event_type), tag.KEY=V, details.PATH=V (dots lead into objects; text is
// compared without quotes, everything else as JSON: 1.0 equals 1, {"a": 1} equals {"a":1}).
// What is absent equals nothing. OYEZ_ERR_INVALID names an unknown field, or a value that the
// field cannot have. OYEZ_ERR_NO_MEMORY. The caller owns *out.
OYEZ_EXPORT oyez_err oyez_filter_open(oyez_filter **out, const char *const *conditions,
                                      size_t count);
OYEZ_EXPORT void oyez_filter_close(oyez_filter **filter);

// oyez_filter_matches: one thread at a time per filter.
OYEZ_EXPORT bool oyez_filter_matches(oyez_filter *filter, const struct oyez_event *event);

#ifdef __cplusplus
}
#endif

#endif
