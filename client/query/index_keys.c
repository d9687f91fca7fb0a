// SPDX-License-Identifier: MIT
#include "index_keys.h"

#include <string.h>

#include <xxhash.h>

// version "-" trace id "-" parent id "-" flags
#define TRACE_ID_AT 3u
#define TRACE_ID_SIZE 32u

// XXH3 adds the seed to a value of three bytes or less, so those of two fields would meet if their
// seeds were near each other; multiplied by this prime they differ in the upper half.
#define SEED_FACTOR UINT64_C(0x9E3779B185EBCA87)

static const struct {
    const char *name; // as conditions have it
    size_t offset;    // in struct oyez_event
    enum oyez_index_field field;
} fields[] = {
#define FIELD(member, field)                                                                       \
    {                                                                                              \
#member, offsetof(struct oyez_event, member), OYEZ_INDEX_##field                           \
    }
    FIELD(event_type, EVENT_TYPE),
    FIELD(correlation_id, CORRELATION_ID),
    FIELD(causation_id, CAUSATION_ID),
    FIELD(step_id, STEP_ID),
    FIELD(actor_id, ACTOR_ID),
    FIELD(actor_name, ACTOR_NAME),
    FIELD(plan_id, PLAN_ID),
    FIELD(root_plan_id, ROOT_PLAN_ID),
    FIELD(session_id, SESSION_ID),
    FIELD(project_name, PROJECT_NAME),
    FIELD(run_id, RUN_ID),
    FIELD(thread_id, THREAD_ID),
    FIELD(user_id, USER_ID),
    FIELD(aggregate_id, AGGREGATE_ID),
    FIELD(traceparent, TRACE_ID),
#undef FIELD
};

#define FIELD_COUNT (sizeof fields / sizeof fields[0])

uint64_t oyez_index_key(enum oyez_index_field field, const void *value, size_t size)
{
    return XXH3_64bits_withSeed(value, size, field * SEED_FACTOR);
}

uint64_t oyez_index_key_of_tag(const char *key, const char *value)
{
    // No header has more than fits; what is longer is cut alike for events and for conditions.
    char text[OYEZ_HEADER_SIZE_MAX];
    size_t key_size = strnlen(key, sizeof text - 1);
    size_t value_size = strnlen(value, sizeof text - 1 - key_size);
    memcpy(text, key, key_size);
    text[key_size] = '\0';
    memcpy(text + key_size + 1, value, value_size);
    return oyez_index_key(OYEZ_INDEX_TAG, text, key_size + 1 + value_size);
}

static bool has_trace_id(const char *traceparent)
{
    size_t digits = TRACE_ID_AT + TRACE_ID_SIZE;
    return strnlen(traceparent, TRACE_ID_AT) == TRACE_ID_AT &&
           strspn(traceparent + TRACE_ID_AT, "0123456789abcdef") == TRACE_ID_SIZE &&
           traceparent[TRACE_ID_AT - 1] == '-' && traceparent[digits] == '-';
}

// The one rule of which values have a key, for events and for conditions: so a condition never
// names a key that an event which fulfils it lacks.
static bool make_key(enum oyez_index_field field, const char *value, uint64_t *out)
{
    if (value == NULL || value[0] == '\0')
        return false;
    if (field != OYEZ_INDEX_TRACE_ID)
        *out = oyez_index_key(field, value, strlen(value));
    else if (has_trace_id(value))
        *out = oyez_index_key(field, value + TRACE_ID_AT, TRACE_ID_SIZE);
    else
        return false;
    return true;
}

static bool make_tag_key(const char *key, const char *value, uint64_t *out)
{
    if (value == NULL || value[0] == '\0')
        return false;
    *out = oyez_index_key_of_tag(key, value);
    return true;
}

static size_t add_once(uint64_t *keys, size_t count, uint64_t key)
{
    for (size_t i = 0; i < count; i++)
        if (keys[i] == key)
            return count;
    keys[count] = key;
    return count + 1;
}

size_t oyez_index_keys_of(const struct oyez_event *event, uint64_t out[OYEZ_INDEX_KEYS_MAX])
{
    size_t count = 0;
    uint64_t key;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const char *value;
        memcpy(&value, (const char *)event + fields[i].offset, sizeof value);
        if (make_key(fields[i].field, value, &key))
            count = add_once(out, count, key);
    }
    for (size_t i = 0; i < OYEZ_TAGS_MAX && event->tags[i].key != NULL; i++)
        if (make_tag_key(event->tags[i].key, event->tags[i].value, &key))
            count = add_once(out, count, key);
    return count;
}

static bool make_condition_tag_key(const char *name, size_t name_size, const char *value,
                                   uint64_t *out)
{
    char key[OYEZ_HEADER_SIZE_MAX];
    if (name_size == 0 || name_size >= sizeof key)
        return false;
    memcpy(key, name, name_size);
    key[name_size] = '\0';
    return make_tag_key(key, value, out);
}

bool oyez_index_key_of_condition(const char *condition, uint64_t *out)
{
    static const char tag[] = "tag.";
    const char *equals = strchr(condition, '=');
    if (equals == NULL)
        return false;
    size_t size = (size_t)(equals - condition);
    if (size >= sizeof tag - 1 && memcmp(condition, tag, sizeof tag - 1) == 0)
        return make_condition_tag_key(condition + sizeof tag - 1, size - (sizeof tag - 1),
                                      equals + 1, out);
    if (size == strlen("type") && memcmp(condition, "type", size) == 0)
        return make_key(OYEZ_INDEX_EVENT_TYPE, equals + 1, out);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strlen(fields[i].name) == size && memcmp(condition, fields[i].name, size) == 0)
            return make_key(fields[i].field, equals + 1, out);
    return false;
}
