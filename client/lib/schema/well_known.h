// SPDX-License-Identifier: MIT
// google.protobuf.Timestamp and Duration as protobuf's JSON writes them.
#ifndef OYEZ_SCHEMA_WELL_KNOWN_H
#define OYEZ_SCHEMA_WELL_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Field 1 and field 2 of both messages.
struct well_known {
    int64_t seconds;
    int32_t nanoseconds;
};

#define WELL_KNOWN_TEXT_SIZE 40u

// timestamp_from_text reads RFC 3339 with any offset and 0 to 9 digits of a second, years 1 to
// 9999 in UTC. timestamp_to_text writes UTC with 0, 3, 6 or 9 digits; returns bytes without the
// NUL, 0 = out of range.
bool timestamp_from_text(const char *text, size_t size, struct well_known *out);
size_t timestamp_to_text(const struct well_known *time, char text[WELL_KNOWN_TEXT_SIZE]);

// The same for durations: "1.500s", at most 10,000 years either way.
bool duration_from_text(const char *text, size_t size, struct well_known *out);
size_t duration_to_text(const struct well_known *duration, char text[WELL_KNOWN_TEXT_SIZE]);

#endif
