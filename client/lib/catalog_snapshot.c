// SPDX-License-Identifier: MIT
// The indexes over all types, made anew whenever some are added.
#include <stdlib.h>
#include <string.h>

#include "catalog_set.h"

static int compare_names(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size != b_size)
        return a_size < b_size ? -1 : 1;
    return memcmp(a, b, a_size);
}

static int compare_exact(const void *left, const void *right)
{
    const struct catalog_key *a = left;
    const struct catalog_key *b = right;
    return compare_names(a->type->name, a->size, b->type->name, b->size);
}

static int compare_open(const void *first, const void *second)
{
    return compare_exact(second, first);
}

static uint64_t read_part(const char **at)
{
    uint64_t number = 0;
    while (**at >= '0' && **at <= '9' && number < UINT64_MAX / 16)
        number = number * 10 + (uint64_t)(*(*at)++ - '0');
    if (**at == '.')
        (*at)++;
    return number;
}

// Identifiers of a pre-release: numbers below words, numbers by value, words by bytes.
static int compare_prerelease(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0' && *a != '+' && *b != '+') {
        size_t a_size = strcspn(a, ".+");
        size_t b_size = strcspn(b, ".+");
        bool a_number = strspn(a, "0123456789") >= a_size;
        bool b_number = strspn(b, "0123456789") >= b_size;
        if (a_number != b_number)
            return a_number ? -1 : 1;
        int order = a_number ? compare_names(a, a_size, b, b_size)
                             : strncmp(a, b, a_size < b_size ? a_size : b_size);
        if (order == 0 && a_size != b_size)
            order = a_size < b_size ? -1 : 1;
        if (order != 0)
            return order;
        a += a_size + (a[a_size] == '.');
        b += b_size + (b[b_size] == '.');
    }
    bool a_ends = *a == '\0' || *a == '+';
    bool b_ends = *b == '\0' || *b == '+';
    return (int)b_ends - (int)a_ends;
}

int catalog_compare_versions(const char *a, const char *b)
{
    for (int part = 0; part < 3; part++) {
        uint64_t of_a = read_part(&a);
        uint64_t of_b = read_part(&b);
        if (of_a != of_b)
            return of_a < of_b ? -1 : 1;
    }
    bool a_pre = *a == '-';
    bool b_pre = *b == '-';
    if (a_pre != b_pre)
        return a_pre ? -1 : 1;
    return a_pre ? compare_prerelease(a + 1, b + 1) : 0;
}

static int compare_reading(const void *left, const void *right)
{
    const struct oyez_type *a = *(const struct oyez_type *const *)left;
    const struct oyez_type *b = *(const struct oyez_type *const *)right;
    int order = compare_names(a->name, strlen(a->name), b->name, strlen(b->name));
    if (order == 0)
        order = catalog_compare_versions(b->version, a->version);
    // Builds of one version are equal by precedence, and two versions all the same.
    return order != 0 ? order : strcmp(b->version, a->version);
}

static bool allocate(struct catalog_snapshot *snapshot, size_t catalogs, size_t types)
{
    snapshot->catalogs = malloc((catalogs + 1) * sizeof *snapshot->catalogs);
    snapshot->types = malloc((types + 1) * sizeof *snapshot->types);
    snapshot->exact = malloc((types + 1) * sizeof *snapshot->exact);
    snapshot->open = malloc((types + 1) * sizeof *snapshot->open);
    snapshot->reading = malloc((types + 1) * sizeof *snapshot->reading);
    return snapshot->catalogs != NULL && snapshot->types != NULL && snapshot->exact != NULL &&
           snapshot->open != NULL && snapshot->reading != NULL;
}

void catalog_snapshot_free(struct catalog_snapshot *snapshot)
{
    free(snapshot->catalogs);
    free(snapshot->types);
    free(snapshot->exact);
    free(snapshot->open);
    free(snapshot->reading);
    free(snapshot);
}

static void add_type(struct catalog_snapshot *snapshot, const struct oyez_type *type)
{
    if (type->catalog->reading_only) {
        snapshot->reading[snapshot->reading_count++] = type;
        return;
    }
    size_t size = strlen(type->name);
    snapshot->types[snapshot->type_count++] = type;
    if (type->open)
        snapshot->open[snapshot->open_count++] = (struct catalog_key){type, size - 1};
    else
        snapshot->exact[snapshot->exact_count++] = (struct catalog_key){type, size};
}

struct catalog_snapshot *catalog_snapshot_make(const struct catalog_snapshot *previous,
                                               const struct catalog *const *catalogs,
                                               size_t catalog_count,
                                               const struct oyez_type *const *types,
                                               size_t type_count)
{
    static const struct catalog_snapshot none;
    const struct catalog_snapshot *old = previous != NULL ? previous : &none;
    struct catalog_snapshot *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    if (!allocate(made, old->catalog_count + catalog_count,
                  old->type_count + old->reading_count + type_count)) {
        catalog_snapshot_free(made);
        return NULL;
    }
    made->previous = previous;
    for (size_t i = 0; i < old->catalog_count; i++)
        made->catalogs[made->catalog_count++] = old->catalogs[i];
    for (size_t i = 0; i < catalog_count; i++)
        made->catalogs[made->catalog_count++] = catalogs[i];
    for (size_t i = 0; i < old->type_count; i++)
        add_type(made, old->types[i]);
    for (size_t i = 0; i < old->reading_count; i++)
        add_type(made, old->reading[i]);
    for (size_t i = 0; i < type_count; i++)
        add_type(made, types[i]);
    qsort(made->exact, made->exact_count, sizeof *made->exact, compare_exact);
    qsort(made->open, made->open_count, sizeof *made->open, compare_open);
    qsort(made->reading, made->reading_count, sizeof *made->reading, compare_reading);
    return made;
}

bool catalog_knows_reading(const struct catalog_snapshot *snapshot, const struct oyez_type *type)
{
    return bsearch(&type, snapshot->reading, snapshot->reading_count, sizeof *snapshot->reading,
                   compare_reading) != NULL;
}

static bool covers(const struct oyez_type *type, const char *name, size_t size)
{
    size_t type_size = strlen(type->name);
    if (!type->open)
        return type_size == size && memcmp(type->name, name, size) == 0;
    return size > type_size - 1 && memcmp(type->name, name, type_size - 1) == 0;
}

const struct oyez_type *catalog_find_reading(const struct catalog_snapshot *snapshot,
                                             const char *name, size_t size, const char *version)
{
    // Longer names and newer versions are better. Only readers of old events come here, and few
    // types serve reading alone.
    const struct oyez_type *best = NULL;
    for (size_t i = 0; i < snapshot->reading_count; i++) {
        const struct oyez_type *type = snapshot->reading[i];
        if (!covers(type, name, size) || (version != NULL && strcmp(type->version, version) != 0))
            continue;
        bool better = best == NULL || (best->open && !type->open) ||
                      (best->open && strlen(type->name) > strlen(best->name));
        if (better)
            best = type;
    }
    return best;
}
