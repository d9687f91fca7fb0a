// SPDX-License-Identifier: MIT
// A pool of which a thread cannot be started, while events come.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <time.h>

#include "handler_bus.h"
#include "handler_state.h"
#include "thread.h"

#define TYPE "session.created"

// Threads of the handler under test, from the first on, that start; and what is seen at the next.
static unsigned may_start;
static unsigned started;
static atomic_uint emitted;
static uint64_t fed;

int __real_thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);
int __wrap_thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

static uint64_t count_fed(struct handler_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    uint64_t count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    return count;
}

// Long enough for one that feeds too early to be seen.
static int refuse(const struct oyez_handler *handler)
{
    handler_bus_await(&emitted, emitted + 100);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    for (size_t i = may_start; i < handler->thread_count; i++)
        fed += count_fed(&handler->threads[i].queue);
    return EAGAIN;
}

int __wrap_thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
    bool of_pool = run == handler_feed || run == handler_work;
    if (of_pool && started++ == may_start)
        return refuse(((struct handler_thread *)arg)->handler);
    return __real_thread_start(thread, run, arg);
}

struct emitter {
    struct handler_bus *bus;
    atomic_bool stops;
};

static void *emit(void *arg)
{
    struct emitter *emitter = arg;
    while (!emitter->stops) {
        handler_bus_emit(emitter->bus, TYPE, NULL);
        emitted++;
        nanosleep(&(struct timespec){.tv_nsec = 10000}, NULL);
    }
    return NULL;
}

static oyez_err take(void *arg, const struct oyez_event *event)
{
    (void)arg;
    (void)event;
    return OYEZ_OK;
}

static void test_a_pool_that_lacks_a_thread_feeds_none(void **state)
{
    struct emitter emitter = {.bus = *state};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, emit, &emitter), 0);
    for (may_start = 0; may_start < 4; may_start++) {
        const struct oyez_handler_options options = {.run = take, .mode = OYEZ_HANDLER_POOL};
        oyez_handler *handler = NULL;
        started = 0;
        fed = 0;
        oyez_err err =
            oyez_handler_open(&handler, emitter.bus->client, &options, HANDLER_PATIENCE_MS);
        assert_int_equal(err, OYEZ_ERR_SYSTEM);
        assert_null(handler);
        assert_int_equal(fed, 0);
    }
    emitter.stops = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_pool_that_lacks_a_thread_feeds_none,
                                        handler_bus_open, handler_bus_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
