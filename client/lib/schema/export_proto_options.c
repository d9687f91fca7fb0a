// SPDX-License-Identifier: MIT
// options.proto as tables: what protobuf's text format needs to know of its messages.
#include <string.h>

#include "schema/export_proto.h"
#include "schema/export_text.h"
#include "schema/number_text.h"
#include "wire/field.h"

enum shape { SHAPE_TEXT, SHAPE_BOOL, SHAPE_UINT, SHAPE_DOUBLE, SHAPE_WORD, SHAPE_MESSAGE };

struct option_field {
    uint32_t number; // 0 ends a table
    const char *name;
    enum shape shape;
    const struct option_field *fields; // of a message
    const char *const *words;          // of an enum
};

static const char *const deliveries[] = {"DELIVERY_UNSPECIFIED", "DURABLE", "FAST", NULL};
static const char *const cases[] = {"NAME_CASE_ANY", "NAME_CASE_LOWER", "NAME_CASE_UPPER",
                                    "NAME_CASE_CAMEL", NULL};
static const char *const formats[] = {"FORMAT_NONE", "UUID", "TIMESTAMP", "EMAIL", "SEMVER", NULL};

static const struct option_field naming_fields[] = {
    {1, "min_parts", SHAPE_UINT, NULL, NULL},
    {2, "max_parts", SHAPE_UINT, NULL, NULL},
    {3, "letters", SHAPE_WORD, NULL, cases},
    {4, "first_parts", SHAPE_TEXT, NULL, NULL},
    {0},
};

static const struct option_field header_fields[] = {
    {1, "field", SHAPE_TEXT, NULL, NULL},        {2, "types", SHAPE_TEXT, NULL, NULL},
    {3, "when", SHAPE_TEXT, NULL, NULL},         {4, "required", SHAPE_BOOL, NULL, NULL},
    {5, "allowed", SHAPE_TEXT, NULL, NULL},      {6, "default_value", SHAPE_TEXT, NULL, NULL},
    {7, "default_from", SHAPE_TEXT, NULL, NULL}, {0},
};

static const struct option_field catalog_fields[] = {
    {1, "name", SHAPE_TEXT, NULL, NULL},
    {2, "version", SHAPE_TEXT, NULL, NULL},
    {3, "title", SHAPE_TEXT, NULL, NULL},
    {4, "delivery", SHAPE_WORD, NULL, deliveries},
    {5, "naming", SHAPE_MESSAGE, naming_fields, NULL},
    {6, "indexed_tags", SHAPE_TEXT, NULL, NULL},
    {7, "header", SHAPE_MESSAGE, header_fields, NULL},
    {0},
};

static const struct option_field type_fields[] = {
    {1, "name", SHAPE_TEXT, NULL, NULL},       {2, "domain", SHAPE_TEXT, NULL, NULL},
    {3, "version", SHAPE_TEXT, NULL, NULL},    {4, "delivery", SHAPE_WORD, NULL, deliveries},
    {5, "personal", SHAPE_BOOL, NULL, NULL},   {6, "open", SHAPE_BOOL, NULL, NULL},
    {7, "deprecated", SHAPE_TEXT, NULL, NULL}, {0},
};

static const struct option_field rule_fields[] = {
    {1, "required", SHAPE_BOOL, NULL, NULL},
    {2, "min_length", SHAPE_UINT, NULL, NULL},
    {3, "max_length", SHAPE_UINT, NULL, NULL},
    {4, "allowed", SHAPE_TEXT, NULL, NULL},
    {5, "min", SHAPE_DOUBLE, NULL, NULL},
    {6, "max", SHAPE_DOUBLE, NULL, NULL},
    {7, "format", SHAPE_WORD, NULL, formats},
    {8, "json", SHAPE_BOOL, NULL, NULL},
    {9, "truncate", SHAPE_UINT, NULL, NULL},
    {10, "deprecated", SHAPE_TEXT, NULL, NULL},
    {11, "indexed", SHAPE_BOOL, NULL, NULL},
    {12, "example", SHAPE_TEXT, NULL, NULL},
    {0},
};

