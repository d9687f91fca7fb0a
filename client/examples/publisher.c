// SPDX-License-Identifier: MIT
// usage: example-publisher DIR
// A publisher with a correlation id of its own, on both paths: what must not be lost is waited for
// until it is on disk; what may be lost goes out at once, and what is lost of it is counted.
#include <oyez/client.h>
#include <oyez/local.h>
#include <stdio.h>

static oyez_err publish_order(oyez_client *client)
{
    const struct oyez_event order = {.event_type = "order.created",
                                     .details = "{\"order_id\":\"123\",\"amount\":100.00}"};
    struct oyez_receipt receipt;
    oyez_err err = oyez_client_emit_wait(client, &order, OYEZ_LEVEL_RECORDED, 10000, &receipt);
    if (err == OYEZ_OK)
        printf("order.created is recorded at index %d\n", (int)receipt.index - 1);
    return err;
}

// By its catalog this type is fast.
static oyez_err publish_thought(oyez_client *client)
{
    const struct oyez_event thought = {.event_type = "agent.thinking",
                                       .run_id = "run-1",
                                       .thread_id = "t-1",
                                       .details = "{\"agent\":\"scout\",\"thought\":\"Hm.\"}"};
    return oyez_client_emit(client, &thought, NULL);
}

static oyez_err print_event(oyez_subscription *subscription)
{
    const struct oyez_event *event;
    oyez_err err = oyez_subscription_receive(subscription, &event, 5000);
    if (err == OYEZ_OK)
        printf("%s, correlation %s, %s\n", event->event_type, event->correlation_id,
               event->stamp.lane == OYEZ_LANE_FAST ? "fast" : "durable");
    return err;
}

int main(int argc, char **argv)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_subscription *subscription = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    const struct oyez_local_options options = {.directory = argv[1]};
    const struct oyez_event defaults = {.correlation_id = "checkout-7"};
    const struct oyez_client_options publisher = {.name = "publisher", .defaults = &defaults};
    const struct oyez_subscription_options everything = {0};

    oyez_err err = oyez_local_open(&bus, &options);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, &publisher);
    if (err == OYEZ_OK)
        err = oyez_subscription_open(&subscription, client, &everything, 5000);
    if (err == OYEZ_OK)
        err = publish_order(client);
    if (err == OYEZ_OK)
        err = publish_thought(client);
    for (int i = 0; err == OYEZ_OK && i < 2; i++)
        err = print_event(subscription);
    struct oyez_client_counters counters;
    oyez_client_get_counters(client, &counters);
    printf("emitted %d, fast ones lost %d\n", (int)counters.emitted, (int)counters.fast_lost);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_subscription_close(&subscription);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
