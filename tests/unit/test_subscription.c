// SPDX-License-Identifier: MIT
// A client that listens, against a broker played word by word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "client_fixture.h"

#define PATIENCE_MS 20000u

static void *open_and_wait(void *arg)
{
    struct client_fixture *fixture = arg;
    const char *pattern = "plan.*";
    struct oyez_subscription_options options = {
        .patterns = &pattern, .pattern_count = 1, .handler = handle, .handler_arg = fixture};
    oyez_err err =
        oyez_subscription_open(&fixture->subscription, fixture->client, &options, PATIENCE_MS);
    return err == OYEZ_OK ? fixture : NULL;
}

static void *close_it(void *arg)
{
    struct client_fixture *fixture = arg;
    oyez_subscription_close(&fixture->subscription);
    pthread_mutex_lock(&fixture->lock);
    size_t seen = fixture->seen_count;
    pthread_mutex_unlock(&fixture->lock);
    return (void *)seen;
}

static void await_overflow(struct client_fixture *fixture)
{
    struct timespec until = deadline();
    struct timespec now;
    struct oyez_client_counters counters;
    do {
        sched_yield();
        oyez_client_get_counters(fixture->client, &counters);
        clock_gettime(CLOCK_REALTIME, &now);
    } while (counters.overflowed == 0 && now.tv_sec <= until.tv_sec);
    assert_true(counters.overflowed > 0);
}

// Waits until every one of `count` events was either handled or told to be dropped.
static void await_all_told(struct client_fixture *fixture, uint64_t count)
{
    struct timespec until = deadline();
    int waited = 0;
    uint64_t told = 0;
    pthread_mutex_lock(&fixture->lock);
    while (told != count && waited != ETIMEDOUT) {
        told = fixture->seen_count;
        for (size_t i = 0; i < fixture->notice_count && i < 64; i++) {
            if (fixture->notices[i].kind == OYEZ_NOTICE_OVERFLOW)
                told += fixture->notices[i].last - fixture->notices[i].first + 1;
        }
        if (told != count)
            waited = pthread_cond_timedwait(&fixture->changed, &fixture->lock, &until);
    }
    pthread_mutex_unlock(&fixture->lock);
    assert_int_equal(told, count);
}

static void test_open_returns_when_the_beacon_has_come(void **state)
{
    struct client_fixture *fixture = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, open_and_wait, fixture), 0);
    fake_broker_await_topic(&fixture->broker, "plan.", 5);
    fake_broker_beacon(&fixture->broker, NULL, 0);
    void *result;
    pthread_join(thread, &result);
    assert_non_null(result);
}

static void test_without_a_beacon_open_times_out_and_the_subscription_lives(void **state)
{
    struct client_fixture *fixture = *state;
    const char *pattern = "plan.created";
    struct oyez_subscription_options options = {
        .patterns = &pattern, .pattern_count = 1, .handler = handle, .handler_arg = fixture};
    assert_int_equal(oyez_subscription_open(&fixture->subscription, fixture->client, &options, 100),
                     OYEZ_ERR_TIMEOUT);
    assert_non_null(fixture->subscription);
    fake_broker_await_topic(&fixture->broker, "plan.created", 13);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    await_seen(fixture, 1);
}

static void test_only_matching_events_come_and_in_order(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "*.created", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.applied", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "deal.created", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.created", 2, "{}", NULL);
    await_seen(fixture, 3);
    assert_string_equal(fixture->seen[0], "plan.created");
    assert_string_equal(fixture->seen[1], "deal.created");
    assert_string_equal(fixture->seen[2], "plan.created");
}

static void test_everything_does_not_show_the_server_s_own_events(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "*", NULL, 0);
    fake_broker_heartbeat(&fixture->broker, NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    await_seen(fixture, 1);
    assert_string_equal(fixture->seen[0], "plan.created");
}

static void test_the_heartbeat_is_shown_to_whoever_asks_for_it_by_name(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "oyez.heartbeat", NULL, 0);
    fake_broker_heartbeat(&fixture->broker, NULL, 0);
    await_seen(fixture, 1);
    assert_string_equal(fixture->seen[0], "oyez.heartbeat");
}

static void test_rubbish_from_egress_is_counted_and_passed_over(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish_raw(&fixture->broker, "plan.created", 12);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", "plan.applied");
    fake_broker_publish(&fixture->broker, "plan.created", 2, "{}", NULL);
    await_notice(fixture, OYEZ_NOTICE_MALFORMED, "");
    await_notice(fixture, OYEZ_NOTICE_MALFORMED, "plan.created");
    await_seen(fixture, 1);
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.malformed, 2);
    assert_int_equal(counters.received, 1);
}

