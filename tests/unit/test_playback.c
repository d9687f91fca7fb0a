// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "playback.h"

#define SECOND INT64_C(1000000000)

static void test_recorded_time_goes_on_as_the_speed_says(void **state)
{
    (void)state;
    struct playback playback = {.speed = PLAYBACK_SPEED_NORMAL};
    playback_start(&playback, 1000 * SECOND, 5 * SECOND);
    playback_advance(&playback, 7 * SECOND);
    assert_int_equal(playback.at, 1002 * SECOND);
    playback_change_speed(&playback, 1);
    assert_string_equal(playback_speed_name(&playback), "x5");
    playback_advance(&playback, 8 * SECOND);
    assert_int_equal(playback.at, 1007 * SECOND);
}

static void test_what_stands_still_does_not_jump_when_it_goes_on(void **state)
{
    (void)state;
    struct playback playback = {.speed = PLAYBACK_SPEED_NORMAL};
    playback_start(&playback, 0, 0);
    playback.running = false;
    playback_advance(&playback, 100 * SECOND);
    playback.running = true;
    playback_advance(&playback, 101 * SECOND);
    assert_int_equal(playback.at, SECOND);
}

static void test_speeds_have_ends(void **state)
{
    (void)state;
    struct playback playback = {.speed = PLAYBACK_SPEED_NORMAL};
    for (int i = 0; i < 50; i++) {
        playback_change_speed(&playback, 1);
    }
    assert_string_equal(playback_speed_name(&playback), "x3600");
    for (int i = 0; i < 50; i++) {
        playback_change_speed(&playback, -1);
    }
    assert_string_equal(playback_speed_name(&playback), "x0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_time_goes_on_as_the_speed_says),
        cmocka_unit_test(test_what_stands_still_does_not_jump_when_it_goes_on),
        cmocka_unit_test(test_speeds_have_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
