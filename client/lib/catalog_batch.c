// SPDX-License-Identifier: MIT
// Catalogs and types of one descriptor set.
#include <string.h>

#include "catalog_set.h"
#include "wire/field.h"

enum { MESSAGE_FIELD = 2, FIELD_TYPE_NAME = 6 };

static enum oyez_lane lane_of(enum option_delivery of_type, enum option_delivery of_catalog)
{
    enum option_delivery delivery = of_type != DELIVERY_UNSPECIFIED ? of_type : of_catalog;
    return delivery == DELIVERY_FAST ? OYEZ_LANE_FAST : OYEZ_LANE_DURABLE;
}

static oyez_err read_type(struct oyez_type *out, struct catalog *catalog, uint32_t index)
{
    struct descriptor_set *set = catalog->set;
    const struct descriptor_message *message = &set->messages[index];
    struct type_options options;
    oyez_err err = options_read_type(&options, set, message);
    if (err != OYEZ_OK)
        return err;
    struct oyez_type_schema *schema = arena_take(&set->arena, 1, sizeof *schema);
    const char *doc = descriptor_doc(set, message->file, message->path, 0, 0);
    if (schema == NULL || doc == NULL)
        return descriptor_no_memory(set);
    schema->catalog = catalog;
    schema->message = index;
    schema->rules = arena_take(&set->arena, 1, sizeof *schema->rules);
    if (schema->rules == NULL)
        return descriptor_no_memory(set);
    *out = (struct oyez_type){
        .name = options.name,
        .catalog = &catalog->head,
        .domain = options.domain,
        .version = options.version[0] != '\0' ? options.version : catalog->head.version,
        .delivery = lane_of(options.delivery, catalog->options.delivery),
        .personal = options.personal,
        .open = options.open,
        .doc = doc,
        .deprecated = options.deprecated,
        .schema = schema,
    };
    return set->trusted ? OYEZ_OK : type_judge(catalog, message, out);
}

// Messages come in the order of their declaration, and those of one file together.
static oyez_err read_types(struct catalog *catalog)
{
    struct descriptor_set *set = catalog->set;
    size_t count = 0;
    for (size_t i = 0; i < set->message_count; i++)
        count += set->messages[i].file == catalog->file && set->messages[i].type_name != NULL;
    struct oyez_type *types = arena_take(&set->arena, count, sizeof *types);
    if (types == NULL)
        return descriptor_no_memory(set);
    catalog->types = types;
    for (uint32_t i = 0; i < set->message_count; i++) {
        if (set->messages[i].file != catalog->file || set->messages[i].type_name == NULL)
            continue;
        oyez_err err = read_type(&types[catalog->type_count++], catalog, i);
        if (err != OYEZ_OK)
            return err;
    }
    return OYEZ_OK;
}

static oyez_err read_catalog(struct catalog *out, struct descriptor_set *set, uint32_t file,
                             bool reading_only)
{
    out->set = set;
    out->file = file;
    oyez_err err = options_read_catalog(&out->options, set, &set->files[file]);
    if (err != OYEZ_OK)
        return err;
    out->head = (struct oyez_catalog){
        .name = out->options.name,
        .version = out->options.version,
        .title = out->options.title,
        .origin = set->origin,
        .reading_only = reading_only,
    };
    if (!set->trusted)
        err = catalog_judge(out);
    return err == OYEZ_OK ? read_types(out) : err;
}

// Marks the messages that a field of their own file is of.
static void mark_used(struct descriptor_set *set, const struct descriptor_message *message)
{
    struct wire_reader reader = descriptor_reader(message->bytes);
    struct wire_field part;
    struct wire_field field;
    while (reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number != MESSAGE_FIELD || part.type != WIRE_BYTES)
            continue;
        struct wire_reader inner = {part.bytes, part.bytes + part.size};
        while (inner.at < inner.end && wire_read_field(&inner, &field)) {
            char name[DESCRIPTOR_NAME_SIZE_MAX + 1] = "";
            if (field.number != FIELD_TYPE_NAME || field.type != WIRE_BYTES || field.size < 2 ||
                field.size - 1 >= sizeof name)
                continue;
            memcpy(name, field.bytes + 1, field.size - 1);
            uint32_t found = descriptor_message_find(set, name);
            if (found != DESCRIPTOR_NONE && set->messages[found].file == message->file)
                set->messages[found].used = true;
        }
    }
}

// What no field and no type leads to was meant to be a type.
static oyez_err check_messages(struct descriptor_set *set)
{
    for (size_t i = 0; i < set->message_count; i++)
        mark_used(set, &set->messages[i]);
    for (size_t i = 0; i < set->message_count; i++) {
        const struct descriptor_message *message = &set->messages[i];
        const struct descriptor_file *file = &set->files[message->file];
        bool is_type = message->type_name != NULL;
        const char *fault = NULL;
        if (is_type && !file->catalog)
            fault = "an event type in a file without option (oyez.catalog)";
        else if (is_type && message->parent != DESCRIPTOR_NONE)
            fault = "an event type inside another message";
        else if (!is_type && file->catalog && message->parent == DESCRIPTOR_NONE && !message->used)
            fault = "no option (oyez.type), and no field of this file uses it";
        if (fault != NULL)
            return descriptor_fail(OYEZ_ERR_INVALID, set, file, message, NULL, "%s", fault);
    }
    return OYEZ_OK;
}

static oyez_err make_rules(const struct catalog_batch *batch)
{
    for (size_t c = 0; c < batch->catalog_count; c++) {
        for (size_t t = 0; t < batch->catalogs[c].type_count; t++) {
            struct type_rules *rules;
            oyez_err err = type_rules_make(&rules, &batch->catalogs[c].types[t]);
            if (err != OYEZ_OK)
                return err;
        }
    }
    return OYEZ_OK;
}

oyez_err catalog_batch_read(struct catalog_batch *out, struct descriptor_set *set,
                            bool reading_only)
{
    *out = (struct catalog_batch){0};
    size_t count = 0;
    for (size_t i = 0; i < set->file_count; i++)
        count += set->files[i].catalog;
    if (!set->trusted && count == 0)
        return descriptor_fail(OYEZ_ERR_INVALID, set, NULL, NULL, NULL,
                               "no file of it has option (oyez.catalog)");
    oyez_err err = set->trusted ? OYEZ_OK : check_messages(set);
    out->catalogs = arena_take(&set->arena, count, sizeof *out->catalogs);
    if (out->catalogs == NULL)
        return descriptor_no_memory(set);
    for (uint32_t i = 0; err == OYEZ_OK && i < set->file_count; i++) {
        if (set->files[i].catalog)
            err = read_catalog(&out->catalogs[out->catalog_count++], set, i, reading_only);
    }
    return err == OYEZ_OK && !set->trusted ? make_rules(out) : err;
}