static void test_receive_pulls_what_a_handler_would_get(void **state)
{
    struct client_fixture *fixture = *state;
    subscribe(fixture, "plan.*", true);
    fake_broker_beacon(&fixture->broker, NULL, 0);
    const struct oyez_event *event;
    assert_int_equal(oyez_subscription_receive(fixture->subscription, &event, 0), OYEZ_ERR_TIMEOUT);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{\"n\":7}", NULL);
    assert_int_equal(oyez_subscription_receive(fixture->subscription, &event, PATIENCE_MS),
                     OYEZ_OK);
    assert_string_equal(event->event_type, "plan.created");
    assert_int_equal(event->details_size, 7);
    assert_memory_equal(event->details, "{\"n\":7}", 7);
    assert_int_equal(event->stamp.epoch, 1000);
    assert_int_equal(event->stamp.position, 1);
    assert_int_equal(event->stamp.type_seq, 1);
}

static void test_a_handler_closes_its_own_subscription(void **state)
{
    struct client_fixture *fixture = *state;
    fixture->close_inside = true;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.created", 2, "{}", NULL);
    await_closed_inside(fixture);
    // The broker hears the end of it.
    uint8_t topic[512];
    int size;
    do {
        size = zmq_recv(fixture->broker.egress, topic, sizeof topic, 0);
    } while (size != 6 || topic[0] != 0 || memcmp(topic + 1, "plan.", 5) != 0);
    assert_null(fixture->subscription);
    assert_int_equal(fixture->seen_count, 1);
}

static void test_close_waits_for_the_handler_at_work_and_it_runs_no_more(void **state)
{
    struct client_fixture *fixture = *state;
    fixture->handler_waits = true;
    listen_to(fixture, "plan.*", NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.created", 2, "{}", NULL);
    await_seen(fixture, 1);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, close_it, fixture), 0);
    sem_post(&fixture->handler_may_go);
    sem_post(&fixture->handler_may_go);
    void *seen;
    pthread_join(thread, &seen);
    // One, or two if the second call had begun before the close: none after it.
    assert_int_equal((size_t)seen, fixture->seen_count);
}

static void test_a_slow_handler_loses_the_newest_and_is_told_which(void **state)
{
    struct client_fixture *fixture = *state;
    fixture->handler_waits = true;
    listen_to(fixture, "plan.*", NULL, 0);
    static char details[OYEZ_DETAILS_SIZE_MAX];
    memset(details, ' ', sizeof details - 1);
    details[0] = '{';
    details[sizeof details - 2] = '}';
    for (uint64_t seq = 1; seq <= 30; seq++)
        fake_broker_publish(&fixture->broker, "plan.created", seq, details, NULL);
    await_overflow(fixture);
    // Notices share the handler's thread: they come when it goes on.
    for (int i = 0; i < 30; i++)
        sem_post(&fixture->handler_may_go);
    await_all_told(fixture, 30);
    struct oyez_client_counters counters;
    oyez_client_get_counters(fixture->client, &counters);
    assert_int_equal(counters.overflowed + fixture->seen_count, 30);
}

static void test_two_subscriptions_each_get_their_share(void **state)
{
    struct client_fixture *fixture = *state;
    listen_to(fixture, "plan.*", NULL, 0);
    oyez_subscription *second = NULL;
    const char *patterns[] = {"plan.created", "deal.*"};
    struct oyez_subscription_options options = {.patterns = patterns, .pattern_count = 2};
    assert_int_equal(oyez_subscription_open(&second, fixture->client, &options, 0), OYEZ_OK);
    fake_broker_beacon(&fixture->broker, NULL, 0);
    fake_broker_publish(&fixture->broker, "plan.applied", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "plan.created", 1, "{}", NULL);
    fake_broker_publish(&fixture->broker, "deal.created", 1, "{}", NULL);
    const struct oyez_event *event;
    assert_int_equal(oyez_subscription_receive(second, &event, PATIENCE_MS), OYEZ_OK);
    assert_string_equal(event->event_type, "plan.created");
    assert_int_equal(oyez_subscription_receive(second, &event, PATIENCE_MS), OYEZ_OK);
    assert_string_equal(event->event_type, "deal.created");
    await_seen(fixture, 2);
    oyez_subscription_close(&second);
    assert_null(second);
}

static void test_a_bad_pattern_makes_no_subscription(void **state)
{
    struct client_fixture *fixture = *state;
    const char *pattern = "plan created";
    struct oyez_subscription_options options = {.patterns = &pattern, .pattern_count = 1};
    assert_int_equal(oyez_subscription_open(&fixture->subscription, fixture->client, &options, 0),
                     OYEZ_ERR_INVALID);
    assert_null(fixture->subscription);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, client_fixture_welcomed, client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_open_returns_when_the_beacon_has_come),
        TEST(test_without_a_beacon_open_times_out_and_the_subscription_lives),
        TEST(test_only_matching_events_come_and_in_order),
        TEST(test_everything_does_not_show_the_server_s_own_events),
        TEST(test_the_heartbeat_is_shown_to_whoever_asks_for_it_by_name),
        TEST(test_rubbish_from_egress_is_counted_and_passed_over),
        TEST(test_receive_pulls_what_a_handler_would_get),
        TEST(test_a_handler_closes_its_own_subscription),
        TEST(test_close_waits_for_the_handler_at_work_and_it_runs_no_more),
        TEST(test_a_slow_handler_loses_the_newest_and_is_told_which),
        TEST(test_two_subscriptions_each_get_their_share),
        TEST(test_a_bad_pattern_makes_no_subscription),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
