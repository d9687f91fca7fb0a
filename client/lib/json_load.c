// SPDX-License-Identifier: MIT
#include "json_load.h"

#include <pthread.h>

static pthread_once_t seeded = PTHREAD_ONCE_INIT;

// jansson seeds itself at its first object, which is a race between threads. A seed that the
// application has set before stays.
static void seed(void)
{
    json_object_seed(0);
}

json_t *oyez_json_load(const char *text, size_t size, json_error_t *error)
{
    pthread_once(&seeded, seed);
    // As reals, because integers beyond 64 bits would be refused.
    return json_loadb(
        text, size,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, error);
}
