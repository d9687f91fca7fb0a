// SPDX-License-Identifier: MIT
// What can be made of a catalog: example events, JSON Schema, documentation, its source; whether a
// catalog file is good, and what differs between two versions of a catalog.
#ifndef OYEZ_CATALOG_TOOLS_H
#define OYEZ_CATALOG_TOOLS_H

#include <stdbool.h>

#include "oyez/catalog.h"

#ifdef __cplusplus
extern "C" {
#endif

// Texts given out here end in a NUL; the caller frees them. All may be called from any thread.

// oyez_type_example makes an event of the type: one line of JSON as `oyez emit --from` takes it,
// without a line end. Details are made of the fields' examples, deprecated ones left out; header
// fields that the catalog asks for are filled. Of an open prefix it is a type that it covers.
// OYEZ_ERR_INVALID: the examples break the type's own rules; the detail says which.
OYEZ_EXPORT oyez_err oyez_type_example(const struct oyez_type *type, char **line);

// oyez_type_json_schema describes events of the type in JSON Schema 2020-12, indented: the whole
// event, and "#/$defs/details" for the details alone. docs/catalogs.md lists what it cannot say.
OYEZ_EXPORT oyez_err oyez_type_json_schema(const struct oyez_type *type, char **text);

// oyez_catalog_markdown writes the pages of docs/catalogs: the catalog's rules, and each type with
// its fields and an example.
OYEZ_EXPORT oyez_err oyez_catalog_markdown(const struct oyez_catalog *catalog, char **text);
OYEZ_EXPORT oyez_err oyez_type_markdown(const struct oyez_type *type, char **text);

// oyez_catalog_proto writes the catalog's .proto source: it compiles to the same descriptors.
// Comments stand above what they are of; blank lines and line breaks are not those of the original.
// OYEZ_ERR_INVALID: it has what catalogs have not, such as services or unknown options.
OYEZ_EXPORT oyez_err oyez_catalog_proto(const struct oyez_catalog *catalog, char **text);

// oyez_options_proto is the file options.proto that every catalog imports. Static.
OYEZ_EXPORT const char *oyez_options_proto(void);

// oyez_catalog_file_check judges a descriptor-set file as oyez_catalog_load does, without adding
// it. Returns as that does, but for clashes with catalogs that are there.
OYEZ_EXPORT oyez_err oyez_catalog_file_check(const char *path);

// How large a step of the version a change asks for.
enum oyez_change_weight {
    OYEZ_CHANGE_PATCH = 1, // words alone
    OYEZ_CHANGE_MINOR = 2, // recorded events are read, and events of earlier emitters accepted
    OYEZ_CHANGE_MAJOR = 3, // not so
};

struct oyez_catalog_change {
    const char *catalog;
    const char *event_type; // NULL = of the catalog itself
    const char *field;      // "steps.name"; of a header rule "plan_id"; NULL = none
    const char *what;       // "field added", "minimum raised"
    const char *before;     // as text; "" = there was none
    const char *after;
    enum oyez_change_weight weight;
};

// Whether the step between two versions is as large as the changes ask for.
struct oyez_version_verdict {
    const char *catalog;
    const char *event_type; // NULL = of the catalog itself
    const char *before;     // versions; "" = it was not there
    const char *after;
    enum oyez_change_weight needed;
    bool honest;
};

// Called in the order of the catalogs and types; texts live until the call returns.
struct oyez_catalog_comparison {
    void (*on_change)(void *arg, const struct oyez_catalog_change *change);
    void (*on_verdict)(void *arg, const struct oyez_version_verdict *verdict);
    void *arg;
};

// oyez_catalog_compare compares two descriptor-set files, or catalogs that this process has, by
// name. Each thing that changed is told of, and for each type and catalog that changed whether its
// versions say so. Returns as oyez_catalog_load does; OYEZ_ERR_NOT_FOUND: neither a file nor a
// catalog. Blocks on the files.
OYEZ_EXPORT oyez_err oyez_catalog_compare(const char *before, const char *after,
                                          const struct oyez_catalog_comparison *comparison);

#ifdef __cplusplus
}
#endif

#endif
