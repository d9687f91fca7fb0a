// SPDX-License-Identifier: MIT
// A bus and a record inside this process: no daemon, no port. Usage: local DIRECTORY
// Emits an order, waits until it is on the disk, and reads it back from the record.
#include <inttypes.h>
#include <oyez/handler.h>
#include <oyez/json.h>
#include <oyez/local.h>
#include <oyez/query.h>
#include <stdio.h>

// A full disk ends nothing here: it is told, and the status of the client says so.
static void take_failure(void *arg, oyez_err err, const char *line)
{
    (void)arg;
    fprintf(stderr, "not recorded any more: %s: %s\n", oyez_strerror(err), line);
}

static oyez_err take_order(void *arg, const struct oyez_event *event)
{
    (void)arg;
    printf("live: %s\n", event->event_type);
    return OYEZ_OK;
}

static oyez_err emit_and_read(oyez_client *client)
{
    const struct oyez_event order = {.event_type = "order.created",
                                     .details = "{\"order_id\": \"123\", \"amount\": 100}"};
    struct oyez_receipt receipt;
    struct oyez_event *event = NULL;
    oyez_err err = oyez_client_emit_wait(client, &order, OYEZ_LEVEL_RECORDED, 5000, &receipt);
    if (err == OYEZ_OK) {
        printf("recorded at %" PRIu64 "\n", receipt.position);
        err = oyez_client_get(client, receipt.event_id, &event, 5000);
    }
    if (err == OYEZ_OK)
        printf("read back: %.*s\n", (int)event->details_size, (const char *)event->details);
    oyez_event_free(&event);
    return err;
}

int main(int argc, char **argv)
{
    oyez_local *local = NULL;
    oyez_client *client = NULL;
    const struct oyez_local_options options = {.directory = argc > 1 ? argv[1] : "oyez-data",
                                               .on_failed = take_failure};
    oyez_err err = oyez_local_open(&local, &options);
    if (err == OYEZ_OK)
        err = oyez_local_client(local, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_client_handle(client, "order.*", take_order, NULL);
    if (err == OYEZ_OK)
        err = emit_and_read(client);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    oyez_client_close(&client);
    oyez_local_close(&local);
    return err == OYEZ_OK ? 0 : 1;
}
