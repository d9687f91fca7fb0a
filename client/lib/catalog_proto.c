// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "argument.h"
#include "builtin_catalogs.h"
#include "catalog_set.h"
#include "oyez/catalog_tools.h"
#include "schema/export_proto.h"
#include "schema/export_text.h"
#include "wire/field.h"

enum { FILE_ENUM = 5, FILE_SERVICE = 6, FILE_EXTENSION = 7 };

static oyez_err put_enums(struct json_text *out, const struct catalog *catalog)
{
    struct descriptor_set *set = catalog->set;
    const struct descriptor_file *file = &set->files[catalog->file];
    struct wire_reader reader = descriptor_reader(file->bytes);
    struct wire_field part;
    uint32_t index = 0;
    oyez_err err = OYEZ_OK;
    while (err == OYEZ_OK && reader.at < reader.end && wire_read_field(&reader, &part)) {
        if (part.number == FILE_SERVICE || part.number == FILE_EXTENSION)
            return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL,
                                   "it has services or extensions");
        if (part.number != FILE_ENUM || part.type != WIRE_BYTES)
            continue;
        uint8_t path[12];
        uint8_t *end = wire_write_varint(path, FILE_ENUM);
        end = wire_write_varint(end, index++);
        json_text_put_words(out, "\n");
        err = export_proto_enum(out, set, catalog->file,
                                (struct descriptor_slice){path, (size_t)(end - path)},
                                (struct descriptor_slice){part.bytes, part.size}, 0);
    }
    return err;
}

static oyez_err put_file(struct json_text *out, const struct catalog *catalog)
{
    struct descriptor_set *set = catalog->set;
    const struct descriptor_file *file = &set->files[catalog->file];
    export_print(out, "syntax = \"%s\";\n", file->syntax);
    if (file->package[0] != '\0')
        export_print(out, "package %s;\n\n", file->package);
    for (size_t i = 0; i < file->import_count; i++)
        export_print(out, "import \"%s\";\n", set->files[file->imports[i]].name);
    json_text_put_words(out, "\n");
    if (!export_proto_options(out, PROTO_FILE_OPTIONS, file->options, "option ", ";\n"))
        return descriptor_fail(OYEZ_ERR_INVALID, set, file, NULL, NULL,
                               "it has options that catalogs have not");
    oyez_err err = put_enums(out, catalog);
    for (uint32_t i = 0; err == OYEZ_OK && i < set->message_count; i++) {
        if (set->messages[i].file != catalog->file || set->messages[i].parent != DESCRIPTOR_NONE)
            continue;
        json_text_put_words(out, "\n");
        err = export_proto_message(out, set, i);
    }
    return err;
}

oyez_err oyez_catalog_proto(const struct oyez_catalog *catalog, char **text)
{
    REQUIRE_ARGUMENT(catalog);
    REQUIRE_ARGUMENT(text);
    struct json_text out = {0};
    oyez_err err = put_file(&out, (const struct catalog *)catalog);
    oyez_err finished = export_finish(&out, text);
    if (err != OYEZ_OK) {
        free(*text);
        *text = NULL;
    }
    return err != OYEZ_OK ? err : finished;
}

const char *oyez_options_proto(void)
{
    return builtin_options;
}
