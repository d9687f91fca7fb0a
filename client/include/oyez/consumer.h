// SPDX-License-Identifier: MIT
// Named durable consumers: the recorder keeps where each stands, so that a program that was killed,
// moved or replaced goes on where the last one was done. Recorded events only, in the order of the
// record; each at least once, whatever is restarted: broker, recorder or consumer.
#ifndef OYEZ_CONSUMER_H
#define OYEZ_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_consumer oyez_consumer;

// Called on a thread of the consumer's own, one event at a time, in order. OYEZ_OK: the event is
// handled. Anything else stops the consumer with that error; the event is not handled, and comes
// again to whoever opens the name next. The event and everything it points to ends with the call.
typedef oyez_err oyez_consumer_handler(void *arg, const struct oyez_event *event);

// Where a consumer begins that the recorder does not know yet. A known one goes on where it stands.
enum oyez_consumer_begin {
    OYEZ_CONSUMER_FIRST = 0, // with the first recorded event
    OYEZ_CONSUMER_LIVE,      // with what is recorded once it is open
    OYEZ_CONSUMER_CURSOR,    // with the first event behind from_epoch:from_position
};

struct oyez_consumer_options {
    // As of a subscription; count 0 = everything. At most 64, of 256 bytes each and 4,096 together.
    // Other ones than the name had before take their place, from where it stands.
    const char *const *patterns;
    size_t pattern_count;
    oyez_consumer_handler *handler; // NULL = pull with oyez_consumer_next
    void *handler_arg;
    // Events that will not come: lost before the record, or removed from it by retention. Called
    // where the events come, in order with them. NULL = the client's notices tell it.
    oyez_gap_handler *on_gap;
    void *on_gap_arg;
    enum oyez_consumer_begin begin;
    uint64_t from_epoch;
    uint64_t from_position;
    // How long the name stays taken when its holder dies: 100 to 3,600,000; 0 = 5,000. A process
    // that is alive renews it, however long its handler takes.
    uint32_t lease_ms;
    // When what is handled is committed. 0 or 1: each event before the next is handed out, so that
    // a consumer that is killed sees one event again at most. More: after so many, or commit_ms (0 =
    // 1,000) after the first of them; faster, and so many may come again. Pull: no meaning.
    uint32_t commit_events;
    uint32_t commit_ms;
    const char *holder_name; // of this process, for people; NULL = the client's name and process id
};

// oyez_consumer_open takes the name, 1 to 64 bytes of [A-Za-z0-9._-], and begins. A name has one
// holder at a time: it is waited for up to `timeout_ms`, as are broker and recorder. A clean close
// gives it free at once, a holder that dies when its lease has run out.
// OYEZ_ERR_BUSY (held; the detail says by whom), OYEZ_ERR_INVALID, OYEZ_ERR_TOO_LARGE (patterns),
// OYEZ_ERR_NO_RECORDER, OYEZ_ERR_UNREACHABLE, OYEZ_ERR_TIMEOUT, OYEZ_ERR_REFUSED (the recorder keeps
// no more): there is no consumer. The caller owns *out. Blocks. Any thread.
OYEZ_EXPORT oyez_err oyez_consumer_open(oyez_consumer **out, oyez_client *client, const char *name,
                                        const struct oyez_consumer_options *options,
                                        uint32_t timeout_ms);

// oyez_consumer_next gives a consumer without a handler its next event, valid until the next call.
// OYEZ_ERR_TIMEOUT: none within `timeout_ms`. Any other error: the consumer has stopped, as
// oyez_consumer_wait tells. One thread at a time. Blocks.
OYEZ_EXPORT oyez_err oyez_consumer_next(oyez_consumer *consumer, const struct oyez_event **event,
                                        uint32_t timeout_ms);

// oyez_consumer_commit says that everything oyez_consumer_next has given is handled; with OYEZ_OK it
// is on the recorder's disk. OYEZ_ERR_TIMEOUT, OYEZ_ERR_UNREACHABLE, OYEZ_ERR_NO_RECORDER,
// OYEZ_ERR_IO: not known to be; call again, now or after more events. OYEZ_ERR_BUSY: another process
// holds the name now, and this consumer has stopped. The thread of oyez_consumer_next. Blocks.
OYEZ_EXPORT oyez_err oyez_consumer_commit(oyez_consumer *consumer, uint32_t timeout_ms);

// oyez_consumer_wait waits until the consumer has stopped, and tells why: what its handler returned;
// OYEZ_ERR_BUSY (another process holds the name); OYEZ_ERR_NOT_FOUND (it was deleted);
// OYEZ_ERR_CLOSED (its client was); OYEZ_ERR_TIMEOUT: it goes on. Restarts and outages do not stop
// it: it goes on when all are back. Any thread but its handler's. Blocks.
OYEZ_EXPORT oyez_err oyez_consumer_wait(oyez_consumer *consumer, uint32_t timeout_ms);

// oyez_consumer_get_cursor tells how far it is committed. 0, 0 = nothing yet. Any thread.
OYEZ_EXPORT void oyez_consumer_get_cursor(oyez_consumer *consumer, uint64_t *epoch,
                                          uint64_t *position);

// oyez_consumer_close lets the handler end, commits what it has handled, gives the name free and
// frees. Waits up to some seconds for the recorder; what it could not commit comes again. Not from
// its handler. Closing its client first only stops it. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_consumer_close(oyez_consumer **consumer);

// A consumer as the recorder knows it.
struct oyez_consumer_info {
    char name[65];
    uint64_t epoch; // handled through this cursor; 0, 0 = nothing yet
    uint64_t position;
    uint64_t last_seen; // of its last open or commit, nanoseconds since 1970-01-01T00:00:00Z
    bool held;
    char holder_name[81];   // of the last one
    uint64_t lag;           // recorded events that match and that it has not committed
    bool lag_is_bound;      // so many at least: no more were counted
    char patterns[64][257]; // pattern_count of them
    size_t pattern_count;
};

// oyez_client_consumers lists all, by name. *consumers is the caller's: free(). OYEZ_ERR_NO_RECORDER,
// OYEZ_ERR_UNREACHABLE, OYEZ_ERR_TIMEOUT (of each page), OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY. Blocks.
OYEZ_EXPORT oyez_err oyez_client_consumers(oyez_client *client,
                                           struct oyez_consumer_info **consumers, size_t *count,
                                           uint32_t timeout_ms);

// oyez_client_reset_consumer makes a consumer go on behind a cursor; 0, 0 = with the first recorded
// event. OYEZ_ERR_BUSY while it is held, OYEZ_ERR_NOT_FOUND, and the errors above. Blocks.
OYEZ_EXPORT oyez_err oyez_client_reset_consumer(oyez_client *client, const char *name,
                                                uint64_t epoch, uint64_t position,
                                                uint32_t timeout_ms);

// oyez_client_delete_consumer makes the recorder forget one. The errors above. Blocks.
OYEZ_EXPORT oyez_err oyez_client_delete_consumer(oyez_client *client, const char *name,
                                                 uint32_t timeout_ms);

// oyez_client_recorded tells the newest recorded cursor: where a consumer stands that is reset to
// the latest. 0, 0 = nothing is recorded. The errors above. Blocks.
OYEZ_EXPORT oyez_err oyez_client_recorded(oyez_client *client, uint64_t *epoch, uint64_t *position,
                                          uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
