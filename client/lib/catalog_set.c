// SPDX-License-Identifier: MIT
#include "catalog_set.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "builtin_catalogs.h"

static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(const struct catalog_snapshot *) current;
static size_t memory_for_reading; // of the sets that others sent; under `adding`

// What a set brings that is not there yet.
struct additions {
    const struct catalog **catalogs;
    size_t catalog_count;
    const struct oyez_type **types;
    size_t type_count;
};

static void free_additions(struct additions *additions)
{
    free(additions->catalogs);
    free(additions->types);
}

static oyez_err allocate_additions(struct additions *out, const struct catalog_batch *batch,
                                   const struct descriptor_set *set)
{
    size_t types = 0;
    for (size_t i = 0; i < batch->catalog_count; i++)
        types += batch->catalogs[i].type_count;
    out->catalogs = malloc((batch->catalog_count + 1) * sizeof *out->catalogs);
    out->types = malloc((types + 1) * sizeof *out->types);
    return out->catalogs != NULL && out->types != NULL ? OYEZ_OK : descriptor_no_memory(set);
}

static bool knows_version(const struct catalog_snapshot *now, const struct oyez_type *type)
{
    const struct oyez_type *known = catalog_find(now, type->name, strlen(type->name));
    if (known != NULL && strcmp(known->name, type->name) == 0 &&
        strcmp(known->version, type->version) == 0)
        return true;
    return catalog_knows_reading(now, type);
}

static const struct catalog *find_catalog(const struct catalog_snapshot *now, const char *name,
                                          const char *version, bool reading_too)
{
    for (size_t i = 0; i < now->catalog_count; i++) {
        const struct oyez_catalog *head = &now->catalogs[i]->head;
        if (strcmp(head->name, name) == 0 && (reading_too || !head->reading_only) &&
            (version == NULL || strcmp(head->version, version) == 0))
            return now->catalogs[i];
    }
    return NULL;
}

// An event type belongs to one catalog of those that emit knows. In an index, names that are equal
// stand side by side.
static oyez_err check_claims(const struct catalog_key *keys, size_t count,
                             const struct descriptor_set *set)
{
    for (size_t i = 1; i < count; i++) {
        const struct oyez_type *type = keys[i].type;
        const struct oyez_type *other = keys[i - 1].type;
        if (strcmp(type->name, other->name) != 0)
            continue;
        bool newer = type->schema->catalog->set == set;
        const struct catalog *first = (newer ? other : type)->schema->catalog;
        const struct catalog *second = (newer ? type : other)->schema->catalog;
        uint32_t message = (newer ? type : other)->schema->message;
        return descriptor_fail(OYEZ_ERR_INVALID, set, &set->files[second->file],
                               &set->messages[message], NULL,
                               "the event type is already that of %.60s (%.100s)",
                               first->set->files[first->file].name, first->head.origin);
    }
    return OYEZ_OK;
}

static oyez_err check_names(const struct additions *additions, const struct catalog *catalog)
{
    for (size_t i = 0; i < additions->catalog_count; i++) {
        const struct catalog *other = additions->catalogs[i];
        if (strcmp(other->head.name, catalog->head.name) == 0)
            return descriptor_fail(OYEZ_ERR_INVALID, catalog->set,
                                   &catalog->set->files[catalog->file], NULL, NULL,
                                   "catalog \"%.60s\" is already that of %.60s", catalog->head.name,
                                   other->set->files[other->file].name);
    }
    return OYEZ_OK;
}

// The same catalog again is well; one of its name that differs is not.
static oyez_err check_known(const struct catalog *known, const struct catalog *catalog)
{
    const struct descriptor_file *file = &catalog->set->files[catalog->file];
    if (strcmp(known->head.version, catalog->head.version) != 0)
        return descriptor_fail(OYEZ_ERR_INVALID, catalog->set, file, NULL, NULL,
                               "catalog \"%.60s\" %.40s is there in version %.40s (%.100s)",
                               catalog->head.name, catalog->head.version, known->head.version,
                               known->head.origin);
    const struct catalog_bytes *a = catalog_bytes_of(known);
    const struct catalog_bytes *b = catalog_bytes_of(catalog);
    if (a == NULL || b == NULL)
        return descriptor_no_memory(catalog->set);
    if (a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0)
        return OYEZ_OK;
    return descriptor_fail(OYEZ_ERR_INVALID, catalog->set, file, NULL, NULL,
                           "catalog \"%.60s\" %.40s is there with other content (%.100s): a change "
                           "needs a new version",
                           catalog->head.name, catalog->head.version, known->head.origin);
}

static oyez_err pick_catalog(struct additions *out, const struct catalog_snapshot *now,
                             const struct catalog *catalog)
{
    oyez_err err = check_names(out, catalog);
    const struct catalog *known = find_catalog(now, catalog->head.name, NULL, false);
    if (err != OYEZ_OK)
        return err;
    if (known != NULL)
        return check_known(known, catalog);
    for (size_t i = 0; i < catalog->type_count; i++)
        out->types[out->type_count++] = &catalog->types[i];
    out->catalogs[out->catalog_count++] = catalog;
    return OYEZ_OK;
}

static void pick_for_reading(struct additions *out, const struct catalog_snapshot *now,
                             const struct catalog *catalog)
{
    if (find_catalog(now, catalog->head.name, catalog->head.version, true) != NULL)
        return;
    for (size_t i = 0; i < catalog->type_count; i++) {
        if (!knows_version(now, &catalog->types[i]))
            out->types[out->type_count++] = &catalog->types[i];
    }
    out->catalogs[out->catalog_count++] = catalog;
}

