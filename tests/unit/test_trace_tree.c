// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "trace_tree.h"

#define EVENTS 8u
#define MS 1000000

static struct oyez_event events[EVENTS];
static struct oyez_event *in_order[EVENTS];
static char causes[EVENTS][OYEZ_UUID_TEXT_SIZE];

static struct oyez_uuid id_of(size_t i)
{
    // Ids fall while the record grows: order must not come from them.
    return (struct oyez_uuid){{[0] = 7, [15] = (uint8_t)(200 - i)}};
}

// causes_of[i] is the event that caused event i, or -1.
static struct trace_node *build(const int *causes_of, size_t count)
{
    struct trace_node *nodes;
    for (size_t i = 0; i < count; i++) {
        events[i] = (struct oyez_event){.event_id = id_of(i),
                                        .event_type = "tool.invoked",
                                        .stamp.broker_time = (1000 + 10 * i) * MS};
        if (causes_of[i] >= 0) {
            oyez_uuid_to_text(id_of((size_t)causes_of[i]), causes[i]);
            events[i].causation_id = causes[i];
        }
        in_order[i] = &events[i];
    }
    assert_true(trace_tree_build(&nodes, in_order, count));
    return nodes;
}

static void expect_order(const struct trace_node *nodes, const size_t *order,
                         const unsigned *depths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(nodes[i].event - events, order[i]);
        assert_int_equal(nodes[i].depth, depths[i]);
    }
}

static void test_each_event_stands_below_its_cause(void **state)
{
    (void)state;
    struct trace_node *nodes = build((const int[]){-1, 0, 0, 1, -1, 3, 2}, 7);
    expect_order(nodes, (const size_t[]){0, 1, 3, 5, 2, 6, 4},
                 (const unsigned[]){0, 1, 2, 3, 1, 2, 0}, 7);
    assert_int_equal(nodes[0].below, 5);
    assert_int_equal(nodes[1].below, 2);
    assert_false(nodes[1].last);
    assert_true(nodes[4].last);
    free(nodes);
}

static void test_times_count_from_the_first_and_to_the_last_below(void **state)
{
    (void)state;
    struct trace_node *nodes = build((const int[]){-1, 0, 1, 0}, 4);
    assert_int_equal(nodes[2].after_ns, 20 * MS);
    assert_int_equal(nodes[0].taken_ns, 30 * MS);
    assert_int_equal(nodes[1].taken_ns, 10 * MS);
    assert_int_equal(nodes[3].taken_ns, 0);
    free(nodes);
}

static void test_an_unknown_cause_makes_a_root(void **state)
{
    (void)state;
    struct trace_node *nodes = build((const int[]){-1, 99}, 2);
    expect_order(nodes, (const size_t[]){0, 1}, (const unsigned[]){0, 0}, 2);
    events[1].causation_id = "not an id";
    free(nodes);
    assert_true(trace_tree_build(&nodes, in_order, 2));
    assert_int_equal(nodes[1].depth, 0);
    free(nodes);
}

static void test_rings_of_causes_end(void **state)
{
    (void)state;
    struct trace_node *nodes = build((const int[]){1, 0, 2, 4, 3}, 5);
    expect_order(nodes, (const size_t[]){0, 1, 2, 3, 4}, (const unsigned[]){0, 1, 0, 0, 1}, 5);
    free(nodes);
}

static void test_a_chain_deeper_than_any_stack_is_arranged(void **state)
{
    (void)state;
    const size_t count = TRACE_EVENTS_MAX;
    struct oyez_event *chain = calloc(count, sizeof *chain);
    struct oyez_event **order = calloc(count, sizeof *order);
    char(*texts)[OYEZ_UUID_TEXT_SIZE] = calloc(count, sizeof *texts);
    struct trace_node *nodes;
    assert_true(chain != NULL && order != NULL && texts != NULL);
    for (size_t i = 0; i < count; i++) {
        chain[i].event_id = oyez_uuid_new();
        chain[i].event_type = "tool.invoked";
        oyez_uuid_to_text(chain[i].event_id, texts[i]);
        chain[i].causation_id = i > 0 ? texts[i - 1] : NULL;
        order[i] = &chain[i];
    }
    assert_true(trace_tree_build(&nodes, order, count));
    assert_int_equal(nodes[count - 1].depth, count - 1);
    assert_int_equal(nodes[0].below, count - 1);
    free(nodes);
    free(texts);
    free(order);
    free(chain);
}

static void test_no_events_make_no_nodes(void **state)
{
    (void)state;
    struct trace_node *nodes;
    assert_true(trace_tree_build(&nodes, in_order, 0));
    free(nodes);
}

static void test_failures_are_known_by_their_names(void **state)
{
    (void)state;
    assert_true(trace_has_failed("plan.errored"));
    assert_true(trace_has_failed("SYSTEM.ERROR.OCCURRED"));
    assert_true(trace_has_failed("worker.job_dlq"));
    assert_false(trace_has_failed("plan.created"));
    assert_false(trace_has_failed("APPROVAL.PROVIDED"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_event_stands_below_its_cause),
        cmocka_unit_test(test_times_count_from_the_first_and_to_the_last_below),
        cmocka_unit_test(test_an_unknown_cause_makes_a_root),
        cmocka_unit_test(test_rings_of_causes_end),
        cmocka_unit_test(test_a_chain_deeper_than_any_stack_is_arranged),
        cmocka_unit_test(test_no_events_make_no_nodes),
        cmocka_unit_test(test_failures_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
