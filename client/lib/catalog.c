// SPDX-License-Identifier: MIT
#include "oyez/catalog.h"

#include <string.h>

#include "catalog_table.h"

const struct oyez_type *oyez_type_at(size_t i)
{
    return i < oyez_type_table_count ? &oyez_type_table[i] : NULL;
}

size_t oyez_type_count(void)
{
    return oyez_type_table_count;
}

// Every emit comes by here. Sizes go before bytes because they settle most steps without a look
// at the names.
static const struct oyez_type *find_exact(const char *name, size_t size)
{
    size_t low = 0;
    size_t high = oyez_type_exact_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct oyez_type_key *key = &oyez_type_exact[middle];
        const struct oyez_type *type = &oyez_type_table[key->type];
        int order = (key->size > size) - (key->size < size);
        if (order == 0)
            order = memcmp(type->name, name, size);
        if (order == 0)
            return type;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct oyez_type *find_open(const char *name, size_t size)
{
    for (size_t i = 0; i < oyez_type_open_count; i++) {
        const struct oyez_type_key *key = &oyez_type_open[i];
        const struct oyez_type *type = &oyez_type_table[key->type];
        if (size > key->size && memcmp(type->name, name, key->size) == 0)
            return type;
    }
    return NULL;
}

const struct oyez_type *oyez_type_find(const char *name, size_t size)
{
    const struct oyez_type *type = find_exact(name, size);
    return type ? type : find_open(name, size);
}
