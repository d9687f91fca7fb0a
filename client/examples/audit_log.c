// SPDX-License-Identifier: MIT
// usage: example-audit_log DIR
// What is emitted is in the record, on disk, once the receipt says so; and is read from there. What
// is emitted again under the same id is not recorded twice.
#include <oyez/client.h>
#include <oyez/local.h>
#include <oyez/query.h>
#include <stdio.h>

static oyez_err emit_plan(oyez_client *client, struct oyez_uuid id, const char *plan)
{
    const struct oyez_event event = {.event_id = id,
                                     .event_type = "plan.created",
                                     .plan_id = plan,
                                     .root_plan_id = plan,
                                     .phase = "strategize",
                                     .state = "queued",
                                     .details = "{\"goal\":\"Take direct debits\"}"};
    struct oyez_receipt receipt;
    oyez_err err = oyez_client_emit_wait(client, &event, OYEZ_LEVEL_RECORDED, 10000, &receipt);
    if (err == OYEZ_OK)
        printf("%s: %s\n", plan, receipt.duplicate ? "was there before" : "recorded");
    return err;
}

static oyez_err print_record(oyez_client *client)
{
    oyez_query *query = NULL;
    const struct oyez_event *event;
    oyez_err err = oyez_query_open(&query, client, NULL);
    while (err == OYEZ_OK && (err = oyez_query_next(query, &event, 10000)) == OYEZ_OK)
        printf("%d %s %s\n", (int)event->stamp.index - 1, event->event_type, event->plan_id);
    oyez_query_close(&query);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err; // there are no more
}

int main(int argc, char **argv)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    const struct oyez_local_options options = {.directory = argv[1]};
    const struct oyez_uuid id = oyez_uuid_new();

    oyez_err err = oyez_local_open(&bus, &options);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = emit_plan(client, id, "plan-1");
    if (err == OYEZ_OK)
        err = emit_plan(client, id, "plan-1"); // somebody was not sure, and tries again
    if (err == OYEZ_OK)
        err = emit_plan(client, oyez_uuid_new(), "plan-2");
    if (err == OYEZ_OK)
        err = print_record(client);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
