// SPDX-License-Identifier: MIT
// Streams: a subscription that is pulled through a chain of operators. Nothing runs until somebody
// asks for the next item, and what nobody asks for waits in the subscription, which is bounded: slow
// means late. docs/streams.md shows them at work.
//
// A stream is opened, its operators are added from the source to the reader, and then it is read by
// oyez_stream_next, or pushed to a handler by oyez_stream_start. An operator that could not be added
// is not forgotten: the stream gives its error to whoever reads it, so a chain may be built without
// looking at each result.
//
// A stream belongs to one thread at a time, and is closed before its client. Callbacks are called on
// the thread that reads, one at a time, must not wait, and must not touch the stream.
#ifndef OYEZ_STREAM_H
#define OYEZ_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_stream oyez_stream;

#define OYEZ_STREAM_OPERATORS_MAX 32u // of a stream, those of merged ones included
// What an operator keeps that has to: events copied, and what map made of them, bytes. One that is
// larger alone is kept alone.
#define OYEZ_STREAM_KEPT_BYTES_MAX (16u * 1024u * 1024u)
#define OYEZ_STREAM_BUFFER_ITEMS_MAX 65536u
#define OYEZ_STREAM_VALUE_SIZE_MAX 65536u // what map and scan make of an item, bytes
#define OYEZ_STREAM_KEYS_MAX 1048576u     // that distinct remembers
#define OYEZ_STREAM_KEY_SIZE_MAX 256u     // one of them, bytes without its NUL

// What goes through a stream. All it points to is valid until the next call on the stream.
struct oyez_stream_item {
    const struct oyez_event *event; // of a batch its last one
    const void *value;              // what the last map or scan before here made of it; NULL = none
    size_t value_size;
    const struct oyez_stream_item *items; // of a batch: all that is in it, oldest first
    size_t item_count;                    // 0 = not a batch
};

// oyez_stream_open subscribes (oyez/client.h says what is promised, and where it may begin).
// options->handler must be NULL; handler_arg goes to on_gap and on_epoch_changed, which are called
// where the stream is read; options NULL = everything, live. Returns as oyez_subscription_open:
// OYEZ_ERR_TIMEOUT and OYEZ_ERR_UNREACHABLE leave a stream in *out that becomes active with the
// connection, all other errors none. The caller owns *out. Blocks. Any thread.
OYEZ_EXPORT oyez_err oyez_stream_open(oyez_stream **out, oyez_client *client,
                                      const struct oyez_subscription_options *options,
                                      uint32_t timeout_ms);

// oyez_stream_close ends the subscription, and a stream that pushes: when it returns the handler is
// not running and will not run again; from inside the handler it returns at once (the client is not
// to be closed there). Frees what the operators keep. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_stream_close(oyez_stream **stream);

// oyez_stream_next gives the next item, waiting up to `timeout_ms` (0 = not at all).
// OYEZ_ERR_TIMEOUT: none yet. OYEZ_ERR_NOT_FOUND: the stream has ended, because oyez_stream_take
// has had its number. OYEZ_ERR_CLOSED: the client closes; what operators kept came before.
// OYEZ_ERR_NO_RECORDER: see oyez_subscription_open. OYEZ_ERR_BUSY: the stream pushes. The error of
// an operator that could not be added, every time. What a callback returned, or OYEZ_ERR_NO_MEMORY
// where an operator could not keep an item: that item is left out, and the next call goes on.
// Blocks.
OYEZ_EXPORT oyez_err oyez_stream_next(oyez_stream *stream, struct oyez_stream_item *item,
                                      uint32_t timeout_ms);

// oyez_stream_fd tells a descriptor for a poll or event loop of the application's own: it is
// readable when oyez_stream_next may have something, also when only time had to pass, and is quiet
// once that has returned OYEZ_ERR_TIMEOUT. Only to be waited for; it is the stream's.
// OYEZ_ERR_SYSTEM.
OYEZ_EXPORT oyez_err oyez_stream_fd(oyez_stream *stream, int *fd);

// Called for each item, on a thread of the stream's own, inside the context of the item's event
// (oyez/context.h).
typedef void oyez_stream_handler(void *arg, const struct oyez_stream_item *item);

// oyez_stream_start pushes: each item goes to the handler as soon as it is there, until the stream
// ends or is closed; the next one is asked for when the handler has returned. OYEZ_ERR_BUSY: it
// does already. OYEZ_ERR_SYSTEM: no thread. The error of an operator that could not be added. An
// error of a callback costs its item, and is counted. Does not block.
OYEZ_EXPORT oyez_err oyez_stream_start(oyez_stream *stream, oyez_stream_handler *handler,
                                       void *arg);

// What a stream has done, in numbers.
struct oyez_stream_counters {
    uint64_t received; // events that came in from its subscriptions
    uint64_t items;    // that came out
    uint64_t failed;   // items left out because a callback or memory failed
};

// oyez_stream_get_counters copies the counters. Any thread.
OYEZ_EXPORT void oyez_stream_get_counters(const oyez_stream *stream,
                                          struct oyez_stream_counters *out);

