// SPDX-License-Identifier: MIT
#include <string.h>

#include "json_scan.h"
#include "schema/details.h"
#include "schema/json_base64.h"
#include "schema/json_scalar.h"
#include "schema/json_value.h"
#include "schema/key_order.h"

// Texts with escapes are decoded as far as this for the rules of texts. Whatever is longer has no
// format, and is none of a list of allowed values.
#define DECODED_SIZE_MAX 4096u

// Each function that judges a value returns what stands behind it, or NULL when something is wrong
// and told.
static const char *judge_message(const struct plan *plan, const struct violation_step *parent,
                                 const char *at, unsigned depth, struct violation *violation);

static const char *tell_wrong(const struct violation_step *step, const char *at, const char *rule,
                              struct violation *violation)
{
    size_t size = (size_t)(oyez_json_skip(at) - at);
    bool quoted = *at == '"';
    violation_wrong(violation, step, at + quoted, size - (quoted ? 2 : 0), "%s", rule);
    return NULL;
}

static bool check_escaped_text(const struct violation_step *step, const struct json_string *string,
                               struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    char text[DECODED_SIZE_MAX];
    bool whole;
    size_t size = json_string_decode(text, sizeof text, string, &whole);
    if (whole)
        return rules_check_text(step, text, size, violation);
    size_t count = step->field->repeated ? 0 : json_string_count(string);
    if (count > 0 && rules->has_max_length && count > rules->max_length)
        violation_wrong(violation, step, text, size, "is longer than %u characters",
                        (unsigned)rules->max_length);
    else if (count > 0 && count < rules->min_length)
        violation_wrong(violation, step, text, size, "is shorter than %u characters",
                        (unsigned)rules->min_length);
    else if (rules->allowed_count > 0)
        violation_wrong(violation, step, text, size, "is none of the %zu allowed values",
                        rules->allowed_count);
    else if (rules->indexed)
        violation_wrong(violation, step, text, size, "is longer than %u bytes, and indexed",
                        OYEZ_PLAN_INDEXED_SIZE_MAX);
    else if (rules->format != PLAN_FORMAT_NONE)
        violation_wrong(violation, step, text, size, "is too long for its format");
    else
        return true;
    return false;
}

static bool check_text(const struct violation_step *step, const struct oyez_json_slice *value,
                       struct violation *violation)
{
    struct json_string string = json_string_of(value);
    if (string.escaped)
        return check_escaped_text(step, &string, violation);
    return rules_check_text(step, string.text, string.size, violation);
}

static const char *judge_inline(const struct violation_step *step, const char *at,
                                struct violation *violation)
{
    const char *end = oyez_json_skip(at);
    struct oyez_json_slice key;
    if (*at != '{' && *at != '[')
        return tell_wrong(step, at, "is neither an object nor an array", violation);
    int repeats = json_keys_repeat_within(at, &key);
    if (repeats != 0) {
        violation_wrong(violation, step, key.text + 1, key.size - 2, "%s",
                        repeats > 0 ? "is a key that stands twice"
                                    : "is one of too many keys of one object");
        return NULL;
    }
    return rules_check_json_length(step, at, (size_t)(end - at), violation) ? end : NULL;
}

static const char *judge_string(const struct violation_step *step, const char *at,
                                struct violation *violation)
{
    if (step->field->rules.json)
        return judge_inline(step, at, violation);
    if (*at != '"')
        return tell_wrong(step, at, "is not a string", violation);
    struct oyez_json_slice value = {at, (size_t)(oyez_json_skip(at) - at)};
    if (step->field->has_rules && !check_text(step, &value, violation))
        return NULL;
    return at + value.size;
}

static const char *judge_bytes(const struct violation_step *step, const char *at,
                               struct violation *violation)
{
    struct oyez_json_slice value = {at, (size_t)(oyez_json_skip(at) - at)};
    size_t size = 0;
    if (*at != '"')
        return tell_wrong(step, at, "is not a string of base64", violation);
    struct json_string string = json_string_of(&value);
    if (!json_base64_decode(NULL, &size, &string))
        return tell_wrong(step, at, "is not base64", violation);
    if (step->field->has_rules && !rules_check_bytes(step, size, violation))
        return NULL;
    return at + value.size;
}

