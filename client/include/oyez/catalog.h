// SPDX-License-Identifier: MIT
// Event types and their catalogs. Those in proto/catalogs are built in; a program or a user adds
// more as descriptor sets (`protoc --include_imports --include_source_info -o my.binpb`). The set
// is one for the whole process and only grows: what a call here returns lives until its end.
#ifndef OYEZ_CATALOG_H
#define OYEZ_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

struct oyez_catalog {
    const char *name;
    const char *version; // semantic
    const char *title;
    const char *origin; // the file it was loaded from; "built in"; "journal"; "bus"
    bool reading_only;  // it serves to read what was recorded; emit does not know its types
};

struct oyez_type_schema; // the library's own

struct oyez_type {
    const char *name; // the event type; of an open prefix it ends in ".*"
    const struct oyez_catalog *catalog;
    const char *domain;
    const char *version; // semantic
    enum oyez_lane delivery;
    bool personal;
    bool open;              // any event type with this prefix
    const char *doc;        // from the .proto's comment
    const char *deprecated; // what to use instead; NULL = it is not
    const struct oyez_type_schema *schema;
};

// oyez_catalog_load adds the catalogs of a descriptor-set file. All or nothing.
// OYEZ_ERR_IO (no such file), OYEZ_ERR_MALFORMED (no descriptor set), OYEZ_ERR_INVALID: a rule that
// catalogs keep is broken (the detail names file, type and field), an event type is claimed twice
// (both files are named), or the catalog is there in another version. The same file again is
// OYEZ_OK. OYEZ_ERR_TOO_LARGE, OYEZ_ERR_NO_MEMORY. The catalogs of the environment's OYEZ_CATALOGS
// (paths, separated by ":") are loaded by oyez_client_open. Any thread. Blocks on the file.
OYEZ_EXPORT oyez_err oyez_catalog_load(const char *path);

// oyez_catalog_load_environment loads those of OYEZ_CATALOGS, once in a process: for programs that
// open no client. Returns as oyez_catalog_load; after a failure the next call tries again. Any
// thread. Blocks on the files.
OYEZ_EXPORT oyez_err oyez_catalog_load_environment(void);

// oyez_catalog_add does the same with bytes, which are copied. With `reading_only` it adds what
// lets recorded events be read: types, and versions of types, that are not known yet; what is known
// stays as it is, and nothing can be emitted by it.
OYEZ_EXPORT oyez_err oyez_catalog_add(const void *bytes, size_t size, const char *origin,
                                      bool reading_only);

// oyez_catalog_at: catalogs in the order in which they came, built-in ones first. NULL past the
// end. Any thread.
OYEZ_EXPORT const struct oyez_catalog *oyez_catalog_at(size_t i);

// oyez_catalog_descriptor_set gives a catalog's own descriptor set, its imports included and
// nothing else: equal bytes wherever it is asked for. Journals keep it without comments. Static.
OYEZ_EXPORT void oyez_catalog_descriptor_set(const struct oyez_catalog *catalog, const void **bytes,
                                             size_t *size);

// oyez_type_at: types in catalog order, then as their .proto lists them. The build's enum
// oyez_type_id (oyez/types.h) numbers the built-in ones, which come first. NULL when `i` is past
// the end. Types that serve reading only are not among them. Any thread.
OYEZ_EXPORT const struct oyez_type *oyez_type_at(size_t i);
OYEZ_EXPORT size_t oyez_type_count(void);

// oyez_type_find: the type of that exact name, else the longest open prefix that covers it, else
// NULL. `size` bytes. Of the topic of a replayed event (replay.RUN.TYPE) it is TYPE's. Any thread.
OYEZ_EXPORT const struct oyez_type *oyez_type_find(const char *name, size_t size);

// oyez_type_find_version: the type as a recorded event names it by schema_version, whatever its
// catalog serves for; where that version is not known, what oyez_type_find finds, else the newest
// that serves reading. NULL: unknown. `version` may be NULL. Any thread.
OYEZ_EXPORT const struct oyez_type *oyez_type_find_version(const char *name, size_t size,
                                                           const char *version);

// oyez_event_check judges an event as emit does: known type, header limits, tags, UTF-8, times
// and ids in range, the catalog's header rules (defaults count as given), details in either form
// by the rules of the type's message. Does not change it. Returns OYEZ_OK, OYEZ_ERR_UNKNOWN_TYPE, OYEZ_ERR_INVALID or OYEZ_ERR_TOO_LARGE;
// the detail names catalog, type, field path, rule and the value's first 40 characters. Any thread.
OYEZ_EXPORT oyez_err oyez_event_check(const struct oyez_event *event);

// oyez_event_judge judges an event that somebody else emitted by the rules of the version that it
// names: header, tags, details, the salt of a personal one. OYEZ_ERR_INVALID as oyez_event_check;
// OYEZ_ERR_UNKNOWN_TYPE: that version is not known here, so nothing can be said;
// OYEZ_ERR_NO_MEMORY. Does not block. Any thread.
OYEZ_EXPORT oyez_err oyez_event_judge(const struct oyez_event *event);

// oyez_event_lacks_catalog: the event's type is not known here in the version that it names. Any
// thread.
OYEZ_EXPORT bool oyez_event_lacks_catalog(const struct oyez_event *event);

// oyez_event_details_json and _protobuf give an event's details in the form asked for, converted
// where they were emitted in the other. *text ends in a NUL that *size does not count. The caller
// frees. OYEZ_ERR_UNKNOWN_TYPE: protobuf bytes of a type that no known catalog has, or an open type
// as protobuf. OYEZ_ERR_MALFORMED: the details are not what their type says. OYEZ_ERR_NO_MEMORY.
OYEZ_EXPORT oyez_err oyez_event_details_json(const struct oyez_event *event, char **text,
                                             size_t *size);
OYEZ_EXPORT oyez_err oyez_event_details_protobuf(const struct oyez_event *event, uint8_t **bytes,
                                                 size_t *size);

#ifdef __cplusplus
}
#endif

#endif
