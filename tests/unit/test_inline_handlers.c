// SPDX-License-Identifier: MIT
// Inline handlers: their order, their nesting, leaving while others run; and what an emit costs:
// no allocation, no lock that a dispatcher holds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "handler_bus.h"
#include "handler_state.h"

#define TYPE "session.created"
#define OTHER "invariant.reconciled"

// Allocations of a thread, counted where no sanitizer has its own allocator.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 0
#else
#define COUNTS_ALLOCATIONS 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef COUNTS_ALLOCATIONS
#define COUNTS_ALLOCATIONS 0
#endif
#endif

static _Thread_local unsigned long allocations;

#if COUNTS_ALLOCATIONS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
    allocations++;
    return __libc_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
    allocations++;
    return __libc_realloc(ptr, size);
}
#endif

struct diary {
    struct handler_bus *bus;
    char text[64];
    oyez_handler *handlers[4];
    unsigned depth;
    unsigned deepest;
    oyez_err refused;
    sem_t inside;
    sem_t go_on;
    atomic_uint calls;
};

struct page {
    struct diary *diary;
    char mark;
};

static oyez_err write_mark(void *arg, const struct oyez_event *event)
{
    struct page *page = arg;
    (void)event;
    size_t size = strlen(page->diary->text);
    page->diary->text[size] = page->mark;
    return OYEZ_OK;
}

static oyez_handler *open_inline(struct handler_bus *bus, const char *pattern,
                                 oyez_handler_function *run, void *arg)
{
    oyez_handler *handler;
    struct oyez_handler_options options = {.patterns = &pattern,
                                           .pattern_count = 1,
                                           .run = run,
                                           .arg = arg,
                                           .mode = OYEZ_HANDLER_INLINE};
    assert_int_equal(oyez_handler_open(&handler, bus->client, &options, 0), OYEZ_OK);
    return handler;
}

static void test_they_run_within_emit_in_the_order_of_their_opening(void **state)
{
    struct handler_bus *bus = *state;
    struct diary diary = {.bus = bus};
    struct page pages[] = {{&diary, 'a'}, {&diary, 'b'}, {&diary, 'c'}};
    const char *const patterns[] = {"*", "session.*", OTHER};
    for (size_t i = 0; i < 3; i++)
        diary.handlers[i] = open_inline(bus, patterns[i], write_mark, &pages[i]);
    handler_bus_emit(bus, TYPE, NULL);
    assert_string_equal(diary.text, "ab");
    handler_bus_emit(bus, OTHER, NULL);
    assert_string_equal(diary.text, "abac");
    oyez_handler_close(&diary.handlers[0]);
    handler_bus_emit(bus, TYPE, NULL);
    assert_string_equal(diary.text, "abacb");
    diary.handlers[0] = open_inline(bus, "*", write_mark, &pages[0]);
    handler_bus_emit(bus, TYPE, NULL);
    assert_string_equal(diary.text, "abacbba");
    // It waits for its level besides.
    struct oyez_event event = {.event_type = OTHER};
    assert_int_equal(oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_SENT, 20000, NULL),
                     OYEZ_OK);
    assert_string_equal(diary.text, "abacbbaca");
    for (size_t i = 0; i < 3; i++)
        oyez_handler_close(&diary.handlers[i]);
    handler_bus_emit(bus, TYPE, NULL);
    assert_string_equal(diary.text, "abacbbaca");
}

static oyez_err look_at_it(void *arg, const struct oyez_event *event)
{
    atomic_uint *calls = arg;
    (*calls)++;
    assert_false(oyez_uuid_is_zero(event->event_id));
    assert_int_not_equal(event->occurred_at, 0);
    assert_non_null(event->schema_version);
    assert_int_equal(event->stamp.position, 0);
    return OYEZ_OK;
}

static void test_they_see_the_event_complete_but_not_stamped(void **state)
{
    struct handler_bus *bus = *state;
    atomic_uint calls = 0;
    oyez_handler *handler = open_inline(bus, "*", look_at_it, &calls);
    handler_bus_emit(bus, TYPE, NULL);
    assert_int_equal(calls, 1);
    struct oyez_event refused = {.event_type = "no.such.type"};
    assert_int_equal(oyez_client_emit(bus->client, &refused, NULL), OYEZ_ERR_UNKNOWN_TYPE);
    assert_int_equal(calls, 1);
    oyez_handler_close(&handler);
}

static oyez_err emit_again(void *arg, const struct oyez_event *event)
{
    struct diary *diary = arg;
    struct oyez_event again = {.event_type = event->event_type};
    diary->depth++;
    if (diary->depth > diary->deepest)
        diary->deepest = diary->depth;
    oyez_err err = oyez_client_emit(diary->bus->client, &again, NULL);
    if (err != OYEZ_OK)
        diary->refused = err;
    diary->depth--;
    return OYEZ_OK;
}

