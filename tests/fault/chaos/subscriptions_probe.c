// SPDX-License-Identifier: MIT
// subscriptions_probe ENDPOINT LEDGER COUNT: one client with COUNT subscriptions, each to a type of
// its own (chaos.probe_N). Its ledger:
//   B                 all of them are proved active
//   S number count    the subscription's events so far, each time that one comes
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "ledger.h"

struct probe {
    unsigned number, seen;
    oyez_subscription *subscription;
};

static void on_event(void *arg, const struct oyez_event *event)
{
    struct probe *probe = arg;
    char type[64];
    snprintf(type, sizeof type, "github.probe_%u", probe->number);
    ledger_write("S %u %u %s", probe->number, ++probe->seen, event->event_type);
}

// All are asked for at once; the last one's proof is that of all before it.
static oyez_err subscribe(oyez_client *client, struct probe *probes, unsigned count)
{
    oyez_err err = OYEZ_OK;
    for (unsigned i = 0; i < count && err == OYEZ_OK; i++) {
        char pattern[64];
        const char *const patterns[] = {pattern};
        struct oyez_subscription_options options = {.patterns = patterns,
                                                    .pattern_count = 1,
                                                    .handler = on_event,
                                                    .handler_arg = &probes[i]};
        probes[i].number = i;
        snprintf(pattern, sizeof pattern, "github.probe_%u", i);
        err = oyez_subscription_open(&probes[i].subscription, client, &options,
                                     i + 1 == count ? 60000 : 0);
    }
    return err;
}

int main(int argc, char **argv)
{
    oyez_client *client = NULL;
    struct oyez_client_options options = {.name = "probe", .on_notice = ledger_notice};
    sigset_t signals;
    int number;
    if (argc != 4 || !ledger_open(argv[2]))
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    unsigned count = (unsigned)strtoul(argv[3], NULL, 10);
    struct probe *probes = calloc(count, sizeof *probes);
    int status = 3;
    options.endpoint = argv[1];
    if (probes == NULL || oyez_client_open(&client, &options, 30000) != OYEZ_OK ||
        subscribe(client, probes, count) != OYEZ_OK)
        goto done;
    ledger_write("B");
    sigwait(&signals, &number);
    status = 0;
done:
    for (unsigned i = 0; probes != NULL && i < count; i++)
        oyez_subscription_close(&probes[i].subscription);
    oyez_client_close(&client);
    free(probes);
    return status;
}
