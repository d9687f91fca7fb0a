// SPDX-License-Identifier: MIT
// Emits one event and waits until the broker has stamped it.
#include <oyez/client.h>
#include <stdio.h>

int main(void)
{
    // NULL: the broker of OYEZ_ENDPOINT, else tcp://127.0.0.1:5570. Wait 5 s for it.
    oyez_client *client = NULL;
    oyez_err err = oyez_client_open(&client, NULL, 5000);
    if (err != OYEZ_OK) {
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
        return 1;
    }

    // Fill in what you know and leave the rest zero. Time and event id are given at emit.
    struct oyez_event event = {
        .event_type = "plan.created",
        .plan_id = "plan-1",
        .phase = "strategize",
        .state = "queued",
        .actor_type = "agent",
        .actor_id = "planner",
        .details = "{\"goal\": \"Water the plants\"}",
    };
    struct oyez_receipt receipt;
    err = oyez_client_emit_wait(client, &event, OYEZ_LEVEL_SENT, 5000, &receipt);
    if (err == OYEZ_OK)
        printf("plan.created is event %llu of this broker\n", (unsigned long long)receipt.position);
    else
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_client_close(&client);
    return err == OYEZ_OK ? 0 : 1;
}
