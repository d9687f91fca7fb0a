// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "client/recorder/asks.h"

static void test_questions_come_in_turn(void **state)
{
    (void)state;
    struct recorder_asks asks;
    recorder_asks_open(&asks);
    assert_null(recorder_asks_take(&asks));
    assert_true(recorder_asks_put(&asks, "one", 3, "first", 5));
    assert_true(recorder_asks_put(&asks, "two", 3, "", 0));
    struct recorder_ask *ask = recorder_asks_take(&asks);
    assert_int_equal(ask->client_size, 3);
    assert_memory_equal(ask->client, "one", 3);
    assert_int_equal(ask->size, 5);
    assert_memory_equal(ask->request, "first", 5);
    free(ask);
    ask = recorder_asks_take(&asks);
    assert_memory_equal(ask->client, "two", 3);
    free(ask);
    assert_int_equal(asks.bytes, 0);
    assert_true(recorder_asks_put(&asks, "three", 5, "x", 1));
    recorder_asks_close(&asks);
}

static void test_too_many_questions_are_not_taken(void **state)
{
    (void)state;
    struct recorder_asks asks;
    static char request[1024 * 1024];
    recorder_asks_open(&asks);
    unsigned taken = 0;
    while (recorder_asks_put(&asks, "c", 1, request, sizeof request))
        taken++;
    assert_int_equal(taken, 15);
    char client[RECORDER_CLIENT_SIZE_MAX + 1] = {0};
    assert_false(recorder_asks_put(&asks, client, sizeof client, "", 0));
    recorder_asks_close(&asks);
}

static void test_an_answer_keeps_its_frames(void **state)
{
    (void)state;
    struct recorder_answer answer = {0};
    static const char *const frames[] = {"answer", "", "event"};
    for (size_t i = 0; i < 3; i++)
        assert_true(recorder_answer_add(&answer, frames[i], strlen(frames[i])));
    size_t offset = 0, size;
    const uint8_t *bytes;
    for (size_t i = 0; i < 3; i++) {
        assert_true(recorder_answer_next(&answer, &offset, &bytes, &size));
        assert_int_equal(size, strlen(frames[i]));
        assert_memory_equal(bytes, frames[i], size);
    }
    assert_false(recorder_answer_next(&answer, &offset, &bytes, &size));
    assert_int_equal(answer.count, 3);
    recorder_answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions_come_in_turn),
        cmocka_unit_test(test_too_many_questions_are_not_taken),
        cmocka_unit_test(test_an_answer_keeps_its_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
