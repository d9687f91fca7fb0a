// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_state.h"
#include "handler_state.h"

static oyez_err run(void *arg, const struct oyez_event *event)
{
    (void)arg;
    (void)event;
    return OYEZ_OK;
}

static void test_what_the_options_leave_open_the_client_s_settings_say(void **state)
{
    (void)state;
    static struct oyez_client client;
    static struct oyez_handler handler = {.client = &client};
    struct oyez_handler_options options = {.run = run, .mode = OYEZ_HANDLER_POOL};
    assert_int_equal(oyez_settings_open(&client.settings), OYEZ_OK);

    assert_int_equal(handler_options_take(&handler, &options), OYEZ_OK);
    assert_int_equal(handler.thread_count, 4 + 1); // one more hands out what comes
    assert_int_equal(handler.timeout_ms, 0);

    assert_int_equal(oyez_settings_give(client.settings, OYEZ_SETTING_CLIENT_CONCURRENT_HANDLERS,
                                        "7", OYEZ_SETTING_OPTION, "test"),
                     OYEZ_OK);
    assert_int_equal(oyez_settings_give(client.settings, OYEZ_SETTING_CLIENT_HANDLER_TIMEOUT, "250",
                                        OYEZ_SETTING_OPTION, "test"),
                     OYEZ_OK);
    assert_int_equal(handler_options_take(&handler, &options), OYEZ_OK);
    assert_int_equal(handler.thread_count, 7 + 1);
    assert_int_equal(handler.timeout_ms, 250);

    options.threads = 2;
    options.timeout_ms = 10;
    assert_int_equal(handler_options_take(&handler, &options), OYEZ_OK);
    assert_int_equal(handler.thread_count, 2 + 1);
    assert_int_equal(handler.timeout_ms, 10);
    oyez_settings_close(&client.settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_options_leave_open_the_client_s_settings_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
