// SPDX-License-Identifier: MIT
// Dead letters from the failure to the end: listed, handled again, failed again, discarded.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "handler_bus.h"
#include "handler_state.h"
#include "oyez/dead_letter.h"
#include "oyez/json.h"
#include "oyez/query.h"

#define TYPE "session.created"

struct post {
    struct handler_bus *bus;
    oyez_handler *handler;
    atomic_bool broken;
    const char *reason; // NULL = one that is no UTF-8
    atomic_uint calls;
    struct oyez_dead_letter *letters;
    size_t count;
};

static oyez_err deliver(void *arg, const struct oyez_event *event)
{
    struct post *post = arg;
    (void)event;
    post->calls++;
    if (!post->broken)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_IO, "%s",
                     post->reason != NULL ? post->reason : "the letterbox is \xff full");
}

static void open_post(struct post *post, struct handler_bus *bus, enum oyez_handler_mode mode)
{
    static const char *const patterns[] = {TYPE};
    struct oyez_handler_options options = {
        .name = "post",
        .patterns = patterns,
        .pattern_count = 1,
        .run = deliver,
        .arg = post,
        .mode = mode,
        .retry = {.count = mode == OYEZ_HANDLER_INLINE ? 0 : 2, .first_ms = 1, .max_ms = 4},
    };
    *post = (struct post){.bus = bus, .broken = true};
    assert_int_equal(oyez_handler_open(&post->handler, bus->client, &options, HANDLER_PATIENCE_MS),
                     OYEZ_OK);
}

