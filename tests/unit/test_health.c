// SPDX-License-Identifier: MIT
// A broker, a recorder whose disk says what the test wants, and clients, all in this process.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oyez/broker.h"
#include "oyez/disk.h"
#include "oyez/metrics.h"
#include "oyez/recorder.h"
#include "recorder_fixture.h"
#include "wire/clock.h"

#define PATIENCE_MS 120000u // a loaded machine, under a sanitizer
#define ANSWER_MS 20000u
#define GIB (UINT64_C(1) << 30)

static struct {
    oyez_broker *broker;
    oyez_recorder *recorder;
    struct oyez_recorder_options options;
    struct oyez_disk disk;
    char directory[64];
    oyez_client *client;
    oyez_settings *settings;
    struct oyez_status status;
} bus;

static atomic_uint_fast64_t free_percent;
static atomic_bool handler_rests;

static int tell_space(void *context, const char *path, struct oyez_disk_space *out)
{
    (void)context;
    (void)path;
    *out = (struct oyez_disk_space){.free_bytes = GIB * free_percent / 100, .size_bytes = GIB};
    return 0;
}

static void start_recorder(void)
{
    assert_int_equal(oyez_recorder_open(&bus.recorder, &bus.options), OYEZ_OK);
    assert_int_equal(oyez_recorder_wait(bus.recorder, PATIENCE_MS), OYEZ_OK);
}

static int enter(void **state)
{
    (void)state;
    free_percent = 50;
    handler_rests = false;
    snprintf(bus.directory, sizeof bus.directory, "/tmp/oyez-health-XXXXXX");
    assert_non_null(mkdtemp(bus.directory));
    const struct oyez_broker_options broker = {.listen = "tcp://127.0.0.1:0",
                                               .recorder = OYEZ_BROKER_RECORDER_WAIT};
    assert_int_equal(oyez_broker_open(&bus.broker, &broker), OYEZ_OK);
    bus.disk = *oyez_disk_system();
    bus.disk.space = tell_space;
    bus.options = (struct oyez_recorder_options){.endpoint = oyez_broker_endpoint(bus.broker),
                                                 .directory = bus.directory,
                                                 .disk = &bus.disk};
    start_recorder();
    const struct oyez_client_options client = {.endpoint = oyez_broker_endpoint(bus.broker),
                                               .name = "shop"};
    setenv("OYEZ_QUEUE_SIZE", "65536", 1);
    assert_int_equal(oyez_client_open(&bus.client, &client, PATIENCE_MS), OYEZ_OK);
    unsetenv("OYEZ_QUEUE_SIZE");
    return oyez_settings_open(&bus.settings) == OYEZ_OK ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    char key[80];
    oyez_client_close(&bus.client);
    oyez_broker_close(&bus.broker);
    oyez_recorder_close(&bus.recorder);
    oyez_settings_close(&bus.settings);
    recorder_remove_directory(bus.directory);
    snprintf(key, sizeof key, "%s.key", bus.directory);
    remove(key);
    return 0;
}

static void set(enum oyez_setting_id id, const char *text)
{
    assert_int_equal(oyez_settings_give(bus.settings, id, text, OYEZ_SETTING_OPTION, "test"),
                     OYEZ_OK);
}

static const struct oyez_component *find(const char *name)
{
    for (size_t i = 0; i < bus.status.component_count; i++) {
        if (strcmp(bus.status.components[i].name, name) == 0) {
            return &bus.status.components[i];
        }
    }
    return NULL;
}

// Asks until a component is in this state; the whole is never better than it.
static void await(const char *name, enum oyez_health health)
{
    uint64_t deadline_ms = oyez_clock_monotonic_ms() + PATIENCE_MS;
    const struct timespec pause = {.tv_nsec = 20000000};
    const struct oyez_component *component = NULL;
    while (oyez_clock_monotonic_ms() < deadline_ms) {
        assert_int_equal(oyez_client_health(bus.client, &bus.status, bus.settings, ANSWER_MS),
                         OYEZ_OK);
        component = find(name);
        if (component != NULL && component->status == health) {
            assert_true(bus.status.health >= health);
            assert_true(component->last_check > 0);
            return;
        }
        nanosleep(&pause, NULL);
    }
    fail_msg("%s is not %s: %s", name, oyez_health_name(health),
             component != NULL ? component->message : "there is no such component");
}

static void emit(const char *text)
{
    char details[2048];
    struct oyez_event event = {.event_type = "github.push"};
    snprintf(details, sizeof details, "{\"text\":\"%s\"}", text);
    event.details = details;
    event.details_size = strlen(details);
    event.details_format = OYEZ_DETAILS_JSON;
    oyez_err err = oyez_client_emit_wait(bus.client, &event, OYEZ_LEVEL_RECORDED, ANSWER_MS, NULL);
    if (err != OYEZ_OK) {
        fail_msg("emit: %s", oyez_error_detail());
    }
}

