// SPDX-License-Identifier: MIT
// The reader's end of a stream: it looks through the chain, and waits for what has not come yet.
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "argument.h"
#include "stream_stage.h"
#include "wire/clock.h"

static uint64_t now_ms(const struct oyez_stream *stream)
{
    return stream->clock != NULL ? stream->clock(stream->clock_arg) : oyez_clock_monotonic_ms();
}

static enum pulled look(struct oyez_stream *stream, struct oyez_stream_item *item)
{
    stream->budget = STREAM_LOOK_EVENTS_MAX;
    stream->more = false;
    if (stream->has_timer)
        stream->now_ms = now_ms(stream);
    return stage_pull(stream->last, stream, item);
}

// Bounded by OYEZ_STREAM_OPERATORS_MAX, as every walk of the chain.
static uint64_t due_of(const struct stage *stage)
{
    if (stage == NULL)
        return STREAM_NEVER;
    uint64_t due = stage->kind->due != NULL ? stage->kind->due(stage) : STREAM_NEVER;
    uint64_t upstream = due_of(stage->upstream);
    uint64_t beside = due_of(stage->beside);
    due = upstream < due ? upstream : due;
    return beside < due ? beside : due;
}

// When the system's clock will have brought something.
static uint64_t timer_due(const struct oyez_stream *stream)
{
    if (!stream->has_timer || stream->clock != NULL)
        return STREAM_NEVER;
    return due_of(stream->last);
}

static void take_count(int fd)
{
    uint64_t count;
    (void)!read(fd, &count, sizeof count);
}

// What the descriptor told is being looked at.
static void rest(struct oyez_stream *stream)
{
    take_count(stream->watch.fd);
    if (stream->timer_fd >= 0)
        take_count(stream->timer_fd);
    atomic_store(&stream->watch.told, false);
}

static void set_timer(const struct oyez_stream *stream)
{
    if (stream->timer_fd < 0)
        return;
    uint64_t due = timer_due(stream);
    struct itimerspec when = {0};
    if (due != STREAM_NEVER) {
        when.it_value.tv_sec = (time_t)(due / 1000);
        when.it_value.tv_nsec = (long)(due % 1000) * 1000000;
        // All zero would be no timer.
        if (due == 0)
            when.it_value.tv_nsec = 1;
    }
    (void)timerfd_settime(stream->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

// False when the time is over.
static bool wait_for_more(struct oyez_stream *stream, uint64_t deadline)
{
    uint64_t now = oyez_clock_monotonic_ms();
    if (now >= deadline)
        return false;
    uint64_t due = timer_due(stream);
    uint64_t until = due < deadline ? due : deadline;
    uint64_t left = until > now ? until - now : 0;
    struct pollfd fd = {.fd = stream->watch.fd, .events = POLLIN};
    (void)poll(&fd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
    return true;
}

static oyez_err outcome(struct oyez_stream *stream, enum pulled pulled)
{
    stream->ended = pulled == PULLED_ENDED;
    if (pulled != PULLED_ITEM)
        return stream->err;
    // One thread writes it: no locked instruction is needed.
    uint64_t items = atomic_load_explicit(&stream->items, memory_order_relaxed);
    atomic_store_explicit(&stream->items, items + 1, memory_order_relaxed);
    return OYEZ_OK;
}

oyez_err stream_read(struct oyez_stream *stream, struct oyez_stream_item *item, uint32_t timeout_ms)
{
    stream->begun = true;
    enum pulled pulled = look(stream, item);
    if (pulled != PULLED_NONE)
        return outcome(stream, pulled);
    uint64_t deadline = timeout_ms != 0 ? oyez_clock_monotonic_ms() + timeout_ms : 0;
    for (;;) {
        rest(stream);
        // What was told before it rested is not told again: the wish to stop may be all it was.
        if (atomic_load(&stream->stopping))
            return oyez_fail(OYEZ_ERR_CLOSED, "the stream is being closed");
        pulled = look(stream, item);
        // There may be more behind it, of which nobody would tell again.
        if (pulled != PULLED_NONE || stream->more)
            inbox_watch_tell(&stream->watch);
        if (pulled != PULLED_NONE)
            return outcome(stream, pulled);
        if (timeout_ms == 0 || !wait_for_more(stream, deadline)) {
            set_timer(stream);
            return oyez_fail(OYEZ_ERR_TIMEOUT, "no item within %u ms", timeout_ms);
        }
    }
}

oyez_err oyez_stream_next(oyez_stream *stream, struct oyez_stream_item *item, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(stream);
    REQUIRE_ARGUMENT(item);
    if (stream->broken != OYEZ_OK)
        return oyez_fail(stream->broken, "%s", stream->broken_detail);
    if (stream->handler != NULL)
        return oyez_fail(OYEZ_ERR_BUSY, "stream: it pushes");
    return stream_read(stream, item, timeout_ms);
}

static oyez_err watch_both(struct oyez_stream *stream)
{
    struct epoll_event readable = {.events = EPOLLIN};
    stream->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    stream->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (stream->timer_fd >= 0 && stream->epoll_fd >= 0 &&
        epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, stream->watch.fd, &readable) == 0 &&
        epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, stream->timer_fd, &readable) == 0)
        return OYEZ_OK;
    oyez_err err = oyez_fail(OYEZ_ERR_SYSTEM, "a descriptor for a stream: %s", strerror(errno));
    if (stream->timer_fd >= 0)
        close(stream->timer_fd);
    if (stream->epoll_fd >= 0)
        close(stream->epoll_fd);
    stream->timer_fd = -1;
    stream->epoll_fd = -1;
    return err;
}

oyez_err oyez_stream_fd(oyez_stream *stream, int *fd)
{
    REQUIRE_ARGUMENT(stream);
    REQUIRE_ARGUMENT(fd);
    if (stream->epoll_fd < 0) {
        oyez_err err = watch_both(stream);
        if (err != OYEZ_OK)
            return err;
        // What came, or is due, was perhaps seen before.
        inbox_watch_tell(&stream->watch);
    }
    *fd = stream->epoll_fd;
    return OYEZ_OK;
}

oyez_err oyez_stream_set_clock(oyez_stream *stream, oyez_stream_clock *clock, void *arg)
{
    REQUIRE_ARGUMENT(stream);
    if (stream->begun)
        return oyez_fail(OYEZ_ERR_BUSY, "stream: it has been read already");
    stream->clock = clock;
    stream->clock_arg = arg;
    return OYEZ_OK;
}

void oyez_stream_get_counters(const oyez_stream *stream, struct oyez_stream_counters *out)
{
    if (out == NULL)
        return;
    *out = (struct oyez_stream_counters){0};
    if (stream == NULL)
        return;
    out->received = atomic_load_explicit(&stream->received, memory_order_relaxed);
    out->items = atomic_load_explicit(&stream->items, memory_order_relaxed);
    out->failed = atomic_load_explicit(&stream->failed, memory_order_relaxed);
}
