// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "oyez/error.h"

#define DETAIL_SIZE_MAX 511u

static void test_every_error_has_words_of_its_own(void **state)
{
    (void)state;
    static const int numbers[] = {0,  1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,
                                  12, 100, 101, 102, 103, 104, 105, 200, 201, 202, 203, 204};
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    const char *unknown = oyez_strerror((oyez_err)99);

    for (size_t i = 0; i < count; i++) {
        const char *words = oyez_strerror((oyez_err)numbers[i]);
        assert_true(strlen(words) > 0);
        assert_string_not_equal(words, unknown);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(words, oyez_strerror((oyez_err)numbers[j]));
    }
}

static void test_a_number_of_no_error_still_has_words(void **state)
{
    (void)state;
    assert_string_equal(oyez_strerror((oyez_err)-1), "unknown error");
    assert_string_equal(oyez_strerror((oyez_err)1000), "unknown error");
}

static void test_a_failure_returns_its_error_and_keeps_its_detail(void **state)
{
    (void)state;
    assert_int_equal(oyez_fail(OYEZ_ERR_FULL, "window: %d of %d", 7, 8), OYEZ_ERR_FULL);
    assert_string_equal(oyez_error_detail(), "window: 7 of 8");
    assert_int_equal(oyez_fail(OYEZ_ERR_CLOSED, "short"), OYEZ_ERR_CLOSED);
    assert_string_equal(oyez_error_detail(), "short");
}

static void test_a_failure_may_wrap_the_detail_before_it(void **state)
{
    (void)state;
    (void)oyez_fail(OYEZ_ERR_INVALID, "plan_id: too long");
    (void)oyez_fail(OYEZ_ERR_INVALID, "line 7: %s", oyez_error_detail());
    assert_string_equal(oyez_error_detail(), "line 7: plan_id: too long");
}

static void test_a_long_detail_is_cut(void **state)
{
    (void)state;
    char text[2000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)oyez_fail(OYEZ_ERR_INVALID, "%s", text);
    assert_int_equal(strlen(oyez_error_detail()), DETAIL_SIZE_MAX);
}

// Characters of 2, 3 and 4 bytes, behind every possible shift against the end of the buffer.
static void test_a_detail_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x94\x94"};

    for (size_t kind = 0; kind < 3; kind++) {
        size_t size = strlen(characters[kind]);
        for (size_t shift = 0; shift < size; shift++) {
            char text[1000] = "";
            memset(text, 'x', shift);
            for (size_t at = shift; at + size < sizeof(text); at += size)
                memcpy(text + at, characters[kind], size + 1);
            (void)oyez_fail(OYEZ_ERR_INVALID, "%s", text);
            size_t whole = (DETAIL_SIZE_MAX - shift) / size * size + shift;
            assert_int_equal(strlen(oyez_error_detail()), whole);
        }
    }
}

static void test_a_failure_leaves_errno_alone(void **state)
{
    (void)state;
    errno = ENOSPC;
    (void)oyez_fail(OYEZ_ERR_IO, "segment: %s", "no room");
    assert_int_equal(errno, ENOSPC);
}

static void *fail_in_thread(void *arg)
{
    const char **before = arg;

    *before = oyez_error_detail()[0] == '\0' ? "" : "not empty";
    (void)oyez_fail(OYEZ_ERR_INVALID, "other thread");
    return NULL;
}

static void test_each_thread_has_its_own_detail(void **state)
{
    (void)state;
    pthread_t thread;
    const char *before = NULL;

    (void)oyez_fail(OYEZ_ERR_INVALID, "this thread");
    assert_int_equal(pthread_create(&thread, NULL, fail_in_thread, &before), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(before, "");
    assert_string_equal(oyez_error_detail(), "this thread");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_has_words_of_its_own),
        cmocka_unit_test(test_a_number_of_no_error_still_has_words),
        cmocka_unit_test(test_a_failure_returns_its_error_and_keeps_its_detail),
        cmocka_unit_test(test_a_failure_may_wrap_the_detail_before_it),
        cmocka_unit_test(test_a_long_detail_is_cut),
        cmocka_unit_test(test_a_detail_is_cut_between_characters),
        cmocka_unit_test(test_a_failure_leaves_errno_alone),
        cmocka_unit_test(test_each_thread_has_its_own_detail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