static void test_a_bus_that_works_is_healthy_in_all_its_parts(void **state)
{
    (void)state;
    static const char *const names[] = {"broker", "recorder", "disk", "checkpoint", "queues"};
    emit("x");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        await(names[i], OYEZ_HEALTHY);
    }
    assert_int_equal(bus.status.health, OYEZ_HEALTHY);
    assert_true(oyez_client_is_healthy(bus.client, ANSWER_MS));
}

static void test_a_recorder_that_is_stopped_is_degraded_until_it_is_back(void **state)
{
    (void)state;
    await("recorder", OYEZ_HEALTHY);
    oyez_recorder_close(&bus.recorder);
    await("recorder", OYEZ_DEGRADED);
    start_recorder();
    await("recorder", OYEZ_HEALTHY);
}

static void test_a_disk_that_is_nearly_full_is_degraded_then_unhealthy_then_healthy(void **state)
{
    (void)state;
    await("disk", OYEZ_HEALTHY);
    free_percent = 9;
    await("disk", OYEZ_DEGRADED);
    free_percent = 1;
    await("disk", OYEZ_UNHEALTHY);
    free_percent = 50;
    await("disk", OYEZ_HEALTHY);
}

static void test_a_late_checkpoint_is_degraded_until_it_is_made(void **state)
{
    (void)state;
    set(OYEZ_SETTING_HEALTH_CHECKPOINT_DEGRADED, "0.2");
    await("checkpoint", OYEZ_HEALTHY);
    oyez_recorder_set_checkpoint_interval(bus.recorder, 3600000);
    emit("x");
    await("checkpoint", OYEZ_DEGRADED);
    oyez_recorder_set_checkpoint_interval(bus.recorder, 1);
    await("checkpoint", OYEZ_HEALTHY);
}

static void rest(void *arg, const struct oyez_event *event)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    (void)arg;
    (void)event;
    while (handler_rests) {
        nanosleep(&pause, NULL);
    }
}

static void subscribe(oyez_subscription **subscription)
{
    static const char *const patterns[] = {"github.*"};
    const struct oyez_subscription_options options = {
        .patterns = patterns, .pattern_count = 1, .handler = rest};
    assert_int_equal(oyez_subscription_open(subscription, bus.client, &options, PATIENCE_MS),
                     OYEZ_OK);
}

static void test_a_queue_at_90_percent_is_degraded_until_its_handler_has_caught_up(void **state)
{
    (void)state;
    oyez_subscription *subscription;
    char text[1001];
    memset(text, 'x', 1000);
    text[1000] = '\0';
    set(OYEZ_SETTING_CLIENT_STARVATION_THRESHOLD, "86400000");
    await("queues", OYEZ_HEALTHY);
    subscribe(&subscription);
    handler_rests = true;
    // Half of the queue is what the handler has taken, the other half is 32 KiB.
    for (unsigned i = 0; i < 40; i++) {
        emit(text);
    }
    await("queues", OYEZ_DEGRADED);
    assert_non_null(strstr(find("queues")->message, "shop: github.*"));
    handler_rests = false;
    await("queues", OYEZ_HEALTHY);
    oyez_subscription_close(&subscription);
}

static void test_a_handler_that_takes_nothing_is_degraded_until_it_does(void **state)
{
    (void)state;
    oyez_subscription *subscription;
    set(OYEZ_SETTING_CLIENT_STARVATION_THRESHOLD, "100");
    subscribe(&subscription);
    handler_rests = true;
    emit("first");
    emit("second");
    await("queues", OYEZ_DEGRADED);
    const struct oyez_component *queues = find("queues");
    const char *message = queues != NULL ? queues->message : "";
    const char *told = strstr(message, "has taken nothing");
    assert_non_null(told);
    handler_rests = false;
    await("queues", OYEZ_HEALTHY);
    oyez_subscription_close(&subscription);
}

static void test_a_broker_that_does_not_answer_is_unhealthy(void **state)
{
    (void)state;
    oyez_client *client;
    const struct oyez_client_options options = {.endpoint = "tcp://127.0.0.1:1"};
    assert_int_equal(oyez_client_open(&client, &options, 0), OYEZ_OK);
    assert_int_equal(oyez_client_health(client, &bus.status, NULL, 50), OYEZ_OK);
    assert_int_equal(bus.status.health, OYEZ_UNHEALTHY);
    assert_int_equal(bus.status.component_count, 1);
    assert_string_equal(bus.status.components[0].name, "broker");
    assert_false(oyez_client_is_healthy(client, 50));
    oyez_client_close(&client);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        CASE(test_a_bus_that_works_is_healthy_in_all_its_parts),
        CASE(test_a_recorder_that_is_stopped_is_degraded_until_it_is_back),
        CASE(test_a_disk_that_is_nearly_full_is_degraded_then_unhealthy_then_healthy),
        CASE(test_a_late_checkpoint_is_degraded_until_it_is_made),
        CASE(test_a_queue_at_90_percent_is_degraded_until_its_handler_has_caught_up),
        CASE(test_a_handler_that_takes_nothing_is_degraded_until_it_does),
        cmocka_unit_test(test_a_broker_that_does_not_answer_is_unhealthy),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
