// SPDX-License-Identifier: MIT
#include "oyez/catalog.h"

#include <string.h>

#include "catalog_set.h"
#include "wire/topic.h"

const struct oyez_catalog *oyez_catalog_at(size_t i)
{
    const struct catalog_snapshot *now = catalog_snapshot();
    return i < now->catalog_count ? &now->catalogs[i]->head : NULL;
}

const struct oyez_type *oyez_type_at(size_t i)
{
    const struct catalog_snapshot *now = catalog_snapshot();
    return i < now->type_count ? now->types[i] : NULL;
}

size_t oyez_type_count(void)
{
    return catalog_snapshot()->type_count;
}

// Every emit comes by here. Sizes go before bytes because they settle most steps without a look
// at the names.
static const struct oyez_type *find_exact(const struct catalog_snapshot *now, const char *name,
                                          size_t size)
{
    size_t low = 0;
    size_t high = now->exact_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct catalog_key *key = &now->exact[middle];
        int order = (key->size > size) - (key->size < size);
        if (order == 0)
            order = memcmp(key->type->name, name, size);
        if (order == 0)
            return key->type;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct oyez_type *find_open(const struct catalog_snapshot *now, const char *name,
                                         size_t size)
{
    for (size_t i = 0; i < now->open_count; i++) {
        const struct catalog_key *key = &now->open[i];
        if (size > key->size && memcmp(key->type->name, name, key->size) == 0)
            return key->type;
    }
    return NULL;
}

const struct oyez_type *catalog_find(const struct catalog_snapshot *now, const char *name,
                                     size_t size)
{
    const struct oyez_type *type = find_exact(now, name, size);
    return type != NULL ? type : find_open(now, name, size);
}

// A replayed event is of the type that it was recorded with.
static const char *skip_replay(const char *name, size_t *size)
{
    const char *replayed = oyez_topic_replayed(name, *size);
    if (replayed == NULL)
        return name;
    *size -= (size_t)(replayed - name);
    return replayed;
}

const struct oyez_type *oyez_type_find(const char *name, size_t size)
{
    if (name == NULL)
        return NULL;
    name = skip_replay(name, &size);
    return catalog_find(catalog_snapshot(), name, size);
}

const struct oyez_type *oyez_type_find_version(const char *name, size_t size, const char *version)
{
    if (name == NULL)
        return NULL;
    const struct catalog_snapshot *now = catalog_snapshot();
    name = skip_replay(name, &size);
    const struct oyez_type *type = catalog_find(now, name, size);
    if (type != NULL && (version == NULL || strcmp(type->version, version) == 0))
        return type;
    const struct oyez_type *other =
        version != NULL ? catalog_find_reading(now, name, size, version) : NULL;
    if (other != NULL || type != NULL)
        return other != NULL ? other : type;
    return catalog_find_reading(now, name, size, NULL);
}
