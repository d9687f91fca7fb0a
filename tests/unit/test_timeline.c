// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"
#include "timeline.h"

#define NOW INT64_C(1795199455)

static struct timeline timeline;
static struct counts *counts;
static struct canvas canvas;

static int open_timeline(void **state)
{
    (void)state;
    terminal_open();
    memset(&timeline, 0, sizeof timeline);
    counts = calloc(1, sizeof *counts);
    timeline.live_since = NOW - 100;
    return counts != NULL && canvas_resize(&canvas, 2, 80) ? 0 : 1;
}

static int close_timeline(void **state)
{
    (void)state;
    counts_clear(counts);
    free(counts);
    canvas_free(&canvas);
    return 0;
}

static void test_live_the_bar_ends_now_and_its_pieces_are_whole_seconds(void **state)
{
    (void)state;
    timeline_fit(&timeline, 70, NOW, true);
    assert_int_equal(timeline.step, 5); // 300 s in 70 columns
    assert_int_equal(timeline.shown, 60);
    assert_int_equal(timeline.end % timeline.step, 0);
    assert_true(timeline.end > NOW && timeline.end <= NOW + timeline.step);
}

static void test_only_what_counting_did_not_see_is_asked_for_newest_first(void **state)
{
    (void)state;
    int64_t start, before = INT64_MAX;
    unsigned asked = 0;
    timeline_fit(&timeline, 70, NOW, true);
    while (timeline_missing(&timeline, &start)) {
        assert_true(start < timeline.live_since && start < before);
        timeline_put(&timeline, start, timeline.step, 1, 0);
        before = start;
        asked++;
    }
    assert_int_equal(asked, 39);
}

static void test_an_answer_for_another_step_is_dropped(void **state)
{
    (void)state;
    int64_t start;
    timeline_fit(&timeline, 70, NOW, true);
    assert_true(timeline_missing(&timeline, &start));
    timeline_put(&timeline, start, timeline.step + 1, 1, 0);
    int64_t again;
    assert_true(timeline_missing(&timeline, &again));
    assert_int_equal(again, start);
    for (size_t i = 0; i < TIMELINE_BUCKETS_MAX; i++) {
        assert_false(timeline.buckets[i].known);
    }
}

static void test_in_the_past_the_bar_stands_still_around_the_place(void **state)
{
    (void)state;
    timeline_fit(&timeline, 70, NOW - 1000, false);
    int64_t end = timeline.end;
    assert_true(end > NOW - 1000 && end - 300 < NOW - 1000);
    timeline_fit(&timeline, 70, NOW - 1030, false);
    assert_int_equal(timeline.end, end);
    timeline_fit(&timeline, 70, NOW - 2000, false);
    assert_true(timeline.end < end);
}

static void test_densities_failures_and_the_place_are_drawn(void **state)
{
    (void)state;
    char text[1024];
    timeline.live_since = 1;
    timeline_fit(&timeline, 70, NOW, true);
    int64_t second = timeline.end - 10 * timeline.step;
    for (int i = 0; i < 8; i++) {
        const struct oyez_event event = {.event_type = i == 0 ? "plan.errored" : "plan.created",
                                         .stamp = {.broker_time = (uint64_t)second * 1000000000u}};
        counts_add(counts, &event);
    }
    timeline_draw(&timeline, counts, &canvas, 0, 0, second + timeline.step);
    canvas_row_text(&canvas, 0, text, sizeof text);
    assert_string_equal(text + 50, "█");
    canvas_row_text(&canvas, 1, text, sizeof text);
    assert_string_equal(text + 50, "█▲");
}

static void test_what_is_not_known_yet_is_dotted(void **state)
{
    (void)state;
    char text[1024];
    timeline_fit(&timeline, 70, NOW, true);
    timeline_draw(&timeline, counts, &canvas, 0, 0, 0);
    canvas_row_text(&canvas, 0, text, sizeof text);
    assert_memory_equal(text, "·", strlen("·"));
    assert_int_equal(strlen(text), 39 * strlen("·"));
}

static void test_spans_grow_and_shrink_within_bounds(void **state)
{
    (void)state;
    assert_string_equal(timeline_span_name(&timeline), "5 min");
    timeline_zoom(&timeline, -1);
    assert_string_equal(timeline_span_name(&timeline), "5 min");
    for (int i = 0; i < 20; i++) {
        timeline_zoom(&timeline, 1);
        timeline_fit(&timeline, 200, NOW, true);
        assert_true(timeline.shown <= TIMELINE_BUCKETS_MAX);
    }
    assert_string_equal(timeline_span_name(&timeline), "90 days");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_live_the_bar_ends_now_and_its_pieces_are_whole_seconds,
                                        open_timeline, close_timeline),
        cmocka_unit_test_setup_teardown(
            test_only_what_counting_did_not_see_is_asked_for_newest_first, open_timeline,
            close_timeline),
        cmocka_unit_test_setup_teardown(test_an_answer_for_another_step_is_dropped, open_timeline,
                                        close_timeline),
        cmocka_unit_test_setup_teardown(test_in_the_past_the_bar_stands_still_around_the_place,
                                        open_timeline, close_timeline),
        cmocka_unit_test_setup_teardown(test_densities_failures_and_the_place_are_drawn,
                                        open_timeline, close_timeline),
        cmocka_unit_test_setup_teardown(test_what_is_not_known_yet_is_dotted, open_timeline,
                                        close_timeline),
        cmocka_unit_test_setup_teardown(test_spans_grow_and_shrink_within_bounds, open_timeline,
                                        close_timeline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
