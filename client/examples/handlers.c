// SPDX-License-Identifier: MIT
// One event, three handlers: an inline one, that has run when emit returns; one on a thread of its
// own, that fails at first and is tried again; and a pool, that keeps each user's events in order.
#include <oyez/handler.h>
#include <oyez/local.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_int alarms;
static atomic_int counted;
static int evaluated;

// Runs within oyez_client_emit, on the thread that emits.
static oyez_err audit(void *arg, const struct oyez_event *event)
{
    (void)arg;
    evaluated++;
    printf("audit: %s for %s\n", event->event_type, event->correlation_id);
    return OYEZ_OK;
}

// The first call finds the line busy. Only that is tried again; anything else would be a dead letter
// at once.
static oyez_err raise_alarm(void *arg, const struct oyez_event *event)
{
    (void)arg;
    // Details have a size, and no NUL at their end.
    if (memmem(event->details, event->details_size, "\"DENY\"", 6) == NULL)
        return OYEZ_OK;
    if (atomic_fetch_add(&alarms, 1) == 0)
        return oyez_fail(OYEZ_ERR_BUSY, "the line is busy");
    printf("alarm: %s was denied something\n", event->correlation_id);
    return OYEZ_OK;
}

static oyez_err count(void *arg, const struct oyez_event *event)
{
    (void)arg;
    (void)event;
    atomic_fetch_add(&counted, 1);
    return OYEZ_OK;
}

static const char *const evaluations[] = {"ActionEvaluatedEvent"};
static const oyez_err busy[] = {OYEZ_ERR_BUSY};

static const struct oyez_handler_options handlers[] = {
    {.name = "audit",
     .patterns = evaluations,
     .pattern_count = 1,
     .run = audit,
     .mode = OYEZ_HANDLER_INLINE},
    {.name = "alarm",
     .patterns = evaluations,
     .pattern_count = 1,
     .run = raise_alarm,
     .timeout_ms = 2000,
     .retry = {.count = 3, .first_ms = 20, .errors = busy, .error_count = 1}},
    {.name = "count",
     .run = count,
     .mode = OYEZ_HANDLER_POOL,
     .threads = 2,
     .key = OYEZ_KEY_CORRELATION},
};

static oyez_err emit(oyez_client *client, const char *user, const char *decision)
{
    char details[128];
    snprintf(details, sizeof details,
             "{\"action\": \"delete_file\", \"decision\": \"%s\", \"rationale\": \"asked to\"}",
             decision);
    const struct oyez_event event = {
        .event_type = "ActionEvaluatedEvent", .correlation_id = user, .details = details};
    return oyez_client_emit(client, &event, NULL);
}

// Until the handler has settled so many events, in whichever way.
static void await(oyez_handler *handler, uint64_t events)
{
    struct oyez_handler_counters counters;
    do
        oyez_handler_get_counters(handler, &counters);
    while (counters.handled + counters.failed < events);
}

static oyez_err run(oyez_client *client)
{
    oyez_handler *open[3] = {NULL};
    oyez_err err = OYEZ_OK;
    for (int i = 0; i < 3 && err == OYEZ_OK; i++)
        err = oyez_handler_open(&open[i], client, &handlers[i], 5000);
    if (err == OYEZ_OK)
        err = emit(client, "ada", "ALLOW");
    if (err == OYEZ_OK)
        err = emit(client, "eve", "DENY");
    if (err == OYEZ_OK) {
        printf("emitted, and the audit has seen %d\n", evaluated);
        await(open[1], 2);
        await(open[2], 2);
        printf("counted: %d\n", atomic_load(&counted));
    }
    for (int i = 0; i < 3; i++)
        oyez_handler_close(&open[i]);
    return err;
}

int main(void)
{
    oyez_local *local = NULL;
    oyez_client *client = NULL;
    oyez_err err = oyez_local_open(&local, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(local, &client, NULL);
    if (err == OYEZ_OK)
        err = run(client);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    oyez_client_close(&client);
    oyez_local_close(&local);
    return err == OYEZ_OK ? 0 : 1;
}
