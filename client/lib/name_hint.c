// SPDX-License-Identifier: MIT
#include "name_hint.h"

#include <assert.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/limits.h"

#define DISTANCE_MAX 3u

// Not tolower: that asks the locale, and event types are ASCII.
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

// Insertions, deletions and replacements between two names, one row of the table at a time.
static size_t measure_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t row[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t above = row[j];
            size_t replaced = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            row[j] = smallest(above + 1, row[j - 1] + 1, replaced);
            diagonal = above;
        }
    }
    return row[b_size];
}

const char *oyez_name_hint(const char *name, size_t size)
{
    assert(size <= OYEZ_EVENT_TYPE_SIZE_MAX);
    size_t best = size / 3 < DISTANCE_MAX ? size / 3 : DISTANCE_MAX;
    const char *hint = NULL;
    const struct oyez_type *type;
    for (size_t i = 0; (type = oyez_type_at(i)) != NULL; i++) {
        size_t type_size = strlen(type->name);
        size_t apart = size > type_size ? size - type_size : type_size - size;
        if (type->open || type_size > OYEZ_EVENT_TYPE_SIZE_MAX || apart > best)
            continue;
        size_t distance = measure_distance(name, size, type->name, type_size);
        if (distance < best || (distance == best && hint == NULL)) {
            best = distance;
            hint = type->name;
        }
    }
    return hint;
}
