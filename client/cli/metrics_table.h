// SPDX-License-Identifier: MIT
// Metrics for people: a paragraph for the broker, each recorder, client and subscription.
#ifndef OYEZ_METRICS_TABLE_H
#define OYEZ_METRICS_TABLE_H

#include <stdio.h>

#include "oyez/metrics.h"

// metrics_table_print leaves out what is 0. OYEZ_ERR_NO_MEMORY.
oyez_err metrics_table_print(FILE *out, const oyez_metrics *metrics);

#endif
