// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "window.h"
#include "wire/batch.h"

#define EVENTS 64u
#define BYTES 4096u

struct fixture {
    struct window window;
    uint64_t order;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_int_equal(window_open(&fixture->window, BYTES, EVENTS), OYEZ_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    window_close(&fixture->window);
    free(fixture);
    return 0;
}

// Appends one event of `size` bytes, all of them `fill`. Returns its number, 0 when full.
static uint64_t append(struct fixture *fixture, const char *type, size_t size, uint8_t fill)
{
    struct window *window = &fixture->window;
    struct window_place place = {.event_type = type,
                                 .event_type_size = strlen(type),
                                 .event_size = size,
                                 .may_join = true,
                                 .order = ++fixture->order};
    uint64_t seq = 0;
    bool joined;
    uint8_t *at = window_append(window, &place, &seq, &joined);
    if (at == NULL)
        return 0;
    memset(at, fill, size);
    return seq;
}

// Walks the frame of a batch, so that every frame a test sees is a whole one.
static struct oyez_batch walk(const struct fixture *fixture, const struct window_batch *batch)
{
    struct oyez_batch walked;
    assert_int_equal(oyez_batch_walk(&walked, fixture->window.bytes + batch->offset, batch->size),
                     OYEZ_BATCH_OK);
    return walked;
}

static struct window_batch send_next(struct fixture *fixture)
{
    struct window_batch batch;
    assert_true(window_peek(&fixture->window, &batch));
    window_sent(&fixture->window);
    return batch;
}

static void test_events_of_one_type_join_the_open_batch(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(append(fixture, "plan.created", 10, 1), 1);
    assert_int_equal(append(fixture, "plan.created", 200, 2), 2);
    struct window_batch batch = send_next(fixture);
    struct oyez_batch walked = walk(fixture, &batch);
    assert_int_equal(walked.event_count, 2);
    assert_int_equal(walked.emitter_seq, 1);
    struct window_batch none;
    assert_false(window_peek(&fixture->window, &none));
}

static void test_another_type_begins_another_batch(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "plan.created", 10, 1);
    append(fixture, "plan.applied", 10, 2);
    append(fixture, "plan.appliedx", 10, 2);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        struct window_batch batch = send_next(fixture);
        assert_int_equal(walk(fixture, &batch).emitter_seq, seq);
        assert_int_equal(batch.count, 1);
    }
}

static void test_a_batch_that_was_looked_at_takes_no_more(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "plan.created", 10, 1);
    struct window_batch batch;
    assert_true(window_peek(&fixture->window, &batch));
    append(fixture, "plan.created", 10, 1);
    window_sent(&fixture->window);
    assert_int_equal(batch.count, 1);
    assert_int_equal(send_next(fixture).first_seq, 2);
}

static void test_other_flags_begin_another_batch(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "plan.created", 10, 1);
    struct window_place place = {.event_type = "plan.created",
                                 .event_type_size = 12,
                                 .event_size = 10,
                                 .flags = OYEZ_FLAG_TELL,
                                 .may_join = true};
    uint64_t seq;
    bool joined;
    uint8_t *at = window_append(&fixture->window, &place, &seq, &joined);
    assert_non_null(at);
    memset(at, 0, 10);
    assert_false(joined);
}

static void test_a_full_window_refuses_and_takes_nothing(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t seq = 1; seq <= EVENTS; seq++)
        assert_int_equal(append(fixture, "a", 1, 0), seq);
    assert_int_equal(append(fixture, "a", 1, 0), 0);
    send_next(fixture);
    assert_int_equal(window_release(&fixture->window, EVENTS), EVENTS);
    assert_int_equal(append(fixture, "a", 1, 0), EVENTS + 1);
}

static void test_bytes_run_out_before_events_do(void **state)
{
    struct fixture *fixture = *state;
    uint64_t last = 0;
    for (uint64_t seq; (seq = append(fixture, "a", 1300, 0)) != 0;)
        last = seq;
    assert_int_equal(last, 3);
    assert_int_equal(append(fixture, "a", 1300, 0), 0);
    assert_int_equal(fixture->window.events, 3);
}

static void test_release_keeps_a_batch_until_its_last_event(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "a", 10, 0);
    append(fixture, "a", 10, 0);
    send_next(fixture);
    assert_int_equal(window_release(&fixture->window, 1), 0);
    assert_int_equal(window_floor(&fixture->window), 1);
    assert_int_equal(window_release(&fixture->window, 2), 2);
    assert_int_equal(window_floor(&fixture->window), 3);
    assert_true(window_is_empty(&fixture->window));
}

static void test_an_unsent_open_batch_is_never_released(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "a", 10, 0);
    assert_int_equal(window_release(&fixture->window, 99), 0);
}

static void test_rewind_sends_the_same_bytes_flagged_resent(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "a", 10, 7);
    append(fixture, "b", 10, 8);
    append(fixture, "c", 10, 9);
    struct window_batch first = send_next(fixture);
    uint8_t before[256];
    assert_true(first.size <= sizeof before);
    memcpy(before, fixture->window.bytes + first.offset, first.size);
    send_next(fixture);
    assert_true(window_rewind(&fixture->window, 1));
    struct window_batch again = send_next(fixture);
    assert_int_equal(again.first_seq, 1);
    assert_int_equal(walk(fixture, &again).flags, OYEZ_FLAG_RESENT);
    oyez_batch_set_flags(before, first.body_offset, OYEZ_FLAG_RESENT);
    assert_memory_equal(before, fixture->window.bytes + again.offset, again.size);
    send_next(fixture);
    struct window_batch third = send_next(fixture);
    assert_int_equal(walk(fixture, &third).flags, 0);
}

