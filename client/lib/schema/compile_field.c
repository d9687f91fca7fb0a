// SPDX-License-Identifier: MIT
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/compile.h"
#include "schema/options.h"
#include "wire/field.h"

// Numbers of google/protobuf/descriptor.proto.
enum {
    FIELD_NAME = 1,
    FIELD_EXTENDEE = 2,
    FIELD_NUMBER = 3,
    FIELD_LABEL = 4,
    FIELD_TYPE = 5,
    FIELD_TYPE_NAME = 6,
    FIELD_OPTIONS = 8,
    FIELD_ONEOF = 9,
    FIELD_PROTO3_OPTIONAL = 17,
};
enum { LABEL_REQUIRED = 2, LABEL_REPEATED = 3 };
enum { TYPE_FLOAT = 2, TYPE_GROUP = 10, TYPE_MESSAGE = 11, TYPE_MAX = 18 };
enum { MESSAGE_PART_FIELD = 2 };
enum { ENUM_VALUE = 2, VALUE_NAME = 1, VALUE_NUMBER = 2 };
#define FIELD_NUMBER_MAX 536870911u

struct field_descriptor {
    struct descriptor_slice name;
    struct descriptor_slice type_name;
    struct descriptor_slice options;
    uint64_t number;
    uint64_t label;
    uint64_t type;
    uint64_t oneof;
    bool has_oneof;
    bool proto3_optional;
    bool extension;
};

oyez_err compile_fail(const struct compile *compile, const char *field, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const struct descriptor_message *message = compile->message;
    return descriptor_fail(OYEZ_ERR_INVALID, compile->set, &compile->set->files[message->file],
                           message, field, "%s", what);
}

static oyez_err broken(const struct compile *compile)
{
    const struct descriptor_message *message = compile->message;
    return descriptor_fail(OYEZ_ERR_MALFORMED, compile->set, &compile->set->files[message->file],
                           message, NULL, "a field of it cannot be read");
}

static void take_bytes(struct field_descriptor *out, const struct wire_field *field)
{
    struct descriptor_slice slice = {field->bytes, field->size};
    if (field->number == FIELD_NAME)
        out->name = slice;
    else if (field->number == FIELD_TYPE_NAME)
        out->type_name = slice;
    else if (field->number == FIELD_OPTIONS)
        out->options = slice;
    else if (field->number == FIELD_EXTENDEE)
        out->extension = true;
}

static void take_number(struct field_descriptor *out, const struct wire_field *field)
{
    if (field->number == FIELD_NUMBER)
        out->number = field->integer;
    else if (field->number == FIELD_LABEL)
        out->label = field->integer;
    else if (field->number == FIELD_TYPE)
        out->type = field->integer;
    else if (field->number == FIELD_PROTO3_OPTIONAL)
        out->proto3_optional = field->integer != 0;
    else if (field->number == FIELD_ONEOF) {
        out->has_oneof = true;
        out->oneof = field->integer;
    }
}

static bool is_field_name(struct descriptor_slice name)
{
    if (name.size == 0 || name.size > DESCRIPTOR_NAME_SIZE_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t c = name.bytes[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return true;
}

static oyez_err read_descriptor(struct field_descriptor *out, const struct compile *compile,
                                struct descriptor_slice bytes)
{
    struct wire_reader reader = descriptor_reader(bytes);
    struct wire_field field;
    *out = (struct field_descriptor){0};
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(compile);
        if (field.type == WIRE_BYTES)
            take_bytes(out, &field);
        else if (field.type == WIRE_VARINT)
            take_number(out, &field);
    }
    if (!is_field_name(out->name))
        return broken(compile);
    return OYEZ_OK;
}

// What protobuf has and catalogs have not.
static oyez_err check_descriptor(const struct field_descriptor *field, const char *name,
                                 const struct compile *compile)
{
    if (field->type == TYPE_GROUP)
        return compile_fail(compile, name, "is a group: use a message");
    if (field->extension)
        return compile_fail(compile, name, "is an extension: details have none");
    if (field->label == LABEL_REQUIRED)
        return compile_fail(compile, name, "is required as in proto2: use (oyez.rules).required");
    if (field->number == 0 || field->number > FIELD_NUMBER_MAX)
        return compile_fail(compile, name, "its number is not 1 to %u", FIELD_NUMBER_MAX);
    if (field->type == 0 || field->type > TYPE_MAX)
        return compile_fail(compile, name, "is of no known type");
    if (field->has_oneof && field->oneof >= compile->message->field_count)
        return compile_fail(compile, name, "its oneof is not there");
    return OYEZ_OK;
}

// What catalogs have not for their users' sake. A set that was taken once is read for ever, and what
// an import holds is not for us to say.
static oyez_err check_style(const struct field_descriptor *field, const char *name,
                            const struct compile *compile)
{
    const struct descriptor_message *message = compile->message;
    bool judged = compile->set->files[message->file].catalog && !message->map_entry;
    if (!judged || compile->set->trusted || compile->set->for_reading)
        return OYEZ_OK;
    bool scalar = field->type != TYPE_MESSAGE && field->label != LABEL_REPEATED;
    if (field->type == TYPE_FLOAT)
        return compile_fail(compile, name, "is a float: use double");
    if (field->has_oneof && !field->proto3_optional)
        return compile_fail(compile, name, "is in a oneof: use optional fields");
    if (scalar && !field->has_oneof)
        return compile_fail(compile, name, "a scalar without `optional`: its zero would be lost");
    return OYEZ_OK;
}

static enum plan_kind kind_of(uint64_t type)
{
    static const enum plan_kind kinds[TYPE_MAX + 1] = {
        [1] = PLAN_DOUBLE,  [2] = PLAN_FLOAT,     [3] = PLAN_INT64,     [4] = PLAN_UINT64,
        [5] = PLAN_INT32,   [6] = PLAN_FIXED64,   [7] = PLAN_FIXED32,   [8] = PLAN_BOOL,
        [9] = PLAN_STRING,  [11] = PLAN_MESSAGE,  [12] = PLAN_BYTES,    [13] = PLAN_UINT32,
        [14] = PLAN_ENUM,   [15] = PLAN_SFIXED32, [16] = PLAN_SFIXED64, [17] = PLAN_SINT32,
        [18] = PLAN_SINT64,
    };
    return kinds[type];
}

// The kind of a map's values. Its entry has no plan yet, and may turn out to be none.
static enum plan_kind kind_of_map_value(const struct plan_field *map, const struct compile *compile,
                                        const struct descriptor_message *entry)
{
    struct wire_reader reader = descriptor_reader(entry->bytes);
    struct wire_field part;
    struct field_descriptor field;
    while (reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number != MESSAGE_PART_FIELD || part.type != WIRE_BYTES)
            continue;
        oyez_err err =
            read_descriptor(&field, compile, (struct descriptor_slice){part.bytes, part.size});
        if (err == OYEZ_OK && field.number == 2 && field.type <= TYPE_MAX)
            return kind_of(field.type);
    }
    return map->kind;
}

