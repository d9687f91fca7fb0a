// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "oyez/json.h"

#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static char ids[2 * OYEZ_UUID_TEXT_SIZE];

static struct oyez_event applied(struct oyez_event event)
{
    oyez_context_apply(&event, ids);
    return event;
}

static void push(struct oyez_event fields)
{
    assert_int_equal(oyez_context_push(&fields), OYEZ_OK);
}

static void test_an_event_inherits_what_it_lacks(void **state)
{
    (void)state;
    push((struct oyez_event){.plan_id = "P7", .phase = "build", .tags = {{"env", "prod"}}});
    struct oyez_event event = applied(
        (struct oyez_event){.event_type = "tool.invoked", .phase = "test", .tags = {{"a", "b"}}});
    assert_string_equal(event.plan_id, "P7");
    assert_string_equal(event.phase, "test");
    assert_string_equal(event.tags[0].key, "a");
    assert_string_equal(event.tags[1].value, "prod");
    assert_null(event.tags[2].key);
    assert_null(event.causation_id);
    oyez_context_pop();
    assert_null(applied((struct oyez_event){0}).plan_id);
}

static void test_the_innermost_context_wins_and_outer_ones_fill_in(void **state)
{
    (void)state;
    push(
        (struct oyez_event){.plan_id = "outer", .actor_name = "planner", .tags = {{"k", "outer"}}});
    push((struct oyez_event){.plan_id = "inner", .tags = {{"k", "inner"}}});
    struct oyez_event event = applied((struct oyez_event){0});
    assert_string_equal(event.plan_id, "inner");
    assert_string_equal(event.actor_name, "planner");
    assert_string_equal(event.tags[0].value, "inner");
    assert_null(event.tags[1].key);
    oyez_context_pop();
    assert_string_equal(applied((struct oyez_event){0}).plan_id, "outer");
    oyez_context_pop();
}

static void test_what_is_of_one_event_is_not_inherited(void **state)
{
    (void)state;
    push((struct oyez_event){.event_id = oyez_uuid_new(),
                             .event_type = "plan.created",
                             .occurred_at = 5,
                             .schema_version = "9.0.0",
                             .details = "{}",
                             .step_id = "s"});
    struct oyez_event event = applied((struct oyez_event){0});
    assert_true(oyez_uuid_is_zero(event.event_id));
    assert_null(event.event_type);
    assert_int_equal(event.occurred_at, 0);
    assert_null(event.schema_version);
    assert_null(event.details);
    assert_string_equal(event.step_id, "s");
    oyez_context_pop();
}

static void test_what_a_handler_emits_is_caused_by_its_event(void **state)
{
    (void)state;
    char id[OYEZ_UUID_TEXT_SIZE];
    struct oyez_event cause = {.event_id = oyez_uuid_new(),
                               .correlation_id = "C1",
                               .plan_id = "P1",
                               .actor_name = "planner",
                               .phase = "build",
                               .tags = {{"k", "v"}}};
    struct context_frame frame;
    oyez_uuid_to_text(cause.event_id, id);
    context_enter(&frame, &cause);
    struct oyez_event event = applied((struct oyez_event){0});
    assert_string_equal(event.causation_id, id);
    assert_string_equal(event.correlation_id, "C1");
    assert_string_equal(event.plan_id, "P1");
    assert_null(event.actor_name);
    assert_null(event.phase);
    assert_null(event.tags[0].key);
    event = applied((struct oyez_event){.causation_id = "mine"});
    assert_string_equal(event.causation_id, "mine");
    context_leave(&frame);
    assert_null(applied((struct oyez_event){0}).causation_id);
}

static void test_a_cause_without_correlation_begins_one(void **state)
{
    (void)state;
    char id[OYEZ_UUID_TEXT_SIZE];
    struct oyez_event cause = {.event_id = oyez_uuid_new()};
    oyez_uuid_to_text(cause.event_id, id);
    assert_int_equal(oyez_context_push_cause(&cause), OYEZ_OK);
    cause.event_id = (struct oyez_uuid){0};
    assert_string_equal(applied((struct oyez_event){0}).correlation_id, id);
    oyez_context_pop();
}

static void test_contexts_that_a_handler_forgets_end_with_it(void **state)
{
    (void)state;
    struct oyez_event cause = {.event_id = oyez_uuid_new()};
    struct context_frame frame;
    context_enter(&frame, &cause);
    push((struct oyez_event){.plan_id = "left"});
    push((struct oyez_event){.plan_id = "over"});
    context_leave(&frame);
    assert_null(applied((struct oyez_event){0}).plan_id);
}

static void test_contexts_inside_one_another_have_a_limit(void **state)
{
    (void)state;
    struct oyez_event fields = {.plan_id = "P"};
    for (unsigned i = 0; i < OYEZ_CONTEXT_DEPTH_MAX; i++)
        push(fields);
    assert_int_equal(oyez_context_push(&fields), OYEZ_ERR_TOO_LARGE);
    for (unsigned i = 0; i < OYEZ_CONTEXT_DEPTH_MAX; i++)
        oyez_context_pop();
    assert_null(applied((struct oyez_event){0}).plan_id);
}

