// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command_call.h"
#include "recorded_events.h"

extern const struct command stats_command;

static struct recorded recorded;

static int begin(void **state)
{
    (void)state;
    char actor[16];
    recorded_open(&recorded);
    recorded.time += 3400 * RECORDED_SECOND; // the hour ends after 200 events
    for (unsigned n = 0; n < 500; n++) {
        struct oyez_event event =
            recorded_event(n % 5 == 0 ? "plan.applied" : "plan.created", NULL);
        snprintf(actor, sizeof actor, "a-%u", n % 250);
        event.actor_id = n < 400 ? actor : NULL;
        recorded_add(&recorded, &event);
    }
    recorded_commit(&recorded);
    return 0;
}

static int end(void **state)
{
    (void)state;
    recorded_close(&recorded);
    return 0;
}

static int call(const char *words)
{
    char text[512];
    snprintf(text, sizeof text, "stats --dir %s %s", recorded.directory, words);
    return command_call(&stats_command, text);
}

static void test_types_are_counted_the_largest_first(void **state)
{
    (void)state;
    assert_int_equal(call(""), EXIT_DONE);
    assert_string_equal(command_out, "         400  plan.created\n"
                                     "         100  plan.applied\n"
                                     "         500  in all\n");
}

static void test_json_is_one_group_a_line(void **state)
{
    (void)state;
    assert_int_equal(call("--by catalog --json"), EXIT_DONE);
    assert_string_equal(command_out, "{\"key\":\"cleveragents\",\"count\":500}\n");
}

static void test_groups_of_several_pages_are_added_up(void **state)
{
    (void)state;
    assert_int_equal(call("--by actor"), EXIT_DONE);
    assert_non_null(strstr(command_out, "         100  (none)\n"));
    assert_non_null(strstr(command_out, "           2  a-149\n"));
    assert_non_null(strstr(command_out, "           1  a-150\n"));
    assert_non_null(strstr(command_out, "         500  in all\n"));
}

static void test_hours_stand_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(call("--by hour"), EXIT_DONE);
    assert_string_equal(command_out, "         200  2025-11-20T09\n"
                                     "         300  2025-11-20T10\n"
                                     "         500  in all\n");
    assert_int_equal(call("--by colour"), EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_are_counted_the_largest_first),
        cmocka_unit_test(test_json_is_one_group_a_line),
        cmocka_unit_test(test_groups_of_several_pages_are_added_up),
        cmocka_unit_test(test_hours_stand_in_their_order),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
