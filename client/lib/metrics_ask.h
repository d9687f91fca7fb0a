// SPDX-License-Identifier: MIT
// A client asks its broker for the metrics of the whole system, page by page.
#ifndef OYEZ_METRICS_ASK_H
#define OYEZ_METRICS_ASK_H

#include "client_state.h"

// One page as it came. The parts lie behind one another, sizes in between.
struct metrics_page {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    uint64_t next; // where to go on; 0 = that was all
};

// metrics_ask_page asks for the page behind `after` and waits. The page is the caller's:
// free(page->bytes). One thread at a time. OYEZ_ERR_TIMEOUT, OYEZ_ERR_UNREACHABLE,
// OYEZ_ERR_NO_MEMORY.
oyez_err metrics_ask_page(struct oyez_client *client, uint64_t after, uint32_t timeout_ms,
                          struct metrics_page *page);

// metrics_page_next: the part at *offset, which moves on; NULL at the end.
const uint8_t *metrics_page_next(const struct metrics_page *page, size_t *offset, size_t *size);

// metrics_ask_tick says the question that is due, metrics_ask_take reads the frames behind an answer.
// The session thread's.
void metrics_ask_tick(struct oyez_client *client, uint64_t now_ms);
bool metrics_ask_take(struct oyez_client *client, uint64_t request_id, uint64_t next);

#endif
