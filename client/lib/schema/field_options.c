// SPDX-License-Identifier: MIT
// FieldRules of options.proto.
#include <string.h>

#include "schema/options.h"
#include "wire/field.h"

enum { FIELD_PACKED = 2, OPTION_RULES = 51003 };
enum {
    RULES_REQUIRED = 1,
    RULES_MIN_LENGTH = 2,
    RULES_MAX_LENGTH = 3,
    RULES_ALLOWED = 4,
    RULES_MIN = 5,
    RULES_MAX = 6,
    RULES_FORMAT = 7,
    RULES_JSON = 8,
    RULES_TRUNCATE = 9,
    RULES_DEPRECATED = 10,
    RULES_INDEXED = 11,
    RULES_EXAMPLE = 12,
};

struct owner {
    struct descriptor_set *set;
    const struct descriptor_file *file;
    const struct descriptor_message *message;
    const char *field;
};

static oyez_err broken(const struct owner *owner)
{
    return descriptor_fail(OYEZ_ERR_MALFORMED, owner->set, owner->file, owner->message,
                           owner->field, "its options are not such a message");
}

static void read_number(struct plan_rules *rules, const struct wire_field *field)
{
    uint32_t number = field->integer < UINT32_MAX ? (uint32_t)field->integer : UINT32_MAX;
    bool yes = field->integer != 0;
    if (field->number == RULES_REQUIRED) {
        rules->required = yes;
    } else if (field->number == RULES_MIN_LENGTH) {
        rules->min_length = number;
    } else if (field->number == RULES_MAX_LENGTH) {
        rules->has_max_length = true;
        rules->max_length = number;
    } else if (field->number == RULES_FORMAT) {
        rules->format = number <= PLAN_FORMAT_SEMVER ? (enum plan_format)number : PLAN_FORMAT_NONE;
    } else if (field->number == RULES_JSON) {
        rules->json = yes;
    } else if (field->number == RULES_TRUNCATE) {
        rules->truncate = number;
    } else if (field->number == RULES_INDEXED) {
        rules->indexed = yes;
    }
}

static void read_limit(struct plan_rules *rules, const struct wire_field *field)
{
    double value;
    memcpy(&value, &field->integer, sizeof value);
    if (field->number == RULES_MIN) {
        rules->has_min = true;
        rules->min = value;
    } else if (field->number == RULES_MAX) {
        rules->has_max = true;
        rules->max = value;
    }
}

static oyez_err count_allowed(const struct owner *owner, const uint8_t *bytes, size_t size,
                              size_t *count)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_field field;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(owner);
        *count += field.number == RULES_ALLOWED && field.type == WIRE_BYTES;
    }
    return OYEZ_OK;
}

static oyez_err read_rules(struct plan_rules *rules, struct plan_text *allowed,
                           const struct owner *owner, const uint8_t *bytes, size_t size)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_field field;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.type == WIRE_VARINT)
            read_number(rules, &field);
        else if (field.type == WIRE_FIXED64)
            read_limit(rules, &field);
        else if (field.type == WIRE_BYTES && field.number == RULES_ALLOWED) {
            struct plan_text *text = &allowed[rules->allowed_count++];
            text->size = field.size;
            err = options_read_text(&text->text, owner->set, owner->file, owner->message,
                                    field.bytes, field.size);
        } else if (field.type == WIRE_BYTES && field.number == RULES_DEPRECATED && field.size > 0)
            err = options_read_text(&rules->deprecated, owner->set, owner->file, owner->message,
                                    field.bytes, field.size);
        else if (field.type == WIRE_BYTES && field.number == RULES_EXAMPLE && field.size > 0)
            err = options_read_text(&rules->example, owner->set, owner->file, owner->message,
                                    field.bytes, field.size);
    }
    return err;
}

// Whether the options can be read at all, `packed`, and how many values are allowed.
static oyez_err survey(struct field_options *out, const struct owner *owner,
                       struct descriptor_slice options, size_t *allowed)
{
    struct wire_reader reader = descriptor_reader(options);
    struct wire_field field;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(owner);
        if (field.number == OPTION_RULES && field.type == WIRE_BYTES)
            err = count_allowed(owner, field.bytes, field.size, allowed);
        if (field.number == FIELD_PACKED && field.type == WIRE_VARINT) {
            out->has_packed = true;
            out->packed = field.integer != 0;
        }
    }
    return err;
}

oyez_err options_read_field(struct field_options *out, struct descriptor_set *set,
                            const struct descriptor_message *message, const char *field_name,
                            struct descriptor_slice options)
{
    struct owner owner = {set, &set->files[message->file], message, field_name};
    size_t allowed_count = 0;
    *out = (struct field_options){.rules.max_length = UINT32_MAX};
    oyez_err err = survey(out, &owner, options, &allowed_count);
    if (err != OYEZ_OK)
        return err;
    if (allowed_count > OYEZ_PLAN_ALLOWED_MAX)
        return descriptor_fail(OYEZ_ERR_TOO_LARGE, set, owner.file, message, field_name,
                               "more than %u allowed values", OYEZ_PLAN_ALLOWED_MAX);
    struct plan_text *allowed = arena_take(&set->arena, allowed_count, sizeof *allowed);
    if (allowed == NULL)
        return descriptor_no_memory(set);
    out->rules.allowed = allowed;
    struct wire_reader reader = descriptor_reader(options);
    struct wire_field field;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &field)) {
        if (field.number == OPTION_RULES && field.type == WIRE_BYTES)
            err = read_rules(&out->rules, allowed, &owner, field.bytes, field.size);
    }
    return err;
}