static oyez_err resolve(struct plan_field *out, struct compile *compile,
                        const struct field_descriptor *field, enum plan_kind *value)
{
    *value = out->kind;
    if (out->kind != PLAN_MESSAGE && out->kind != PLAN_ENUM)
        return OYEZ_OK;
    char name[DESCRIPTOR_NAME_SIZE_MAX + 2] = "";
    struct descriptor_slice written = field->type_name;
    if (written.size > 1 && written.size < sizeof name && written.bytes[0] == '.')
        memcpy(name, written.bytes + 1, written.size - 1);
    struct descriptor_set *set = compile->set;
    bool is_enum = out->kind == PLAN_ENUM;
    uint32_t found = is_enum ? descriptor_enum_find(set, name) : descriptor_message_find(set, name);
    if (found == DESCRIPTOR_NONE)
        return compile_fail(compile, out->name.text, "its type %.80s is not in the set", name);
    if (is_enum)
        return compile_enum(&out->enumeration, compile, found);
    const struct descriptor_message *message = &set->messages[found];
    if (message->type_name != NULL)
        return compile_fail(compile, out->name.text, "%.60s is an event type, and not for fields",
                            message->short_name);
    if (message->map_entry && (!out->repeated || &set->messages[found] == compile->message))
        return compile_fail(compile, out->name.text, "is an entry without a map");
    out->map = message->map_entry;
    if (out->map)
        *value = kind_of_map_value(out, compile, message);
    return compile_want(compile, found, &out->message);
}

static uint8_t wire_type_of(enum plan_kind kind)
{
    switch (kind) {
    case PLAN_DOUBLE:
    case PLAN_FIXED64:
    case PLAN_SFIXED64:
        return WIRE_FIXED64;
    case PLAN_FLOAT:
    case PLAN_FIXED32:
    case PLAN_SFIXED32:
        return WIRE_FIXED32;
    case PLAN_STRING:
    case PLAN_BYTES:
    case PLAN_MESSAGE:
        return WIRE_BYTES;
    default:
        return WIRE_VARINT;
    }
}

static bool is_packable(enum plan_kind kind)
{
    return kind != PLAN_STRING && kind != PLAN_BYTES && kind != PLAN_MESSAGE;
}

static oyez_err read_doc(struct plan_field *out, struct compile *compile, uint32_t index)
{
    const struct descriptor_message *message = compile->message;
    const struct descriptor_file *file = &compile->set->files[message->file];
    out->doc =
        descriptor_doc(compile->set, message->file, message->path, MESSAGE_PART_FIELD, index);
    if (out->doc == NULL)
        return descriptor_no_memory(compile->set);
    if (out->doc[0] == '\0' && file->catalog && !message->map_entry && !compile->set->trusted &&
        !compile->set->for_reading)
        return compile_fail(compile, out->name.text,
                            "no doc: write a comment right above the field");
    return OYEZ_OK;
}

