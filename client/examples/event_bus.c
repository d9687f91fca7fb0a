// SPDX-License-Identifier: MIT
// A bus with handlers: each type of event has its own, one hears everything, one is unsubscribed;
// what a handler emits has the event that it handles as its cause.
#include <oyez/client.h>
#include <oyez/local.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

struct application {
    oyez_client *client;
    sem_t done; // posted once an alert has been seen
};

static void on_action_evaluated(void *arg, const struct oyez_event *event)
{
    struct application *application = arg;
    // Details that have come are no text: they end with their size.
    printf("evaluated: %.*s\n", (int)event->details_size, (const char *)event->details);
    if (memmem(event->details, event->details_size, "\"DENY\"", 6) == NULL)
        return;
    const struct oyez_event alert = {
        .event_type = "system.error",
        .details = "{\"service\":\"governance\",\"error_message\":\"an action was denied\"}"};
    if (oyez_client_emit(application->client, &alert, NULL) != OYEZ_OK)
        printf("no alert: %s\n", oyez_error_detail());
}

static void on_anything(void *arg, const struct oyez_event *event)
{
    struct application *application = arg;
    if (strcmp(event->event_type, "system.error") != 0)
        return;
    printf("alert, %s\n", event->causation_id != NULL ? "with its cause" : "from nowhere");
    sem_post(&application->done);
}

static void on_login(void *arg, const struct oyez_event *event)
{
    (void)arg;
    printf("login: %.*s\n", (int)event->details_size, (const char *)event->details);
}

static oyez_err subscribe(oyez_subscription **out, struct application *application,
                          const char *type, oyez_event_handler *handler)
{
    const char *patterns[] = {type};
    const struct oyez_subscription_options options = {
        .patterns = patterns, .pattern_count = 1, .handler = handler, .handler_arg = application};
    return oyez_subscription_open(out, application->client, &options, 5000);
}

static oyez_err publish(oyez_client *client)
{
    const struct oyez_event login = {
        .event_type = "UserLoggedInEvent",
        .details = "{\"username\":\"mika\",\"session_id\":\"s-1\",\"ip_address\":\"::1\"}"};
    const struct oyez_event denied = {
        .event_type = "ActionEvaluatedEvent",
        .details = "{\"action\":\"test\",\"decision\":\"DENY\",\"violated_law\":\"FIRST_LAW\","
                   "\"rationale\":\"Endangers user\"}"};
    oyez_err err = oyez_client_emit(client, &login, NULL);
    return err == OYEZ_OK ? oyez_client_emit(client, &denied, NULL) : err;
}

int main(void)
{
    oyez_local *bus = NULL;
    struct application application = {0};
    oyez_subscription *evaluated = NULL;
    oyez_subscription *anything = NULL;
    oyez_subscription *login = NULL;
    sem_init(&application.done, 0, 0);

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &application.client, NULL);
    if (err == OYEZ_OK)
        err = subscribe(&evaluated, &application, "ActionEvaluatedEvent", on_action_evaluated);
    if (err == OYEZ_OK)
        err = subscribe(&anything, &application, "*", on_anything);
    if (err == OYEZ_OK)
        err = subscribe(&login, &application, "UserLoggedInEvent", on_login);
    oyez_subscription_close(&login); // from here on it hears nothing any more

    if (err == OYEZ_OK)
        err = publish(application.client);
    if (err == OYEZ_OK)
        sem_wait(&application.done);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_subscription_close(&evaluated);
    oyez_subscription_close(&anything);
    oyez_client_close(&application.client);
    oyez_local_close(&bus);
    sem_destroy(&application.done);
    return err == OYEZ_OK ? 0 : 1;
}
