// SPDX-License-Identifier: MIT
#include "schema/export_proto.h"

#include <stdio.h>
#include <string.h>

#include "schema/export_text.h"
#include "wire/field.h"

#define COLUMNS 100u
#define PATH_SIZE_MAX 128u

enum { MESSAGE_NAME = 1, MESSAGE_FIELD = 2, MESSAGE_NESTED = 3, MESSAGE_ENUM = 4 };
enum { MESSAGE_RANGE = 5, MESSAGE_EXTENSION = 6, MESSAGE_OPTIONS = 7, MESSAGE_ONEOF = 8 };
enum { MESSAGE_RESERVED_RANGE = 9, MESSAGE_RESERVED_NAME = 10 };
enum { FIELD_NAME = 1, FIELD_NUMBER = 3, FIELD_LABEL = 4, FIELD_TYPE = 5, FIELD_TYPE_NAME = 6 };
enum { FIELD_OPTIONS = 8, FIELD_ONEOF = 9, FIELD_PROTO3_OPTIONAL = 17 };
enum { ENUM_NAME = 1, ENUM_VALUE = 2, ENUM_OPTIONS = 3, ENUM_ALIAS = 2 };
enum { LABEL_REPEATED = 3, TYPE_MAX = 18 };

// A message on its way to source.
struct source {
    struct json_text *out;
    struct descriptor_set *set;
    const struct descriptor_message *message;
    unsigned level;
};

// What a FieldDescriptorProto says.
struct field {
    struct descriptor_slice name;
    struct descriptor_slice type_name;
    struct descriptor_slice options;
    uint64_t number;
    uint64_t type;
    uint64_t oneof;
    bool repeated;
    bool in_oneof;
    bool optional;
};

static void indent(struct json_text *out, unsigned level)
{
    export_print(out, "%*s", (int)(2 * level), "");
}

static struct descriptor_slice slice_of(const struct wire_field *field)
{
    return (struct descriptor_slice){field->bytes, field->size};
}

void export_proto_comment(struct json_text *out, const char *doc, unsigned level)
{
    size_t room = COLUMNS - 2 * level - 2;
    size_t column = 0;
    while (*doc != '\0') {
        size_t size = strcspn(doc, " ");
        if (column > 0 && column + 1 + size > room) {
            json_text_put_words(out, "\n");
            column = 0;
        }
        if (column == 0) {
            indent(out, level);
            json_text_put_words(out, "//");
        }
        json_text_put_words(out, " ");
        json_text_put(out, doc, size);
        column += 1 + size;
        doc += size;
        doc += strspn(doc, " ");
    }
    json_text_put_words(out, column > 0 ? "\n" : "");
}

static oyez_err refuse(const struct source *source, const char *what)
{
    return descriptor_fail(OYEZ_ERR_INVALID, source->set,
                           &source->set->files[source->message->file], source->message, NULL, "%s",
                           what);
}

static bool read_field(struct field *out, const struct wire_field *bytes)
{
    struct wire_reader reader = {bytes->bytes, bytes->bytes + bytes->size};
    struct wire_field part;
    *out = (struct field){0};
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &part))
            return false;
        if (part.number == FIELD_NAME)
            out->name = slice_of(&part);
        else if (part.number == FIELD_NUMBER)
            out->number = part.integer;
        else if (part.number == FIELD_LABEL)
            out->repeated = part.integer == LABEL_REPEATED;
        else if (part.number == FIELD_TYPE)
            out->type = part.integer;
        else if (part.number == FIELD_TYPE_NAME)
            out->type_name = slice_of(&part);
        else if (part.number == FIELD_OPTIONS)
            out->options = slice_of(&part);
        else if (part.number == FIELD_PROTO3_OPTIONAL)
            out->optional = part.integer != 0;
        else if (part.number == FIELD_ONEOF) {
            out->in_oneof = true;
            out->oneof = part.integer;
        }
    }
    return out->type > 0 && out->type <= TYPE_MAX;
}

static const struct descriptor_message *find_message(const struct source *source,
                                                     struct descriptor_slice name)
{
    char text[DESCRIPTOR_NAME_SIZE_MAX + 1] = "";
    if (name.size < 2 || name.size > sizeof text)
        return NULL;
    memcpy(text, name.bytes + 1, name.size - 1);
    uint32_t found = descriptor_message_find(source->set, text);
    return found != DESCRIPTOR_NONE ? &source->set->messages[found] : NULL;
}

