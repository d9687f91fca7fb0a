// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "json_load.h"

static json_t *load(const char *text)
{
    json_error_t error;
    return oyez_json_load(text, strlen(text), &error);
}

static void test_any_value_is_read(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1", "\"x\"", "true", "null", "[1]", "{}", "\"\\u0000\"", "123456789012345678901234567890"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = load(texts[i]);
        assert_non_null(value);
        json_decref(value);
    }
}

static void test_duplicate_keys_are_refused(void **state)
{
    (void)state;
    assert_null(load("{\"a\":1,\"a\":1}"));
    assert_null(load("{\"b\":{\"a\":1,\"\\u0061\":1}}"));
}

static void *load_often(void *failed)
{
    for (int i = 0; i < 200; i++) {
        json_t *value = load("{\"a\":{\"b\":[1,2,{\"c\":\"d\"}]}}");
        if (value == NULL)
            *(int *)failed = 1;
        json_decref(value);
    }
    return NULL;
}

static void test_several_threads_may_be_the_first(void **state)
{
    (void)state;
    pthread_t threads[4];
    int failed[4] = {0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load_often, &failed[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failed[i], 0);
    }
}

int main(void)
{
    // The thread test stands first, for the seed is sown once a process.
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several_threads_may_be_the_first),
        cmocka_unit_test(test_any_value_is_read),
        cmocka_unit_test(test_duplicate_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