static void test_emitting_from_inside_has_a_bottom(void **state)
{
    struct diary diary = {.bus = *state};
    oyez_handler *handler = open_inline(diary.bus, TYPE, emit_again, &diary);
    handler_bus_emit(diary.bus, TYPE, NULL);
    assert_int_equal(diary.deepest, OYEZ_INLINE_DEPTH_MAX);
    assert_int_equal(diary.refused, OYEZ_ERR_TOO_LARGE);
    oyez_handler_close(&handler);
}

static oyez_err close_the_next(void *arg, const struct oyez_event *event)
{
    struct diary *diary = arg;
    (void)event;
    oyez_handler_close(&diary->handlers[1]);
    oyez_handler_close(&diary->handlers[0]);
    return OYEZ_OK;
}

static void test_one_that_is_closed_before_its_turn_is_passed_over(void **state)
{
    struct diary diary = {.bus = *state};
    struct page pages[] = {{&diary, 'b'}, {&diary, 'c'}};
    diary.handlers[0] = open_inline(diary.bus, "*", close_the_next, &diary);
    diary.handlers[1] = open_inline(diary.bus, "*", write_mark, &pages[0]);
    diary.handlers[2] = open_inline(diary.bus, "*", write_mark, &pages[1]);
    handler_bus_emit(diary.bus, TYPE, NULL);
    handler_bus_emit(diary.bus, TYPE, NULL);
    assert_string_equal(diary.text, "cc");
    oyez_handler_close(&diary.handlers[2]);
}

static oyez_err wait_inside(void *arg, const struct oyez_event *event)
{
    struct diary *diary = arg;
    (void)event;
    sem_post(&diary->inside);
    sem_wait(&diary->go_on);
    diary->calls++;
    return OYEZ_OK;
}

static void *emit_one(void *arg)
{
    struct diary *diary = arg;
    handler_bus_emit(diary->bus, TYPE, NULL);
    return NULL;
}

static void *close_it(void *arg)
{
    struct diary *diary = arg;
    oyez_handler_close(&diary->handlers[0]);
    assert_int_equal(diary->calls, 1);
    return NULL;
}

static bool has_inline_handlers(oyez_client *client)
{
    pthread_mutex_lock(&client->lock);
    bool has = client->inlines != NULL;
    pthread_mutex_unlock(&client->lock);
    return has;
}

static void test_closing_waits_for_the_call_on_another_thread(void **state)
{
    struct diary diary = {.bus = *state};
    pthread_t emitter;
    pthread_t closer;
    sem_init(&diary.inside, 0, 0);
    sem_init(&diary.go_on, 0, 0);
    diary.handlers[0] = open_inline(diary.bus, "*", wait_inside, &diary);
    assert_int_equal(pthread_create(&emitter, NULL, emit_one, &diary), 0);
    sem_wait(&diary.inside);
    assert_int_equal(pthread_create(&closer, NULL, close_it, &diary), 0);
    // It has left the table before it waits.
    while (has_inline_handlers(diary.bus->client))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    handler_bus_emit(diary.bus, TYPE, NULL);
    assert_int_equal(diary.calls, 0);
    sem_post(&diary.go_on);
    assert_int_equal(pthread_join(closer, NULL), 0);
    assert_int_equal(pthread_join(emitter, NULL), 0);
    assert_int_equal(diary.calls, 1);
}

static oyez_err count_call(void *arg, const struct oyez_event *event)
{
    atomic_uint *calls = arg;
    (void)event;
    (*calls)++;
    return OYEZ_OK;
}

static void *emit_many(void *arg)
{
    struct handler_bus *bus = arg;
    for (unsigned i = 0; i < 1000; i++)
        handler_bus_emit(bus, i % 2 == 0 ? TYPE : OTHER, NULL);
    return NULL;
}

static void test_it_takes_no_lock_that_a_dispatcher_holds(void **state)
{
    struct handler_bus *bus = *state;
    struct timespec until;
    pthread_t emitter;
    atomic_uint calls = 0;
    oyez_handler *handler = open_inline(bus, "*", count_call, &calls);
    pthread_mutex_lock(&bus->client->inbox_lock);
    pthread_mutex_lock(&bus->client->handlers->lock);
    assert_int_equal(pthread_create(&emitter, NULL, emit_many, bus), 0);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    int joined = pthread_timedjoin_np(emitter, NULL, &until);
    pthread_mutex_unlock(&bus->client->handlers->lock);
    pthread_mutex_unlock(&bus->client->inbox_lock);
    assert_int_equal(joined, 0);
    assert_int_equal(calls, 1000);
    oyez_handler_close(&handler);
}

