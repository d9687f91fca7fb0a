// SPDX-License-Identifier: MIT
// What an event is found by: the fields of its header that name something, its type and its tags.
// A key is a fingerprint: XXH3 (64 bits) of the value, with a seed made of the number of the field.
// docs/journal.md has it; the numbers are part of the format.
#ifndef OYEZ_INDEX_KEYS_H
#define OYEZ_INDEX_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/event.h"
#include "oyez/limits.h"

// Parts of the format.
enum oyez_index_field {
    OYEZ_INDEX_EVENT_TYPE = 1,
    OYEZ_INDEX_CORRELATION_ID = 2,
    OYEZ_INDEX_CAUSATION_ID = 3,
    OYEZ_INDEX_STEP_ID = 4,
    OYEZ_INDEX_ACTOR_ID = 5,
    OYEZ_INDEX_ACTOR_NAME = 6,
    OYEZ_INDEX_PLAN_ID = 7,
    OYEZ_INDEX_ROOT_PLAN_ID = 8,
    OYEZ_INDEX_SESSION_ID = 9,
    OYEZ_INDEX_PROJECT_NAME = 10,
    OYEZ_INDEX_RUN_ID = 11,
    OYEZ_INDEX_THREAD_ID = 12,
    OYEZ_INDEX_USER_ID = 13,
    OYEZ_INDEX_AGGREGATE_ID = 14,
    OYEZ_INDEX_TRACE_ID = 15, // the 32 digits within traceparent
    OYEZ_INDEX_TAG = 16,      // of the tag's key, a NUL, its value
    OYEZ_INDEX_MARK = 17,     // of the empty value: a gap or the end of an epoch
};

#define OYEZ_INDEX_KEYS_MAX (16u + OYEZ_TAGS_MAX) // of one event

// oyez_index_keys_of writes the keys of an event, each once; returns how many.
size_t oyez_index_keys_of(const struct oyez_event *event, uint64_t out[OYEZ_INDEX_KEYS_MAX]);

// oyez_index_key is the key of a value.
uint64_t oyez_index_key(enum oyez_index_field field, const void *value, size_t size);
uint64_t oyez_index_key_of_tag(const char *key, const char *value);

// oyez_index_key_of_condition: whether every event that fulfils FIELD=V or tag.KEY=V has a key that
// says so, and which. False: of details, of fields that have no key, of an empty value.
bool oyez_index_key_of_condition(const char *condition, uint64_t *out);

#endif