// Names of the file's own package go without it.
static void put_type_name(struct source *source, struct descriptor_slice name)
{
    const char *package = source->set->files[source->message->file].package;
    size_t size = strlen(package);
    bool own = name.size > size + 2 && memcmp(name.bytes + 1, package, size) == 0 &&
               name.bytes[size + 1] == '.';
    size_t skip = own ? size + 2 : 0;
    json_text_put(source->out, (const char *)name.bytes + skip, name.size - skip);
}

static void put_type(struct source *source, const struct field *field)
{
    static const char *const names[] = {"",         "double",   "float",   "int64",  "uint64",
                                        "int32",    "fixed64",  "fixed32", "bool",   "string",
                                        "",         "",         "bytes",   "uint32", "",
                                        "sfixed32", "sfixed64", "sint32",  "sint64"};
    if (field->type_name.size > 0)
        put_type_name(source, field->type_name);
    else
        json_text_put_words(source->out, names[field->type]);
}

static bool put_map(struct source *source, const struct descriptor_message *entry)
{
    struct wire_reader reader = descriptor_reader(entry->bytes);
    struct wire_field part;
    struct field field;
    const char *before = "map<";
    while (reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number != MESSAGE_FIELD || part.type != WIRE_BYTES)
            continue;
        if (!read_field(&field, &part))
            return false;
        json_text_put_words(source->out, before);
        put_type(source, &field);
        before = ", ";
    }
    json_text_put_words(source->out, ">");
    return true;
}

static oyez_err put_field(struct source *source, const struct wire_field *bytes, uint32_t index)
{
    struct field field;
    struct json_text *out = source->out;
    if (!read_field(&field, bytes))
        return refuse(source, "a field of it cannot be read");
    if (field.in_oneof && !field.optional)
        return refuse(source, "it has a oneof");
    const char *doc = descriptor_doc(source->set, source->message->file, source->message->path,
                                     MESSAGE_FIELD, index);
    export_proto_comment(out, doc != NULL ? doc : "", source->level);
    indent(out, source->level);
    const struct descriptor_message *message = find_message(source, field.type_name);
    bool map = message != NULL && message->map_entry;
    if (map && !put_map(source, message))
        return refuse(source, "a map of it cannot be read");
    if (!map) {
        json_text_put_words(out, field.repeated ? "repeated " : field.optional ? "optional " : "");
        put_type(source, &field);
    }
    json_text_put_words(out, " ");
    json_text_put(out, (const char *)field.name.bytes, field.name.size);
    export_print(out, " = %u", (unsigned)field.number);
    if (field.options.size > 0) {
        json_text_put_words(out, " [");
        if (!export_proto_options(out, PROTO_FIELD_OPTIONS, field.options, "", ", "))
            return refuse(source, "a field of it has options that catalogs have not");
        out->size -= out->size >= 2 ? 2 : 0;
        json_text_put_words(out, "]");
    }
    json_text_put_words(out, ";\n");
    return OYEZ_OK;
}

static oyez_err put_fields(struct source *source)
{
    struct wire_reader reader = descriptor_reader(source->message->bytes);
    struct wire_field part;
    uint32_t index = 0;
    bool first = source->message->options.size == 0;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number == MESSAGE_FIELD && part.type == WIRE_BYTES) {
            json_text_put_words(source->out, first ? "" : "\n");
            first = false;
            err = put_field(source, &part, index++);
        } else if (part.number == MESSAGE_RANGE || part.number == MESSAGE_EXTENSION)
            err = refuse(source, "it has extensions");
    }
    return err;
}

static bool read_range(const struct wire_field *bytes, uint64_t *start, uint64_t *end)
{
    struct wire_reader reader = {bytes->bytes, bytes->bytes + bytes->size};
    struct wire_field part;
    *start = *end = 0;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &part))
            return false;
        *(part.number == 1 ? start : end) = part.integer;
    }
    return *end > *start;
}

// Numbers and names that no field may have again.
static void put_reserved(struct source *source)
{
    struct wire_reader reader = descriptor_reader(source->message->bytes);
    struct wire_field part;
    uint64_t start;
    uint64_t end;
    while (reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number == MESSAGE_RESERVED_RANGE && read_range(&part, &start, &end)) {
            indent(source->out, source->level);
            export_print(source->out, end - start > 1 ? "reserved %u to %u;\n" : "reserved %u;\n",
                         (unsigned)start, (unsigned)(end - 1));
        } else if (part.number == MESSAGE_RESERVED_NAME && part.type == WIRE_BYTES) {
            indent(source->out, source->level);
            export_print(source->out, "reserved \"%.*s\";\n", (int)part.size,
                         (const char *)part.bytes);
        }
    }
}

