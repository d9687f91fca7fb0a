// SPDX-License-Identifier: MIT
#include "meter.h"

#include <stdio.h>
#include <string.h>

#include "subscription.h"

void meter_set_owner(struct oyez_subscription *subscription, const void *owner)
{
    pthread_mutex_lock(&subscription->client->inbox_lock);
    subscription->meter.owner = owner;
    pthread_mutex_unlock(&subscription->client->inbox_lock);
}

void meter_name_by_patterns(struct oyez_subscription *subscription)
{
    char *name = subscription->meter.name;
    size_t room = sizeof subscription->meter.name;
    size_t used = 0;
    for (size_t i = 0; i < subscription->pattern_count && used + 1 < room; i++) {
        int size =
            snprintf(name + used, room - used, "%s%s", i > 0 ? " " : "", subscription->patterns[i]);
        used += size > 0 ? (size_t)size : room;
    }
}

void meter_read_queue(const struct oyez_subscription *subscription,
                      struct oyez_subscription_metrics *out)
{
    const struct inbox *inbox = &subscription->inbox;
    uint64_t began_ns = atomic_load_explicit(&subscription->meter.began_ns, memory_order_relaxed);
    uint64_t since_ns = inbox->since_ns > began_ns ? inbox->since_ns : began_ns;
    uint64_t now_ns = meter_now();
    // A half is what may wait; the other half is what the consumer has taken.
    out->queue.bytes = inbox->waiting.size;
    out->queue.capacity_bytes = inbox_bound(inbox);
    double saturation = (double)out->queue.bytes / (double)out->queue.capacity_bytes;
    out->queue.saturation = saturation < 1.0 ? saturation : 1.0;
    out->waited_ns = inbox_has_waiting(inbox) && now_ns > since_ns ? now_ns - since_ns : 0;
}

void meter_read(struct oyez_subscription *subscription, struct oyez_subscription_metrics *out)
{
    struct meter *meter = &subscription->meter;
    *out = (struct oyez_subscription_metrics){.in_progress = 0};
    memcpy(out->name, meter->name, sizeof out->name);
    // In this order, so that it is never done with more than it was given.
    oyez_histogram_read(&meter->times, &out->times);
    out->delivered = atomic_load_explicit(&meter->delivered, memory_order_relaxed);
    // It cannot fail: what the consumer has taken and come back from is handled.
    out->handled = out->times.count;
    out->in_progress = out->delivered > out->handled ? out->delivered - out->handled : 0;
    out->dropped = atomic_load_explicit(&meter->dropped, memory_order_relaxed);
    out->refilled = atomic_load_explicit(&meter->refilled, memory_order_relaxed);
    meter_read_queue(subscription, out);
}
