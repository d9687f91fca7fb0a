// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zmq.h>

#include "core.h"

static void test_any_free_ports_are_filled_in(void **state)
{
    (void)state;
    struct oyez_sockets sockets;
    struct oyez_endpoint control, ingress, egress;
    assert_int_equal(oyez_sockets_open(&sockets, "tcp://127.0.0.1:*", false, NULL), OYEZ_OK);
    assert_int_equal(oyez_endpoint_parse(&control, sockets.bound.control), OYEZ_OK);
    assert_int_equal(oyez_endpoint_parse(&ingress, sockets.bound.ingress), OYEZ_OK);
    assert_int_equal(oyez_endpoint_parse(&egress, sockets.bound.egress), OYEZ_OK);
    assert_true(control.port != 0 && ingress.port != 0 && egress.port != 0);
    assert_true(control.port != ingress.port && control.port != egress.port);
    oyez_sockets_close(&sockets, 0);
}

static void test_an_address_in_use_is_named(void **state)
{
    (void)state;
    struct oyez_sockets first, second;
    assert_int_equal(oyez_sockets_open(&first, "tcp://127.0.0.1:0", false, NULL), OYEZ_OK);
    assert_int_equal(oyez_sockets_open(&second, first.bound.control, false, NULL), OYEZ_ERR_IN_USE);
    assert_non_null(strstr(oyez_error_detail(), first.bound.control));
    oyez_sockets_close(&first, 0);
}

static void test_addresses_that_others_reach_need_the_flag(void **state)
{
    (void)state;
    static const char *const open_to_all[] = {"tcp://0.0.0.0:0", "tcp://*:0", "tcp://[::]:0"};
    struct oyez_sockets sockets;
    for (size_t i = 0; i < sizeof open_to_all / sizeof open_to_all[0]; i++) {
        assert_int_equal(oyez_sockets_open(&sockets, open_to_all[i], false, NULL),
                         OYEZ_ERR_FORBIDDEN);
        assert_non_null(strstr(oyez_error_detail(), "--insecure-listen"));
    }
    assert_int_equal(oyez_sockets_open(&sockets, "tcp://0.0.0.0:0", true, NULL), OYEZ_OK);
    oyez_sockets_close(&sockets, 0);
}

static void test_what_cannot_be_listened_on_is_named(void **state)
{
    (void)state;
    struct oyez_sockets sockets;
    assert_int_equal(oyez_sockets_open(&sockets, "nonsense", false, NULL), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_sockets_open(&sockets, "tcp://127.0.0.1:65534", false, NULL),
                     OYEZ_ERR_INVALID);
    assert_int_equal(oyez_sockets_open(&sockets, "inproc://x", false, NULL), OYEZ_ERR_INVALID);
    assert_int_equal(oyez_sockets_open(&sockets, "ipc:///no/such/folder/bus", false, NULL),
                     OYEZ_ERR_SYSTEM);
    assert_non_null(strstr(oyez_error_detail(), "/no/such/folder/bus"));
    assert_int_equal(oyez_sockets_open(&sockets, "tcp://192.0.2.1:0", true, NULL), OYEZ_ERR_SYSTEM);
    assert_non_null(strstr(oyez_error_detail(), "192.0.2.1"));
}

// libzmq would hand the path to the second one without a word.
static void test_an_ipc_path_in_use_is_not_taken_over(void **state)
{
    (void)state;
    char folder[] = "/tmp/oyez-test-XXXXXX", listen[64], lock[64];
    assert_non_null(mkdtemp(folder));
    snprintf(listen, sizeof listen, "ipc://%s/bus", folder);
    snprintf(lock, sizeof lock, "%s/bus.lock", folder);
    struct oyez_sockets first, second;
    assert_int_equal(oyez_sockets_open(&first, listen, false, NULL), OYEZ_OK);
    assert_string_equal(first.bound.control, listen);
    assert_int_equal(oyez_sockets_open(&second, listen, false, NULL), OYEZ_ERR_IN_USE);
    assert_non_null(strstr(oyez_error_detail(), listen));
    assert_int_equal(access(lock, F_OK), 0);
    assert_int_equal(access(listen + strlen("ipc://"), F_OK), 0);
    oyez_sockets_close(&first, 0);
    assert_int_equal(oyez_sockets_open(&second, listen, false, NULL), OYEZ_OK);
    oyez_sockets_close(&second, 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_what_a_crashed_broker_left_behind_is_no_hindrance(void **state)
{
    (void)state;
    char folder[] = "/tmp/oyez-test-XXXXXX", listen[64], path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(listen, sizeof listen, "ipc://%s/bus", folder);
    static const char *const names[] = {"bus", "bus.in", "bus.out", "bus.lock"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fclose(file);
    }
    struct oyez_sockets sockets;
    assert_int_equal(oyez_sockets_open(&sockets, listen, false, NULL), OYEZ_OK);
    oyez_sockets_close(&sockets, 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_free_ports_are_filled_in),
        cmocka_unit_test(test_an_address_in_use_is_named),
        cmocka_unit_test(test_addresses_that_others_reach_need_the_flag),
        cmocka_unit_test(test_what_cannot_be_listened_on_is_named),
        cmocka_unit_test(test_an_ipc_path_in_use_is_not_taken_over),
        cmocka_unit_test(test_what_a_crashed_broker_left_behind_is_no_hindrance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
