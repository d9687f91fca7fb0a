// SPDX-License-Identifier: MIT
#include "counters.h"

#include <assert.h>

#include "wire/batch.h"
#include "wire/control.h"

static_assert((int)OYEZ_COUNT_TOO_MANY - (int)OYEZ_COUNT_TOO_LARGE ==
                  (int)OYEZ_BATCH_TOO_MANY - (int)OYEZ_BATCH_TOO_LARGE,
              "one counter per fault, in their order");
static_assert(OYEZ_COUNTER_COUNT <= sizeof((oyez_v1_Status){0}.counters) / sizeof(oyez_v1_Counter),
              "all counters fit into one status");

const char *oyez_counter_name(enum oyez_counter counter)
{
    static const char *const names[] = {
#define OYEZ_COUNTER_NAME(name, text) #text,
        OYEZ_COUNTERS(OYEZ_COUNTER_NAME)
#undef OYEZ_COUNTER_NAME
    };
    assert(counter < OYEZ_COUNTER_COUNT);
    return names[counter];
}
