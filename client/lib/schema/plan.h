// SPDX-License-Identifier: MIT
// A message of a catalog, compiled for speed: what validation and the two conversions need to know
// of it, with no string look-up per field of protobuf bytes and one per member of JSON text.
//
// Plans are made once from a descriptor set, never change, and live as long as the process.
#ifndef OYEZ_SCHEMA_PLAN_H
#define OYEZ_SCHEMA_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/catalog.h"

// Limits of what a descriptor set may ask for: it may come from a stranger.
#define OYEZ_PLAN_FIELDS_MAX 256u // of one message
#define OYEZ_PLAN_DEPTH_MAX 32u   // messages inside one another, in data; JSON counts its own
#define OYEZ_PLAN_ALLOWED_MAX 1024u
#define OYEZ_PLAN_REPEATED_MAX 64u      // fields of one message that are repeated, maps among them
#define OYEZ_PLAN_INDEXED_MAX 8u        // indexed fields of one event type: each becomes a tag
#define OYEZ_PLAN_INDEXED_SIZE_MAX 256u // bytes of such a field's value: it becomes a tag's
#define OYEZ_PLAN_INDEXED_NAME_MAX 64u  // of its name: the tag's key
#define OYEZ_PLAN_TRUNCATE_MIN 40u      // characters: the mark itself has some 30

enum plan_kind {
    PLAN_DOUBLE = 1,
    PLAN_FLOAT,
    PLAN_INT32,
    PLAN_INT64,
    PLAN_UINT32,
    PLAN_UINT64,
    PLAN_SINT32,
    PLAN_SINT64,
    PLAN_FIXED32,
    PLAN_FIXED64,
    PLAN_SFIXED32,
    PLAN_SFIXED64,
    PLAN_BOOL,
    PLAN_STRING,
    PLAN_BYTES,
    PLAN_ENUM,
    PLAN_MESSAGE,
};

// Messages whose JSON is not an object of their fields.
enum plan_special {
    PLAN_ORDINARY = 0,
    PLAN_TIMESTAMP, // google.protobuf.Timestamp: RFC 3339
    PLAN_DURATION,  // google.protobuf.Duration: "1.5s"
};

enum plan_format {
    PLAN_FORMAT_NONE = 0, // as Format of options.proto
    PLAN_FORMAT_UUID,
    PLAN_FORMAT_TIMESTAMP,
    PLAN_FORMAT_EMAIL,
    PLAN_FORMAT_SEMVER,
};

struct plan_text {
    const char *text; // with a NUL behind it
    size_t size;
};

struct plan_enum_value {
    struct plan_text name;
    int32_t number;
};

struct plan_enum {
    const struct plan_enum_value
        *values; // by number; of one number the first declared stands first
    size_t count;
    const uint16_t *by_name; // indexes into values, sorted by name: size, then bytes
};

struct plan;

// What FieldRules of options.proto say.
struct plan_rules {
    bool required;
    bool json;
    bool indexed;
    bool has_min;
    bool has_max;
    bool has_max_length;
    enum plan_format format;
    uint32_t min_length;
    uint32_t max_length; // without has_max_length: UINT32_MAX
    uint32_t truncate;   // 0 = never
    double min;
    double max;
    const struct plan_text *allowed; // sorted: size, then bytes; of numbers their shortest text
    size_t allowed_count;
    const char *deprecated; // NULL = it is not
    const char *example;    // a value as JSON text, not judged; NULL = none
};

struct plan_field {
    struct plan_text name;
    uint32_t number;
    enum plan_kind kind; // of a map: PLAN_MESSAGE, and `message` is the entry with fields 1 and 2
    bool repeated;       // a map is repeated too
    bool map;
    bool packed;                // how it is written; both ways are read
    bool presence;              // absent and zero are two things on the wire; of lists too
    uint8_t wire_type;          // of one value that is not packed (enum wire_type)
    uint16_t place;             // 0, 1, 2 … in the plan: its bit in a set of seen fields
    uint16_t oneof;             // 1 + number of its oneof; 0 = none. Proto3 `optional` is none
    uint16_t repeated_place;    // 0, 1, 2 … among the repeated fields of the plan
    const struct plan *message; // PLAN_MESSAGE
    const struct plan_enum *enumeration; // PLAN_ENUM
    struct plan_rules rules;
    // Any rule that looks at a value: else a value needs no look. Rules of a map stand at the map
    // and hold for its values; the entry's own fields have none.
    bool has_rules;
    const char *doc; // one line; "" = none
    // Of a deprecated field: whether this process has been told of its use; else NULL.
    atomic_bool *deprecated_told;
};

struct plan {
    const char *name; // "oyez.catalogs.tamma.PullRequestMerged"
    enum plan_special special;
    const struct plan_field *fields; // by number
    size_t field_count;
    const uint16_t *by_number; // 1 + place for each number below by_number_count; 0 = no such field
    size_t by_number_count;    // numbers beyond are searched for
    const uint16_t *by_name;   // places sorted by name: size, then bytes
    uint64_t required[OYEZ_PLAN_FIELDS_MAX / 64]; // a bit for each place
    bool has_required;
    bool truncates; // a field of it, or of a message inside it, has a `truncate` rule
    uint16_t repeated_count;
};

// plan_text_compare: the order of all sorted texts here: size, then bytes.
int plan_text_compare(const struct plan_text *text, const char *other, size_t size);

// plan_field_by_number, plan_field_by_name: NULL = no such field.
const struct plan_field *plan_field_by_number(const struct plan *plan, uint32_t number);
const struct plan_field *plan_field_by_name(const struct plan *plan, const char *name, size_t size);

// plan_enum_by_number: the first declared value of that number. plan_enum_by_name. NULL = none.
const struct plan_enum_value *plan_enum_by_number(const struct plan_enum *e, int32_t number);
const struct plan_enum_value *plan_enum_by_name(const struct plan_enum *e, const char *name,
                                                size_t size);

// type_plan is the plan of an event type's details, made at the first call (any thread). NULL for
// an open type: its details are any JSON object. So are those of a type whose message has no field
// yet. NULL for any other type means that there is no memory.
const struct plan *type_plan(const struct oyez_type *type);

#endif
