// SPDX-License-Identifier: MIT
#include <czmq.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "program/program.h"

struct look {
    bool (*look)(void *arg);
    void *arg;
};

void program_log(const struct program *program, enum oyez_severity severity, const char *line)
{
    static const char *const names[] = {"", "warning: ", "error: "};
    fprintf(stderr, "%s: %s%s\n", program->name, names[severity], line);
}

static void fill_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
}

void program_block_signals(void)
{
    // Every thread inherits it and none is interrupted; czmq keeps its own handlers out.
    sigset_t signals;
    fill_signals(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    zsys_handler_set(NULL);
}

void program_ready(const char *where)
{
    printf("ready %s\n", where);
    fflush(stdout);
}

static int end_by_signal(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    (void)arg;
    return -1;
}

static int look_again(zloop_t *loop, int timer, void *arg)
{
    const struct look *look = arg;
    (void)loop;
    (void)timer;
    return look->look(look->arg) ? 0 : -1;
}

void program_run(bool (*look)(void *arg), void *arg, uint32_t look_ms)
{
    sigset_t signals;
    fill_signals(&signals);
    struct look looked = {look, arg};
    zmq_pollitem_t item = {.fd = signalfd(-1, &signals, SFD_CLOEXEC), .events = ZMQ_POLLIN};
    zloop_t *loop = zloop_new();
    zloop_poller(loop, &item, end_by_signal, NULL);
    if (look != NULL)
        zloop_timer(loop, look_ms, 0, look_again, &looked);
    zloop_start(loop);
    zloop_destroy(&loop);
    close(item.fd);
}
