// SPDX-License-Identifier: MIT
#include "wire/histogram.h"

#include <assert.h>

unsigned oyez_histogram_bucket(uint64_t nanoseconds)
{
    if (nanoseconds < HISTOGRAM_PARTS)
        return (unsigned)nanoseconds;
    unsigned log2 = 63u - (unsigned)__builtin_clzll(nanoseconds);
    assert(log2 < HISTOGRAM_LOG2_MAX);
    unsigned shift = log2 - HISTOGRAM_PARTS_LOG2;
    unsigned part = (unsigned)(nanoseconds >> shift) & (HISTOGRAM_PARTS - 1);
    return (shift + 1) * HISTOGRAM_PARTS + part;
}

uint64_t oyez_histogram_bound(unsigned bucket)
{
    unsigned row = bucket / HISTOGRAM_PARTS;
    uint64_t part = bucket % HISTOGRAM_PARTS;
    if (row == 0)
        return part;
    return ((HISTOGRAM_PARTS + part + 1) << (row - 1)) - 1;
}

void oyez_histogram_add(struct oyez_histogram *histogram, uint64_t nanoseconds)
{
    uint64_t limit = (UINT64_C(1) << HISTOGRAM_LOG2_MAX) - 1;
    uint64_t counted = nanoseconds < limit ? nanoseconds : limit;
    atomic_fetch_add_explicit(&histogram->buckets[oyez_histogram_bucket(counted)], 1,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum, counted, memory_order_relaxed);
    uint64_t max = atomic_load_explicit(&histogram->max, memory_order_relaxed);
    while (counted > max &&
           !atomic_compare_exchange_weak_explicit(&histogram->max, &max, counted,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

// The smallest rank that covers the share, from 1.
static uint64_t find_rank(uint64_t count, unsigned percent)
{
    return count / 100 * percent + (count % 100 * percent + 99) / 100;
}

void oyez_histogram_read(struct oyez_histogram *histogram, struct oyez_times *out)
{
    static const unsigned percents[] = {50, 95, 99};
    uint32_t counts[HISTOGRAM_BUCKETS];
    uint64_t count = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        counts[i] = atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        count += counts[i];
    }
    *out =
        (struct oyez_times){.count = count,
                            .sum_ns = atomic_load_explicit(&histogram->sum, memory_order_relaxed),
                            .max_ns = atomic_load_explicit(&histogram->max, memory_order_relaxed)};
    uint64_t *const quantiles[] = {&out->p50_ns, &out->p95_ns, &out->p99_ns};
    uint64_t passed = 0;
    unsigned next = 0;
    for (unsigned i = 0; count > 0 && i < HISTOGRAM_BUCKETS && next < 3; i++) {
        passed += counts[i];
        while (next < 3 && passed >= find_rank(count, percents[next])) {
            uint64_t bound = oyez_histogram_bound(i);
            *quantiles[next++] = bound < out->max_ns ? bound : out->max_ns;
        }
    }
}
