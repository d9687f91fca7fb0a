// SPDX-License-Identifier: MIT
// What breaks a rule is refused where it is emitted, and the detail says what is wrong with it.
#include <oyez/client.h>
#include <oyez/local.h>
#include <stdio.h>

static void try(oyez_client *client, const struct oyez_event *event)
{
    oyez_err err = oyez_client_emit(client, event, NULL);
    printf("%s\n  %s\n", oyez_strerror(err), err != OYEZ_OK ? oyez_error_detail() : "taken");
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    const struct oyez_event unknown = {.event_type = "plan.craeted"};
    const struct oyez_event field = {.event_type = "tool.invoked",
                                     .details = "{\"tool\":\"run_tests\",\"tol\":1}"};
    const struct oyez_event missing = {.event_type = "tool.invoked"};
    const struct oyez_event kind = {.event_type = "tool.invoked", .details = "{\"tool\":7}"};
    const struct oyez_event header = {.event_type = "agent.thinking", .details = "{}"};
    const struct oyez_event good = {.event_type = "tool.invoked",
                                    .details = "{\"tool\":\"run_tests\"}"};

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err != OYEZ_OK) {
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    } else {
        try(NULL, &good); // arguments are judged like events
        try(client, NULL);
        try(client, &unknown);
        try(client, &field);
        try(client, &missing);
        try(client, &kind);
        try(client, &header);
        try(client, &good);
    }

    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
