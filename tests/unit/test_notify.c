// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "program/notify.h"

static int listen_at(const struct sockaddr_un *address, size_t name_size)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name_size)),
                     0);
    return fd;
}

static void expect_told(int fd, const char *state)
{
    char text[64] = "";

    assert_int_equal(recv(fd, text, sizeof(text) - 1, 0), (int)strlen(state));
    assert_string_equal(text, state);
}

static void test_a_manager_is_told_at_a_path_or_an_abstract_name(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char name[64];

    (void)state;
    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/oyez-notify-%ld", (long)getpid());
    int fd = listen_at(&address, strlen(address.sun_path) + 1);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    notify_manager("READY=1");
    expect_told(fd, "READY=1");
    close(fd);
    unlink(address.sun_path);
    notify_manager("READY=1"); // nobody is there any more

    snprintf(name, sizeof(name), "@oyez-notify-%ld", (long)getpid());
    memset(address.sun_path, 0, sizeof(address.sun_path));
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    fd = listen_at(&address, strlen(name));
    setenv("NOTIFY_SOCKET", name, 1);
    notify_manager("STOPPING=1");
    expect_told(fd, "STOPPING=1");
    close(fd);
}

static void test_what_is_no_socket_is_passed_over(void **state)
{
    char path[300];

    (void)state;
    unsetenv("NOTIFY_SOCKET");
    notify_manager("READY=1");
    setenv("NOTIFY_SOCKET", "", 1);
    notify_manager("READY=1");
    setenv("NOTIFY_SOCKET", "relative", 1);
    notify_manager("READY=1");
    memset(path, 'x', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    setenv("NOTIFY_SOCKET", path, 1);
    notify_manager("READY=1");
}

static void test_a_watchdog_asks_in_microseconds_and_one_process(void **state)
{
    char pid[32];

    (void)state;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(notify_watchdog_ms(), 30000);
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(notify_watchdog_ms(), 30000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "1", 1);
    assert_int_equal(notify_watchdog_ms(), 2);
    setenv("WATCHDOG_USEC", "soon", 1);
    assert_int_equal(notify_watchdog_ms(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_manager_is_told_at_a_path_or_an_abstract_name),
        cmocka_unit_test(test_what_is_no_socket_is_passed_over),
        cmocka_unit_test(test_a_watchdog_asks_in_microseconds_and_one_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
