// SPDX-License-Identifier: MIT
// Both ends of a measured stream, for the scripts beside this file:
//
//   bench_delivery emit COUNT RATE    emits so many events, RATE a second (0 = as fast as it goes),
//                                     and ends when all are recorded
//   bench_delivery listen FROM COUNT  FROM is live or first; ends after so many events, each of which
//                                     must stand one position behind the one before it
//
// Both write "N SECONDS" for each STEP events, on the clock that all processes share; listen ends
// with its counters and the peak of its memory.
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oyez/client.h"

#define STEP 5000u
#define PADDING 400 // so that the queues of a stopped subscriber fill
#define PATIENCE_MS 120000u

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

static void tell(uint64_t count)
{
    if (count % STEP == 0)
        printf("%" PRIu64 " %.6f\n", count, now());
}

static oyez_err emit_one(oyez_client *client, const char *details)
{
    const struct oyez_event event = {.event_type = "tool.invoked", .details = details};
    oyez_err err;
    while ((err = oyez_client_emit(client, &event, NULL)) == OYEZ_ERR_FULL)
        nap();
    return err;
}

static oyez_err emit(oyez_client *client, uint64_t count, double rate)
{
    oyez_err err = OYEZ_OK;
    double began = now();
    char padding[PADDING + 1] = "", details[PADDING + 64];
    memset(padding, 'x', PADDING);
    snprintf(details, sizeof details, "{\"tool\": \"bench\", \"arguments\": {\"p\": \"%s\"}}",
             padding);
    for (uint64_t i = 1; i <= count && err == OYEZ_OK; i++) {
        while (rate > 0 && now() < began + (double)i / rate)
            nap();
        err = emit_one(client, details);
        tell(i);
    }
    return err == OYEZ_OK ? oyez_client_flush(client, OYEZ_LEVEL_RECORDED, PATIENCE_MS) : err;
}

// Of this program alone; what getrusage tells includes the process that forked it.
static long peak_kib(void)
{
    char line[128];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    }
    if (status != NULL)
        fclose(status);
    return kib;
}

static void count_gap(void *arg, const struct oyez_gap *gap)
{
    (void)gap;
    ++*(uint64_t *)arg;
}

static oyez_err receive_all(oyez_subscription *subscription, uint64_t count, uint64_t *jumps)
{
    oyez_err err = OYEZ_OK;
    uint64_t position = 0;
    for (uint64_t i = 1; i <= count && err == OYEZ_OK; i++) {
        const struct oyez_event *event;
        err = oyez_subscription_receive(subscription, &event, PATIENCE_MS);
        if (err != OYEZ_OK)
            break;
        *jumps += position != 0 && event->stamp.position != position + 1;
        position = event->stamp.position;
        tell(i);
    }
    return err;
}

static oyez_err listen(oyez_client *client, bool first, uint64_t count)
{
    uint64_t gaps = 0, jumps = 0;
    struct oyez_client_counters counters;
    oyez_subscription *subscription = NULL;
    struct oyez_subscription_options options = {.from = first ? OYEZ_FROM_FIRST : OYEZ_FROM_LIVE,
                                                .on_gap = count_gap,
                                                .handler_arg = &gaps};
    oyez_err err = oyez_subscription_open(&subscription, client, &options, PATIENCE_MS);
    printf("listening\n");
    if (err == OYEZ_OK)
        err = receive_all(subscription, count, &jumps);
    oyez_client_get_counters(client, &counters);
    printf("jumps %" PRIu64 " gaps %" PRIu64 " refilled %" PRIu64 " repeated %" PRIu64
           " peak_kib %ld\n",
           jumps, gaps, counters.refilled, counters.repeated, peak_kib());
    oyez_subscription_close(&subscription);
    return err;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_delivery emit COUNT RATE | listen live|first COUNT\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    oyez_client *client = NULL;
    oyez_err err = oyez_client_open(&client, NULL, PATIENCE_MS);
    if (err == OYEZ_OK && strcmp(argv[1], "emit") == 0)
        err = emit(client, strtoull(argv[2], NULL, 10), strtod(argv[3], NULL));
    else if (err == OYEZ_OK)
        err = listen(client, strcmp(argv[2], "first") == 0, strtoull(argv[3], NULL, 10));
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    oyez_client_close(&client);
    return err == OYEZ_OK ? 0 : 3;
}
