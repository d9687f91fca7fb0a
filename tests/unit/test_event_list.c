// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_list.h"

static struct oyez_event sample(uint64_t position, const char *details)
{
    return (struct oyez_event){
        .event_type = "plan.created",
        .plan_id = "p-1",
        .details = details,
        .details_size = strlen(details),
        .details_format = OYEZ_DETAILS_JSON,
        .stamp = {.epoch = 7, .position = position, .broker_time = position}};
}

static void append(struct event_list *list, uint64_t position, const char *details)
{
    struct oyez_event event = sample(position, details);
    assert_true(event_list_append(list, &event, position));
}

static void prepend(struct event_list *list, uint64_t position, const char *details)
{
    struct oyez_event event = sample(position, details);
    assert_true(event_list_prepend(list, &event, position));
}

static void assert_positions(const struct event_list *list, uint64_t from, uint64_t to)
{
    struct event_reading reading;
    assert_int_equal(list->count, to - from + 1);
    for (uint64_t i = 0; i < list->count; i++) {
        assert_true(event_list_read(list, list->first + i, &reading));
        assert_int_equal(reading.event.stamp.position, from + i);
        assert_string_equal(reading.event.event_type, "plan.created");
        assert_string_equal(reading.event.plan_id, "p-1");
    }
}

static void test_what_is_added_is_read_as_it_was(void **state)
{
    (void)state;
    struct event_list list;
    struct event_reading reading;
    assert_int_equal(event_list_open(&list, 4096, 16), OYEZ_OK);
    append(&list, 5, "{\"goal\": \"x\"}");
    assert_true(event_list_read(&list, list.first, &reading));
    assert_memory_equal(reading.event.details, "{\"goal\": \"x\"}", 13);
    assert_int_equal(reading.event.details_size, 13);
    assert_int_equal(event_list_entry(&list, list.first)->number, 5);
    event_list_close(&list);
}

static void test_the_oldest_leave_when_there_is_no_room_and_numbers_stay(void **state)
{
    (void)state;
    struct event_list list;
    assert_int_equal(event_list_open(&list, 4096, 8), OYEZ_OK);
    for (uint64_t i = 1; i <= 20; i++) {
        append(&list, i, "{}");
    }
    assert_positions(&list, 13, 20);
    assert_int_equal(list.first, EVENT_LIST_FIRST + 12);
    assert_int_equal(list.evicted, 12);
    event_list_close(&list);
}

static void test_what_comes_before_pushes_out_the_newest(void **state)
{
    (void)state;
    struct event_list list;
    assert_int_equal(event_list_open(&list, 4096, 8), OYEZ_OK);
    append(&list, 100, "{}");
    uint64_t first = list.first;
    for (uint64_t i = 99; i >= 90; i--) {
        prepend(&list, i, "{}");
    }
    assert_positions(&list, 90, 97);
    assert_int_equal(list.first, first - 10);
    event_list_close(&list);
}

// Sizes that never divide the memory, from both ends, for long: what is there is always whole.
static void test_bytes_are_reused_round_and_round_from_both_ends(void **state)
{
    (void)state;
    struct event_list list;
    char details[700];
    uint64_t low = 1000000, high = 1000000;
    assert_int_equal(event_list_open(&list, 3001, 64), OYEZ_OK);
    append(&list, high++, "{}");
    srand(5);
    for (int i = 0; i < 20000; i++) {
        size_t size = (size_t)rand() % 600;
        snprintf(details, sizeof details, "{\"x\":\"%*s\"}", (int)size, "");
        if ((i / 37) % 2 == 0) {
            append(&list, high++, details);
        } else {
            prepend(&list, --low, details);
        }
        assert_true(list.used <= 3001);
        low = event_list_entry(&list, list.first)->stamp.position;
        high = event_list_entry(&list, event_list_end(&list) - 1)->stamp.position + 1;
        assert_positions(&list, low, high - 1);
    }
    event_list_close(&list);
}

static void test_what_is_larger_than_all_is_refused(void **state)
{
    (void)state;
    struct event_list list;
    char details[2000];
    memset(details, ' ', sizeof details);
    assert_int_equal(event_list_open(&list, 1000, 8), OYEZ_OK);
    struct oyez_event event = sample(1, "{}");
    event.details = details;
    event.details_size = sizeof details;
    assert_false(event_list_append(&list, &event, 1));
    assert_int_equal(list.count, 0);
    event_list_close(&list);
}

static void test_a_mark_is_text_and_no_event(void **state)
{
    (void)state;
    struct event_list list;
    struct event_reading reading;
    size_t size;
    assert_int_equal(event_list_open(&list, 1000, 8), OYEZ_OK);
    append(&list, 1, "{}");
    assert_true(event_list_append_mark(&list, "gone", 2));
    append(&list, 3, "{}");
    uint64_t at = list.first + 1;
    assert_false(event_list_read(&list, at, &reading));
    assert_memory_equal(event_list_mark_text(&list, at, &size), "gone", 4);
    assert_int_equal(size, 4);
    event_list_close(&list);
}

static void test_a_place_is_found_by_cursor_and_time(void **state)
{
    (void)state;
    struct event_list list;
    assert_int_equal(event_list_open(&list, 4096, 64), OYEZ_OK);
    for (uint64_t i = 10; i < 20; i++) {
        append(&list, i, "{}");
    }
    assert_int_equal(event_list_find_cursor(&list, 7, 14), list.first + 4);
    assert_int_equal(event_list_find_cursor(&list, 6, 99), list.first);
    assert_int_equal(event_list_find_cursor(&list, 8, 0), event_list_end(&list));
    assert_int_equal(event_list_find_time(&list, 12), list.first + 2);
    assert_int_equal(event_list_find_time(&list, 99), event_list_end(&list));
    event_list_close(&list);
}

static void test_copies_keep_stamp_and_number(void **state)
{
    (void)state;
    struct event_list from, to;
    assert_int_equal(event_list_open(&from, 4096, 64), OYEZ_OK);
    assert_int_equal(event_list_open(&to, 4096, 64), OYEZ_OK);
    append(&from, 3, "{}");
    append(&from, 4, "{}");
    assert_true(event_list_append_copy(&to, &from, from.first + 1));
    assert_true(event_list_prepend_copy(&to, &from, from.first));
    assert_positions(&to, 3, 4);
    assert_int_equal(event_list_entry(&to, to.first)->number, 3);
    event_list_clear(&to);
    assert_int_equal(to.count, 0);
    event_list_close(&from);
    event_list_close(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_added_is_read_as_it_was),
        cmocka_unit_test(test_the_oldest_leave_when_there_is_no_room_and_numbers_stay),
        cmocka_unit_test(test_what_comes_before_pushes_out_the_newest),
        cmocka_unit_test(test_bytes_are_reused_round_and_round_from_both_ends),
        cmocka_unit_test(test_what_is_larger_than_all_is_refused),
        cmocka_unit_test(test_a_mark_is_text_and_no_event),
        cmocka_unit_test(test_a_place_is_found_by_cursor_and_time),
        cmocka_unit_test(test_copies_keep_stamp_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