static void *see_no_plan(void *arg)
{
    char own[2 * OYEZ_UUID_TEXT_SIZE];
    struct oyez_event event = {0};
    (void)arg;
    oyez_context_apply(&event, own);
    return (void *)event.plan_id;
}

static void test_each_thread_has_its_own(void **state)
{
    (void)state;
    pthread_t thread;
    void *plan = "unset";
    push((struct oyez_event){.plan_id = "P"});
    assert_int_equal(pthread_create(&thread, NULL, see_no_plan, NULL), 0);
    pthread_join(thread, &plan);
    assert_null(plan);
    oyez_context_pop();
}

static void test_a_context_survives_the_way_into_another_process(void **state)
{
    (void)state;
    struct oyez_context_environment out;
    bool pushed;
    push((struct oyez_event){
        .plan_id = "P\"7", .actor_name = "Zoë", .traceparent = TRACE, .tags = {{"env", "prod"}}});
    assert_int_equal(oyez_context_to_environment(&out), OYEZ_OK);
    oyez_context_pop();
    assert_string_equal(out.traceparent, "TRACEPARENT=" TRACE);
    setenv("OYEZ_CONTEXT", strchr(out.context, '=') + 1, 1);
    setenv("TRACEPARENT", TRACE, 1);
    assert_int_equal(oyez_context_from_environment(&pushed), OYEZ_OK);
    assert_true(pushed);
    struct oyez_event event = applied((struct oyez_event){0});
    assert_string_equal(event.plan_id, "P\"7");
    assert_string_equal(event.actor_name, "Zoë");
    assert_string_equal(event.traceparent, TRACE);
    assert_string_equal(event.tags[0].value, "prod");
    oyez_context_pop();
    free(out.context);
    free(out.traceparent);
}

static void test_an_environment_that_says_nothing_pushes_nothing(void **state)
{
    (void)state;
    bool pushed = true;
    struct oyez_context_environment out;
    unsetenv("TRACEPARENT");
    setenv("OYEZ_CONTEXT", "", 1);
    assert_int_equal(oyez_context_from_environment(&pushed), OYEZ_OK);
    assert_false(pushed);
    assert_int_equal(oyez_context_to_environment(&out), OYEZ_OK);
    assert_null(out.context);
    assert_null(out.traceparent);
}

static void expect_refused(const char *text, oyez_err err, const char *detail)
{
    bool pushed;
    setenv("OYEZ_CONTEXT", text, 1);
    assert_int_equal(oyez_context_from_environment(&pushed), err);
    assert_non_null(strstr(oyez_error_detail(), detail));
    assert_false(pushed);
}

static void test_what_is_no_context_is_refused_by_name(void **state)
{
    (void)state;
    static char huge[OYEZ_CONTEXT_TEXT_SIZE_MAX + 2];
    unsetenv("TRACEPARENT");
    memset(huge, ' ', sizeof huge - 1);
    expect_refused("{", OYEZ_ERR_INVALID, "OYEZ_CONTEXT: ");
    expect_refused("{\"plan\":\"P\"}", OYEZ_ERR_INVALID, "plan");
    expect_refused("{\"event_type\":\"plan.created\"}", OYEZ_ERR_INVALID, "event_type belongs");
    expect_refused(huge, OYEZ_ERR_TOO_LARGE, "OYEZ_CONTEXT: longer");
    assert_null(applied((struct oyez_event){0}).plan_id);
}

static void test_a_new_span_stays_in_its_trace(void **state)
{
    (void)state;
    char trace[OYEZ_TRACEPARENT_SIZE];
    char span[OYEZ_TRACEPARENT_SIZE];
    assert_int_equal(oyez_traceparent_new(trace, NULL), OYEZ_OK);
    assert_int_equal(oyez_traceparent_new(span, trace), OYEZ_OK);
    assert_int_equal(strlen(trace), OYEZ_TRACEPARENT_SIZE - 1);
    assert_int_equal(strlen(span), OYEZ_TRACEPARENT_SIZE - 1);
    assert_memory_equal(trace, span, 36);
    assert_memory_not_equal(trace + 36, span + 36, 16);
    assert_string_equal(span + 52, "-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_inherits_what_it_lacks),
        cmocka_unit_test(test_the_innermost_context_wins_and_outer_ones_fill_in),
        cmocka_unit_test(test_what_is_of_one_event_is_not_inherited),
        cmocka_unit_test(test_what_a_handler_emits_is_caused_by_its_event),
        cmocka_unit_test(test_a_cause_without_correlation_begins_one),
        cmocka_unit_test(test_contexts_that_a_handler_forgets_end_with_it),
        cmocka_unit_test(test_contexts_inside_one_another_have_a_limit),
        cmocka_unit_test(test_each_thread_has_its_own),
        cmocka_unit_test(test_a_context_survives_the_way_into_another_process),
        cmocka_unit_test(test_an_environment_that_says_nothing_pushes_nothing),
        cmocka_unit_test(test_what_is_no_context_is_refused_by_name),
        cmocka_unit_test(test_a_new_span_stays_in_its_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
