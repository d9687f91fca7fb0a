// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client_state.h"
#include "inproc.h"
#include "oyez/context.h"
#include "oyez/local.h"
#include "stream_fixture.h"

#define PATIENCE_MS 20000u

struct pushed {
    oyez_local *local;
    oyez_client *client;
    oyez_stream *stream;
    sem_t came;
    uint64_t count;
    uint64_t close_at; // the handler closes the stream
    char correlation_id[OYEZ_UUID_TEXT_SIZE];
};

static int open_stream(void **state)
{
    struct pushed *pushed = calloc(1, sizeof *pushed);
    assert_int_equal(sem_init(&pushed->came, 0, 0), 0);
    const struct oyez_local_options options = {.listen = LOCAL_LISTEN};
    assert_int_equal(oyez_local_open(&pushed->local, &options), OYEZ_OK);
    assert_int_equal(oyez_local_client(pushed->local, &pushed->client, NULL), OYEZ_OK);
    assert_int_equal(oyez_stream_open(&pushed->stream, pushed->client, NULL, PATIENCE_MS), OYEZ_OK);
    *state = pushed;
    return 0;
}

static int close_stream(void **state)
{
    struct pushed *pushed = *state;
    oyez_stream_close(&pushed->stream);
    oyez_client_close(&pushed->client);
    oyez_local_close(&pushed->local);
    sem_destroy(&pushed->came);
    free(pushed);
    return 0;
}

static void await(struct pushed *pushed)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    assert_int_equal(sem_timedwait(&pushed->came, &until), 0);
}

static void emit(struct pushed *pushed, const char *type)
{
    const struct oyez_event event = {.event_type = type,
                                     .plan_id = "p",
                                     .root_plan_id = "p",
                                     .phase = "execute",
                                     .state = "processing"};
    oyez_err err = oyez_client_emit(pushed->client, &event, NULL);
    if (err != OYEZ_OK)
        fail_msg("%s: %s", oyez_strerror(err), oyez_error_detail());
}

static void take(void *arg, const struct oyez_stream_item *item)
{
    struct pushed *pushed = arg;
    pushed->count++;
    char causation[2 * OYEZ_UUID_TEXT_SIZE];
    struct oyez_event emitted = {.event_type = "github.plan.applied"};
    oyez_context_apply(&emitted, causation);
    char id[OYEZ_UUID_TEXT_SIZE];
    oyez_uuid_to_text(item->event->event_id, id);
    assert_string_equal(emitted.causation_id, id);
    if (pushed->count == pushed->close_at) {
        oyez_stream_close(&pushed->stream);
        oyez_stream_close(&pushed->stream);
        // Its client is not closed before this thread has ended.
        pthread_mutex_lock(&pushed->client->inbox_lock);
        assert_int_equal(pushed->client->ending, 1);
        pthread_mutex_unlock(&pushed->client->inbox_lock);
    }
    sem_post(&pushed->came);
}

static void test_each_item_is_pushed_in_the_context_of_its_event(void **state)
{
    struct pushed *pushed = *state;
    assert_int_equal(oyez_stream_start(pushed->stream, take, pushed), OYEZ_OK);
    for (int i = 0; i < 10; i++) {
        emit(pushed, "github.plan.created");
        await(pushed);
    }
    oyez_stream_close(&pushed->stream);
    emit(pushed, "github.plan.created");
    assert_int_equal(pushed->count, 10);
}

static void test_a_stream_that_pushes_is_neither_read_nor_started_again(void **state)
{
    struct pushed *pushed = *state;
    assert_int_equal(oyez_stream_start(pushed->stream, take, pushed), OYEZ_OK);
    assert_int_equal(oyez_stream_start(pushed->stream, take, pushed), OYEZ_ERR_BUSY);
    assert_int_equal(next_error(pushed->stream), OYEZ_ERR_BUSY);
}

static void test_the_handler_may_close_its_stream(void **state)
{
    struct pushed *pushed = *state;
    pushed->close_at = 2;
    assert_int_equal(oyez_stream_start(pushed->stream, take, pushed), OYEZ_OK);
    for (int i = 0; i < 5; i++)
        emit(pushed, "github.plan.created");
    await(pushed);
    await(pushed);
    assert_null(pushed->stream);
    assert_int_equal(pushed->count, 2);
    // The stream's thread frees it, and the client, which is closed now, waits for that.
}

static void test_pushing_ends_with_the_stream(void **state)
{
    struct pushed *pushed = *state;
    oyez_stream_take(pushed->stream, 2);
    assert_int_equal(oyez_stream_start(pushed->stream, take, pushed), OYEZ_OK);
    for (int i = 0; i < 5; i++)
        emit(pushed, "github.plan.created");
    await(pushed);
    await(pushed);
    oyez_stream_close(&pushed->stream);
    assert_int_equal(pushed->count, 2);
}

static void pass_by(void *arg, const struct oyez_stream_item *item)
{
    (void)arg;
    (void)item;
}

// The stream may look at what it was told just then.
static void test_closing_is_heard_beside_what_comes_in(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    for (unsigned i = 0; i < 3000; i++) {
        oyez_stream *stream = stream_of(source);
        assert_int_equal(oyez_stream_start(stream, pass_by, NULL), OYEZ_OK);
        for (unsigned told = 0; told < i % 50; told++)
            inbox_watch_tell(&stream->watch);
        oyez_stream_close(&stream);
    }
    free(source);
}

static void test_a_broken_chain_does_not_start(void **state)
{
    struct pushed *pushed = *state;
    oyez_stream_buffer(pushed->stream, 0, 0);
    assert_int_equal(oyez_stream_start(pushed->stream, take, pushed), OYEZ_ERR_INVALID);
    assert_non_null(strstr(oyez_error_detail(), "count"));
}

static oyez_err refuse_all(void *arg, const struct oyez_stream_item *item, void *value)
{
    (void)item;
    (void)value;
    sem_post(&((struct pushed *)arg)->came);
    return OYEZ_ERR_NOT_FOUND;
}

static void test_what_a_callback_refuses_does_not_end_it(void **state)
{
    struct pushed *pushed = *state;
    oyez_stream_map(pushed->stream, refuse_all, pushed, 1);
    assert_int_equal(oyez_stream_start(pushed->stream, take, pushed), OYEZ_OK);
    for (int i = 0; i < 3; i++) {
        emit(pushed, "github.plan.created");
        await(pushed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_item_is_pushed_in_the_context_of_its_event,
                                        open_stream, close_stream),
        cmocka_unit_test_setup_teardown(test_a_stream_that_pushes_is_neither_read_nor_started_again,
                                        open_stream, close_stream),
        cmocka_unit_test_setup_teardown(test_the_handler_may_close_its_stream, open_stream,
                                        close_stream),
        cmocka_unit_test_setup_teardown(test_pushing_ends_with_the_stream, open_stream,
                                        close_stream),
        cmocka_unit_test(test_closing_is_heard_beside_what_comes_in),
        cmocka_unit_test_setup_teardown(test_a_broken_chain_does_not_start, open_stream,
                                        close_stream),
        cmocka_unit_test_setup_teardown(test_what_a_callback_refuses_does_not_end_it, open_stream,
                                        close_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
