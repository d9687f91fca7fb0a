// SPDX-License-Identifier: MIT
// What is measured of one subscription. Counting takes no lock and allocates nothing.
#ifndef OYEZ_METER_H
#define OYEZ_METER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "oyez/metrics.h"
#include "wire/histogram.h"

struct oyez_client;
struct oyez_subscription;

struct meter {
    char name[OYEZ_SUBSCRIPTION_NAME_SIZE]; // set before the subscription can be found
    const void *owner;              // the handler that tells of it; NULL = none. Under inbox_lock
    atomic_uint_fast64_t delivered; // the consumer alone adds to these two
    atomic_uint_fast64_t began_ns;  // when it took the last event; 0 = none yet
    bool is_at_work;                // the consumer has not come back from that event; its own
    atomic_uint_fast64_t dropped;   // the session thread's
    atomic_uint_fast64_t refilled;
    struct oyez_histogram times;
};

// meter_set_owner: a handler has metrics of its own in the place of its subscription's. Takes
// inbox_lock.
void meter_set_owner(struct oyez_subscription *subscription, const void *owner);

// meter_now is the clock of the times: nanoseconds since some start.
static inline uint64_t meter_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// meter_add_own adds to a counter that one thread alone adds to: no locked instruction is needed.
static inline void meter_add_own(atomic_uint_fast64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + value,
                          memory_order_relaxed);
}

// meter_begin: the consumer takes an event now.
static inline void meter_begin(struct meter *meter, uint64_t now_ns)
{
    meter_add_own(&meter->delivered, 1);
    atomic_store_explicit(&meter->began_ns, now_ns, memory_order_relaxed);
    meter->is_at_work = true;
}

// meter_end: the consumer is done with the event that it took, if there is one.
static inline void meter_end(struct meter *meter)
{
    if (!meter->is_at_work)
        return;
    meter->is_at_work = false;
    oyez_histogram_add(&meter->times,
                       meter_now() - atomic_load_explicit(&meter->began_ns, memory_order_relaxed));
}

// meter_read fills all that is measured of a subscription. meter_read_queue: waited_ns and queue
// alone. Under inbox_lock.
void meter_read(struct oyez_subscription *subscription, struct oyez_subscription_metrics *out);
void meter_read_queue(const struct oyez_subscription *subscription,
                      struct oyez_subscription_metrics *out);

// meter_name_by_patterns names a subscription that has no name.
void meter_name_by_patterns(struct oyez_subscription *subscription);

#endif
