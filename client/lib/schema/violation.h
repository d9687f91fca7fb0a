// SPDX-License-Identifier: MIT
// What is wrong with an event's details: where, which rule, and the beginning of the value.
// Made on the caller's stack; costs nothing while all is well.
#ifndef OYEZ_SCHEMA_VIOLATION_H
#define OYEZ_SCHEMA_VIOLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "schema/plan.h"

#define OYEZ_VIOLATION_PATH_SIZE 200u
#define OYEZ_VIOLATION_VALUE_CHARACTERS 40u

// A level of the way down to a value: a field, and which element of it.
struct violation_step {
    const struct violation_step *parent; // NULL = a field of the details themselves
    const struct plan_field *field;
    const char *key; // of a map's element, or NULL
    size_t key_size;
    size_t element; // of a repeated field; SIZE_MAX = none
};

// The first wrong value wins; a missing field is told only when no value is wrong, because who
// reads "missing" first looks in the wrong place for a mistyped one.
struct violation {
    bool wrong;
    bool missing;
    const struct plan_field *deprecated; // in use, and not told of yet; not a violation
    char path[OYEZ_VIOLATION_PATH_SIZE]; // details.votes[alice].reason, details.steps[3].name
    char rule[160];                      // "is below the minimum 1", "is required"
    char value[OYEZ_VIOLATION_VALUE_CHARACTERS * 4 + 8]; // printable UTF-8; "" = there is none
};

// violation_begin forgets what details before were found to break. False: these are larger than any
// may be, which it notes.
bool violation_begin(struct violation *violation, size_t details_size);

// violation_wrong notes a wrong value; `rule` is a format. Only the first one is kept. The value
// is text of any kind, shown printable and cut; NULL = none worth showing. `step` NULL: the details.
void violation_wrong(struct violation *violation, const struct violation_step *step,
                     const char *value, size_t value_size, const char *rule, ...)
    __attribute__((format(printf, 5, 6)));

// violation_missing notes that a required field of the message that `parent` leads to is absent.
void violation_missing(struct violation *violation, const struct violation_step *parent,
                       const struct plan_field *field);

// The same of header fields and tags, by their names in rules: "run_id", "tags.region".
void violation_wrong_header(struct violation *violation, const char *name, const char *value,
                            size_t value_size, const char *rule, ...)
    __attribute__((format(printf, 5, 6)));
void violation_missing_header(struct violation *violation, const char *name);

// violation_note_deprecated remembers a deprecated field that is in use, for whoever will tell of
// it; one that this process was told of is passed over. Cheap: call it for every field that is
// there and has `deprecated_told`.
void violation_note_deprecated(struct violation *violation, const struct plan_field *field);

// violation_fail says it: "cleveragents: tool.retried: details.attempt: 0 is below the minimum 1".
// OYEZ_OK when nothing is wrong, else OYEZ_ERR_INVALID.
oyez_err violation_fail(const struct violation *violation, const struct oyez_type *type);

// The rules of single values. Each notes what is wrong and returns false. `step` leads to the value;
// of a map's value its field is the map. Required is judged by who knows what is absent: a field
// that is there but empty (a string, bytes, a list) is missing. Text that is UTF-8; of a `json` field
// its JSON text.
bool rules_check_text(const struct violation_step *step, const char *text, size_t size,
                      struct violation *violation);
bool rules_check_bytes(const struct violation_step *step, size_t size, struct violation *violation);
bool rules_check_number(const struct violation_step *step, double value,
                        struct violation *violation);
// 64-bit integers lose nothing on the way: `text` is the number as decimal digits.
bool rules_check_integer(const struct violation_step *step, int64_t value, bool is_unsigned,
                         struct violation *violation);
// The length of a `json` field's text, which oyez_json_scan_nested has accepted: white space between
// tokens does not count, for conversions do not keep it.
bool rules_check_json_length(const struct violation_step *step, const char *text, size_t size,
                             struct violation *violation);
// Elements of a repeated field or a map.
bool rules_check_count(const struct violation_step *step, size_t count,
                       struct violation *violation);

#endif
