// SPDX-License-Identifier: MIT
#include "interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int descriptor = -1;
static sigset_t watched;

int interrupt_open(void)
{
    sigemptyset(&watched);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &watched, NULL);
    descriptor = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
    return descriptor;
}

int interrupt_open_hangup(void)
{
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &hangup, NULL);
    return signalfd(-1, &hangup, SFD_NONBLOCK | SFD_CLOEXEC);
}

void interrupt_clear(int hangup_fd)
{
    struct signalfd_siginfo taken;
    while (read(hangup_fd, &taken, sizeof taken) == sizeof taken) {
    }
}

bool interrupt_pending(void)
{
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    return descriptor >= 0 && poll(&entry, 1, 0) == 1;
}

void interrupt_raise(void)
{
    if (interrupt_pending()) {
        pthread_sigmask(SIG_UNBLOCK, &watched, NULL);
    }
}
