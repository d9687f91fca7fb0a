// SPDX-License-Identifier: MIT
// Whatever is emitted within a plan has the plan's ids, phase and state, though nobody passes them.
#include <oyez/client.h>
#include <oyez/context.h>
#include <oyez/local.h>
#include <stdio.h>

// Deep in the program: it knows nothing of plans.
static oyez_err run_tool(oyez_client *client, const char *details)
{
    const struct oyez_event event = {.event_type = "tool.invoked", .details = details};
    return oyez_client_emit(client, &event, NULL);
}

static oyez_err work_on_plan(oyez_client *client)
{
    char workflow[OYEZ_UUID_TEXT_SIZE];
    oyez_correlation_id_new(workflow);
    const struct oyez_event plan = {.correlation_id = workflow,
                                    .plan_id = "plan-2",
                                    .root_plan_id = "plan-1",
                                    .phase = "execute",
                                    .state = "processing",
                                    .project_name = "shop"};
    const struct oyez_event actor = {.actor_name = "builder"};
    oyez_err err = oyez_context_push(&plan);
    if (err != OYEZ_OK)
        return err;
    err = run_tool(client, "{\"tool\":\"read_file\"}");
    if (err == OYEZ_OK && (err = oyez_context_push(&actor)) == OYEZ_OK) {
        err = run_tool(client, "{\"tool\":\"run_tests\"}");
        oyez_context_pop();
    }
    oyez_context_pop();
    return err;
}

static oyez_err print_event(oyez_subscription *subscription)
{
    const struct oyez_event *event;
    oyez_err err = oyez_subscription_receive(subscription, &event, 5000);
    if (err == OYEZ_OK)
        printf("%s: plan %s of %s, %s, %s, by %s, workflow %s\n", event->event_type, event->plan_id,
               event->root_plan_id, event->phase, event->state,
               event->actor_name != NULL ? event->actor_name : "nobody", event->correlation_id);
    return err;
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
    if (err == OYEZ_OK)
        err = work_on_plan(client);
    for (int i = 0; err == OYEZ_OK && i < 2; i++)
        err = print_event(subscription);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_subscription_close(&subscription);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
