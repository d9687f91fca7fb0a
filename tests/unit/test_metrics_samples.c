// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "metrics_samples.h"

static oyez_metrics *metrics;
static struct oyez_metric_sets sets;
static const struct oyez_uuid id = {{1}};

static int enter(void **state)
{
    (void)state;
    sets.size = 0;
    return metrics_open(&metrics) == OYEZ_OK ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    oyez_metrics_close(&metrics);
    return 0;
}

static void put(enum oyez_metric_scope scope, const char *name, enum oyez_metric_number number,
                uint64_t value)
{
    oyez_v1_MetricSet set;
    oyez_metric_set_begin(&set, scope, name);
    oyez_metric_set_add(&set, number, value);
    assert_true(oyez_metric_sets_put(&sets, &set));
}

static size_t find(enum oyez_metric_number number, const struct oyez_metric_sample *const **samples)
{
    assert_true(metrics_sort(metrics));
    return metrics_find(metrics, number, samples);
}

static void test_what_a_set_leaves_out_is_0(void **state)
{
    (void)state;
    const struct oyez_metric_sample *const *samples;
    put(OYEZ_METRIC_SCOPE_CLIENT, "shop", OYEZ_METRIC_CLIENT_EMITTED, 3);
    assert_true(metrics_put_sets(metrics, &id, false, sets.bytes, sets.size));
    assert_int_equal(find(OYEZ_METRIC_CLIENT_RECORDED, &samples), 1);
    assert_int_equal(samples[0]->raw, 0);
    assert_string_equal(samples[0]->name, "shop");
    assert_int_equal(metrics_find(metrics, OYEZ_METRIC_CLIENT_EMITTED, &samples), 1);
    assert_int_equal(samples[0]->raw, 3);
}

static void test_two_subscriptions_of_one_name_are_told_apart(void **state)
{
    (void)state;
    const struct oyez_metric_sample *const *samples;
    put(OYEZ_METRIC_SCOPE_CLIENT, "shop", OYEZ_METRIC_CLIENT_EMITTED, 1);
    put(OYEZ_METRIC_SCOPE_SUBSCRIPTION, "*", OYEZ_METRIC_SUBSCRIPTION_HANDLED, 1);
    put(OYEZ_METRIC_SCOPE_SUBSCRIPTION, "*", OYEZ_METRIC_SUBSCRIPTION_HANDLED, 2);
    assert_true(metrics_put_sets(metrics, &id, false, sets.bytes, sets.size));
    assert_int_equal(find(OYEZ_METRIC_SUBSCRIPTION_HANDLED, &samples), 2);
    assert_string_equal(samples[0]->subscription, "*");
    assert_string_equal(samples[1]->subscription, "* #2");
    assert_int_equal(samples[1]->raw, 2);
}

static void test_a_name_that_looks_like_a_second_one_is_told_apart_too(void **state)
{
    (void)state;
    const struct oyez_metric_sample *const *samples;
    put(OYEZ_METRIC_SCOPE_CLIENT, "shop", OYEZ_METRIC_CLIENT_EMITTED, 1);
    put(OYEZ_METRIC_SCOPE_SUBSCRIPTION, "a", OYEZ_METRIC_SUBSCRIPTION_HANDLED, 1);
    put(OYEZ_METRIC_SCOPE_SUBSCRIPTION, "a", OYEZ_METRIC_SUBSCRIPTION_HANDLED, 2);
    put(OYEZ_METRIC_SCOPE_SUBSCRIPTION, "a #2", OYEZ_METRIC_SUBSCRIPTION_HANDLED, 3);
    assert_true(metrics_put_sets(metrics, &id, false, sets.bytes, sets.size));
    assert_int_equal(find(OYEZ_METRIC_SUBSCRIPTION_HANDLED, &samples), 3);
    assert_string_equal(samples[1]->subscription, "a #2");
    assert_string_equal(samples[2]->subscription, "a #2 #2");
}

static void test_nobody_tells_what_is_not_his_to_tell(void **state)
{
    (void)state;
    const struct oyez_metric_sample *const *samples;
    put(OYEZ_METRIC_SCOPE_TYPE, "plan.created", OYEZ_METRIC_TYPE_EVENTS, 9);
    put(OYEZ_METRIC_SCOPE_RECORDER, "recorder", OYEZ_METRIC_RECORDER_DISK_SIZE, 9);
    put(OYEZ_METRIC_SCOPE_SUBSCRIPTION, "*", OYEZ_METRIC_SUBSCRIPTION_HANDLED, 9);
    put(OYEZ_METRIC_SCOPE_CLIENT, "a", OYEZ_METRIC_CLIENT_EMITTED, 1);
    put(OYEZ_METRIC_SCOPE_CLIENT, "b", OYEZ_METRIC_CLIENT_EMITTED, 2);
    assert_true(metrics_put_sets(metrics, &id, false, sets.bytes, sets.size));
    assert_true(metrics_put_sets(metrics, NULL, false, sets.bytes + 0, 0));
    assert_int_equal(find(OYEZ_METRIC_TYPE_EVENTS, &samples), 0);
    assert_int_equal(metrics_find(metrics, OYEZ_METRIC_RECORDER_DISK_SIZE, &samples), 0);
    assert_int_equal(metrics_find(metrics, OYEZ_METRIC_SUBSCRIPTION_HANDLED, &samples), 0);
    assert_int_equal(metrics_find(metrics, OYEZ_METRIC_CLIENT_EMITTED, &samples), 1);
    assert_string_equal(samples[0]->name, "a");
}

