// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "client/recorder/queue.h"

static void open_queue(struct recorder_queue *queue, struct recorder_run *run, size_t capacity)
{
    assert_int_equal(recorder_queue_open(queue, capacity), OYEZ_OK);
    assert_int_equal(recorder_run_open(run, capacity), OYEZ_OK);
}

static void test_items_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct recorder_queue queue;
    struct recorder_run run;
    struct recorder_item item;
    open_queue(&queue, &run, 1024);
    assert_true(recorder_queue_is_empty(&queue));
    assert_true(recorder_queue_put(
        &queue, &(struct recorder_item){.kind = RECORDER_ITEM_FRAME,
                                        .epoch = 9,
                                        .frame = (const uint8_t *)"seventeen bytes!!",
                                        .frame_size = 17}));
    assert_true(recorder_queue_put(
        &queue, &(struct recorder_item){
                    .kind = RECORDER_ITEM_GAP, .from = 3, .to = 5, .reason = OYEZ_GAP_ABSENT}));
    recorder_queue_swap(&queue, &run);
    assert_true(recorder_queue_is_empty(&queue));
    // What is put meanwhile does not disturb what is read.
    assert_true(recorder_queue_put(&queue, &(struct recorder_item){.kind = RECORDER_ITEM_GAP}));
    assert_true(recorder_run_next(&run, &item));
    assert_int_equal(item.kind, RECORDER_ITEM_FRAME);
    assert_int_equal(item.epoch, 9);
    assert_int_equal(item.frame_size, 17);
    assert_memory_equal(item.frame, "seventeen bytes!!", 17);
    assert_true(recorder_run_next(&run, &item));
    assert_int_equal(item.from, 3);
    assert_int_equal(item.to, 5);
    assert_false(recorder_run_next(&run, &item));
    recorder_queue_swap(&queue, &run);
    assert_true(recorder_run_next(&run, &item));
    recorder_run_close(&run);
    recorder_queue_close(&queue);
}

static void test_a_full_queue_takes_nothing(void **state)
{
    (void)state;
    struct recorder_queue queue;
    struct recorder_run run;
    static const uint8_t frame[1024];
    open_queue(&queue, &run, 1024);
    size_t room = recorder_queue_room(&queue);
    struct recorder_item item = {
        .kind = RECORDER_ITEM_FRAME, .frame = frame, .frame_size = room + 1};
    assert_false(recorder_queue_put(&queue, &item));
    assert_true(recorder_queue_is_empty(&queue));
    item.frame_size = room;
    assert_true(recorder_queue_put(&queue, &item));
    assert_int_equal(recorder_queue_room(&queue), 0);
    item.frame_size = 0;
    assert_false(recorder_queue_put(&queue, &item));
    recorder_queue_swap(&queue, &run);
    assert_int_equal(recorder_queue_room(&queue), room);
    recorder_run_close(&run);
    recorder_queue_close(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_come_out_as_they_went_in),
        cmocka_unit_test(test_a_full_queue_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
