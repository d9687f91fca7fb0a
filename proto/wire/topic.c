// SPDX-License-Identifier: MIT
#include "wire/topic.h"

#include <stdint.h>
#include <string.h>

#include "oyez/limits.h"

// One bit per allowed character; the broker looks at every byte of every frame's type.
#define BIT(c) (UINT64_C(1) << ((c) % 64))
#define BITS(first, last) ((BIT(last) - BIT(first)) | BIT(last))

static const uint64_t allowed[4] = {
    BITS('0', '9') | BIT('-') | BIT('.'),
    BITS('A', 'Z') | BITS('a', 'z') | BIT('_'),
    0,
    0,
};

bool oyez_topic_is_valid(const char *name, size_t size)
{
    uint64_t good = 1;

    if (size == 0 || size > OYEZ_EVENT_TYPE_SIZE_MAX)
        return false;
    // Every byte is looked at, without a branch: names are short and nearly always good.
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)name[i];
        good &= allowed[c / 64] >> (c % 64);
    }
    return good != 0;
}

static bool begins_with(const char *name, size_t size, const char *prefix, size_t prefix_size)
{
    return size >= prefix_size && memcmp(name, prefix, prefix_size) == 0;
}

static bool is_replay(const char *name, size_t size)
{
    return begins_with(name, size, OYEZ_REPLAY_PREFIX, sizeof(OYEZ_REPLAY_PREFIX) - 1);
}

static bool is_oyez(const char *name, size_t size)
{
    return begins_with(name, size, OYEZ_RESERVED_PREFIX, sizeof(OYEZ_RESERVED_PREFIX) - 1);
}

bool oyez_topic_is_reserved(const char *name, size_t size)
{
    return is_oyez(name, size) || is_replay(name, size);
}

bool oyez_topic_is_own(const char *name, size_t size)
{
    return begins_with(name, size, OYEZ_OWN_TYPE_PREFIX, sizeof(OYEZ_OWN_TYPE_PREFIX) - 1);
}

static bool is_run(const char *run)
{
    return oyez_topic_is_valid(run, OYEZ_REPLAY_RUN_SIZE) &&
           memchr(run, '.', OYEZ_REPLAY_RUN_SIZE) == NULL;
}

bool oyez_topic_is_run(const char *run)
{
    return strlen(run) == OYEZ_REPLAY_RUN_SIZE && is_run(run);
}

const char *oyez_topic_replayed(const char *name, size_t size)
{
    const size_t prefix_size = sizeof(OYEZ_REPLAY_PREFIX) - 1;
    const size_t type_at = prefix_size + OYEZ_REPLAY_RUN_SIZE + 1;

    if (!is_replay(name, size) || size <= type_at || !is_run(name + prefix_size) ||
        name[type_at - 1] != '.')
        return NULL;
    // What has no numbers cannot be replayed, nor can a replay.
    const char *type = name + type_at;
    bool plain =
        oyez_topic_is_valid(type, size - type_at) && !oyez_topic_is_reserved(type, size - type_at);
    return plain ? type : NULL;
}
