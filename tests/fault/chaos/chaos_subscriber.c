// SPDX-License-Identifier: MIT
// chaos_subscriber ENDPOINT LEDGER KIND SLOW PATTERN...: listens until SIGTERM, and takes SLOW
// microseconds for each event. Its ledger, beside notices and in their order:
//   P subscriber KIND PATTERN...
//   B                                        from here on it listens
//   S epoch position type_seq id type        seen
//   END
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "ledger.h"

static unsigned slow_us;

static void write_promise(const char *kind, const char *const *patterns, size_t count)
{
    char text[400];
    size_t size = 0;
    text[0] = 0;
    for (size_t i = 0; i < count && size < sizeof text; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, " %s", patterns[i]);
    ledger_write("P subscriber %s%s", kind, text);
}

static void on_event(void *arg, const struct oyez_event *event)
{
    (void)arg;
    ledger_write("S %llu %llu %llu %s %s", (unsigned long long)event->stamp.epoch,
                 (unsigned long long)event->stamp.position,
                 (unsigned long long)event->stamp.type_seq, ledger_id(&event->event_id).text,
                 event->event_type);
    if (slow_us > 0) {
        struct timespec time = {.tv_nsec = (long)slow_us * 1000};
        nanosleep(&time, NULL);
    }
}

int main(int argc, char **argv)
{
    oyez_client *client = NULL;
    oyez_subscription *subscription = NULL;
    struct oyez_client_options options = {.name = "chaos", .on_notice = ledger_notice};
    struct oyez_subscription_options wanted = {.handler = on_event};
    sigset_t signals;
    int number;
    if (argc < 6 || !ledger_open(argv[2]))
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    options.endpoint = argv[1];
    slow_us = (unsigned)strtoul(argv[4], NULL, 10);
    wanted.patterns = (const char *const *)argv + 5;
    wanted.pattern_count = (size_t)argc - 5;
    write_promise(argv[3], wanted.patterns, wanted.pattern_count);
    if (oyez_client_open(&client, &options, 30000) != OYEZ_OK)
        return 3;
    if (oyez_subscription_open(&subscription, client, &wanted, 30000) != OYEZ_OK)
        return 3;
    ledger_write("B");
    sigwait(&signals, &number);
    oyez_subscription_close(&subscription);
    oyez_client_close(&client);
    ledger_write("END");
    return 0;
}
