// SPDX-License-Identifier: MIT
// How far a consumer is behind.
#ifndef OYEZ_RECORDER_CONSUMERS_LAG_H
#define OYEZ_RECORDER_CONSUMERS_LAG_H

#include <stdint.h>

#include "oyez/error.h"
#include "oyez/query_engine.h"
#include "query.pb.h"

// Events that are counted at most for one consumer, and pages of the record that are read for it.
#define RECORDER_LAG_MAX 10000u
#define RECORDER_LAG_PAGES_MAX 32u

// recorder_consumer_lag counts the recorded events that a consumer has before it, into `lag` and
// `lag_is_bound`; takes the pages that it reads from *pages. The errors of reading a journal.
oyez_err recorder_consumer_lag(oyez_query_engine *engine, oyez_v1_Consumer *consumer,
                               uint32_t *pages);

#endif