static void test_the_brokers_own_counts_are_of_types_alone(void **state)
{
    (void)state;
    const struct oyez_metric_sample *const *samples;
    put(OYEZ_METRIC_SCOPE_CLIENT, "a", OYEZ_METRIC_CLIENT_EMITTED, 1);
    put(OYEZ_METRIC_SCOPE_TYPE, "plan.created", OYEZ_METRIC_TYPE_EVENTS, 9);
    assert_true(metrics_put_sets(metrics, NULL, false, sets.bytes, sets.size));
    assert_int_equal(find(OYEZ_METRIC_TYPE_EVENTS, &samples), 1);
    assert_string_equal(samples[0]->event_type, "plan.created");
    assert_int_equal(metrics_find(metrics, OYEZ_METRIC_CLIENT_EMITTED, &samples), 0);
}

static void test_labels_of_strangers_cannot_leave_their_quotes(void **state)
{
    (void)state;
    char *text;
    put(OYEZ_METRIC_SCOPE_CLIENT, "a\"} 1\nb\\", OYEZ_METRIC_CLIENT_EMITTED, 1);
    assert_true(metrics_put_sets(metrics, &id, false, sets.bytes, sets.size));
    assert_true(metrics_sort(metrics));
    assert_int_equal(oyez_metrics_to_prometheus(metrics, &text), OYEZ_OK);
    assert_non_null(strstr(text, "oyez_client_emitted_events_total{client=\"01000000-0000-0000-"
                                 "0000-000000000000\",name=\"a\\\"} 1\\nb\\\\\"} 1\n"));
    free(text);
}

static void test_times_are_seconds_with_all_their_digits(void **state)
{
    (void)state;
    char *text;
    put(OYEZ_METRIC_SCOPE_CLIENT, "a", OYEZ_METRIC_CLIENT_START, UINT64_C(1700000000123456789));
    assert_true(metrics_put_sets(metrics, &id, false, sets.bytes, sets.size));
    assert_true(metrics_sort(metrics));
    assert_int_equal(oyez_metrics_to_prometheus(metrics, &text), OYEZ_OK);
    assert_non_null(strstr(text, "} 1700000000.123456789\n"));
    assert_non_null(strstr(text, "# TYPE oyez_client_start_time_seconds gauge\n"));
    free(text);
}

static uint64_t lag_of(const struct oyez_status *status)
{
    const struct oyez_metric_sample *const *samples;
    assert_true(metrics_put_status(metrics, status));
    assert_int_equal(find(OYEZ_METRIC_BROKER_UNRECORDED, &samples), 1);
    return samples[0]->raw;
}

static void test_a_recorder_that_has_recorded_nothing_lags_by_everything(void **state)
{
    (void)state;
    struct oyez_status status = {
        .position = 7,
        .components = {{.name = "recorder", .status = OYEZ_HEALTHY}},
        .component_count = 1,
        .counters = {{.name = "recorded_position"}},
        .counter_count = 1,
    };
    assert_int_equal(lag_of(&status), 7);
}

static void test_without_a_recorder_nothing_lags(void **state)
{
    (void)state;
    struct oyez_status status = {
        .position = 7,
        .components = {{.name = "recorder", .status = OYEZ_DEGRADED}},
        .component_count = 1,
    };
    assert_int_equal(lag_of(&status), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        CASE(test_what_a_set_leaves_out_is_0),
        CASE(test_two_subscriptions_of_one_name_are_told_apart),
        CASE(test_a_name_that_looks_like_a_second_one_is_told_apart_too),
        CASE(test_nobody_tells_what_is_not_his_to_tell),
        CASE(test_the_brokers_own_counts_are_of_types_alone),
        CASE(test_labels_of_strangers_cannot_leave_their_quotes),
        CASE(test_times_are_seconds_with_all_their_digits),
        CASE(test_a_recorder_that_has_recorded_nothing_lags_by_everything),
        CASE(test_without_a_recorder_nothing_lags),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
