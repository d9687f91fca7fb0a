// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client_state.h"
#include "dispatcher.h"
#include "notices.h"

static void count_notice(void *arg, const struct oyez_notice *notice)
{
    unsigned *count = arg;
    assert_int_equal(notice->kind, OYEZ_NOTICE_DEPRECATED);
    ++*count;
}

static void test_what_was_found_before_the_close_is_told(void **state)
{
    (void)state;
    unsigned count = 0;
    static struct oyez_client client;
    client.on_notice = count_notice;
    client.on_notice_arg = &count;
    pthread_mutex_init(&client.inbox_lock, NULL);
    pthread_cond_init(&client.inbox_changed, NULL);
    assert_int_equal(notices_open(&client.notices), OYEZ_OK);
    for (int i = 0; i < 2; i++)
        notice_add(&client, &(struct oyez_notice){.kind = OYEZ_NOTICE_DEPRECATED, .text = "old"});
    dispatcher_stop(&client);
    dispatcher_run(&client);
    assert_int_equal(count, 2);
    notices_close(&client.notices);
    pthread_cond_destroy(&client.inbox_changed);
    pthread_mutex_destroy(&client.inbox_lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_found_before_the_close_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
