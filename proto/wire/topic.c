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

bool oyez_topic_is_reserved(const char *name, size_t size)
{
    const size_t prefix_size = sizeof(OYEZ_RESERVED_PREFIX) - 1;

    return size >= prefix_size && memcmp(name, OYEZ_RESERVED_PREFIX, prefix_size) == 0;
}