static bool check_scalar(const struct violation_step *step, const struct plan_field *field,
                         const struct json_scalar *scalar, struct violation *violation)
{
    const struct plan_enum_value *value;
    switch (field->kind) {
    case PLAN_DOUBLE:
    case PLAN_FLOAT:
        return rules_check_number(step, scalar->number, violation);
    case PLAN_MESSAGE:
        return true;
    case PLAN_BOOL:
        return rules_check_text(step, scalar->integer ? "true" : "false", scalar->integer ? 4 : 5,
                                violation);
    case PLAN_ENUM:
        value = plan_enum_by_number(field->enumeration, (int32_t)scalar->integer);
        return rules_check_text(step, value->name.text, value->name.size, violation);
    default:
        return rules_check_integer(step, scalar->integer, plan_kind_is_unsigned(field->kind),
                                   violation);
    }
}

static const char *judge_scalar(const struct violation_step *step, const struct plan_field *field,
                                const char *at, struct violation *violation)
{
    struct oyez_json_slice value = {at, (size_t)(oyez_json_skip(at) - at)};
    struct json_scalar scalar;
    const char *wrong = json_scalar_read(field, &value, &scalar);
    if (wrong)
        return tell_wrong(step, at, wrong, violation);
    if (step->field->has_rules && !check_scalar(step, field, &scalar, violation))
        return NULL;
    return at + value.size;
}

// The rules are those of the step's field; the kind is that of `field`, which within a map is the
// entry's second.
static const char *judge_value(const struct violation_step *step, const struct plan_field *field,
                               const char *at, unsigned depth, struct violation *violation)
{
    if (field->kind == PLAN_STRING)
        return judge_string(step, at, violation);
    if (field->kind == PLAN_BYTES)
        return judge_bytes(step, at, violation);
    if (field->kind != PLAN_MESSAGE || field->message->special != PLAN_ORDINARY)
        return judge_scalar(step, field, at, violation);
    if (*at != '{')
        return tell_wrong(step, at, "is not an object", violation);
    if (depth == OYEZ_PLAN_DEPTH_MAX)
        return tell_wrong(step, at, "is nested too deeply", violation);
    return judge_message(field->message, step, at, depth + 1, violation);
}

static const char *judge_list(struct violation_step *step, const char *at, unsigned depth,
                              struct violation *violation, bool *filled)
{
    if (*at != '[')
        return tell_wrong(step, at, "is not an array", violation);
    size_t count = 0;
    while (oyez_json_more(&at)) {
        step->element = count++;
        at = judge_value(step, step->field, at, depth, violation);
        if (at == NULL)
            return NULL;
    }
    step->element = SIZE_MAX;
    *filled = count > 0;
    bool sound = count == 0 || !step->field->has_rules || rules_check_count(step, count, violation);
    return sound ? at : NULL;
}

static bool check_keys(struct violation_step *step, const char *at, struct violation *violation)
{
    struct oyez_json_slice key;
    int repeats = json_keys_repeat(at, &key);
    if (repeats == 0)
        return true;
    if (repeats < 0) {
        violation_wrong(violation, step, NULL, 0, "has more than %u elements",
                        OYEZ_DETAILS_KEYS_MAX);
        return false;
    }
    step->key = key.text + 1;
    step->key_size = key.size - 2;
    violation_wrong(violation, step, NULL, 0, "stands twice");
    return false;
}

static const char *judge_map(struct violation_step *step, const char *at, unsigned depth,
                             struct violation *violation, bool *filled)
{
    const struct plan_field *entry = step->field->message->fields;
    if (*at != '{')
        return tell_wrong(step, at, "is not an object", violation);
    if (!check_keys(step, at, violation))
        return NULL;
    size_t count = 0;
    for (; oyez_json_more(&at); count++) {
        struct oyez_json_slice key;
        struct json_scalar scalar;
        at = oyez_json_read_key(at, &key);
        step->key = key.text + 1;
        step->key_size = key.size - 2;
        const char *wrong =
            entry[0].kind == PLAN_STRING ? NULL : json_key_read(&entry[0], &key, &scalar);
        if (wrong) {
            violation_wrong(violation, step, NULL, 0, "%s", wrong);
            return NULL;
        }
        at = judge_value(step, &entry[1], at, depth, violation);
        if (at == NULL)
            return NULL;
    }
    step->key = NULL;
    *filled = count > 0;
    bool sound = count == 0 || !step->field->has_rules || rules_check_count(step, count, violation);
    return sound ? at : NULL;
}

