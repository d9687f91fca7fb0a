// SPDX-License-Identifier: MIT
// Both sides of bench_query_while_recording.py, of the server in OYEZ_ENDPOINT:
//
//   bench_query_client emit FIRST COUNT    emits events FIRST to FIRST + COUNT - 1 of bench_query, as
//                                          fast as it goes; "SECONDS" until all are recorded
//   bench_query_client ask BELOW RATE      asks for a correlation or a tag of one of the events below
//                                          that number, RATE times a second (0 = one behind the
//                                          other), until its input ends; "QUESTIONS EVENTS P50 P99",
//                                          in microseconds
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_query.h"
#include "oyez/client.h"
#include "oyez/query.h"

#define PATIENCE_MS 120000u
#define TIMES_MAX 1000000u

static double times[TIMES_MAX];

// Of a type that takes any JSON, and without an id: an id that the caller gives is looked up.
static void make_event(struct bench_event *out, uint64_t n)
{
    static char details[256];
    bench_event_make(out, n);
    snprintf(details, sizeof details, "{\"call\": \"%.16s\", \"text\": \"%.90s\"}",
             (const char *)out->details + 13, (const char *)out->details + 32);
    out->event.event_id = (struct oyez_uuid){{0}};
    out->event.event_type = "github.push";
    out->event.schema_version = NULL;
    out->event.details_format = OYEZ_DETAILS_JSON;
    out->event.details = details;
    out->event.details_size = 0;
}

static void emit(oyez_client *client, uint64_t first, uint64_t count)
{
    static struct bench_event event;
    const struct timespec nap = {.tv_nsec = 200000};
    double begun = bench_now();
    for (uint64_t n = first; n < first + count; n++) {
        oyez_err err;
        make_event(&event, n);
        while ((err = oyez_client_emit(client, &event.event, NULL)) == OYEZ_ERR_FULL)
            nanosleep(&nap, NULL);
        bench_require(err == OYEZ_OK, "emit");
    }
    bench_require(oyez_client_flush(client, OYEZ_LEVEL_RECORDED, PATIENCE_MS) == OYEZ_OK, "flush");
    printf("%.6f\n", bench_now() - begun);
}

static uint64_t ask_one(oyez_client *client, uint64_t number, uint64_t n)
{
    static struct bench_event about;
    char condition[2 * BENCH_TEXT_SIZE];
    const char *const conditions[] = {condition};
    const struct oyez_query_options options = {.conditions = conditions, .condition_count = 1};
    const struct oyez_event *event;
    oyez_query *query = NULL;
    uint64_t found = 0;
    make_event(&about, n);
    snprintf(condition, sizeof condition, "%s=%s",
             number % 2 == 0 ? "correlation_id" : "tag.decision_id",
             number % 2 == 0 ? about.correlation : about.tag);
    oyez_err err = oyez_query_open(&query, client, &options);
    while (err == OYEZ_OK && (err = oyez_query_next(query, &event, PATIENCE_MS)) == OYEZ_OK)
        found++;
    bench_require(err == OYEZ_ERR_NOT_FOUND && found > 0, "query");
    oyez_query_close(&query);
    return found;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool input_has_ended(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) != 0;
}

// Each question has its moment; one that comes late does not make the next one later.
static void wait_for(double moment)
{
    double left = moment - bench_now();
    if (left > 0)
        nanosleep(&(struct timespec){.tv_nsec = (long)(left * 1e9)}, NULL);
}

static void ask(oyez_client *client, uint64_t below, double rate)
{
    uint64_t draw = 11, found = 0;
    size_t count = 0;
    double begun = bench_now();
    while (!input_has_ended() && count < TIMES_MAX) {
        if (rate > 0)
            wait_for(begun + (double)count / rate);
        double asked = bench_now();
        found += ask_one(client, count, 1 + bench_draw(&draw, below - 1));
        times[count++] = bench_now() - asked;
    }
    bench_require(count > 0, "no question was asked");
    qsort(times, count, sizeof *times, compare);
    printf("%zu %" PRIu64 " %.1f %.1f\n", count, found, times[count / 2] * 1e6,
           times[count * 99 / 100] * 1e6);
}

int main(int argc, char **argv)
{
    oyez_client *client = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: bench_query_client emit FIRST COUNT | ask BELOW RATE\n");
        return 2;
    }
    bench_require(oyez_client_open(&client, NULL, PATIENCE_MS) == OYEZ_OK, "open");
    uint64_t number = strtoull(argv[2], NULL, 10);
    if (strcmp(argv[1], "emit") == 0)
        emit(client, number, strtoull(argv[3], NULL, 10));
    else
        ask(client, number, strtod(argv[3], NULL));
    oyez_client_close(&client);
    return 0;
}
