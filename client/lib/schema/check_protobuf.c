// SPDX-License-Identifier: MIT
// Judges a message by its plan in one pass. Every typed emit comes through here.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/characters.h"
#include "schema/details.h"
#include "schema/json_scalar.h"
#include "schema/key_order.h"
#include "schema/message_field.h"
#include "schema/number_text.h"
#include "wire/envelope.h"
#include "wire/field.h"

#define TIMESTAMP_FIRST INT64_C(-62135596800) // 0001-01-01T00:00:00Z
#define TIMESTAMP_LAST INT64_C(253402300799)  // 9999-12-31T23:59:59Z
#define DURATION_LAST INT64_C(315576000000)   // 10,000 years
#define NANOSECONDS_LAST 999999999

#define SET_WORDS (OYEZ_PLAN_FIELDS_MAX / 64)

// A message that is being judged.
struct frame {
    const struct plan *plan;
    const struct violation_step *parent; // NULL = the details themselves
    unsigned depth;
    struct violation *violation;
    const uint8_t *bytes;
    const uint8_t *end;
    uint64_t seen[SET_WORDS];
    uint64_t filled[SET_WORDS]; // seen, and not empty
    uint64_t oneofs[SET_WORDS];
    uint32_t counts[OYEZ_PLAN_REPEATED_MAX]; // elements, by place among the repeated fields
};

static bool check_message(const struct plan *plan, const struct violation_step *parent,
                          const struct wire_field *value, unsigned depth,
                          struct violation *violation);

static bool take_bit(uint64_t *set, size_t bit)
{
    uint64_t mask = UINT64_C(1) << (bit % 64);
    bool taken = (set[bit / 64] & mask) != 0;
    set[bit / 64] |= mask;
    return !taken;
}

static bool tell(const struct violation_step *step, const char *rule, struct violation *violation)
{
    violation_wrong(violation, step, NULL, 0, "%s", rule);
    return false;
}

static bool check_text(const struct violation_step *step, const struct wire_field *value,
                       struct violation *violation)
{
    const char *text = (const char *)value->bytes;
    size_t count;
    // The first is fast and refuses a NUL, which details may hold.
    if (!oyez_utf8_is_valid(text, value->size) && !characters_count(text, value->size, &count)) {
        violation_wrong(violation, step, text, value->size, "is not UTF-8");
        return false;
    }
    return !step->field->has_rules || rules_check_text(step, text, value->size, violation);
}

static bool check_enum(const struct violation_step *step, const struct plan_enum *enumeration,
                       int64_t number, struct violation *violation)
{
    const struct plan_enum_value *value = plan_enum_by_number(enumeration, (int32_t)number);
    if (value == NULL) {
        char text[24];
        int size = snprintf(text, sizeof text, "%" PRId64, number);
        violation_wrong(violation, step, text, (size_t)size, "is no number of this enum");
        return false;
    }
    return !step->field->has_rules ||
           rules_check_text(step, value->name.text, value->name.size, violation);
}

static bool check_integer(const struct violation_step *step, const struct plan_field *field,
                          const struct wire_field *value, struct violation *violation)
{
    int64_t integer;
    if (!message_field_integer(field->kind, value, &integer)) {
        char text[24];
        int size = snprintf(text, sizeof text, "%" PRId64, (int64_t)value->integer);
        violation_wrong(violation, step, text, (size_t)size, "is out of range of its type");
        return false;
    }
    if (field->kind == PLAN_ENUM)
        return check_enum(step, field->enumeration, integer, violation);
    if (!step->field->has_rules)
        return true;
    if (field->kind == PLAN_BOOL)
        return rules_check_text(step, integer ? "true" : "false", integer ? 4 : 5, violation);
    return rules_check_integer(step, integer, plan_kind_is_unsigned(field->kind), violation);
}

static bool check_well_known(const struct violation_step *step, const struct plan *plan,
                             const struct wire_field *value, struct violation *violation)
{
    struct well_known read;
    uint64_t unknown = 0;
    if (!message_read_well_known(value->bytes, value->size, &read, &unknown) || unknown > 0)
        return tell(step, "is not such a message", violation);
    bool good;
    if (plan->special == PLAN_TIMESTAMP)
        good = read.seconds >= TIMESTAMP_FIRST && read.seconds <= TIMESTAMP_LAST &&
               read.nanoseconds >= 0 && read.nanoseconds <= NANOSECONDS_LAST;
    else
        good = read.seconds >= -DURATION_LAST && read.seconds <= DURATION_LAST &&
               read.nanoseconds >= -NANOSECONDS_LAST && read.nanoseconds <= NANOSECONDS_LAST &&
               (read.seconds == 0 || read.nanoseconds == 0 ||
                (read.seconds < 0) == (read.nanoseconds < 0));
    return good || tell(step, "is out of range", violation);
}