static void test_rewind_refuses_what_is_gone_and_what_is_not_yet(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "a", 10, 7);
    send_next(fixture);
    append(fixture, "b", 10, 7);
    window_release(&fixture->window, 1);
    assert_false(window_rewind(&fixture->window, 1));
    assert_false(window_rewind(&fixture->window, 4));
    assert_true(window_rewind(&fixture->window, 3));
    assert_true(window_rewind(&fixture->window, 2));
}

static void test_next_to_send_is_the_number_of_the_first_unsent(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(window_next_to_send(&fixture->window), 1);
    append(fixture, "a", 10, 7);
    append(fixture, "b", 10, 7);
    send_next(fixture);
    assert_int_equal(window_next_to_send(&fixture->window), 2);
    send_next(fixture);
    assert_int_equal(window_next_to_send(&fixture->window), 3);
}

// Random appends, sends and releases against a plain list of what each number held.
static void test_every_event_comes_out_once_in_order_however_the_ring_wraps(void **state)
{
    struct fixture *fixture = *state;
    struct window *window = &fixture->window;
    static const char *const types[] = {"a", "plan.created", "GIT.BRANCH.CREATED"};
    srand(42);
    uint64_t given = 0;
    uint64_t seen = 0;
    for (int round = 0; round < 100000; round++) {
        int act = rand() % 4;
        if (act < 2) {
            uint64_t seq = append(fixture, types[rand() % 3], (size_t)(1 + rand() % 600),
                                  (uint8_t)(given + 1));
            if (seq != 0)
                assert_int_equal(seq, ++given);
        } else if (act == 2) {
            struct window_batch batch;
            if (!window_peek(window, &batch))
                continue;
            window_sent(window);
            struct oyez_batch walked = walk(fixture, &batch);
            const uint8_t *cursor = walked.events;
            const uint8_t *event;
            size_t size;
            while (oyez_batch_next_event(&walked, &cursor, &event, &size)) {
                seen++;
                assert_int_equal(event[0], (uint8_t)seen);
                assert_int_equal(event[size - 1], (uint8_t)seen);
            }
            assert_int_equal(walked.emitter_seq + walked.event_count - 1, seen);
        } else if (seen > 0) {
            window_release(window, seen - (uint64_t)(rand() % 3 == 0));
        }
    }
    assert_true(seen > 10000);
}

static void test_a_batch_is_found_by_any_of_its_numbers(void **state)
{
    struct fixture *fixture = *state;
    struct window_batch batch;
    assert_false(window_find(&fixture->window, 1, &batch));
    append(fixture, "plan.created", 10, 1);
    append(fixture, "plan.created", 10, 2);
    append(fixture, "deal.created", 10, 3);
    assert_true(window_find(&fixture->window, 2, &batch));
    assert_int_equal(batch.first_seq, 1);
    assert_int_equal(batch.count, 2);
    assert_true(window_find(&fixture->window, 3, &batch));
    assert_int_equal(batch.first_seq, 3);
    assert_false(window_find(&fixture->window, 4, &batch));
    assert_false(window_find(&fixture->window, 0, &batch));
}

static void test_whole_batches_that_were_sent_count_as_whole(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "plan.created", 10, 1);
    append(fixture, "plan.created", 10, 2);
    assert_int_equal(window_whole(&fixture->window, 2), 0); // still open
    send_next(fixture);
    assert_int_equal(window_whole(&fixture->window, 1), 0);
    assert_int_equal(window_whole(&fixture->window, 2), 2);
    append(fixture, "plan.created", 10, 3);
    assert_int_equal(window_whole(&fixture->window, 3), 2);
    window_release(&fixture->window, 2);
    assert_int_equal(window_whole(&fixture->window, 1), 1); // gone long ago
}

static void test_a_refused_batch_goes_when_nothing_is_kept_before_it(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, "plan.created", 10, 1);
    send_next(fixture);
    append(fixture, "deal.created", 10, 2);
    send_next(fixture);
    append(fixture, "plan.created", 10, 3);
    send_next(fixture);
    window_mark_refused(&fixture->window, 2);
    window_mark_refused(&fixture->window, 9);
    assert_int_equal(window_release(&fixture->window, 0), 0);
    assert_int_equal(window_release(&fixture->window, 1), 2);
    assert_int_equal(window_floor(&fixture->window), 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_events_of_one_type_join_the_open_batch),
        TEST(test_another_type_begins_another_batch),
        TEST(test_a_batch_that_was_looked_at_takes_no_more),
        TEST(test_other_flags_begin_another_batch),
        TEST(test_a_full_window_refuses_and_takes_nothing),
        TEST(test_bytes_run_out_before_events_do),
        TEST(test_release_keeps_a_batch_until_its_last_event),
        TEST(test_an_unsent_open_batch_is_never_released),
        TEST(test_rewind_sends_the_same_bytes_flagged_resent),
        TEST(test_rewind_refuses_what_is_gone_and_what_is_not_yet),
        TEST(test_next_to_send_is_the_number_of_the_first_unsent),
        TEST(test_every_event_comes_out_once_in_order_however_the_ring_wraps),
        TEST(test_a_batch_is_found_by_any_of_its_numbers),
        TEST(test_whole_batches_that_were_sent_count_as_whole),
        TEST(test_a_refused_batch_goes_when_nothing_is_kept_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
