// SPDX-License-Identifier: MIT
#include "schema/json_scalar.h"

#include <math.h>
#include <string.h>

#include "schema/json_number.h"
#include "schema/json_value.h"

// No number, name or time that is right has more bytes without being as right with fewer.
#define DECODED_SIZE_MAX 1024u

// The middle between the largest float and what would come next: all below is rounded to a float.
#define FLOAT_END 0x1.ffffffp127

bool plan_kind_is_unsigned(enum plan_kind kind)
{
    return kind == PLAN_UINT32 || kind == PLAN_UINT64 || kind == PLAN_FIXED32 ||
           kind == PLAN_FIXED64;
}

static bool is_64_bit(enum plan_kind kind)
{
    return kind == PLAN_INT64 || kind == PLAN_UINT64 || kind == PLAN_SINT64 ||
           kind == PLAN_FIXED64 || kind == PLAN_SFIXED64;
}

static bool slice_is(const struct oyez_json_slice *slice, const char *text)
{
    return slice->size == strlen(text) && memcmp(slice->text, text, slice->size) == 0;
}

// A string without its quotes, decoded to `room` where it has escapes; else the value as it is.
static bool take_text(const struct oyez_json_slice *value, char room[DECODED_SIZE_MAX],
                      struct oyez_json_slice *text)
{
    *text = *value;
    if (*value->text != '"')
        return true;
    struct json_string string = json_string_of(value);
    *text = (struct oyez_json_slice){string.text, string.size};
    bool whole = true;
    if (string.escaped) {
        text->text = room;
        text->size = json_string_decode(room, DECODED_SIZE_MAX, &string, &whole);
    }
    return whole;
}

// Into the kind's range, as 64 bits.
static bool fit(enum plan_kind kind, const struct json_integer *integer, int64_t *out)
{
    uint64_t magnitude = integer->magnitude;
    bool wide = is_64_bit(kind);
    if (plan_kind_is_unsigned(kind)) {
        *out = (int64_t)magnitude;
        return !integer->negative && (wide || magnitude <= UINT32_MAX);
    }
    uint64_t largest = wide ? (uint64_t)INT64_MAX : (uint64_t)INT32_MAX;
    *out = (int64_t)(integer->negative ? UINT64_C(0) - magnitude : magnitude);
    return magnitude <= largest + integer->negative;
}

static const char *tell_range(enum plan_kind kind)
{
    if (plan_kind_is_unsigned(kind))
        return is_64_bit(kind) ? "is not in the range 0 to 18446744073709551615"
                               : "is not in the range 0 to 4294967295";
    return is_64_bit(kind) ? "is not in the range -9223372036854775808 to 9223372036854775807"
                           : "is not in the range -2147483648 to 2147483647";
}

static const char *read_integer(enum plan_kind kind, const struct oyez_json_slice *text,
                                int64_t *out)
{
    struct json_integer integer;
    switch (json_integer_read(text->text, text->size, &integer)) {
    case JSON_INTEGER_OK:
        return fit(kind, &integer, out) ? NULL : tell_range(kind);
    case JSON_INTEGER_TOO_LARGE:
        return tell_range(kind);
    case JSON_INTEGER_NOT_WHOLE:
    case JSON_INTEGER_NO_NUMBER:
        break;
    }
    return "is not a whole number";
}

static const char *read_real(enum plan_kind kind, const struct oyez_json_slice *value,
                             const struct oyez_json_slice *text, double *out)
{
    bool quoted = *value->text == '"';
    if (quoted && slice_is(text, "NaN"))
        *out = (double)NAN;
    else if (quoted && slice_is(text, "Infinity"))
        *out = (double)INFINITY;
    else if (quoted && slice_is(text, "-Infinity"))
        *out = -(double)INFINITY;
    else if (!json_number_is_valid(text->text, text->size))
        return "is not a number";
    else if (!json_double_read(text->text, text->size, out))
        return "is too large for a double";
    else if (kind == PLAN_FLOAT && fabs(*out) >= FLOAT_END)
        return "is too large for a float";
    if (kind == PLAN_FLOAT)
        *out = (double)(float)*out;
    return NULL;
}

static const char *read_enum(const struct plan_field *field, const struct oyez_json_slice *value,
                             const struct oyez_json_slice *text, int64_t *out)
{
    const struct plan_enum_value *found;
    if (*value->text == '"') {
        found = plan_enum_by_name(field->enumeration, text->text, text->size);
    } else {
        const char *wrong = read_integer(PLAN_INT32, text, out);
        if (wrong)
            return "is neither a name nor a number";
        found = plan_enum_by_number(field->enumeration, (int32_t)*out);
    }
    if (found == NULL)
        return "is no value of its enum";
    *out = found->number;
    return NULL;
}

static const char *read_special(const struct plan_field *field, const struct oyez_json_slice *value,
                                const struct oyez_json_slice *text, struct well_known *out)
{
    bool quoted = *value->text == '"';
    if (field->message->special == PLAN_TIMESTAMP)
        return quoted && timestamp_from_text(text->text, text->size, out)
                   ? NULL
                   : "is not an RFC 3339 time of the years 1 to 9999 with at most nine digits of a "
                     "second";
    return quoted && duration_from_text(text->text, text->size, out)
               ? NULL
               : "is not a duration in seconds such as \"1.5s\"";
}

const char *json_scalar_read(const struct plan_field *field, const struct oyez_json_slice *value,
                             struct json_scalar *out)
{
    char room[DECODED_SIZE_MAX];
    struct oyez_json_slice text;
    if (!take_text(value, room, &text))
        return "is too long";
    switch (field->kind) {
    case PLAN_DOUBLE:
    case PLAN_FLOAT:
        return read_real(field->kind, value, &text, &out->number);
    case PLAN_BOOL:
        out->integer = slice_is(value, "true");
        return out->integer || slice_is(value, "false") ? NULL : "is neither true nor false";
    case PLAN_ENUM:
        return read_enum(field, value, &text, &out->integer);
    case PLAN_MESSAGE:
        return read_special(field, value, &text, &out->moment);
    default:
        return read_integer(field->kind, &text, &out->integer);
    }
}

const char *json_key_read(const struct plan_field *field, const struct oyez_json_slice *key,
                          struct json_scalar *out)
{
    char room[DECODED_SIZE_MAX];
    struct oyez_json_slice text;
    if (!take_text(key, room, &text))
        return "is too long for a key";
    if (field->kind == PLAN_BOOL) {
        out->integer = slice_is(&text, "true");
        return out->integer || slice_is(&text, "false") ? NULL : "has a key that is no bool";
    }
    const char *wrong = read_integer(field->kind, &text, &out->integer);
    if (wrong)
        return "has a key that is no whole number of its range";
    // Two ways to write one number would be two keys for some readers and one for others.
    bool digits = memchr(text.text, '.', text.size) == NULL &&
                  memchr(text.text, 'e', text.size) == NULL &&
                  memchr(text.text, 'E', text.size) == NULL;
    bool minus_zero = *text.text == '-' && out->integer == 0;
    return digits && !minus_zero ? NULL : "has a key that is not in its shortest form";
}