// The rules are those of the step's field; the kind is that of `field`, which within a map is the
// entry's second.
static bool check_value(const struct violation_step *step, const struct plan_field *field,
                        const struct wire_field *value, unsigned depth, struct violation *violation)
{
    switch (field->kind) {
    case PLAN_STRING:
        return check_text(step, value, violation);
    case PLAN_BYTES:
        return !step->field->has_rules || rules_check_bytes(step, value->size, violation);
    case PLAN_MESSAGE:
        if (field->message->special != PLAN_ORDINARY)
            return check_well_known(step, field->message, value, violation);
        if (depth == OYEZ_PLAN_DEPTH_MAX)
            return tell(step, "is nested too deeply", violation);
        return check_message(field->message, step, value, depth + 1, violation);
    case PLAN_DOUBLE:
    case PLAN_FLOAT:
        return !step->field->has_rules ||
               rules_check_number(step, message_field_real(field->kind, value), violation);
    default:
        return check_integer(step, field, value, violation);
    }
}

// What a map's element is called in a path: the text of its key.
static size_t print_key(char text[NUMBER_TEXT_SIZE], enum plan_kind kind, int64_t integer)
{
    if (kind == PLAN_BOOL)
        return (size_t)snprintf(text, NUMBER_TEXT_SIZE, "%s", integer ? "true" : "false");
    if (plan_kind_is_unsigned(kind))
        return (size_t)snprintf(text, NUMBER_TEXT_SIZE, "%" PRIu64, (uint64_t)integer);
    return (size_t)snprintf(text, NUMBER_TEXT_SIZE, "%" PRId64, integer);
}

static bool check_key(struct violation_step *step, const struct plan_field *field,
                      const struct wire_field *key, char text[NUMBER_TEXT_SIZE],
                      struct violation *violation)
{
    int64_t integer;
    size_t count;
    if (field->kind == PLAN_STRING) {
        step->key = (const char *)key->bytes;
        step->key_size = key->size;
        if (memchr(step->key, 0, key->size) != NULL)
            return tell(step, "has a NUL in its key, which JSON cannot have", violation);
        return characters_count(step->key, key->size, &count) ||
               tell(step, "is a key that is not UTF-8", violation);
    }
    if (!message_field_integer(field->kind, key, &integer))
        return tell(step, "has a key out of range of its type", violation);
    step->key = text;
    step->key_size = print_key(text, field->kind, integer);
    return true;
}

static bool check_entry(struct violation_step *step, const struct wire_field *element,
                        unsigned depth, struct violation *violation)
{
    const struct plan *entry = step->field->message;
    char text[NUMBER_TEXT_SIZE];
    uint64_t unknown = 0;
    // What is absent is zero, or empty.
    struct wire_field key = {.bytes = (const uint8_t *)""};
    struct wire_field value = {.bytes = (const uint8_t *)""};
    if (!message_read_entry(entry, element, &key, &value, &unknown) || unknown > 0)
        return tell(step, "is not an element of such a map", violation);
    step->element = SIZE_MAX;
    return check_key(step, &entry->fields[0], &key, text, violation) &&
           check_value(step, &entry->fields[1], &value, depth, violation);
}

static bool check_packed(struct violation_step *step, const struct wire_field *packed,
                         uint32_t *count, struct violation *violation)
{
    struct message_elements elements = {
        .field = step->field,
        .packed = packed->bytes,
        .packed_end = packed->bytes + packed->size,
    };
    struct wire_field value;
    while (message_next_element(&elements, &value)) {
        step->element = (*count)++;
        if (!check_value(step, step->field, &value, 0, violation))
            return false;
    }
    return !elements.malformed || tell(step, "is not such a list", violation);
}

static bool check_repeated(struct frame *frame, struct violation_step *step,
                           const struct wire_field *value)
{
    const struct plan_field *field = step->field;
    uint32_t *count = &frame->counts[field->repeated_place];
    bool good;
    step->element = *count;
    if (value->type != field->wire_type) {
        if (value->type != WIRE_BYTES)
            return tell(step, "is of another kind", frame->violation);
        good = check_packed(step, value, count, frame->violation);
    } else {
        ++*count;
        good = field->map ? check_entry(step, value, frame->depth, frame->violation)
                          : check_value(step, field, value, frame->depth, frame->violation);
    }
    if (*count > 0)
        take_bit(frame->filled, field->place);
    return good;
}

