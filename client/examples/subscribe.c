// SPDX-License-Identifier: MIT
// Prints the next three events of plans, then ends. A minute without one ends it too.
#include <oyez/client.h>
#include <oyez/json.h>
#include <stdio.h>
#include <stdlib.h>

static oyez_err print_event(const struct oyez_event *event)
{
    char *line = NULL;
    size_t size;
    oyez_err err = oyez_event_to_json(event, &line, &size);
    if (err == OYEZ_OK)
        puts(line);
    free(line);
    return err;
}

int main(void)
{
    oyez_client *client = NULL;
    oyez_subscription *subscription = NULL;
    const char *patterns[] = {"plan.*"};
    // Without a handler the events are pulled; with one, a thread of the client calls it.
    struct oyez_subscription_options options = {.patterns = patterns, .pattern_count = 1};

    oyez_err err = oyez_client_open(&client, NULL, 5000);
    if (err == OYEZ_OK)
        err = oyez_subscription_open(&subscription, client, &options, 5000);
    // From here on no event of a plan is missed.
    if (err == OYEZ_OK)
        fprintf(stderr, "listening\n");

    for (int i = 0; err == OYEZ_OK && i < 3; i++) {
        const struct oyez_event *event; // valid until the next receive
        err = oyez_subscription_receive(subscription, &event, 60000);
        if (err == OYEZ_OK)
            err = print_event(event);
    }
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_subscription_close(&subscription);
    oyez_client_close(&client);
    return err == OYEZ_OK ? 0 : 1;
}
