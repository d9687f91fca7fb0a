// SPDX-License-Identifier: MIT
// A client's metrics as it reports them to its broker.
#ifndef OYEZ_METRICS_REPORT_H
#define OYEZ_METRICS_REPORT_H

#include "client_state.h"
#include "wire/metric_set.h"

// metrics_report_fill writes as many sets as fit. OYEZ_ERR_FORKED, OYEZ_ERR_NO_MEMORY.
oyez_err metrics_report_fill(struct oyez_client *client, struct oyez_metric_sets *sets);

// metrics_report_tick tells the broker once a second, where something has changed since it was told
// last in this session. The session thread's.
void metrics_report_tick(struct oyez_client *client, uint64_t now_ms);

// metrics_report_again: the session is new, and has been told nothing.
void metrics_report_again(struct oyez_client *client);

#endif