// Milliseconds since some start, never backwards. Called on the thread that reads.
typedef uint64_t oyez_stream_clock(void *arg);

// oyez_stream_set_clock makes buffer, throttle and debounce go by another clock, so that what they
// do can be tested without waiting. With one, reading with a wait and oyez_stream_fd are woken by
// events alone. NULL = the system's monotonic clock again.
OYEZ_EXPORT oyez_err oyez_stream_set_clock(oyez_stream *stream, oyez_stream_clock *clock,
                                           void *arg);

// The operators. Each is added behind those that are there, and returns OYEZ_OK; OYEZ_ERR_INVALID
// (the detail names the argument); OYEZ_ERR_TOO_LARGE (a limit above); OYEZ_ERR_NO_MEMORY;
// OYEZ_ERR_BUSY (the stream has been read already). None blocks. Sources and earlier operators do
// nothing for items that nobody asks for.

typedef bool oyez_stream_predicate(void *arg, const struct oyez_stream_item *item);

// oyez_stream_filter lets through what the predicate is true for.
OYEZ_EXPORT oyez_err oyez_stream_filter(oyez_stream *stream, oyez_stream_predicate *predicate,
                                        void *arg);

// oyez_stream_where lets through events that fulfil all conditions (oyez_filter_open: FIELD=V,
// tag.KEY=V, details.PATH=V); of a batch its last one is asked.
OYEZ_EXPORT oyez_err oyez_stream_where(oyez_stream *stream, const char *const *conditions,
                                       size_t count);

// oyez_stream_take ends the stream after `count` items; 0 = at once.
OYEZ_EXPORT oyez_err oyez_stream_take(oyez_stream *stream, uint64_t count);

// oyez_stream_skip leaves the first `count` items out.
OYEZ_EXPORT oyez_err oyez_stream_skip(oyez_stream *stream, uint64_t count);

// Returns an item's key, valid until the call after; NULL = it has none, and is let through.
typedef const char *oyez_stream_key(void *arg, const struct oyez_stream_item *item);

// oyez_stream_distinct lets an item through whose key is not among the last `count` different ones
// that it has let through; 1 = only changes. `key` NULL = the event id. Keys are compared exactly;
// one above OYEZ_STREAM_KEY_SIZE_MAX is OYEZ_ERR_TOO_LARGE where the stream is read.
OYEZ_EXPORT oyez_err oyez_stream_distinct(oyez_stream *stream, oyez_stream_key *key, void *arg,
                                          size_t count);

// Fills `value`, which is zero, from the item. Anything but OYEZ_OK leaves the item out.
typedef oyez_err oyez_stream_mapper(void *arg, const struct oyez_stream_item *item, void *value);

// oyez_stream_map gives each item a value of `value_size` bytes, in memory of the stream, aligned
// as malloc does. Pointers in it must stay valid by themselves: operators copy the bytes.
OYEZ_EXPORT oyez_err oyez_stream_map(oyez_stream *stream, oyez_stream_mapper *mapper, void *arg,
                                     size_t value_size);

// Brings `state` on by one item. Anything but OYEZ_OK leaves the item out; the state stays as the
// callback left it.
typedef oyez_err oyez_stream_accumulator(void *arg, const struct oyez_stream_item *item,
                                         void *state);

// oyez_stream_scan keeps a state of `size` bytes, copied from `initial` (NULL = zero), and gives it
// to each item as its value.
OYEZ_EXPORT oyez_err oyez_stream_scan(oyez_stream *stream, oyez_stream_accumulator *accumulator,
                                      void *arg, const void *initial, size_t size);

// oyez_stream_merge adds the items of another stream as they come; of each the order stays. Both
// are asked in turn. Takes `other`, with its operators, and sets it NULL; on an error it stays the
// caller's. It must not have been read. (Events of one bus in one order: one subscription with
// several patterns.)
OYEZ_EXPORT oyez_err oyez_stream_merge(oyez_stream *stream, oyez_stream **other);

// oyez_stream_buffer makes batches: of `count` items, or of what has come within `interval_ms`
// after the first; 0 = however long it takes. Copies. A batch also ends
// before the item that would take it over OYEZ_STREAM_KEPT_BYTES_MAX, which is kept for the next, and
// with the stream. Behind it no second buffer, throttle or
// debounce: put them before it.
OYEZ_EXPORT oyez_err oyez_stream_buffer(oyez_stream *stream, size_t count, uint32_t interval_ms);

// oyez_stream_throttle lets through one item an interval: the first at once, and of those that
// follow within the interval the last, at its end, so that what is shown comes to be what is.
// Copies.
OYEZ_EXPORT oyez_err oyez_stream_throttle(oyez_stream *stream, uint32_t interval_ms);

// oyez_stream_debounce lets an item through once none has followed it for `quiet_ms`, or the stream
// ends. Copies.
OYEZ_EXPORT oyez_err oyez_stream_debounce(oyez_stream *stream, uint32_t quiet_ms);

#ifdef __cplusplus
}
#endif

#endif
