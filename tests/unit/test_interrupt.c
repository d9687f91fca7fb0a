// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interrupt.h"

static void test_a_signal_waits_until_it_is_looked_for(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = interrupt_open();
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        if (fd < 0 || interrupt_pending()) {
            _exit(1);
        }
        kill(getpid(), SIGTERM);
        if (poll(&entry, 1, 10000) != 1 || !interrupt_pending() || !interrupt_pending()) {
            _exit(2);
        }
        // It has lived on so far.
        if (write(ends[1], "!", 1) != 1) {
            _exit(4);
        }
        interrupt_raise();
        _exit(3);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void test_without_a_signal_nothing_is_raised(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        interrupt_open();
        interrupt_raise();
        _exit(interrupt_pending() ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_signal_waits_until_it_is_looked_for),
        cmocka_unit_test(test_without_a_signal_nothing_is_raised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
