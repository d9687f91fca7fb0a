// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "handler_queue.h"
#include "oyez/handler.h"

static uint8_t bytes[2 * OYEZ_HANDLER_QUEUE_BYTES_MAX];

struct feeding {
    struct handler_queue queue;
    size_t size;
    unsigned count;
    atomic_uint put;
};

static bool put(struct handler_queue *queue, uint64_t number, size_t size)
{
    return handler_queue_put(queue, &(struct queued_event){.stamp = {.position = number},
                                                           .redo = {{(uint8_t)number}},
                                                           .event_type = "plan.created",
                                                           .bytes = bytes,
                                                           .size = size});
}

static void *feed(void *arg)
{
    struct feeding *feeding = arg;
    for (unsigned i = 1; i <= feeding->count && put(&feeding->queue, i, feeding->size); i++)
        feeding->put++;
    return NULL;
}

static void test_events_come_as_they_went_in(void **state)
{
    (void)state;
    struct handler_queue queue;
    struct queued_event event;
    handler_queue_init(&queue);
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    assert_true(put(&queue, 7, 256));
    assert_true(put(&queue, 8, 0));
    assert_true(handler_queue_take(&queue, &event));
    assert_int_equal(event.stamp.position, 7);
    assert_int_equal(event.redo.bytes[0], 7);
    assert_string_equal(event.event_type, "plan.created");
    assert_int_equal(event.size, 256);
    assert_memory_equal(event.bytes, bytes, 256);
    assert_true(handler_queue_take(&queue, &event));
    assert_int_equal(event.stamp.position, 8);
    assert_int_equal(event.size, 0);
    handler_queue_free(&queue);
}

static void test_who_puts_waits_for_room(void **state)
{
    (void)state;
    static struct feeding feeding = {.size = 10000, .count = 1000};
    struct queued_event event;
    pthread_t feeder;
    handler_queue_init(&feeding.queue);
    assert_int_equal(pthread_create(&feeder, NULL, feed, &feeding), 0);
    for (uint64_t number = 1; number <= feeding.count; number++) {
        assert_true(handler_queue_take(&feeding.queue, &event));
        assert_int_equal(event.stamp.position, number);
        assert_true(feeding.put < number + 2 * OYEZ_HANDLER_QUEUE_BYTES_MAX / 10000 + 2);
    }
    assert_int_equal(pthread_join(feeder, NULL), 0);
    size_t capacity = feeding.queue.inbox.waiting.capacity + feeding.queue.inbox.taken.capacity;
    assert_true(capacity <= 4 * OYEZ_HANDLER_QUEUE_BYTES_MAX);
    handler_queue_free(&feeding.queue);
}

static void test_one_above_the_bound_waits_alone(void **state)
{
    (void)state;
    static struct feeding feeding = {.size = sizeof bytes, .count = 3};
    struct queued_event event;
    pthread_t feeder;
    handler_queue_init(&feeding.queue);
    assert_int_equal(pthread_create(&feeder, NULL, feed, &feeding), 0);
    for (uint64_t number = 1; number <= 3; number++) {
        assert_true(handler_queue_take(&feeding.queue, &event));
        assert_int_equal(event.size, sizeof bytes);
    }
    assert_int_equal(pthread_join(feeder, NULL), 0);
    handler_queue_free(&feeding.queue);
}

static void test_closing_ends_both_sides_and_tells_what_is_left(void **state)
{
    (void)state;
    static struct feeding feeding = {.size = OYEZ_HANDLER_QUEUE_BYTES_MAX / 2, .count = 100};
    struct queued_event event;
    pthread_t feeder;
    handler_queue_init(&feeding.queue);
    assert_int_equal(pthread_create(&feeder, NULL, feed, &feeding), 0);
    assert_true(handler_queue_take(&feeding.queue, &event));
    handler_queue_close(&feeding.queue);
    assert_int_equal(pthread_join(feeder, NULL), 0);
    assert_false(put(&feeding.queue, 1, 1));
    assert_int_equal(handler_queue_left(&feeding.queue), feeding.put - 1);
    assert_false(handler_queue_take(&feeding.queue, &event));
    handler_queue_free(&feeding.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_come_as_they_went_in),
        cmocka_unit_test(test_who_puts_waits_for_room),
        cmocka_unit_test(test_one_above_the_bound_waits_alone),
        cmocka_unit_test(test_closing_ends_both_sides_and_tells_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
