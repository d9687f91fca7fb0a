// SPDX-License-Identifier: MIT
// Where a query's pages come from: the recorder behind the broker, or a directory. Private to the
// programs of this tree.
#ifndef OYEZ_QUERY_SOURCE_H
#define OYEZ_QUERY_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/query.h"
#include "oyez/query_page.h"

// Asks one question (an encoded QueryRequest); the page is valid until the next question.
typedef oyez_err oyez_query_ask(void *arg, const uint8_t *request, size_t size,
                                struct oyez_query_page *page, uint32_t timeout_ms);

oyez_err oyez_query_open_with(oyez_query **out, oyez_query_ask *ask, void *arg,
                              const struct oyez_query_options *options);
oyez_err oyez_get_with(oyez_query_ask *ask, void *arg, struct oyez_uuid event_id,
                       struct oyez_event **event, uint32_t timeout_ms);
oyez_err oyez_stats_with(oyez_query_ask *ask, void *arg, const struct oyez_stats_options *options,
                         struct oyez_stats_group **groups, size_t *count, uint32_t timeout_ms);

#endif
