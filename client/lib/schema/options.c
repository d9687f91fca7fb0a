// SPDX-License-Identifier: MIT
#include "schema/options.h"

#include <stdlib.h>
#include <string.h>

#include "schema/characters.h"
#include "wire/field.h"

enum { OPTION_CATALOG = 51001, OPTION_TYPE = 51002 };
enum { MESSAGE_MAP_ENTRY = 7 };
enum {
    CATALOG_NAME = 1,
    CATALOG_VERSION = 2,
    CATALOG_TITLE = 3,
    CATALOG_DELIVERY = 4,
    CATALOG_NAMING = 5,
    CATALOG_INDEXED_TAGS = 6,
    CATALOG_HEADER = 7,
};
enum { NAMING_MIN_PARTS = 1, NAMING_MAX_PARTS = 2, NAMING_LETTERS = 3, NAMING_FIRST_PARTS = 4 };
enum {
    HEADER_FIELD = 1,
    HEADER_TYPES = 2,
    HEADER_WHEN = 3,
    HEADER_REQUIRED = 4,
    HEADER_ALLOWED = 5,
    HEADER_DEFAULT_VALUE = 6,
    HEADER_DEFAULT_FROM = 7,
};
enum {
    TYPE_NAME = 1,
    TYPE_DOMAIN = 2,
    TYPE_VERSION = 3,
    TYPE_DELIVERY = 4,
    TYPE_PERSONAL = 5,
    TYPE_OPEN = 6,
    TYPE_DEPRECATED = 7,
};

// Whose options are read, for texts and complaints.
struct owner {
    struct descriptor_set *set;
    const struct descriptor_file *file;
    const struct descriptor_message *message;
};

static oyez_err broken(const struct owner *owner)
{
    return descriptor_fail(OYEZ_ERR_MALFORMED, owner->set, owner->file, owner->message, NULL,
                           "its options are not such a message");
}

static oyez_err too_many(const struct owner *owner, const char *what, unsigned max)
{
    return descriptor_fail(OYEZ_ERR_TOO_LARGE, owner->set, owner->file, owner->message, NULL,
                           "more than %u %s", max, what);
}

oyez_err options_read_text(const char **out, struct descriptor_set *set,
                           const struct descriptor_file *file,
                           const struct descriptor_message *message, const uint8_t *bytes,
                           size_t size)
{
    size_t count;
    const char *text = (const char *)bytes;
    if (size > OPTIONS_TEXT_SIZE_MAX)
        return descriptor_fail(OYEZ_ERR_TOO_LARGE, set, file, message, NULL,
                               "a text of an option has more than %u bytes", OPTIONS_TEXT_SIZE_MAX);
    bool clean = characters_count(text, size, &count);
    for (size_t i = 0; i < size && clean; i++)
        clean = bytes[i] >= 0x20 && bytes[i] != 0x7f;
    if (!clean)
        return descriptor_fail(OYEZ_ERR_INVALID, set, file, message, NULL,
                               "a text of an option is not UTF-8, or has a control character");
    *out = arena_text(&set->arena, bytes, size);
    return *out != NULL ? OYEZ_OK : descriptor_no_memory(set);
}

static oyez_err read_text(const char **out, const struct owner *owner,
                          const struct wire_field *field)
{
    return options_read_text(out, owner->set, owner->file, owner->message, field->bytes,
                             field->size);
}

// Calls `read` for every field of every occurrence of an extension: protobuf merges them.
typedef oyez_err option_reader(void *arg, const struct owner *owner,
                               const struct wire_field *field);

static oyez_err read_each(const struct owner *owner, const uint8_t *bytes, size_t size,
                          option_reader *read, void *arg)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_field field;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(owner);
        err = read(arg, owner, &field);
    }
    return err;
}

static oyez_err read_extension(const struct owner *owner, struct descriptor_slice options,
                               uint32_t number, option_reader *read, void *arg)
{
    struct wire_reader reader = descriptor_reader(options);
    struct wire_field field;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(owner);
        if (field.number == number && field.type == WIRE_BYTES)
            err = read_each(owner, field.bytes, field.size, read, arg);
    }
    return err;
}