static const char *judge_field(const struct plan_field *field, const struct violation_step *parent,
                               const char *at, unsigned depth, struct violation *violation,
                               bool *filled)
{
    struct violation_step step = {.parent = parent, .field = field, .element = SIZE_MAX};
    if (field->deprecated_told)
        violation_note_deprecated(violation, field);
    if (field->map)
        return judge_map(&step, at, depth, violation, filled);
    if (field->repeated)
        return judge_list(&step, at, depth, violation, filled);
    *filled = at[0] != '"' || at[1] != '"';
    return judge_value(&step, field, at, depth, violation);
}

static bool take_bit(uint64_t *set, size_t bit)
{
    uint64_t mask = UINT64_C(1) << (bit % 64);
    bool taken = (set[bit / 64] & mask) != 0;
    set[bit / 64] |= mask;
    return !taken;
}

static void tell_unknown(const struct violation_step *parent, const struct oyez_json_slice *key,
                         const char *rule, struct violation *violation)
{
    struct plan_field field = {.name = {key->text + 1, key->size - 2}};
    struct violation_step step = {.parent = parent, .field = &field, .element = SIZE_MAX};
    violation_wrong(violation, &step, NULL, 0, "%s", rule);
}

static void tell_missing(const struct plan *plan, const struct violation_step *parent,
                         const uint64_t *filled, struct violation *violation)
{
    for (size_t i = 0; i < plan->field_count; i++) {
        uint64_t mask = UINT64_C(1) << (i % 64);
        if ((plan->required[i / 64] & mask) != 0 && (filled[i / 64] & mask) == 0) {
            violation_missing(violation, parent, &plan->fields[i]);
            return;
        }
    }
}

static const char *judge_message(const struct plan *plan, const struct violation_step *parent,
                                 const char *at, unsigned depth, struct violation *violation)
{
    uint64_t seen[OYEZ_PLAN_FIELDS_MAX / 64] = {0};
    uint64_t filled[OYEZ_PLAN_FIELDS_MAX / 64] = {0};
    uint64_t oneofs[OYEZ_PLAN_FIELDS_MAX / 64] = {0};
    while (oyez_json_more(&at)) {
        struct oyez_json_slice key;
        at = oyez_json_read_key(at, &key);
        const struct plan_field *field = json_field_find(plan, &key);
        const char *wrong = field == NULL                   ? "is no field of this type"
                            : !take_bit(seen, field->place) ? "stands twice"
                                                            : NULL;
        if (wrong == NULL && *at == 'n') {
            at = oyez_json_skip(at);
            continue;
        }
        if (wrong == NULL && field->oneof > 0 && !take_bit(oneofs, field->oneof - 1u))
            wrong = "stands beside another field of the same choice";
        if (wrong) {
            tell_unknown(parent, &key, wrong, violation);
            return NULL;
        }
        bool is_filled;
        at = judge_field(field, parent, at, depth, violation, &is_filled);
        if (at == NULL)
            return NULL;
        if (is_filled)
            take_bit(filled, field->place);
    }
    if (plan->has_required)
        tell_missing(plan, parent, filled, violation);
    return at;
}

oyez_err details_check_json(const struct plan *plan, const char *text, size_t size,
                            struct violation *violation)
{
    struct oyez_json_fault fault;
    if (!violation_begin(violation, size))
        return OYEZ_ERR_INVALID;
    if (!oyez_json_scan(text, size, OYEZ_JSON_DEPTH_MAX, &fault)) {
        violation_wrong(violation, NULL, NULL, 0, "%s (byte %zu)", fault.rule, fault.byte);
        return OYEZ_ERR_INVALID;
    }
    judge_message(plan, NULL, text, 1, violation);
    return violation->wrong || violation->missing ? OYEZ_ERR_INVALID : OYEZ_OK;
}
