// SPDX-License-Identifier: MIT
// The demo's stories told to a list, in a time that passes as fast as they can be told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo_plots.h"
#include "oyez/catalog.h"
#include "oyez/json.h"

#define EVENTS_MAX 20000u
#define TYPES_MAX 400u
#define SEED 2026u

#define START_NANOSECONDS (INT64_C(1767225600) * 1000000000)
#define NANOSECONDS_PER_MILLISECOND 1000000

// What a plot emitted until `end_ms`, in its order.
struct telling {
    struct oyez_event *events[EVENTS_MAX];
    uint32_t times_ms[EVENTS_MAX];
    size_t count;
    uint32_t now_ms;
    uint32_t end_ms;
    uint64_t ids;
    size_t fail_at; // this emit fails; 0 = none does
};

static struct oyez_uuid count_id(void *arg)
{
    struct telling *telling = arg;
    struct oyez_uuid id = {{0}};
    uint64_t number = ++telling->ids;
    for (size_t i = 0; i < sizeof number; i++)
        id.bytes[OYEZ_UUID_SIZE - 1 - i] = (uint8_t)(number >> (8 * i));
    id.bytes[0] = 1;
    return id;
}

static oyez_err keep(void *arg, const struct oyez_event *event, struct oyez_uuid *event_id)
{
    struct telling *telling = arg;
    if (telling->fail_at != 0 && telling->count + 1 == telling->fail_at) {
        telling->end_ms = telling->now_ms;
        return oyez_fail(OYEZ_ERR_REFUSED, "the test refuses");
    }
    assert_true(telling->count < EVENTS_MAX);
    struct oyez_event **kept = &telling->events[telling->count];
    assert_int_equal(oyez_event_copy(kept, event), OYEZ_OK);
    (*kept)->event_id = count_id(telling);
    *event_id = (*kept)->event_id;
    telling->times_ms[telling->count++] = telling->now_ms;
    return OYEZ_OK;
}

static bool pass_time(void *arg, uint32_t milliseconds)
{
    struct telling *telling = arg;
    telling->now_ms += milliseconds;
    return telling->now_ms < telling->end_ms;
}

static int64_t read_time(void *arg)
{
    const struct telling *telling = arg;
    return START_NANOSECONDS + (int64_t)telling->now_ms * NANOSECONDS_PER_MILLISECOND;
}

static struct telling *play(size_t plot, uint64_t seed, uint32_t end_ms, size_t fail_at,
                            oyez_err expected)
{
    struct telling *telling = calloc(1, sizeof *telling);
    assert_non_null(telling);
    telling->end_ms = end_ms;
    telling->fail_at = fail_at;
    const struct demo_emitter emitter = {
        .emit = keep, .wait = pass_time, .now = read_time, .new_id = count_id, .arg = telling};
    assert_int_equal(demo_plot_play(&demo_plots[plot], &emitter, seed), expected);
    return telling;
}

static void forget(struct telling *telling)
{
    for (size_t i = 0; i < telling->count; i++)
        oyez_event_free(&telling->events[i]);
    free(telling);
}

static const struct oyez_type *type_of(const struct oyez_event *event)
{
    return oyez_type_find(event->event_type, strlen(event->event_type));
}

static const uint32_t hour_ms = 3600 * 1000;

static void test_every_event_passes_the_check_of_emit(void **state)
{
    (void)state;
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        struct telling *telling = play(plot, SEED, hour_ms, 0, OYEZ_OK);
        for (size_t i = 0; i < telling->count; i++) {
            if (oyez_event_check(telling->events[i]) != OYEZ_OK)
                fail_msg("%s: %s", oyez_error_detail(), (const char *)telling->events[i]->details);
        }
        forget(telling);
    }
}

static void test_every_cause_is_an_earlier_event_of_the_same_workflow(void **state)
{
    (void)state;
    size_t caused = 0;
    size_t total = 0;
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        struct telling *telling = play(plot, SEED, hour_ms / 4, 0, OYEZ_OK);
        for (size_t i = 0; i < telling->count; i++) {
            const struct oyez_event *event = telling->events[i];
            struct oyez_uuid cause;
            assert_non_null(event->correlation_id);
            total++;
            if (event->causation_id == NULL)
                continue;
            caused++;
            assert_int_equal(oyez_uuid_from_text(&cause, event->causation_id), OYEZ_OK);
            size_t j = i;
            while (j > 0 && !oyez_uuid_equal(telling->events[j - 1]->event_id, cause))
                j--;
            if (j == 0)
                fail_msg("%s names a cause that was not emitted before", event->event_type);
            const struct oyez_event *causing = telling->events[j - 1];
            assert_string_equal(causing->correlation_id, event->correlation_id);
            // What may be lost on the way is no cause of what may not.
            if (type_of(causing)->delivery == OYEZ_LANE_FAST)
                assert_int_equal(type_of(event)->delivery, OYEZ_LANE_FAST);
        }
        forget(telling);
    }
    assert_true(caused * 10 > total * 7);
}

static void test_five_seconds_show_all_five_catalogs_and_a_sub_plan(void **state)
{
    (void)state;
    static const char *const names[] = {"cleveragents", "zakops", "tamma", "tasker", "projectai"};
    for (uint64_t seed = 0; seed < 50; seed++) {
        bool seen[5] = {false};
        bool sub_plan = false;
        for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
            struct telling *telling = play(plot, seed, 5000, 0, OYEZ_OK);
            for (size_t i = 0; i < telling->count; i++) {
                const struct oyez_event *event = telling->events[i];
                for (size_t n = 0; n < 5; n++)
                    seen[n] = seen[n] || strcmp(type_of(event)->catalog->name, names[n]) == 0;
                if (event->plan_id != NULL)
                    sub_plan = sub_plan || strcmp(event->plan_id, event->root_plan_id) != 0;
            }
            forget(telling);
        }
        for (size_t n = 0; n < 5; n++)
            assert_true(seen[n]);
        assert_true(sub_plan);
    }
}

