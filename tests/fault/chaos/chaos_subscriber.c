// SPDX-License-Identifier: MIT
// chaos_subscriber ENDPOINT LEDGER KIND SLOW FROM PATTERN...: listens until SIGTERM, and takes SLOW
// microseconds for each event. KIND "recorded" asks for recorded events alone. FROM is "live",
// "first" or a cursor. Its ledger, beside notices and in their order:
//   P subscriber KIND PATTERN...
//   B                                        from here on it listens
//   S epoch position type_seq id type number seen; its emitter's number
//   G kind type epoch first last             told to be missing
//   C previous-epoch epoch recorded clean recorded-end last-seen phantoms
//   END
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    ledger_write("S %llu %llu %llu %s %s %llu", (unsigned long long)event->stamp.epoch,
                 (unsigned long long)event->stamp.position,
                 (unsigned long long)event->stamp.type_seq, ledger_id(&event->event_id).text,
                 event->event_type, (unsigned long long)event->stamp.emitter_seq);
    if (slow_us > 0) {
        struct timespec time = {.tv_nsec = (long)slow_us * 1000};
        nanosleep(&time, NULL);
    }
}

static const char *gap_name(enum oyez_gap_kind kind)
{
    switch (kind) {
    case OYEZ_GAP_LOST:
        return "lost";
    case OYEZ_GAP_OVERFLOW:
        return "overflow";
    case OYEZ_GAP_UNRECORDED:
        return "unrecorded";
    default:
        return "other";
    }
}

static void on_gap(void *arg, const struct oyez_gap *gap)
{
    (void)arg;
    ledger_write("G %s %s %llu %llu %llu", gap_name(gap->kind),
                 gap->event_type == NULL ? "-" : gap->event_type, (unsigned long long)gap->epoch,
                 (unsigned long long)gap->first, (unsigned long long)gap->last);
}

static void on_epoch_changed(void *arg, const struct oyez_epoch_change *change)
{
    (void)arg;
    ledger_write("C %llu %llu %d %d %llu %llu %llu", (unsigned long long)change->previous_epoch,
                 (unsigned long long)change->epoch, change->recorded, change->clean,
                 (unsigned long long)change->recorded_end, (unsigned long long)change->last_seen,
                 (unsigned long long)change->phantoms);
}

// False: it is none of the three forms.
static bool read_from(struct oyez_subscription_options *options, const char *text)
{
    char *end;
    if (strcmp(text, "live") == 0)
        return true;
    options->from = OYEZ_FROM_FIRST;
    if (strcmp(text, "first") == 0)
        return true;
    options->from = OYEZ_FROM_CURSOR;
    options->from_epoch = strtoull(text, &end, 10);
    if (*end != ':')
        return false;
    options->from_position = strtoull(end + 1, &end, 10);
    return *end == 0;
}

// Without a recorder there is nothing to begin with yet: asked again.
static oyez_err subscribe(oyez_subscription **out, oyez_client *client,
                          const struct oyez_subscription_options *options)
{
    oyez_err err;
    do
        err = oyez_subscription_open(out, client, options, 30000);
    while (err == OYEZ_ERR_NO_RECORDER || (*out == NULL && err == OYEZ_ERR_TIMEOUT));
    return *out != NULL ? OYEZ_OK : err;
}

int main(int argc, char **argv)
{
    oyez_client *client = NULL;
    oyez_subscription *subscription = NULL;
    struct oyez_client_options options = {.name = "chaos", .on_notice = ledger_notice};
    struct oyez_subscription_options wanted = {
        .handler = on_event, .on_gap = on_gap, .on_epoch_changed = on_epoch_changed};
    sigset_t signals;
    int number;
    if (argc < 7 || !ledger_open(argv[2]) || !read_from(&wanted, argv[5]))
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    options.endpoint = argv[1];
    slow_us = (unsigned)strtoul(argv[4], NULL, 10);
    wanted.only_recorded = strcmp(argv[3], "recorded") == 0;
    wanted.patterns = (const char *const *)argv + 6;
    wanted.pattern_count = (size_t)argc - 6;
    write_promise(argv[3], wanted.patterns, wanted.pattern_count);
    if (oyez_client_open(&client, &options, 0) != OYEZ_OK ||
        subscribe(&subscription, client, &wanted) != OYEZ_OK)
        return 3;
    ledger_write("B");
    sigwait(&signals, &number);
    oyez_subscription_close(&subscription);
    oyez_client_close(&client);
    ledger_write("END");
    return 0;
}