// What protobuf itself has for files, messages and fields, as far as catalogs use it.
static const struct option_field file_options[] = {
    {51001, "(oyez.catalog)", SHAPE_MESSAGE, catalog_fields, NULL},
    {1, "java_package", SHAPE_TEXT, NULL, NULL},
    {11, "go_package", SHAPE_TEXT, NULL, NULL},
    {37, "csharp_namespace", SHAPE_TEXT, NULL, NULL},
    {0},
};
static const struct option_field message_options[] = {
    {51002, "(oyez.type)", SHAPE_MESSAGE, type_fields, NULL},
    {3, "deprecated", SHAPE_BOOL, NULL, NULL},
    {0},
};
static const struct option_field field_options[] = {
    {51003, "(oyez.rules)", SHAPE_MESSAGE, rule_fields, NULL},
    {2, "packed", SHAPE_BOOL, NULL, NULL},
    {3, "deprecated", SHAPE_BOOL, NULL, NULL},
    {0},
};

static const struct option_field *find(const struct option_field *fields, uint32_t number)
{
    for (; fields->number != 0; fields++) {
        if (fields->number == number)
            return fields;
    }
    return NULL;
}

// As text format quotes it: bytes above ASCII stand as they are.
static void put_text(struct json_text *out, const uint8_t *bytes, size_t size)
{
    json_text_put_words(out, "\"");
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\')
            export_print(out, "\\%c", bytes[i]);
        else if (bytes[i] < ' ' || bytes[i] == 0x7f)
            export_print(out, "\\%03o", bytes[i]);
        else
            json_text_put(out, (const char *)&bytes[i], 1);
    }
    json_text_put_words(out, "\"");
}

static bool put_word(struct json_text *out, const struct option_field *field, uint64_t value)
{
    for (uint64_t i = 0; field->words[i] != NULL; i++) {
        if (i == value) {
            json_text_put_words(out, field->words[i]);
            return true;
        }
    }
    return false;
}

static bool put_scalar(struct json_text *out, const struct option_field *field,
                       const struct wire_field *value)
{
    char text[NUMBER_TEXT_SIZE];
    double number;
    bool varint = value->type == WIRE_VARINT;
    switch (field->shape) {
    case SHAPE_TEXT:
        if (value->type == WIRE_BYTES)
            put_text(out, value->bytes, value->size);
        return value->type == WIRE_BYTES;
    case SHAPE_BOOL:
        json_text_put_words(out, value->integer != 0 ? "true" : "false");
        return varint;
    case SHAPE_UINT:
        json_text_put_unsigned(out, value->integer);
        return varint;
    case SHAPE_WORD:
        return varint && put_word(out, field, value->integer);
    case SHAPE_DOUBLE:
        memcpy(&number, &value->integer, sizeof number);
        number_to_text(number, text);
        json_text_put_words(out, text);
        return value->type == WIRE_FIXED64;
    case SHAPE_MESSAGE:
        break;
    }
    return false;
}

// Recursion: as deep as the tables are.
static bool put_message(struct json_text *out, const struct option_field *fields,
                        const uint8_t *bytes, size_t size)
{
    struct wire_reader reader = {bytes, bytes + size};
    struct wire_field value;
    const char *before = "{";
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &value))
            return false;
        const struct option_field *field = find(fields, value.number);
        if (field == NULL)
            return false;
        export_print(out, "%s%s: ", before, field->name);
        before = ", ";
        bool message = field->shape == SHAPE_MESSAGE && value.type == WIRE_BYTES;
        bool put = message ? put_message(out, field->fields, value.bytes, value.size)
                           : put_scalar(out, field, &value);
        if (!put)
            return false;
    }
    json_text_put_words(out, before[0] == '{' ? "{}" : "}");
    return true;
}

bool export_proto_options(struct json_text *out, enum proto_options which,
                          struct descriptor_slice options, const char *before, const char *after)
{
    static const struct option_field *const tables[] = {file_options, message_options,
                                                        field_options};
    struct wire_reader reader = descriptor_reader(options);
    struct wire_field value;
    while (reader.at < reader.end) {
        if (!wire_read_field(&reader, &value))
            return false;
        const struct option_field *field = find(tables[which], value.number);
        if (field == NULL)
            return false;
        export_print(out, "%s%s = ", before, field->name);
        bool message = field->shape == SHAPE_MESSAGE && value.type == WIRE_BYTES;
        bool put = message ? put_message(out, field->fields, value.bytes, value.size)
                           : put_scalar(out, field, &value);
        if (!put)
            return false;
        json_text_put_words(out, after);
    }
    return true;
}
