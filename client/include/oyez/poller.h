// SPDX-License-Identifier: MIT
// A poller looks at a stream now and then: for notifications that need not be there at once. A
// stream that is to be heard at once is started (oyez_stream_start).
#ifndef OYEZ_POLLER_H
#define OYEZ_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_poller oyez_poller;

// oyez_poller_open makes a poller that rests. It takes `stream` and sets it NULL; on an error it
// stays the caller's. interval_ms: how long it rests after it has found nothing; 0 = the client's
// setting polling-interval, 50 unless it is set.
// OYEZ_ERR_INVALID, OYEZ_ERR_BUSY (the stream pushes), OYEZ_ERR_NO_MEMORY. The caller owns *out,
// and closes it before the client. Any thread.
OYEZ_EXPORT oyez_err oyez_poller_open(oyez_poller **out, oyez_stream **stream,
                                      oyez_stream_handler *handler, void *arg,
                                      uint32_t interval_ms);

// oyez_poller_start begins to poll, on a thread of the poller's own. The handler is called there
// for each item, as of a stream that pushes; while items are there it does not rest. It ends by
// itself when the stream has ended. OYEZ_ERR_BUSY: it is running already, or has not ended yet
// after a stop that timed out. OYEZ_ERR_SYSTEM: no thread. Does not block. Any thread.
OYEZ_EXPORT oyez_err oyez_poller_start(oyez_poller *poller);

// oyez_poller_stop ends polling, and waits up to `timeout_ms` for the handler to return. OYEZ_OK:
// it is not running and will not run until the next start; also when it was not running. What has
// not been handled waits in the stream. OYEZ_ERR_TIMEOUT: it is still in its handler, and ends
// after it. From inside the handler it does not wait, and returns OYEZ_OK. Any thread.
OYEZ_EXPORT oyez_err oyez_poller_stop(oyez_poller *poller, uint32_t timeout_ms);

// oyez_poller_is_running: between a start and a stop, and while the stream has not ended. Any
// thread.
OYEZ_EXPORT bool oyez_poller_is_running(oyez_poller *poller);

// oyez_poller_poll looks once, on the calling thread, and returns at once: OYEZ_OK with an item,
// valid until the next call; OYEZ_ERR_TIMEOUT: there is none; OYEZ_ERR_BUSY: it is running;
// otherwise as oyez_stream_next. The handler is not called. One thread at a time.
OYEZ_EXPORT oyez_err oyez_poller_poll(oyez_poller *poller, struct oyez_stream_item *item);

// oyez_poller_close stops, however long the handler takes, and closes the stream; not from inside
// the handler. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_poller_close(oyez_poller **poller);

#ifdef __cplusplus
}
#endif

#endif
