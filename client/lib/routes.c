// SPDX-License-Identifier: MIT
#include "routes.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(const char *bytes, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 16777619u;
    return hash;
}

static void place(struct route **slots, size_t capacity, struct route *route)
{
    size_t i = route->hash & (capacity - 1);
    while (slots[i] != NULL)
        i = (i + 1) & (capacity - 1);
    slots[i] = route;
}

static bool grow(struct routes *routes)
{
    if (routes->count * 2 < routes->capacity)
        return true;
    size_t capacity = routes->capacity == 0 ? 256 : routes->capacity * 2;
    struct route **slots = calloc(capacity, sizeof(struct route *));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < routes->capacity; i++) {
        if (routes->slots[i] != NULL)
            place(slots, capacity, routes->slots[i]);
    }
    free(routes->slots);
    routes->slots = slots;
    routes->capacity = capacity;
    return true;
}

static struct route *add(struct routes *routes, const char *event_type, size_t size, uint32_t hash)
{
    if (routes->count >= OYEZ_TYPES_MAX || !grow(routes))
        return NULL;
    struct route *route = calloc(1, sizeof *route);
    if (route == NULL)
        return NULL;
    memcpy(route->event_type, event_type, size);
    route->hash = hash;
    place(routes->slots, routes->capacity, route);
    routes->count++;
    return route;
}

struct route *routes_get(struct routes *routes, const char *event_type, size_t size)
{
    if (size > OYEZ_EVENT_TYPE_SIZE_MAX)
        return NULL;
    uint32_t hash = hash_of(event_type, size);
    if (routes->capacity != 0) {
        size_t i = hash & (routes->capacity - 1);
        for (; routes->slots[i] != NULL; i = (i + 1) & (routes->capacity - 1)) {
            struct route *route = routes->slots[i];
            if (route->hash == hash && memcmp(route->event_type, event_type, size) == 0 &&
                route->event_type[size] == '\0')
                return route;
        }
    }
    return add(routes, event_type, size, hash);
}

void routes_free(struct routes *routes)
{
    for (size_t i = 0; i < routes->capacity; i++) {
        if (routes->slots[i] != NULL)
            free(routes->slots[i]->targets);
        free(routes->slots[i]);
    }
    free(routes->slots);
    *routes = (struct routes){0};
}