// All plans of a set that somebody added are made by now.
static size_t memory_of(const struct descriptor_set *set)
{
    return set->arena.total + set->copy_size + set->file_count * sizeof *set->files +
           set->message_count * sizeof *set->messages + set->enum_count * sizeof *set->enums;
}

static oyez_err check_bounds(const struct catalog_snapshot *now, const struct additions *additions,
                             const struct descriptor_set *set)
{
    if (set->for_reading && additions->catalog_count > 0 &&
        memory_of(set) > READING_MEMORY_MAX - memory_for_reading)
        return descriptor_fail(OYEZ_ERR_TOO_LARGE, set, NULL, NULL, NULL,
                               "catalogs that serve reading take more than %u bytes",
                               READING_MEMORY_MAX);
    if (now->catalog_count + additions->catalog_count > CATALOGS_MAX)
        return descriptor_fail(OYEZ_ERR_TOO_LARGE, set, NULL, NULL, NULL,
                               "more than %u catalogs in one process", CATALOGS_MAX);
    if (now->type_count + now->reading_count + additions->type_count > CATALOG_TYPES_MAX)
        return descriptor_fail(OYEZ_ERR_TOO_LARGE, set, NULL, NULL, NULL,
                               "more than %u event types in one process", CATALOG_TYPES_MAX);
    return OYEZ_OK;
}

// Makes and publishes the snapshot with the additions.
static oyez_err publish(const struct catalog_snapshot *now, const struct additions *additions,
                        const struct descriptor_set *set)
{
    struct catalog_snapshot *next =
        catalog_snapshot_make(now, additions->catalogs, additions->catalog_count, additions->types,
                              additions->type_count);
    if (next == NULL)
        return descriptor_no_memory(set);
    oyez_err err = check_claims(next->exact, next->exact_count, set);
    if (err == OYEZ_OK)
        err = check_claims(next->open, next->open_count, set);
    if (err == OYEZ_OK)
        atomic_store(&current, next);
    else
        catalog_snapshot_free(next);
    return err;
}

// Under `adding`. *used: the set is part of the process now.
static oyez_err add_set(struct descriptor_set *set, bool reading_only, bool *used)
{
    static const struct catalog_snapshot none;
    const struct catalog_snapshot *now = atomic_load(&current);
    const struct catalog_snapshot *known = now != NULL ? now : &none;
    struct additions additions = {0};
    struct catalog_batch batch;
    oyez_err err = catalog_batch_read(&batch, set, reading_only);
    if (err == OYEZ_OK)
        err = allocate_additions(&additions, &batch, set);
    for (size_t i = 0; err == OYEZ_OK && i < batch.catalog_count; i++) {
        if (reading_only)
            pick_for_reading(&additions, known, &batch.catalogs[i]);
        else
            err = pick_catalog(&additions, known, &batch.catalogs[i]);
    }
    if (err == OYEZ_OK)
        err = check_bounds(known, &additions, set);
    if (err == OYEZ_OK && additions.catalog_count > 0) {
        err = publish(now, &additions, set);
        *used = err == OYEZ_OK;
        if (*used && set->for_reading)
            memory_for_reading += memory_of(set);
    }
    // Bytes that were made for a comparison belong to catalogs that go with the set.
    for (size_t i = 0; !*used && i < batch.catalog_count; i++)
        free(atomic_load(&batch.catalogs[i].bytes));
    free_additions(&additions);
    return err;
}

// By their addresses: to the language the two symbols are different objects.
static size_t builtin_size(void)
{
    return (uintptr_t)builtin_catalogs_end - (uintptr_t)builtin_catalogs;
}

static void add_builtin(void)
{
    struct descriptor_set *set = NULL;
    bool used = false;
    pthread_mutex_lock(&adding);
    if (atomic_load(&current) == NULL) {
        oyez_err err =
            descriptor_set_read(&set, builtin_catalogs, builtin_size(), "built in", false);
        if (err == OYEZ_OK) {
            set->trusted = true;
            err = add_set(set, false, &used);
        }
        // The build has judged them.
        assert(err == OYEZ_OK || err == OYEZ_ERR_NO_MEMORY);
        if (!used)
            descriptor_set_free(&set);
    }
    pthread_mutex_unlock(&adding);
}

const struct catalog_snapshot *catalog_snapshot(void)
{
    static const struct catalog_snapshot none;
    const struct catalog_snapshot *now = atomic_load_explicit(&current, memory_order_acquire);
    if (now != NULL)
        return now;
    add_builtin();
    now = atomic_load(&current);
    return now != NULL ? now : &none;
}

oyez_err oyez_catalog_add(const void *bytes, size_t size, const char *origin, bool reading_only)
{
    REQUIRE_ARGUMENT(bytes);
    REQUIRE_ARGUMENT(origin);
    struct descriptor_set *set;
    bool used = false;
    (void)catalog_snapshot();
    oyez_err err = descriptor_set_read(&set, bytes, size, origin, true);
    if (err != OYEZ_OK)
        return err;
    set->for_reading = reading_only;
    pthread_mutex_lock(&adding);
    err = add_set(set, reading_only, &used);
    pthread_mutex_unlock(&adding);
    if (!used)
        descriptor_set_free(&set);
    return err;
}
