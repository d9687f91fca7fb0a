// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json_scan.h"
#include "schema/characters.h"
#include "schema/format.h"
#include "schema/json_value.h"
#include "schema/number_text.h"
#include "schema/violation.h"

#define TWO_TO_THE_63 9223372036854775808.0

static bool is_allowed(const struct plan_rules *rules, const char *text, size_t size)
{
    size_t low = 0;
    size_t high = rules->allowed_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = plan_text_compare(&rules->allowed[middle], text, size);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

// The whole list where it fits, else how long it is.
static void tell_not_allowed(const struct violation_step *step, const char *text, size_t size,
                             struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    char list[sizeof violation->rule - 16];
    size_t at = 0;
    size_t told = 0;
    for (; told < rules->allowed_count; told++) {
        const struct plan_text *allowed = &rules->allowed[told];
        if (at + allowed->size + 3 > sizeof list)
            break;
        if (told > 0) {
            memcpy(list + at, ", ", 2);
            at += 2;
        }
        memcpy(list + at, allowed->text, allowed->size);
        at += allowed->size;
    }
    list[at] = '\0';
    if (told == rules->allowed_count)
        violation_wrong(violation, step, text, size, "is none of %s", list);
    else
        violation_wrong(violation, step, text, size, "is none of the %zu allowed values",
                        rules->allowed_count);
}

static bool check_count(const struct violation_step *step, size_t count, const char *text,
                        size_t size, struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    if (count < rules->min_length)
        violation_wrong(violation, step, text, size, "is shorter than %" PRIu32 " characters",
                        rules->min_length);
    else if (rules->has_max_length && count > rules->max_length)
        violation_wrong(violation, step, text, size, "is longer than %" PRIu32 " characters",
                        rules->max_length);
    else
        return true;
    return false;
}

static bool check_length(const struct violation_step *step, const char *text, size_t size,
                         struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    // A character has one to four bytes, so most lengths need no count.
    if (size <= rules->max_length && size / 4 >= rules->min_length)
        return true;
    size_t count;
    if (!characters_count(text, size, &count)) {
        violation_wrong(violation, step, text, size, "is not UTF-8");
        return false;
    }
    return check_count(step, count, text, size, violation);
}

static bool check_json_keys(const struct violation_step *step, const char *text,
                            struct violation *violation)
{
    struct oyez_json_slice key;
    // Bytes of a message have no NUL, but this text has been accepted: something follows the space.
    while (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')
        text++;
    int repeats = json_keys_repeat_within(text, &key);
    if (repeats == 0)
        return true;
    violation_wrong(violation, step, key.text + 1, key.size - 2, "%s",
                    repeats > 0 ? "is a key that stands twice"
                                : "is one of too many keys of one object");
    return false;
}

// Inline in the details' JSON, this text must not make them deeper than anyone reads.
static bool check_json(const struct violation_step *step, const char *text, size_t size,
                       struct violation *violation)
{
    size_t depth = 0;
    for (const struct violation_step *s = step; s != NULL; s = s->parent)
        depth += s->field->repeated ? 2 : 1;
    struct oyez_json_fault fault;
    size_t depth_max = depth < OYEZ_JSON_DEPTH_MAX ? OYEZ_JSON_DEPTH_MAX - depth : 0;
    if (oyez_json_scan_nested(text, size, depth_max, &fault))
        return check_json_keys(step, text, violation) &&
               rules_check_json_length(step, text, size, violation);
    violation_wrong(violation, step, text, size, "is %s (byte %zu)", fault.rule, fault.byte);
    return false;
}

bool rules_check_json_length(const struct violation_step *step, const char *text, size_t size,
                             struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    if (step->field->repeated || (rules->min_length == 0 && !rules->has_max_length))
        return true;
    size_t count = json_compact_count(text, size);
    return check_count(step, count, text, size, violation);
}

bool rules_check_text(const struct violation_step *step, const char *text, size_t size,
                      struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    if (rules->json)
        return check_json(step, text, size, violation);
    bool has_lengths = rules->min_length > 0 || rules->has_max_length;
    if (has_lengths && !step->field->repeated && !check_length(step, text, size, violation))
        return false;
    if (rules->allowed_count > 0 && !is_allowed(rules, text, size)) {
        tell_not_allowed(step, text, size, violation);
        return false;
    }
    if (!format_matches(rules->format, text, size)) {
        violation_wrong(violation, step, text, size, "is not %s", format_name(rules->format));
        return false;
    }
    if (rules->indexed && size > OYEZ_PLAN_INDEXED_SIZE_MAX) {
        violation_wrong(violation, step, text, size, "is longer than %u bytes, and indexed",
                        OYEZ_PLAN_INDEXED_SIZE_MAX);
        return false;
    }
    if (rules->indexed && memchr(text, 0, size) != NULL) {
        violation_wrong(violation, step, text, size, "has a NUL, and is indexed");
        return false;
    }
    return true;
}

bool rules_check_bytes(const struct violation_step *step, size_t size, struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    if (step->field->repeated)
        return true;
    if (size < rules->min_length)
        violation_wrong(violation, step, NULL, 0, "has %zu bytes, fewer than %" PRIu32, size,
                        rules->min_length);
    else if (rules->has_max_length && size > rules->max_length)
        violation_wrong(violation, step, NULL, 0, "has %zu bytes, more than %" PRIu32, size,
                        rules->max_length);
    else
        return true;
    return false;
}

bool rules_check_count(const struct violation_step *step, size_t count, struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    if (count < rules->min_length)
        violation_wrong(violation, step, NULL, 0, "has %zu elements, fewer than %" PRIu32, count,
                        rules->min_length);
    else if (rules->has_max_length && count > rules->max_length)
        violation_wrong(violation, step, NULL, 0, "has %zu elements, more than %" PRIu32, count,
                        rules->max_length);
    else
        return true;
    return false;
}

static void tell_range(const struct violation_step *step, const char *text, bool below,
                       struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    char limit[NUMBER_TEXT_SIZE];
    number_to_text(below ? rules->min : rules->max, limit);
    violation_wrong(violation, step, text, strlen(text),
                    below ? "is below the minimum %s" : "is above the maximum %s", limit);
}

bool rules_check_number(const struct violation_step *step, double value,
                        struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    // A NaN is neither below nor above anything, and so is outside of every range.
    bool below = rules->has_min && !(value >= rules->min);
    bool above = rules->has_max && !(value <= rules->max);
    if (!below && !above && rules->allowed_count == 0)
        return true;
    char text[NUMBER_TEXT_SIZE];
    size_t size = number_to_text(value, text);
    if (below || above) {
        tell_range(step, text, below, violation);
        return false;
    }
    if (is_allowed(rules, text, size))
        return true;
    tell_not_allowed(step, text, size, violation);
    return false;
}

// Limits are doubles, and a double cannot hold every 64-bit integer: so the limit becomes an
// integer, what was cut off it is looked at apart, and the value never becomes a double.
static int compare_signed(int64_t value, double limit)
{
    if (limit >= TWO_TO_THE_63)
        return -1;
    if (limit < -TWO_TO_THE_63)
        return 1;
    int64_t whole = (int64_t)limit;
    if (value != whole)
        return value < whole ? -1 : 1;
    return (limit < (double)whole) - (limit > (double)whole);
}

static int compare_unsigned(uint64_t value, double limit)
{
    if (limit >= 2 * TWO_TO_THE_63)
        return -1;
    if (limit < 0)
        return 1;
    uint64_t whole = (uint64_t)limit;
    if (value != whole)
        return value < whole ? -1 : 1;
    return -(limit > (double)whole);
}

static int compare_integer(int64_t value, bool is_unsigned, double limit)
{
    return is_unsigned ? compare_unsigned((uint64_t)value, limit) : compare_signed(value, limit);
}

bool rules_check_integer(const struct violation_step *step, int64_t value, bool is_unsigned,
                         struct violation *violation)
{
    const struct plan_rules *rules = &step->field->rules;
    bool below = rules->has_min && compare_integer(value, is_unsigned, rules->min) < 0;
    bool above = rules->has_max && compare_integer(value, is_unsigned, rules->max) > 0;
    if (!below && !above && rules->allowed_count == 0)
        return true;
    char text[NUMBER_TEXT_SIZE];
    int size = is_unsigned ? snprintf(text, sizeof text, "%" PRIu64, (uint64_t)value)
                           : snprintf(text, sizeof text, "%" PRId64, value);
    if (below || above) {
        tell_range(step, text, below, violation);
        return false;
    }
    if (is_allowed(rules, text, (size_t)size))
        return true;
    tell_not_allowed(step, text, (size_t)size, violation);
    return false;
}
