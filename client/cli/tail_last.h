// SPDX-License-Identifier: MIT
// Where the last events begin that match more than a pattern.
#ifndef OYEZ_TAIL_LAST_H
#define OYEZ_TAIL_LAST_H

#include "oyez/query.h"
#include "tail_from.h"

// tail_last_find makes of "the last N" the cursor of the first of them; where none match, that
// behind the newest record. `query` has patterns and conditions; `timeout_ms` is for each page.
// The errors of oyez_query_next. Blocks.
oyez_err tail_last_find(struct tail_from *from, oyez_client *client,
                        const struct oyez_query_options *query, uint32_t timeout_ms);

#endif