static oyez_err read_naming(void *arg, const struct owner *owner, const struct wire_field *field)
{
    struct naming_rule *naming = arg;
    bool number = field->type == WIRE_VARINT;
    if (field->number == NAMING_MIN_PARTS && number)
        naming->min_parts = (uint32_t)field->integer;
    else if (field->number == NAMING_MAX_PARTS && number)
        naming->max_parts = (uint32_t)field->integer;
    else if (field->number == NAMING_LETTERS && number)
        naming->letters = (enum option_name_case)field->integer;
    else if (field->number == NAMING_FIRST_PARTS && field->type == WIRE_BYTES) {
        if (naming->first_part_count == OPTIONS_FIRST_PARTS_MAX)
            return too_many(owner, "first parts", OPTIONS_FIRST_PARTS_MAX);
        return read_text(&naming->first_parts[naming->first_part_count++], owner, field);
    }
    return OYEZ_OK;
}

static oyez_err add_allowed(struct header_option *rule, const struct owner *owner,
                            const struct wire_field *field)
{
    if (rule->allowed == NULL)
        rule->allowed =
            arena_take(&owner->set->arena, OPTIONS_HEADER_ALLOWED_MAX, sizeof *rule->allowed);
    if (rule->allowed == NULL)
        return descriptor_no_memory(owner->set);
    if (rule->allowed_count == OPTIONS_HEADER_ALLOWED_MAX)
        return too_many(owner, "allowed values of a header field", OPTIONS_HEADER_ALLOWED_MAX);
    struct plan_text *allowed = &rule->allowed[rule->allowed_count++];
    allowed->size = field->size;
    return read_text(&allowed->text, owner, field);
}

static oyez_err read_header_rule(void *arg, const struct owner *owner,
                                 const struct wire_field *field)
{
    struct header_option *rule = arg;
    if (field->number == HEADER_REQUIRED && field->type == WIRE_VARINT)
        rule->required = field->integer != 0;
    if (field->type != WIRE_BYTES)
        return OYEZ_OK;
    switch (field->number) {
    case HEADER_FIELD:
        return read_text(&rule->field, owner, field);
    case HEADER_TYPES:
        return read_text(&rule->types, owner, field);
    case HEADER_WHEN:
        return read_text(&rule->when, owner, field);
    case HEADER_ALLOWED:
        return add_allowed(rule, owner, field);
    case HEADER_DEFAULT_VALUE:
        rule->has_default_value = true;
        return read_text(&rule->default_value, owner, field);
    case HEADER_DEFAULT_FROM:
        return read_text(&rule->default_from, owner, field);
    default:
        return OYEZ_OK;
    }
}

static int compare_texts(const void *left, const void *right)
{
    const struct plan_text *other = right;
    return plan_text_compare(left, other->text, other->size);
}

static oyez_err add_header_rule(struct catalog_options *catalog, const struct owner *owner,
                                const struct wire_field *field)
{
    if (catalog->header == NULL)
        catalog->header =
            arena_take(&owner->set->arena, OPTIONS_HEADER_RULES_MAX, sizeof *catalog->header);
    if (catalog->header == NULL)
        return descriptor_no_memory(owner->set);
    if (catalog->header_count == OPTIONS_HEADER_RULES_MAX)
        return too_many(owner, "header rules", OPTIONS_HEADER_RULES_MAX);
    struct header_option *rule = &catalog->header[catalog->header_count++];
    *rule = (struct header_option){
        .field = "", .types = "", .when = "", .default_value = "", .default_from = ""};
    oyez_err err = read_each(owner, field->bytes, field->size, read_header_rule, rule);
    // Here and not where rules are made: those of other types read the values meanwhile.
    if (err == OYEZ_OK && rule->allowed_count > 1)
        qsort(rule->allowed, rule->allowed_count, sizeof *rule->allowed, compare_texts);
    return err;
}

