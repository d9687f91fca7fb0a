// SPDX-License-Identifier: MIT
// Details as a struct of their event type, out and in: the compiler knows their fields. What is too
// long for its field, where the catalog says so, is cut, and says that it was.
#include <oyez/catalog/cleveragents.h>
#include <oyez/client.h>
#include <oyez/local.h>
#include <oyez/message.h>
#include <stdio.h>
#include <string.h>

#define FIELDS oyez_catalogs_cleveragents_ToolCompleted_fields

static oyez_err emit_completed(oyez_client *client)
{
    char tool[] = "run_tests";
    char result[20001];
    memset(result, 'x', sizeof result - 1);
    result[sizeof result - 1] = '\0';
    const struct oyez_event event = {.event_type = "tool.completed", .plan_id = "plan-1"};
    const oyez_catalogs_cleveragents_ToolCompleted details = {.tool = tool,
                                                              .result = result,
                                                              .has_exit_code = true,
                                                              .exit_code = 0,
                                                              .has_duration_ms = true,
                                                              .duration_ms = 1840};
    return oyez_client_emit_message(client, &event, FIELDS, &details, NULL);
}

static oyez_err print_completed(oyez_subscription *subscription)
{
    const struct oyez_event *event;
    oyez_catalogs_cleveragents_ToolCompleted details;
    oyez_err err = oyez_subscription_receive(subscription, &event, 5000);
    // Also where the emitter gave JSON.
    if (err == OYEZ_OK)
        err = oyez_event_message(event, FIELDS, &details);
    if (err != OYEZ_OK)
        return err;
    const char *mark = details.result + strspn(details.result, "x");
    printf("%s took %u ms; its result ends in %s\n", details.tool, (unsigned)details.duration_ms,
           mark);
    oyez_message_release(FIELDS, &details);
    return OYEZ_OK;
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_subscription *subscription = NULL;
    const char *patterns[] = {"tool.*"};
    const struct oyez_subscription_options tools = {.patterns = patterns, .pattern_count = 1};

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_subscription_open(&subscription, client, &tools, 5000);
    if (err == OYEZ_OK)
        err = emit_completed(client);
    if (err == OYEZ_OK)
        err = print_completed(subscription);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_subscription_close(&subscription);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
