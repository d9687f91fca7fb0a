// SPDX-License-Identifier: MIT
// Durations counted in buckets that grow with them: whatever the duration, a bucket is at most a
// sixteenth of it wide. Counting takes no lock and allocates nothing; readers see slightly different
// moments of each bucket.
#ifndef OYEZ_WIRE_HISTOGRAM_H
#define OYEZ_WIRE_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#include "oyez/metric.h"

#define HISTOGRAM_PARTS_LOG2 4u // parts of each power of two: 16
#define HISTOGRAM_PARTS (1u << HISTOGRAM_PARTS_LOG2)
#define HISTOGRAM_LOG2_MAX 43u // nanoseconds: 2.4 hours; what is longer counts as that long
#define HISTOGRAM_BUCKETS ((HISTOGRAM_LOG2_MAX - HISTOGRAM_PARTS_LOG2 + 1u) * HISTOGRAM_PARTS)

struct oyez_histogram {
    atomic_uint_fast64_t sum; // nanoseconds
    atomic_uint_fast64_t max;
    _Atomic uint32_t buckets[HISTOGRAM_BUCKETS];
};

// oyez_histogram_bucket: where a duration is counted. Of at most 2^HISTOGRAM_LOG2_MAX - 1.
unsigned oyez_histogram_bucket(uint64_t nanoseconds);

// oyez_histogram_bound: the longest duration of a bucket.
uint64_t oyez_histogram_bound(unsigned bucket);

// oyez_histogram_add counts one duration. Any thread.
void oyez_histogram_add(struct oyez_histogram *histogram, uint64_t nanoseconds);

// oyez_histogram_read: quantiles are the bounds of their buckets, and never beyond the longest. Any thread.
void oyez_histogram_read(struct oyez_histogram *histogram, struct oyez_times *out);

#endif