static oyez_err put_enums(struct source *source)
{
    struct wire_reader reader = descriptor_reader(source->message->bytes);
    struct wire_field part;
    uint32_t index = 0;
    oyez_err err = OYEZ_OK;
    struct descriptor_slice parent = source->message->path;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number != MESSAGE_ENUM || part.type != WIRE_BYTES)
            continue;
        uint8_t path[PATH_SIZE_MAX + 10];
        if (parent.size > PATH_SIZE_MAX)
            return refuse(source, "it is nested too deep");
        memcpy(path, parent.bytes, parent.size);
        uint8_t *end = wire_write_varint(path + parent.size, MESSAGE_ENUM);
        end = wire_write_varint(end, index++);
        json_text_put_words(source->out, "\n");
        err = export_proto_enum(source->out, source->set, source->message->file,
                                (struct descriptor_slice){path, (size_t)(end - path)},
                                slice_of(&part), source->level);
    }
    return err;
}

static oyez_err put_message(struct source *source);

static oyez_err put_nested(struct source *source)
{
    oyez_err err = OYEZ_OK;
    uint32_t own = (uint32_t)(source->message - source->set->messages);
    for (uint32_t i = 0; err == OYEZ_OK && i < source->set->message_count; i++) {
        struct source inner = {source->out, source->set, &source->set->messages[i], source->level};
        if (inner.message->parent != own || inner.message->map_entry)
            continue;
        json_text_put_words(source->out, "\n");
        err = put_message(&inner);
    }
    return err;
}

static const char *last_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

// Recursion: DESCRIPTOR_NESTING_MAX, which the set's reader keeps.
static oyez_err put_message(struct source *source)
{
    const struct descriptor_message *message = source->message;
    struct json_text *out = source->out;
    const char *doc = descriptor_doc(source->set, message->file, message->path, 0, 0);
    export_proto_comment(out, doc != NULL ? doc : "", source->level);
    indent(out, source->level);
    export_print(out, "message %s {\n", last_name(message->name));
    source->level++;
    char before[64];
    snprintf(before, sizeof before, "%*soption ", (int)(2 * source->level), "");
    if (!export_proto_options(out, PROTO_MESSAGE_OPTIONS, message->options, before, ";\n"))
        return refuse(source, "it has options that catalogs have not");
    put_reserved(source);
    oyez_err err = put_enums(source);
    if (err == OYEZ_OK)
        err = put_nested(source);
    if (err == OYEZ_OK)
        err = put_fields(source);
    source->level--;
    indent(out, source->level);
    json_text_put_words(out, "}\n");
    return err;
}

oyez_err export_proto_message(struct json_text *out, struct descriptor_set *set, uint32_t message)
{
    struct source source = {out, set, &set->messages[message], 0};
    return put_message(&source);
}

static void put_value(struct json_text *out, const struct wire_field *value)
{
    struct wire_reader reader = {value->bytes, value->bytes + value->size};
    struct wire_field part;
    int32_t number = 0;
    while (reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number == 1 && part.type == WIRE_BYTES)
            json_text_put(out, (const char *)part.bytes, part.size);
        else if (part.number == 2)
            number = (int32_t)(uint32_t)part.integer;
    }
    export_print(out, " = %d;\n", number);
}

oyez_err export_proto_enum(struct json_text *out, struct descriptor_set *set, uint32_t file,
                           struct descriptor_slice path, struct descriptor_slice bytes,
                           unsigned level)
{
    struct wire_reader reader = descriptor_reader(bytes);
    struct wire_field part;
    const char *doc = descriptor_doc(set, file, path, 0, 0);
    export_proto_comment(out, doc != NULL ? doc : "", level);
    uint32_t index = 0;
    while (reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number == ENUM_NAME && part.type == WIRE_BYTES) {
            indent(out, level);
            export_print(out, "enum %.*s {\n", (int)part.size, (const char *)part.bytes);
        } else if (part.number == ENUM_VALUE && part.type == WIRE_BYTES) {
            doc = descriptor_doc(set, file, path, ENUM_VALUE, index++);
            export_proto_comment(out, doc != NULL ? doc : "", level + 1);
            indent(out, level + 1);
            put_value(out, &part);
        } else if (part.number != ENUM_OPTIONS || part.size > 0) {
            return descriptor_fail(OYEZ_ERR_INVALID, set, &set->files[file], NULL, NULL,
                                   "an enum of it has options or reserved numbers");
        }
    }
    indent(out, level);
    json_text_put_words(out, "}\n");
    return OYEZ_OK;
}