static oyez_err read_rules(struct plan_field *out, struct compile *compile,
                           const struct field_descriptor *field, enum plan_kind value)
{
    struct field_options options;
    oyez_err err = options_read_field(&options, compile->set, compile->message, out->name.text,
                                      field->options);
    if (err != OYEZ_OK)
        return err;
    out->rules = options.rules;
    out->packed =
        out->repeated && is_packable(out->kind) && (!options.has_packed || options.packed);
    bool presence = field->has_oneof || out->repeated || out->kind == PLAN_MESSAGE;
    out->presence = presence;
    return compile_rules(out, compile, value, presence);
}

oyez_err compile_field(struct plan_field *out, struct compile *compile, uint32_t index,
                       struct descriptor_slice bytes)
{
    struct field_descriptor field;
    oyez_err err = read_descriptor(&field, compile, bytes);
    if (err != OYEZ_OK)
        return err;
    const char *name = arena_text(&compile->set->arena, field.name.bytes, field.name.size);
    if (name == NULL)
        return descriptor_no_memory(compile->set);
    err = check_descriptor(&field, name, compile);
    if (err == OYEZ_OK)
        err = check_style(&field, name, compile);
    if (err != OYEZ_OK)
        return err;
    out->name = (struct plan_text){name, field.name.size};
    out->number = (uint32_t)field.number;
    out->kind = kind_of(field.type);
    out->wire_type = wire_type_of(out->kind);
    out->repeated = field.label == LABEL_REPEATED;
    if (field.has_oneof && !field.proto3_optional)
        out->oneof = (uint16_t)(field.oneof + 1);
    enum plan_kind value;
    err = resolve(out, compile, &field, &value);
    if (err == OYEZ_OK)
        err = read_doc(out, compile, index);
    return err == OYEZ_OK ? read_rules(out, compile, &field, value) : err;
}

static int compare_values(const void *left, const void *right)
{
    // Of equal numbers the first declared stands first; names lie in the order of declaration.
    const struct plan_enum_value *a = left;
    const struct plan_enum_value *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->name.text > b->name.text) - (a->name.text < b->name.text);
}

static int compare_value_names(const void *left, const void *right, void *arg)
{
    const struct plan_enum_value *values = arg;
    const struct plan_text *other = &values[*(const uint16_t *)right].name;
    return plan_text_compare(&values[*(const uint16_t *)left].name, other->text, other->size);
}

// Names are copied one after the other into `names`, which has room for all of them.
static oyez_err read_value(struct plan_enum_value *out, struct compile *compile,
                           const struct wire_field *value, char **names)
{
    struct wire_reader reader = {value->bytes, value->bytes + value->size};
    struct wire_field field;
    struct descriptor_slice name = {0};
    uint64_t number = 0;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(compile);
        if (field.number == VALUE_NAME && field.type == WIRE_BYTES)
            name = (struct descriptor_slice){field.bytes, field.size};
        if (field.number == VALUE_NUMBER && field.type == WIRE_VARINT)
            number = field.integer;
    }
    if (!is_field_name(name))
        return broken(compile);
    assert(name.bytes != NULL);
    memcpy(*names, name.bytes, name.size);
    out->name = (struct plan_text){*names, name.size};
    out->number = (int32_t)(uint32_t)number;
    *names += name.size + 1;
    return OYEZ_OK;
}

static oyez_err read_values(struct plan_enum_value *values, struct compile *compile,
                            const struct descriptor_enum *e)
{
    char *names = arena_take(&compile->set->arena, e->bytes.size + e->value_count, 1);
    if (names == NULL)
        return descriptor_no_memory(compile->set);
    struct wire_reader reader = descriptor_reader(e->bytes);
    struct wire_field field;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.number == ENUM_VALUE && field.type == WIRE_BYTES)
            err = read_value(values++, compile, &field, &names);
    }
    return err;
}

oyez_err compile_enum(const struct plan_enum **out, struct compile *compile, uint32_t index)
{
    struct descriptor_set *set = compile->set;
    struct descriptor_enum *e = &set->enums[index];
    *out = e->plan;
    if (e->plan != NULL)
        return OYEZ_OK;
    struct plan_enum *plan = arena_take(&set->arena, 1, sizeof *plan);
    struct plan_enum_value *values = arena_take(&set->arena, e->value_count, sizeof *values);
    uint16_t *by_name = arena_take(&set->arena, e->value_count, sizeof *by_name);
    if (plan == NULL || values == NULL || by_name == NULL)
        return descriptor_no_memory(set);
    if (e->value_count == 0 || e->value_count > UINT16_MAX)
        return compile_fail(compile, NULL, "%.80s has no values, or too many", e->name);
    oyez_err err = read_values(values, compile, e);
    if (err != OYEZ_OK)
        return err;
    qsort(values, e->value_count, sizeof *values, compare_values);
    for (uint32_t i = 0; i < e->value_count; i++)
        by_name[i] = (uint16_t)i;
    qsort_r(by_name, e->value_count, sizeof *by_name, compare_value_names, values);
    *plan = (struct plan_enum){values, e->value_count, by_name};
    *out = e->plan = plan;
    return OYEZ_OK;
}