static bool check_field(struct frame *frame, const struct plan_field *field,
                        const struct wire_field *value)
{
    struct violation_step step = {.parent = frame->parent, .field = field, .element = SIZE_MAX};
    if (field->deprecated_told != NULL)
        violation_note_deprecated(frame->violation, field);
    bool first = take_bit(frame->seen, field->place);
    if (field->oneof > 0 && first && !take_bit(frame->oneofs, field->oneof - 1u))
        return tell(&step, "stands beside another field of the same choice", frame->violation);
    if (field->repeated)
        return check_repeated(frame, &step, value);
    if (value->type != field->wire_type)
        return tell(&step, "is of another kind", frame->violation);
    if (!first)
        return tell(&step, "stands twice", frame->violation);
    bool text = field->kind == PLAN_STRING || field->kind == PLAN_BYTES;
    if (!text || value->size > 0)
        take_bit(frame->filled, field->place);
    return check_value(&step, field, value, frame->depth, frame->violation);
}

// Where a message ends: what is too little or too much of its lists and maps.
static bool check_counts(const struct frame *frame)
{
    for (size_t i = 0; i < frame->plan->field_count; i++) {
        const struct plan_field *field = &frame->plan->fields[i];
        uint32_t count = field->repeated ? frame->counts[field->repeated_place] : 0;
        struct violation_step step = {.parent = frame->parent, .field = field, .element = SIZE_MAX};
        if (count == 0)
            continue;
        if (field->has_rules && !rules_check_count(&step, count, frame->violation))
            return false;
        if (field->map && count > OYEZ_DETAILS_KEYS_MAX)
            return tell(&step, "has too many elements", frame->violation);
        struct message_place place = {frame->bytes, frame->end};
        if (field->map && count > 1 && !message_keys_differ(field, &place))
            return tell(&step, "has a key that stands twice", frame->violation);
    }
    return true;
}

static void tell_missing(const struct frame *frame)
{
    const struct plan *plan = frame->plan;
    for (size_t word = 0; word * 64 < plan->field_count; word++) {
        uint64_t missing = plan->required[word] & ~frame->filled[word];
        if (missing == 0)
            continue;
        size_t place = word * 64 + (size_t)__builtin_ctzll(missing);
        violation_missing(frame->violation, frame->parent, &plan->fields[place]);
        return;
    }
}

static bool tell_unknown(const struct frame *frame, uint32_t number)
{
    violation_wrong(frame->violation, frame->parent, NULL, 0,
                    "have field number %" PRIu32 ", which this type has not", number);
    return false;
}

static bool check_fields(struct frame *frame)
{
    struct wire_field value;
    for (const uint8_t *at = frame->bytes; at < frame->end;) {
        if (!message_read_field(&at, frame->end, &value))
            return tell(frame->parent, "is not such a message", frame->violation);
        const struct plan_field *field = plan_field_by_number(frame->plan, value.number);
        if (field == NULL)
            return tell_unknown(frame, value.number);
        if (!check_field(frame, field, &value))
            return false;
    }
    return true;
}

// Recursion ends at OYEZ_PLAN_DEPTH_MAX.
static bool check_message(const struct plan *plan, const struct violation_step *parent,
                          const struct wire_field *value, unsigned depth,
                          struct violation *violation)
{
    struct frame frame;
    frame.plan = plan;
    frame.parent = parent;
    frame.depth = depth;
    frame.violation = violation;
    frame.bytes = value->bytes;
    frame.end = value->bytes + value->size;
    // Only as much of the sets as the plan has fields: most have fewer than 64.
    for (size_t word = 0; word * 64 <= plan->field_count && word < SET_WORDS; word++)
        frame.seen[word] = frame.filled[word] = frame.oneofs[word] = 0;
    for (size_t i = 0; i < plan->repeated_count; i++)
        frame.counts[i] = 0;
    if (!check_fields(&frame))
        return false;
    if (plan->repeated_count > 0 && !check_counts(&frame))
        return false;
    if (plan->has_required)
        tell_missing(&frame);
    return true;
}

oyez_err details_check_protobuf(const struct plan *plan, const uint8_t *bytes, size_t size,
                                struct violation *violation)
{
    if (!violation_begin(violation, size))
        return OYEZ_ERR_INVALID;
    struct wire_field details = {.bytes = size > 0 ? bytes : (const uint8_t *)"", .size = size};
    check_message(plan, NULL, &details, 1, violation);
    return violation->wrong || violation->missing ? OYEZ_ERR_INVALID : OYEZ_OK;
}
