// SPDX-License-Identifier: MIT
// What a stream is made of: stages, each of which pulls from the one before it. No stage waits; a
// look through the chain gives an item, or says that there is none now. Only the reader waits.
#ifndef OYEZ_STREAM_STAGE_H
#define OYEZ_STREAM_STAGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "inbox.h"
#include "oyez/stream.h"

// Events that one look takes from all sources, so that a chain that lets nothing through gives its
// reader a chance to stop.
#define STREAM_LOOK_EVENTS_MAX 1024u

#define STREAM_NEVER UINT64_MAX

enum pulled {
    PULLED_ITEM,
    PULLED_NONE,   // not now
    PULLED_FAILED, // stream->err: an item is lost, and the next pull goes on
    PULLED_ENDED,  // stream->err: so will every pull from now on
};

struct stage;

struct stage_kind {
    enum pulled (*pull)(struct stage *stage, struct oyez_stream *stream,
                        struct oyez_stream_item *item);
    // When time alone will bring something, milliseconds of the stream's clock. NULL = never.
    uint64_t (*due)(const struct stage *stage);
    // Frees what the stage keeps. NULL = nothing.
    void (*release)(struct stage *stage);
};

struct stage {
    const struct stage_kind *kind;
    struct stage *upstream; // NULL = a source
    struct stage *beside;   // of a merge: the other upstream
};

// What gives events to a stream.
struct stream_source {
    // OYEZ_ERR_TIMEOUT: none now. Any other error: the source has ended. Does not wait.
    oyez_err (*receive)(void *arg, const struct oyez_event **event);
    // From now on *watch is told when something comes. NULL watch = no longer.
    void (*watch)(void *arg, struct inbox_watch *watch);
    // A thread of the library will close it soon; who owns what is behind it must wait for that.
    void (*announce_end)(void *arg);
    void (*close)(void *arg);
    void *arg;
};

struct oyez_stream {
    struct stage *last; // the reader's end
    oyez_client *client;
    size_t operators;
    oyez_err broken; // of the first operator that could not be added
    char broken_detail[256];
    bool begun;     // it has been read
    bool has_batch; // there is a buffer in it
    bool has_timer; // some stage goes by the clock

    oyez_stream_clock *clock; // NULL = the system's
    void *clock_arg;

    // Of the look that is under way.
    uint64_t now_ms;
    size_t budget; // events left to it
    bool more;     // it ended because of that
    bool ended;    // there will be no more items
    oyez_err err;

    struct inbox_watch watch;
    int timer_fd; // -1 = nobody has asked for a descriptor
    int epoll_fd;

    atomic_uint_fast64_t received, items, failed;

    oyez_stream_handler *handler; // NULL = pulled
    void *handler_arg;
    pthread_t thread;
    atomic_bool stopping;
    bool closed_inside; // by its own handler: the thread frees it
};

// stream_new makes a stream of a source, which it owns from then on.
oyez_err stream_new(struct oyez_stream **out, const struct stream_source *source);

// stream_add_stage puts a stage of `size` bytes, zero behind its struct stage, at the reader's end.
// A limit that is reached, or memory, breaks the stream.
oyez_err stream_add_stage(struct oyez_stream *stream, const struct stage_kind *kind, size_t size,
                          void *stage_p);

// stream_drop_stage takes the stage that was added last away again.
void stream_drop_stage(struct oyez_stream *stream);

// stream_break remembers an operator's error for the reader, and returns it.
oyez_err stream_break(struct oyez_stream *stream, oyez_err err);

// stream_check_open: operators may be added. OYEZ_ERR_INVALID for NULL, OYEZ_ERR_BUSY.
oyez_err stream_check_open(const struct oyez_stream *stream);

// stream_fail_item counts an item as lost to an error of a callback or of memory.
enum pulled stream_fail_item(struct oyez_stream *stream, const char *what, oyez_err err);

// stream_read is oyez_stream_next, for whoever reads. It gives OYEZ_ERR_CLOSED when `stopping`.
oyez_err stream_read(struct oyez_stream *stream, struct oyez_stream_item *item,
                     uint32_t timeout_ms);

// stream_announce_end tells all sources of a stream that its own thread will free it.
void stream_announce_end(struct oyez_stream *stream);

// stream_free frees all of it; no thread reads.
void stream_free(struct oyez_stream *stream);

// stream_stop_pushing ends the thread that pushes. False: this is that thread, and it will free the
// stream itself.
bool stream_stop_pushing(struct oyez_stream *stream);

// stream_hand_over calls a handler inside the context of the item's event.
void stream_hand_over(oyez_stream_handler *handler, void *arg, const struct oyez_stream_item *item);

static inline enum pulled stage_pull(struct stage *stage, struct oyez_stream *stream,
                                     struct oyez_stream_item *item)
{
    return stage->kind->pull(stage, stream, item);
}

#endif