static oyez_err read_catalog(void *arg, const struct owner *owner, const struct wire_field *field)
{
    struct catalog_options *catalog = arg;
    if (field->number == CATALOG_DELIVERY && field->type == WIRE_VARINT)
        catalog->delivery = (enum option_delivery)field->integer;
    if (field->type != WIRE_BYTES)
        return OYEZ_OK;
    switch (field->number) {
    case CATALOG_NAME:
        return read_text(&catalog->name, owner, field);
    case CATALOG_VERSION:
        return read_text(&catalog->version, owner, field);
    case CATALOG_TITLE:
        return read_text(&catalog->title, owner, field);
    case CATALOG_NAMING:
        catalog->has_naming = true;
        return read_each(owner, field->bytes, field->size, read_naming, &catalog->naming);
    case CATALOG_INDEXED_TAGS:
        if (catalog->indexed_tag_count == OPTIONS_INDEXED_TAGS_MAX)
            return too_many(owner, "indexed tags", OPTIONS_INDEXED_TAGS_MAX);
        return read_text(&catalog->indexed_tags[catalog->indexed_tag_count++], owner, field);
    case CATALOG_HEADER:
        return add_header_rule(catalog, owner, field);
    default:
        return OYEZ_OK;
    }
}

oyez_err options_read_catalog(struct catalog_options *out, struct descriptor_set *set,
                              const struct descriptor_file *file)
{
    *out = (struct catalog_options){.name = "", .version = "", .title = ""};
    struct owner owner = {set, file, NULL};
    return read_extension(&owner, file->options, OPTION_CATALOG, read_catalog, out);
}

static oyez_err read_type(void *arg, const struct owner *owner, const struct wire_field *field)
{
    struct type_options *type = arg;
    if (field->type == WIRE_VARINT) {
        if (field->number == TYPE_DELIVERY)
            type->delivery = (enum option_delivery)field->integer;
        else if (field->number == TYPE_PERSONAL)
            type->personal = field->integer != 0;
        else if (field->number == TYPE_OPEN)
            type->open = field->integer != 0;
        return OYEZ_OK;
    }
    if (field->type != WIRE_BYTES)
        return OYEZ_OK;
    switch (field->number) {
    case TYPE_NAME:
        return read_text(&type->name, owner, field);
    case TYPE_DOMAIN:
        return read_text(&type->domain, owner, field);
    case TYPE_VERSION:
        return read_text(&type->version, owner, field);
    case TYPE_DEPRECATED:
        return read_text(&type->deprecated, owner, field);
    default:
        return OYEZ_OK;
    }
}

oyez_err options_read_type(struct type_options *out, struct descriptor_set *set,
                           const struct descriptor_message *message)
{
    *out = (struct type_options){.name = "", .domain = "", .version = ""};
    struct owner owner = {set, &set->files[message->file], message};
    oyez_err err = read_extension(&owner, message->options, OPTION_TYPE, read_type, out);
    if (err == OYEZ_OK && out->deprecated != NULL && out->deprecated[0] == '\0')
        out->deprecated = NULL;
    return err;
}

oyez_err options_read_file(struct descriptor_set *set, struct descriptor_file *file)
{
    struct owner owner = {set, file, NULL};
    struct wire_reader reader = descriptor_reader(file->options);
    struct wire_field field;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(&owner);
        file->catalog = file->catalog || field.number == OPTION_CATALOG;
    }
    return OYEZ_OK;
}

oyez_err options_read_message(struct descriptor_set *set, struct descriptor_message *message)
{
    struct owner owner = {set, &set->files[message->file], message};
    struct wire_reader reader = descriptor_reader(message->options);
    struct wire_field field;
    bool is_type = false;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &field))
            return broken(&owner);
        is_type = is_type || field.number == OPTION_TYPE;
        if (field.number == MESSAGE_MAP_ENTRY && field.type == WIRE_VARINT)
            message->map_entry = field.integer != 0;
    }
    if (!is_type)
        return OYEZ_OK;
    struct type_options type;
    oyez_err err = options_read_type(&type, set, message);
    if (err == OYEZ_OK)
        message->type_name = type.name;
    return err;
}
