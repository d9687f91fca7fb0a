// SPDX-License-Identifier: MIT
#include "catalog_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog_option.h"
#include "message.h"
#include "oyez/catalog_tools.h"

#define RESERVED "oyez."

struct exporting {
    enum catalog_format format;
    const char *directory; // NULL = standard output
    bool options_written;
};

static int write_file(const struct exporting *exporting, const char *name, const char *suffix,
                      const void *bytes, size_t size)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s%s", exporting->directory, name, suffix);
    if (length < 0 || (size_t)length >= sizeof path) {
        return command_fail(oyez_fail(OYEZ_ERR_IO, "%s: too long", exporting->directory));
    }
    FILE *file = fopen(path, "wbe");
    bool good = file != NULL && fwrite(bytes, 1, size, file) == size;
    int why = errno;
    if (file != NULL && fclose(file) != 0) {
        why = errno;
        good = false;
    }
    return good ? EXIT_DONE : command_fail(oyez_fail(OYEZ_ERR_IO, "%s: %s", path, strerror(why)));
}

static int put(const struct exporting *exporting, const char *name, const char *suffix,
               const void *bytes, size_t size)
{
    if (exporting->directory != NULL) {
        return write_file(exporting, name, suffix, bytes, size);
    }
    fwrite(bytes, 1, size, stdout);
    return EXIT_DONE;
}

static int put_text(const struct exporting *exporting, const char *name, const char *suffix,
                    oyez_err err, char *text)
{
    int code =
        err == OYEZ_OK ? put(exporting, name, suffix, text, strlen(text)) : command_fail(err);
    free(text);
    return code;
}

// Its name as that of a file: an open prefix without what a shell would take for a pattern.
static int export_schema(const struct exporting *exporting, const struct oyez_type *type)
{
    char *text;
    char name[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(type->name) - (type->open ? 2 : 0)),
             type->name);
    oyez_err err = oyez_type_json_schema(type, &text);
    return put_text(exporting, name, ".schema.json", err, text);
}

static int export_type(const struct exporting *exporting, const struct oyez_type *type)
{
    char *text;
    if (exporting->format == CATALOG_JSON_SCHEMA) {
        return export_schema(exporting, type);
    }
    if (exporting->format == CATALOG_MARKDOWN) {
        oyez_err err = oyez_type_markdown(type, &text);
        return put_text(exporting, type->name, ".md", err, text);
    }
    return command_fail(oyez_fail(
        OYEZ_ERR_INVALID, "%s: an event type by itself has no such form; export its catalog %s",
        type->name, type->catalog->name));
}

static int export_types(const struct exporting *exporting, const struct oyez_catalog *catalog)
{
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < oyez_type_count(); i++) {
        if (oyez_type_at(i)->catalog == catalog) {
            code = export_type(exporting, oyez_type_at(i));
        }
    }
    return code;
}

// The source imports options.proto, which nobody else has in the same place.
static int export_source(struct exporting *exporting, const struct oyez_catalog *catalog)
{
    char *text;
    int code = EXIT_DONE;
    if (exporting->directory != NULL && !exporting->options_written) {
        const char *options = oyez_options_proto();
        code = write_file(exporting, "options", ".proto", options, strlen(options));
        exporting->options_written = true;
    }
    if (code != EXIT_DONE) {
        return code;
    }
    oyez_err err = oyez_catalog_proto(catalog, &text);
    return put_text(exporting, catalog->name, ".proto", err, text);
}

static int export_catalog(struct exporting *exporting, const struct oyez_catalog *catalog)
{
    char *text;
    const void *bytes;
    size_t size;
    oyez_err err;
    switch (exporting->format) {
    case CATALOG_JSON_SCHEMA:
        return export_types(exporting, catalog);
    case CATALOG_MARKDOWN:
        err = oyez_catalog_markdown(catalog, &text);
        return put_text(exporting, catalog->name, ".md", err, text);
    case CATALOG_PROTO:
        return export_source(exporting, catalog);
    case CATALOG_BINPB:
    case CATALOG_FORMAT_NONE:
        break;
    }
    oyez_catalog_descriptor_set(catalog, &bytes, &size);
    return put(exporting, catalog->name, ".binpb", bytes, size);
}

static const struct oyez_catalog *find_catalog(const char *name)
{
    const struct oyez_catalog *catalog;
    for (size_t i = 0; (catalog = oyez_catalog_at(i)) != NULL; i++) {
        if (!catalog->reading_only && strcmp(catalog->name, name) == 0) {
            return catalog;
        }
    }
    return NULL;
}

static int export_named(struct exporting *exporting, const char *name)
{
    if (exporting->format == CATALOG_PROTO && strcmp(name, "options.proto") == 0) {
        const char *options = oyez_options_proto();
        return put(exporting, "options", ".proto", options, strlen(options));
    }
    const struct oyez_catalog *catalog = find_catalog(name);
    if (catalog != NULL) {
        return export_catalog(exporting, catalog);
    }
    const struct oyez_type *type = catalog_option_find_type(name);
    return type != NULL ? export_type(exporting, type) : EXIT_CHECK_FAILED;
}

int catalog_export(enum catalog_format format, const char *const *names, size_t count,
                   const char *directory)
{
    struct exporting exporting = {.format = format, .directory = directory};
    if (directory != NULL && mkdir(directory, 0777) != 0 && errno != EEXIST) {
        return command_fail(oyez_fail(OYEZ_ERR_IO, "%s: %s", directory, strerror(errno)));
    }
    int code = EXIT_DONE;
    const struct oyez_catalog *catalog;
    for (size_t i = 0; count == 0 && code == EXIT_DONE && (catalog = oyez_catalog_at(i)) != NULL;
         i++) {
        if (!catalog->reading_only) {
            code = export_catalog(&exporting, catalog);
        }
    }
    for (size_t i = 0; code == EXIT_DONE && i < count; i++) {
        code = export_named(&exporting, names[i]);
    }
    return code;
}

static int print_example(const struct oyez_type *type)
{
    char *line;
    oyez_err err = oyez_type_example(type, &line);
    if (err != OYEZ_OK) {
        return command_fail(err);
    }
    puts(line);
    free(line);
    return EXIT_DONE;
}

int catalog_example(const char *name)
{
    const struct oyez_type *type = catalog_option_find_type(name);
    return type != NULL ? print_example(type) : EXIT_CHECK_FAILED;
}

int catalog_example_all(void)
{
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < oyez_type_count(); i++) {
        if (strncmp(oyez_type_at(i)->name, RESERVED, sizeof RESERVED - 1) != 0) {
            code = print_example(oyez_type_at(i));
        }
    }
    return code;
}
