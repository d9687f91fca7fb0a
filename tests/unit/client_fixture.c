// SPDX-License-Identifier: MIT
#include "client_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_S 20

static void keep_notice(void *arg, const struct oyez_notice *notice)
{
    struct client_fixture *fixture = arg;
    pthread_mutex_lock(&fixture->lock);
    size_t i = fixture->notice_count++ % FIXTURE_KEPT;
    fixture->notices[i] = *notice;
    snprintf(fixture->notice_types[i], sizeof fixture->notice_types[i], "%s",
             notice->event_type != NULL ? notice->event_type : "");
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

int client_fixture_open(void **state)
{
    struct client_fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    pthread_mutex_init(&fixture->lock, NULL);
    pthread_cond_init(&fixture->changed, NULL);
    sem_init(&fixture->handler_may_go, 0, 0);
    fake_broker_open(&fixture->broker);
    struct oyez_client_options options = {.endpoint = fixture->broker.control_endpoint,
                                          .name = "test",
                                          .on_notice = keep_notice,
                                          .on_notice_arg = fixture,
                                          .close_timeout_ms = 1};
    assert_int_equal(oyez_client_open(&fixture->client, &options, 0), OYEZ_OK);
    *state = fixture;
    return 0;
}

int client_fixture_welcomed(void **state)
{
    client_fixture_open(state);
    welcome(*state, 1);
    return 0;
}

int client_fixture_tear_down(void **state)
{
    struct client_fixture *fixture = *state;
    oyez_subscription_close(&fixture->subscription);
    oyez_client_close(&fixture->client);
    fake_broker_close(&fixture->broker);
    pthread_mutex_destroy(&fixture->lock);
    pthread_cond_destroy(&fixture->changed);
    sem_destroy(&fixture->handler_may_go);
    free(fixture);
    return 0;
}

void welcome(struct client_fixture *fixture, uint64_t durable_expected)
{
    fake_broker_hear(&fixture->broker, oyez_v1_ToBroker_hello_tag, &fixture->heard);
    fake_broker_welcome(&fixture->broker, durable_expected);
}

void emit(struct client_fixture *fixture, const char *type)
{
    // What agent.thinking needs; other types do not mind.
    struct oyez_event event = {.event_type = type, .run_id = "run-1", .thread_id = "thread-1"};
    assert_int_equal(oyez_client_emit(fixture->client, &event, NULL), OYEZ_OK);
}

void take(struct client_fixture *fixture, uint64_t seq)
{
    fake_broker_take(&fixture->broker, &fixture->taken, false);
    assert_int_equal(fixture->taken.batch.emitter_seq, seq);
}

void send_some(struct client_fixture *fixture, uint64_t count)
{
    welcome(fixture, 1);
    fake_broker_open_ingress(&fixture->broker);
    for (uint64_t seq = 1; seq <= count; seq++) {
        emit(fixture, seq % 2 == 1 ? "session.created" : "invariant.reconciled");
        take(fixture, seq);
    }
}

void handle(void *arg, const struct oyez_event *event)
{
    struct client_fixture *fixture = arg;
    pthread_mutex_lock(&fixture->lock);
    size_t i = fixture->seen_count++ % FIXTURE_KEPT;
    snprintf(fixture->seen[i], sizeof fixture->seen[i], "%s", event->event_type);
    bool waits = fixture->handler_waits;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
    if (waits)
        sem_wait(&fixture->handler_may_go);
    if (!fixture->close_inside)
        return;
    oyez_subscription_close(&fixture->subscription);
    pthread_mutex_lock(&fixture->lock);
    fixture->closed_inside = true;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

void subscribe(struct client_fixture *fixture, const char *pattern, bool pull)
{
    struct oyez_subscription_options options = {.patterns = &pattern,
                                                .pattern_count = 1,
                                                .handler = pull ? NULL : handle,
                                                .handler_arg = fixture};
    assert_int_equal(oyez_subscription_open(&fixture->subscription, fixture->client, &options, 0),
                     OYEZ_OK);
}

void listen_to(struct client_fixture *fixture, const char *pattern, const struct oyez_head *heads,
               size_t count)
{
    subscribe(fixture, pattern, false);
    fake_broker_beacon(&fixture->broker, heads, count);
}

struct oyez_head head(const char *event_type, uint64_t type_seq)
{
    return (struct oyez_head){
        .event_type = event_type, .event_type_size = strlen(event_type), .type_seq = type_seq};
}

struct timespec deadline(void)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += PATIENCE_S;
    return at;
}

void await_seen(struct client_fixture *fixture, size_t count)
{
    struct timespec until = deadline();
    int waited = 0;
    pthread_mutex_lock(&fixture->lock);
    while (fixture->seen_count < count && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&fixture->changed, &fixture->lock, &until);
    pthread_mutex_unlock(&fixture->lock);
    assert_int_not_equal(waited, ETIMEDOUT);
}

void await_closed_inside(struct client_fixture *fixture)
{
    struct timespec until = deadline();
    int waited = 0;
    pthread_mutex_lock(&fixture->lock);
    while (!fixture->closed_inside && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&fixture->changed, &fixture->lock, &until);
    pthread_mutex_unlock(&fixture->lock);
    assert_int_not_equal(waited, ETIMEDOUT);
}

// Under lock.
static bool find_notice(const struct client_fixture *fixture, enum oyez_notice_kind kind,
                        const char *event_type, struct oyez_notice *found)
{
    for (size_t i = 0; i < fixture->notice_count && i < FIXTURE_KEPT; i++) {
        if (fixture->notices[i].kind == kind && strcmp(fixture->notice_types[i], event_type) == 0) {
            *found = fixture->notices[i];
            return true;
        }
    }
    return false;
}

struct oyez_notice await_notice(struct client_fixture *fixture, enum oyez_notice_kind kind,
                                const char *event_type)
{
    struct timespec until = deadline();
    struct oyez_notice found = {0};
    int waited = 0;
    pthread_mutex_lock(&fixture->lock);
    while (!find_notice(fixture, kind, event_type, &found) && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&fixture->changed, &fixture->lock, &until);
    pthread_mutex_unlock(&fixture->lock);
    assert_int_equal(found.kind, kind);
    return found;
}