static void test_a_long_run_shows_every_type_of_the_five_catalogs(void **state)
{
    (void)state;
    bool seen[TYPES_MAX] = {false};
    size_t missing = 0;
    assert_true(oyez_type_count() <= TYPES_MAX);
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        struct telling *telling = play(plot, SEED, hour_ms, 0, OYEZ_OK);
        for (size_t i = 0; i < telling->count; i++) {
            for (size_t t = 0; t < oyez_type_count(); t++)
                seen[t] = seen[t] || oyez_type_at(t) == type_of(telling->events[i]);
        }
        forget(telling);
    }
    for (size_t t = 0; t < oyez_type_count(); t++) {
        const struct oyez_type *type = oyez_type_at(t);
        if (seen[t] || type->open || strcmp(type->domain, "oyez") == 0)
            continue;
        print_message("never emitted: %s\n", type->name);
        missing++;
    }
    assert_int_equal(missing, 0);
}

static void test_all_plots_together_emit_a_few_events_a_second(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        struct telling *telling = play(plot, SEED, hour_ms / 6, 0, OYEZ_OK);
        assert_true(telling->count > 0);
        count += telling->count;
        forget(telling);
    }
    print_message("%.2f events a second\n", (double)count / 600);
    assert_in_range(count, 600 * 3, 600 * 9);
}

static void test_the_same_seed_tells_the_same_story(void **state)
{
    (void)state;
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        struct telling *one = play(plot, SEED, hour_ms / 12, 0, OYEZ_OK);
        struct telling *two = play(plot, SEED, hour_ms / 12, 0, OYEZ_OK);
        struct telling *other = play(plot, SEED + 1, hour_ms / 12, 0, OYEZ_OK);
        assert_int_equal(one->count, two->count);
        bool differs = one->count != other->count;
        for (size_t i = 0; i < one->count; i++) {
            char *texts[2];
            size_t sizes[2];
            assert_int_equal(oyez_event_to_json(one->events[i], &texts[0], &sizes[0]), OYEZ_OK);
            assert_int_equal(oyez_event_to_json(two->events[i], &texts[1], &sizes[1]), OYEZ_OK);
            assert_string_equal(texts[0], texts[1]);
            free(texts[0]);
            free(texts[1]);
            differs = differs || one->events[i]->details_size != other->events[i]->details_size;
        }
        assert_true(differs);
        forget(one);
        forget(two);
        forget(other);
    }
}

static void require(const struct oyez_event *event, const char *field, const char *text)
{
    if (text == NULL)
        fail_msg("%s: no %s", event->event_type, field);
}

static void test_events_of_a_catalog_have_the_header_fields_of_its_seed(void **state)
{
    (void)state;
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        struct telling *telling = play(plot, SEED, hour_ms / 6, 0, OYEZ_OK);
        for (size_t i = 0; i < telling->count; i++) {
            const struct oyez_event *event = telling->events[i];
            const char *catalog = type_of(event)->catalog->name;
            require(event, "actor_type", event->actor_type);
            require(event, "actor_id", event->actor_id);
            require(event, "source", event->source);
            require(event, "environment", event->environment);
            if (strcmp(catalog, "tamma") == 0)
                require(event, "app_version", event->app_version);
            if (strncmp(event->event_type, "agent.", 6) == 0) {
                require(event, "run_id", event->run_id);
                require(event, "thread_id", event->thread_id);
            }
            if (strcmp(catalog, "cleveragents") == 0) {
                require(event, "project_name", event->project_name);
                require(event, "session_id", event->session_id);
                bool in_session = strncmp(event->event_type, "session.", 8) == 0;
                if (in_session && event->plan_id == NULL)
                    continue;
                require(event, "plan_id", event->plan_id);
                require(event, "root_plan_id", event->root_plan_id);
                require(event, "phase", event->phase);
                require(event, "state", event->state);
            }
        }
        forget(telling);
    }
}

static void test_a_failing_emit_ends_the_plot_at_once_with_its_error(void **state)
{
    (void)state;
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        struct telling *telling = play(plot, SEED, hour_ms, 9, OYEZ_ERR_REFUSED);
        assert_int_equal(telling->count, 8);
        assert_int_equal(telling->now_ms, telling->end_ms);
        forget(telling);
    }
}

static void test_nothing_is_emitted_after_the_end_wherever_it_comes(void **state)
{
    (void)state;
    for (size_t plot = 0; plot < DEMO_PLOTS_COUNT; plot++) {
        for (uint32_t end_ms = 0; end_ms < 90000; end_ms += 611) {
            struct telling *telling = play(plot, SEED, end_ms, 0, OYEZ_OK);
            if (telling->count > 0)
                assert_true(telling->times_ms[telling->count - 1] < end_ms);
            forget(telling);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_event_passes_the_check_of_emit),
        cmocka_unit_test(test_every_cause_is_an_earlier_event_of_the_same_workflow),
        cmocka_unit_test(test_five_seconds_show_all_five_catalogs_and_a_sub_plan),
        cmocka_unit_test(test_a_long_run_shows_every_type_of_the_five_catalogs),
        cmocka_unit_test(test_all_plots_together_emit_a_few_events_a_second),
        cmocka_unit_test(test_the_same_seed_tells_the_same_story),
        cmocka_unit_test(test_events_of_a_catalog_have_the_header_fields_of_its_seed),
        cmocka_unit_test(test_a_failing_emit_ends_the_plot_at_once_with_its_error),
        cmocka_unit_test(test_nothing_is_emitted_after_the_end_wherever_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
