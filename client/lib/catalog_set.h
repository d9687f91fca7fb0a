// SPDX-License-Identifier: MIT
// The process's catalogs. Readers hold an immutable snapshot and take no lock; whoever adds makes
// the next one. Nothing is ever taken away: types live as long as the process.
#ifndef OYEZ_CATALOG_SET_H
#define OYEZ_CATALOG_SET_H

#include <stdatomic.h>

#include "oyez/catalog.h"
#include "schema/descriptor.h"
#include "schema/header_rules.h"
#include "schema/options.h"

// Of the whole process, those that serve reading among them: peers and journals add such catalogs.
#define CATALOGS_MAX 256u
#define CATALOG_TYPES_MAX 16384u
// Bytes of sets and plans that serve reading: those that ship take some 2 MiB.
#define READING_MEMORY_MAX (128u * 1024u * 1024u)

// What emit needs of a type, made when it is needed first.
struct type_rules {
    const struct plan *plan; // NULL = open
    const struct header_rule *header;
    size_t header_count;
    bool fills_header; // one of them has a default
    const struct plan_field *indexed[OYEZ_PLAN_INDEXED_MAX];
    size_t indexed_count;
    atomic_bool deprecated_told; // of the type itself
};

// Where a type comes from. Apart from the type itself, because that is the user's to read.
struct oyez_type_schema {
    struct catalog *catalog;
    uint32_t message;
    _Atomic(struct type_rules *) *rules;
};

// A catalog's own descriptor set, once it has been asked for.
struct catalog_bytes {
    size_t size;
    uint8_t bytes[];
};

struct catalog {
    struct oyez_catalog head; // first: what the public pointer points to
    struct descriptor_set *set;
    uint32_t file;
    struct catalog_options options;
    const struct oyez_type *types;
    size_t type_count;
    _Atomic(struct catalog_bytes *) bytes;
};

struct catalog_key {
    const struct oyez_type *type;
    size_t size; // bytes of the name that are compared
};

struct catalog_snapshot {
    const struct catalog_snapshot *previous; // kept: a reader may still be in it
    const struct catalog **catalogs;
    size_t catalog_count;
    const struct oyez_type **types; // that can be emitted
    size_t type_count;
    struct catalog_key *exact; // of those, not open: by size, then bytes
    size_t exact_count;
    struct catalog_key *open; // of those, open: the longest prefix first
    size_t open_count;
    const struct oyez_type **reading; // serve reading only: by name, the newest version first
    size_t reading_count;
};

// catalog_snapshot is what there is now. Any thread; the first call reads the built-in catalogs.
// Without memory for them it is empty, and the next call tries again.
const struct catalog_snapshot *catalog_snapshot(void);

// type_rules_of makes them at the first call. Any thread. NULL = no memory.
struct type_rules *type_rules_of(const struct oyez_type *type);

// type_rules_make says what is wrong with a type's message or header rules. Any thread.
oyez_err type_rules_make(struct type_rules **out, const struct oyez_type *type);

// catalog_batch_read makes catalogs and types of a descriptor set, in the set's arena. A set that
// is not trusted is judged by every rule that catalogs keep, and all plans are made.
struct catalog_batch {
    struct catalog *catalogs;
    size_t catalog_count;
};
oyez_err catalog_batch_read(struct catalog_batch *out, struct descriptor_set *set,
                            bool reading_only);

// catalog_judge and type_judge: the rules of one catalog and one type by themselves.
oyez_err catalog_judge(const struct catalog *catalog);
oyez_err type_judge(const struct catalog *catalog, const struct descriptor_message *message,
                    const struct oyez_type *type);

// catalog_bytes_of makes a catalog's own descriptor set at the first call. NULL = no memory.
const struct catalog_bytes *catalog_bytes_of(const struct catalog *catalog);

// catalog_snapshot_make makes the snapshot that follows `previous` (NULL = the first), with types
// and catalogs added. Arrays of pointers to what must live as long as the process. NULL = no memory.
struct catalog_snapshot *catalog_snapshot_make(const struct catalog_snapshot *previous,
                                               const struct catalog *const *catalogs,
                                               size_t catalog_count,
                                               const struct oyez_type *const *types,
                                               size_t type_count);

void catalog_snapshot_free(struct catalog_snapshot *snapshot);

// catalog_find is oyez_type_find in one snapshot.
const struct oyez_type *catalog_find(const struct catalog_snapshot *now, const char *name,
                                     size_t size);

// Whether a type of that name and version serves reading.
bool catalog_knows_reading(const struct catalog_snapshot *snapshot, const struct oyez_type *type);

// catalog_find_reading: the newest version of that name that serves reading, or that very version.
const struct oyez_type *catalog_find_reading(const struct catalog_snapshot *snapshot,
                                             const char *name, size_t size, const char *version);

// catalog_file_read reads a descriptor-set file, at most a byte more than a set may have. The caller
// frees *bytes, on failure too. OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY.
oyez_err catalog_file_read(const char *path, void **bytes, size_t *size);

// catalog_compare_versions orders semantic versions by precedence.
int catalog_compare_versions(const char *a, const char *b);

#endif
