// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream_fixture.h"

static const char *type_of(void *arg, const struct oyez_stream_item *item)
{
    (void)arg;
    return strcmp(item->event->event_type, "none") == 0 ? NULL : item->event->event_type;
}

static void test_an_event_that_comes_again_is_left_out(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_distinct(stream, NULL, NULL, 100), OYEZ_OK);
    give(source, 3);
    source->events[1].event_id = source->events[0].event_id;
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(next_number(stream), 3);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    free(source);
}

static void test_one_key_remembered_means_changes(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_distinct(stream, type_of, NULL, 1);
    const char *types[] = {"a", "a", "longer.than.a", "b", "b", "a", "a"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        give_type(source, types[i]);
    const uint64_t changes[] = {1, 3, 4, 6};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(next_number(stream), changes[i]);
    assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
    oyez_stream_close(&stream);
    free(source);
}

static void test_what_has_no_key_is_let_through(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_distinct(stream, type_of, NULL, 10);
    give_type(source, "none");
    give_type(source, "none");
    assert_int_equal(next_number(stream), 1);
    assert_int_equal(next_number(stream), 2);
    oyez_stream_close(&stream);
    free(source);
}

// Beside a list of the last 50, for 4,000 events of 100 types.
static void test_exactly_the_last_keys_are_remembered(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_distinct(stream, type_of, NULL, 50);
    static char names[100][64];
    for (size_t i = 0; i < 100; i++)
        snprintf(names[i], sizeof names[i], "%0*zu", (int)(1 + i % 40), i);
    size_t last[50];
    size_t last_count = 0;
    uint64_t seed = 42;
    for (size_t i = 0; i < 4000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        size_t name = (size_t)(seed >> 33) % 100;
        give_type(source, names[name]);
        bool known = false;
        for (size_t k = 0; k < (last_count < 50 ? last_count : 50); k++)
            known = known || strcmp(names[last[k]], names[name]) == 0;
        if (known) {
            assert_int_equal(next_error(stream), OYEZ_ERR_TIMEOUT);
        } else {
            assert_int_equal(next_number(stream), i + 1);
            last[last_count++ % 50] = name;
        }
    }
    assert_true(last_count > 500);
    oyez_stream_close(&stream);
    free(source);
}

static void test_a_key_that_is_too_long_is_told(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    oyez_stream_distinct(stream, type_of, NULL, 50);
    char name[OYEZ_STREAM_KEY_SIZE_MAX + 2];
    memset(name, 'x', sizeof name);
    name[OYEZ_STREAM_KEY_SIZE_MAX + 1] = '\0';
    give_type(source, name);
    give_type(source, name + 1);
    assert_int_equal(next_error(stream), OYEZ_ERR_TOO_LARGE);
    assert_int_equal(next_number(stream), 2);
    oyez_stream_close(&stream);
    free(source);
}

static void test_no_keys_or_too_many_are_refused(void **state)
{
    (void)state;
    struct scripted_source *source = calloc(1, sizeof *source);
    oyez_stream *stream = stream_of(source);
    assert_int_equal(oyez_stream_distinct(stream, NULL, NULL, 0), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_stream_distinct(stream, NULL, NULL, OYEZ_STREAM_KEYS_MAX + 1),
                     OYEZ_ERR_TOO_LARGE);
    oyez_stream_close(&stream);
    free(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_that_comes_again_is_left_out),
        cmocka_unit_test(test_one_key_remembered_means_changes),
        cmocka_unit_test(test_what_has_no_key_is_let_through),
        cmocka_unit_test(test_exactly_the_last_keys_are_remembered),
        cmocka_unit_test(test_a_key_that_is_too_long_is_told),
        cmocka_unit_test(test_no_keys_or_too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
