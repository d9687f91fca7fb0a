// SPDX-License-Identifier: MIT
#include <czmq.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "program/diagnostic.h"
#include "program/notify.h"
#include "program/program.h"
#include "wire/clock.h"

static atomic_uint log_format, log_level;

void program_log_set(const oyez_settings *settings)
{
    log_format = (unsigned)oyez_settings_number(settings, OYEZ_SETTING_LOG_FORMAT);
    log_level = (unsigned)oyez_settings_number(settings, OYEZ_SETTING_LOG_LEVEL);
}

void program_log(const struct program *program, enum oyez_severity severity, const char *line)
{
    char out[DIAGNOSTIC_SIZE_MAX];
    if ((unsigned)severity < log_level)
        return;
    const struct diagnostic diagnostic = {.program = program->name,
                                          .severity = severity,
                                          .time_ns = oyez_clock_realtime_ns(),
                                          .line = line};
    size_t size = diagnostic_write(out, (enum diagnostic_format)log_format, &diagnostic);
    // At once, so that lines of several threads and processes stay whole.
    (void)!fwrite(out, 1, size, stderr);
}

static void fill_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGHUP);
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
    char state[512];
    printf("ready %s\n", where);
    fflush(stdout);
    snprintf(state, sizeof state, "READY=1\nSTATUS=ready %s", where);
    notify_manager(state);
}

static int take_signal(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    const struct program_work *work = arg;
    struct signalfd_siginfo taken;
    (void)loop;
    if (read(item->fd, &taken, sizeof taken) != sizeof taken || taken.ssi_signo != SIGHUP)
        return -1;
    if (work->reload != NULL)
        work->reload(work->arg);
    return 0;
}

static int look_again(zloop_t *loop, int timer, void *arg)
{
    const struct program_work *work = arg;
    (void)loop;
    (void)timer;
    return work->look(work->arg) ? 0 : -1;
}

static int tell_watchdog(zloop_t *loop, int timer, void *arg)
{
    const struct program_work *work = arg;
    (void)loop;
    (void)timer;
    if (work->is_alive == NULL || work->is_alive(work->arg))
        notify_manager("WATCHDOG=1");
    return 0;
}

void program_run(const struct program_work *work)
{
    uint64_t watchdog_ms = notify_watchdog_ms();
    sigset_t signals;
    struct program_work running = *work;
    fill_signals(&signals);
    zmq_pollitem_t item = {.fd = signalfd(-1, &signals, SFD_CLOEXEC), .events = ZMQ_POLLIN};
    zloop_t *loop = zloop_new();
    zloop_poller(loop, &item, take_signal, &running);
    if (running.look != NULL)
        zloop_timer(loop, running.look_ms, 0, look_again, &running);
    if (watchdog_ms > 0)
        zloop_timer(loop, watchdog_ms / 2, 0, tell_watchdog, &running);
    zloop_start(loop);
    notify_manager("STOPPING=1");
    zloop_destroy(&loop);
    close(item.fd);
}
