// SPDX-License-Identifier: MIT
// Functions that tell what became of them: one event on success, or three with their cause.
#include <oyez/client.h>
#include <oyez/local.h>
#include <oyez/operation.h>
#include <stdio.h>
#include <string.h>

// One event, with details from the result; none when it fails.
static oyez_err move_deal(oyez_client *client, const char *stage)
{
    const struct oyez_event fields = {.correlation_id = "nordlicht"};
    OYEZ_OPERATION(move, client, .completed = "deal.stage_changed", .fields = &fields);
    if (strcmp(stage, "closed") == 0)
        return OYEZ_ERR_REFUSED; // the business says no
    char details[160];
    snprintf(details, sizeof details,
             "{\"deal_id\":\"0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e01\",\"from_stage\":\"inbound\","
             "\"to_stage\":\"%s\"}",
             stage);
    return oyez_operation_complete(&move, details);
}

// Three events: it began, and how it ended, whichever way it is left.
static oyez_err ask_model(oyez_client *client, const char *answer)
{
    OYEZ_OPERATION(asked, client, .started = "actor.invoked", .completed = "actor.completed",
                   .failed = "actor.errored", .started_details = "{\"actor\":\"coder\"}",
                   .failed_details = "{\"actor\":\"coder\"}");
    if (answer == NULL)
        return OYEZ_ERR_TIMEOUT;
    if (answer[0] == '\0')
        return oyez_operation_fail(&asked, "the model answered with nothing", NULL);
    return oyez_operation_complete(&asked, "{\"actor\":\"coder\",\"finish_reason\":\"stop\"}");
}

// Details that have come are no text: they end with their size.
static bool has(const struct oyez_event *event, const char *part)
{
    return memmem(event->details, event->details_size, part, strlen(part)) != NULL;
}

static oyez_err print_event(oyez_subscription *subscription)
{
    const struct oyez_event *event;
    oyez_err err = oyez_subscription_receive(subscription, &event, 5000);
    if (err != OYEZ_OK)
        return err;
    printf("%s%s%s%s\n", event->event_type, event->causation_id != NULL ? ", caused" : "",
           has(event, "\"duration_ms\":") ? ", timed" : "",
           has(event, "\"error_message\":") ? ", with a reason" : "");
    return OYEZ_OK;
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_subscription *subscription = NULL;
    const struct oyez_subscription_options everything = {0};

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_subscription_open(&subscription, client, &everything, 5000);
    if (err == OYEZ_OK) {
        (void)move_deal(client, "closed");
        (void)move_deal(client, "screening");
        (void)ask_model(client, "int main (void)");
        (void)ask_model(client, "");
        (void)ask_model(client, NULL);
    }
    for (int i = 0; err == OYEZ_OK && i < 7; i++)
        err = print_event(subscription);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_subscription_close(&subscription);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
