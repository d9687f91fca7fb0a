// SPDX-License-Identifier: MIT
// `oyez catalog export` and `oyez catalog example`.
#ifndef OYEZ_CATALOG_EXPORT_H
#define OYEZ_CATALOG_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

// In the order of the words of --format.
enum catalog_format {
    CATALOG_FORMAT_NONE = -1,
    CATALOG_JSON_SCHEMA,
    CATALOG_MARKDOWN,
    CATALOG_PROTO,
    CATALOG_BINPB,
};

// catalog_export writes catalogs and types by their names, without names all catalogs, to standard
// output, or with `directory` to a file each. Returns an exit code.
int catalog_export(enum catalog_format format, const char *const *names, size_t count,
                   const char *directory);

// catalog_example prints an event of a type, or of each type. Returns an exit code.
int catalog_example(const char *name);
int catalog_example_all(void);

#endif