static void test_the_steady_way_to_them_allocates_nothing(void **state)
{
    struct handler_bus *bus = *state;
    atomic_uint calls = 0;
    oyez_handler *handlers[4];
    if (!COUNTS_ALLOCATIONS)
        skip();
    for (size_t i = 0; i < 4; i++)
        handlers[i] = open_inline(bus, "*", count_call, &calls);
    emit_many(bus);
    unsigned long before = allocations;
    free(malloc(1));
    assert_int_equal(allocations, before + 1);
    before = allocations;
    emit_many(bus);
    assert_int_equal(allocations, before);
    assert_int_equal(calls, 8000);
    for (size_t i = 0; i < 4; i++)
        oyez_handler_close(&handlers[i]);
}

struct worker_count {
    atomic_uint calls;
    atomic_ulong at_first;
    atomic_ulong at_last;
};

static oyez_err count_allocations(void *arg, const struct oyez_event *event)
{
    struct worker_count *count = arg;
    (void)event;
    unsigned call = ++count->calls;
    if (call == 1000)
        count->at_first = allocations;
    count->at_last = allocations;
    return OYEZ_OK;
}

static void test_nor_does_the_way_to_a_dispatched_one(void **state)
{
    struct handler_bus *bus = *state;
    for (int mode = OYEZ_HANDLER_DISPATCHED; mode <= OYEZ_HANDLER_POOL && COUNTS_ALLOCATIONS;
         mode += OYEZ_HANDLER_POOL - OYEZ_HANDLER_DISPATCHED) {
        struct worker_count count = {0};
        oyez_handler *handler;
        struct oyez_handler_options options = {.run = count_allocations,
                                               .arg = &count,
                                               .mode = (enum oyez_handler_mode)mode,
                                               .threads = mode == OYEZ_HANDLER_POOL ? 1 : 0,
                                               .timeout_ms = 10000};
        assert_int_equal(oyez_handler_open(&handler, bus->client, &options, HANDLER_PATIENCE_MS),
                         OYEZ_OK);
        for (unsigned i = 0; i < 3; i++)
            emit_many(bus);
        (void)handler_bus_await_settled(handler, 3000);
        assert_int_equal(count.at_last, count.at_first);
        oyez_handler_close(&handler);
    }
}

static oyez_err count_one(void *arg, const struct oyez_event *event)
{
    (void)event;
    ++*(atomic_uint *)arg;
    return OYEZ_OK;
}

static oyez_handler *open_counting(struct handler_bus *bus, atomic_uint *calls)
{
    oyez_handler *handler;
    const struct oyez_handler_options options = {
        .run = count_one, .arg = calls, .mode = OYEZ_HANDLER_INLINE};
    assert_int_equal(oyez_handler_open(&handler, bus->client, &options, 0), OYEZ_OK);
    return handler;
}

static void *emit_and_wait(void *arg)
{
    struct handler_bus *bus = arg;
    const struct oyez_event event = {.event_type = TYPE};
    assert_int_equal(
        oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_SENT, HANDLER_PATIENCE_MS, NULL),
        OYEZ_OK);
    return NULL;
}

// As if nothing fitted; returns what it held before.
static uint32_t set_window(oyez_client *client, uint32_t events)
{
    pthread_mutex_lock(&client->lock);
    struct window *window = &client->windows[OYEZ_LANE_DURABLE];
    uint32_t before = window->events;
    window->events = events;
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
    return before;
}

static void test_those_are_called_who_are_there_when_the_window_has_room(void **state)
{
    struct handler_bus *bus = *state;
    atomic_uint gone = 0;
    atomic_uint come = 0;
    pthread_t emitter;
    oyez_handler *first = open_counting(bus, &gone);
    uint32_t before = set_window(bus->client, bus->client->windows[OYEZ_LANE_DURABLE].events_max);
    assert_int_equal(pthread_create(&emitter, NULL, emit_and_wait, bus), 0);
    while (bus->client->waiting_inline == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    // It waits by now, or soon: of the one order nothing can be seen, of the other all is well.
    for (unsigned i = 0; i < 20; i++) {
        (void)set_window(bus->client, bus->client->windows[OYEZ_LANE_DURABLE].events_max);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    oyez_handler_close(&first);
    oyez_handler *second = open_counting(bus, &come);
    (void)set_window(bus->client, before);
    assert_int_equal(pthread_join(emitter, NULL), 0);
    assert_int_equal(gone, 0);
    assert_int_equal(come, 1);
    oyez_handler_close(&second);
}

#define test(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, handler_bus_open, handler_bus_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_they_run_within_emit_in_the_order_of_their_opening),
        test(test_they_see_the_event_complete_but_not_stamped),
        test(test_emitting_from_inside_has_a_bottom),
        test(test_one_that_is_closed_before_its_turn_is_passed_over),
        test(test_closing_waits_for_the_call_on_another_thread),
        test(test_it_takes_no_lock_that_a_dispatcher_holds),
        test(test_those_are_called_who_are_there_when_the_window_has_room),
        test(test_the_steady_way_to_them_allocates_nothing),
        test(test_nor_does_the_way_to_a_dispatched_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