// Waits until the record has so many letters that are not resolved.
static void read_letters(struct post *post, size_t count)
{
    for (;;) {
        free(post->letters);
        oyez_err err = oyez_client_dead_letters(post->bus->client, &post->letters, &post->count,
                                                HANDLER_PATIENCE_MS);
        assert_int_equal(err, OYEZ_OK);
        if (post->count == count)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
}

static void fail_once(struct post *post)
{
    handler_bus_emit(post->bus, TYPE, "c1");
    (void)handler_bus_await_settled(post->handler, 1);
    read_letters(post, 1);
}

static void close_post(struct post *post)
{
    free(post->letters);
    oyez_handler_close(&post->handler);
}

static oyez_err retry(struct post *post)
{
    return oyez_client_retry_dead_letter(post->bus->client, post->letters[0].letter_id,
                                         HANDLER_PATIENCE_MS);
}

static void test_a_letter_names_the_event_and_never_copies_it(void **state)
{
    struct post post;
    struct oyez_event *event;
    char *text;
    size_t size;
    open_post(&post, *state, OYEZ_HANDLER_DISPATCHED);
    fail_once(&post);
    const struct oyez_dead_letter *letter = &post.letters[0];
    assert_string_equal(letter->handler, "post");
    assert_string_equal(letter->event_type, TYPE);
    assert_int_equal(letter->attempts, 3);
    assert_int_equal(post.calls, 3);
    assert_false(letter->timed_out);
    assert_int_not_equal(letter->position, 0);
    assert_string_equal(letter->error, oyez_strerror(OYEZ_ERR_IO));
    assert_string_equal(letter->error_text, ""); // what is no UTF-8 cannot be told
    assert_non_null(strstr(letter->process, "test["));

    assert_int_equal(
        oyez_client_get(post.bus->client, letter->event_id, &event, HANDLER_PATIENCE_MS), OYEZ_OK);
    assert_string_equal(event->event_type, TYPE);
    oyez_event_free(&event);
    assert_int_equal(
        oyez_client_get(post.bus->client, letter->letter_id, &event, HANDLER_PATIENCE_MS), OYEZ_OK);
    assert_string_equal(event->event_type, OYEZ_DEAD_LETTER_TYPE);
    assert_string_equal(event->correlation_id, "c1");
    assert_int_equal(oyez_event_to_json(event, &text, &size), OYEZ_OK);
    assert_null(strstr(text, "\"details\":{}"));
    free(text);
    oyez_event_free(&event);
    close_post(&post);
}

static void test_it_is_handled_again_and_then_resolved(void **state)
{
    for (int mode = OYEZ_HANDLER_DISPATCHED; mode <= OYEZ_HANDLER_POOL; mode++) {
        struct post post;
        struct oyez_handler_counters counters;
        open_post(&post, *state, (enum oyez_handler_mode)mode);
        fail_once(&post);
        post.broken = false;
        assert_int_equal(retry(&post), OYEZ_OK);
        oyez_handler_get_counters(post.handler, &counters);
        assert_int_equal(counters.delivered, 2);
        assert_int_equal(counters.handled, 1);
        assert_int_equal(counters.redone, 1);
        // Resolved once, it is none any more.
        struct oyez_uuid letter_id = post.letters[0].letter_id;
        read_letters(&post, 0);
        assert_int_equal(
            oyez_client_retry_dead_letter(post.bus->client, letter_id, HANDLER_PATIENCE_MS),
            OYEZ_ERR_NOT_FOUND);
        close_post(&post);
    }
}

// As if other handlers had failed meanwhile, more often than there is room for.
static oyez_err fill_the_keeper(void *arg, const struct oyez_event *event)
{
    struct post *post = arg;
    const struct handling handling = {.event = event, .attempts = 1};
    const struct letter_failure failure = {.err = OYEZ_ERR_IO};
    if (post->calls++ == 0)
        return OYEZ_ERR_IO;
    while (handler_tell_failure(post->handler, &handling, &failure, false))
        continue;
    return OYEZ_ERR_IO;
}

static void test_an_inline_handler_is_given_its_letter_though_many_wait(void **state)
{
    static const char *const patterns[] = {TYPE};
    struct post post = {.bus = *state};
    struct oyez_handler_options options = {.name = "post",
                                           .patterns = patterns,
                                           .pattern_count = 1,
                                           .run = fill_the_keeper,
                                           .arg = &post,
                                           .mode = OYEZ_HANDLER_INLINE};
    assert_int_equal(
        oyez_handler_open(&post.handler, post.bus->client, &options, HANDLER_PATIENCE_MS), OYEZ_OK);
    fail_once(&post);
    assert_int_equal(retry(&post), OYEZ_ERR_REFUSED);
    close_post(&post);
}

static void test_failed_again_it_has_a_new_letter(void **state)
{
    struct post post;
    open_post(&post, *state, OYEZ_HANDLER_DISPATCHED);
    fail_once(&post);
    struct oyez_uuid first = post.letters[0].letter_id;
    assert_int_equal(retry(&post), OYEZ_ERR_REFUSED);
    read_letters(&post, 1);
    assert_false(oyez_uuid_equal(first, post.letters[0].letter_id));
    assert_int_equal(oyez_client_discard_dead_letter(post.bus->client, post.letters[0].letter_id,
                                                     "nobody lives there", HANDLER_PATIENCE_MS),
                     OYEZ_OK);
    read_letters(&post, 0);
    close_post(&post);
}

static void test_a_letter_finds_its_handler_in_another_process(void **state)
{
    struct post post;
    struct post other;
    struct handler_bus *bus = *state;
    struct handler_bus elsewhere = {.local = bus->local};
    open_post(&post, bus, OYEZ_HANDLER_DISPATCHED);
    fail_once(&post);
    oyez_handler_close(&post.handler);
    // The handler's process is gone; another one comes.
    assert_int_equal(oyez_client_retry_dead_letter(bus->client, post.letters[0].letter_id, 300),
                     OYEZ_ERR_TIMEOUT);
    assert_int_equal(oyez_local_client(bus->local, &elsewhere.client, NULL), OYEZ_OK);
    open_post(&other, &elsewhere, OYEZ_HANDLER_POOL);
    other.broken = false;
    assert_int_equal(retry(&post), OYEZ_OK);
    assert_int_equal(other.calls, 1);
    close_post(&other);
    oyez_client_close(&elsewhere.client);
    close_post(&post);
}

static oyez_err refuse(void *arg, const struct oyez_event *event)
{
    atomic_uint *calls = arg;
    (void)event;
    (*calls)++;
    return OYEZ_ERR_INVALID;
}

static void test_a_handler_of_letters_that_fails_makes_none(void **state)
{
    struct post post;
    atomic_uint calls = 0;
    struct handler_bus *bus = *state;
    assert_int_equal(oyez_client_handle(bus->client, OYEZ_DEAD_LETTER_TYPE, refuse, &calls),
                     OYEZ_OK);
    open_post(&post, bus, OYEZ_HANDLER_DISPATCHED);
    fail_once(&post);
    handler_bus_await(&calls, 1);
    oyez_client_flush(bus->client, OYEZ_LEVEL_RECORDED, HANDLER_PATIENCE_MS);
    read_letters(&post, 1);
    assert_int_equal(calls, 1);
    close_post(&post);
}

static void test_only_the_errors_named_are_tried_again(void **state)
{
    static const oyez_err errors[] = {OYEZ_ERR_TIMEOUT, OYEZ_ERR_BUSY};
    static const char *const patterns[] = {TYPE};
    struct handler_bus *bus = *state;
    struct post post = {.bus = bus, .broken = true};
    struct oyez_handler_options options = {
        .patterns = patterns,
        .pattern_count = 1,
        .run = deliver,
        .arg = &post,
        .retry = {.count = 5, .first_ms = 1, .errors = errors, .error_count = 2},
    };
    assert_int_equal(oyez_handler_open(&post.handler, bus->client, &options, HANDLER_PATIENCE_MS),
                     OYEZ_OK);
    fail_once(&post);
    assert_int_equal(post.calls, 1);
    close_post(&post);
}

static void test_the_public_may_not_emit_letters(void **state)
{
    struct handler_bus *bus = *state;
    struct oyez_event event = {.event_type = OYEZ_DEAD_LETTER_TYPE};
    assert_int_equal(oyez_client_emit(bus->client, &event, NULL), OYEZ_ERR_INVALID);
    event.event_type = OYEZ_DEAD_LETTER_RESOLVED_TYPE;
    assert_int_equal(oyez_client_emit(bus->client, &event, NULL), OYEZ_ERR_INVALID);
}

#define test(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, handler_bus_open_recorded, handler_bus_close)

static oyez_err close_at_the_second(void *arg, const struct oyez_event *event)
{
    struct post *post = arg;
    (void)event;
    if (++post->calls == 2)
        oyez_handler_close(&post->handler);
    return OYEZ_OK;
}

static void test_one_that_closes_meanwhile_costs_no_other_its_letter(void **state)
{
    struct handler_bus *bus = *state;
    struct post posts[3];
    static const char *const patterns[] = {TYPE};
    for (size_t i = 0; i < 3; i++) {
        struct oyez_handler_options options = {.name = "post",
                                               .patterns = patterns,
                                               .pattern_count = 1,
                                               .run = close_at_the_second,
                                               .arg = &posts[i],
                                               .mode = OYEZ_HANDLER_INLINE};
        posts[i] = (struct post){.bus = bus};
        assert_int_equal(oyez_handler_open(&posts[i].handler, bus->client, &options, 0), OYEZ_OK);
    }
    struct oyez_receipt receipt;
    const struct oyez_event event = {.event_type = TYPE};
    assert_int_equal(oyez_client_emit_wait(bus->client, &event, OYEZ_LEVEL_RECORDED,
                                           HANDLER_PATIENCE_MS, &receipt),
                     OYEZ_OK);
    struct oyez_dead_letter dead = {.letter_id = receipt.event_id, .event_id = receipt.event_id};
    strcpy(dead.handler, "post");
    assert_int_equal(letter_emit_wish(bus->client, &dead), OYEZ_OK);
    for (size_t i = 0; i < 3; i++)
        handler_bus_await(&posts[i].calls, 2);
}

// 255 bytes and then a character of two, where 256 are told.
static void test_a_long_reason_is_cut_at_a_character(void **state)
{
    static const enum oyez_handler_mode modes[] = {OYEZ_HANDLER_DISPATCHED, OYEZ_HANDLER_INLINE};
    char reason[300];
    memset(reason, 'a', 255);
    strcpy(reason + 255, "\xc3\xa9 and more");
    for (size_t i = 0; i < 2; i++) {
        struct post post;
        open_post(&post, *state, modes[i]);
        post.reason = reason;
        handler_bus_emit(post.bus, TYPE, "c1");
        (void)handler_bus_await_settled(post.handler, 1);
        read_letters(&post, i + 1);
        for (size_t at = 0; at < post.count; at++) {
            assert_int_equal(strlen(post.letters[at].error_text), 255);
            assert_memory_equal(post.letters[at].error_text, reason, 255);
        }
        close_post(&post);
    }
}

static void test_a_text_that_fits_is_told_whole(void **state)
{
    (void)state;
    struct letter_failure failure;
    char text[258];
    memset(text, 'a', 257);
    memcpy(text + 254, "\xc3\xa9", 3);
    letter_failure_set_text(&failure, text);
    assert_string_equal(failure.text, text);
    letter_failure_set_text(&failure, "");
    assert_string_equal(failure.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_a_letter_names_the_event_and_never_copies_it),
        test(test_one_that_closes_meanwhile_costs_no_other_its_letter),
        test(test_a_long_reason_is_cut_at_a_character),
        cmocka_unit_test(test_a_text_that_fits_is_told_whole),
        test(test_it_is_handled_again_and_then_resolved),
        test(test_an_inline_handler_is_given_its_letter_though_many_wait),
        test(test_failed_again_it_has_a_new_letter),
        test(test_a_letter_finds_its_handler_in_another_process),
        test(test_a_handler_of_letters_that_fails_makes_none),
        test(test_only_the_errors_named_are_tried_again),
        test(test_the_public_may_not_emit_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
