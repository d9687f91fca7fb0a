// SPDX-License-Identifier: MIT
// A stream: of all that happens, only the failures of one plan; what they cost so far; the first two.
#include <oyez/catalog/cleveragents.h>
#include <oyez/client.h>
#include <oyez/local.h>
#include <oyez/message.h>
#include <oyez/stream.h>
#include <stdio.h>
#include <string.h>

#define FIELDS oyez_catalogs_cleveragents_ToolErrored_fields

struct cost {
    unsigned failures;
    unsigned long milliseconds;
};

static bool is_failure(void *arg, const struct oyez_stream_item *item)
{
    (void)arg;
    const char *type = item->event->event_type;
    size_t size = strlen(type);
    return size > 8 && strcmp(type + size - 8, ".errored") == 0;
}

static oyez_err add_cost(void *arg, const struct oyez_stream_item *item, void *state)
{
    (void)arg;
    struct cost *cost = state;
    oyez_catalogs_cleveragents_ToolErrored details;
    oyez_err err = oyez_event_message(item->event, FIELDS, &details);
    if (err != OYEZ_OK)
        return err; // the item is left out
    cost->failures++;
    cost->milliseconds += details.duration_ms;
    oyez_message_release(FIELDS, &details);
    return OYEZ_OK;
}

static oyez_err emit(oyez_client *client, const char *type, const char *plan, const char *details)
{
    const struct oyez_event event = {.event_type = type, .plan_id = plan, .details = details};
    return oyez_client_emit(client, &event, NULL);
}

static oyez_err emit_some(oyez_client *client)
{
    static const char failed[] =
        "{\"tool\":\"run_tests\",\"error_message\":\"no space\",\"duration_ms\":120}";
    static const char late[] =
        "{\"tool\":\"run_tests\",\"error_message\":\"too slow\",\"duration_ms\":2000}";
    oyez_err err = emit(client, "tool.invoked", "plan-1", "{\"tool\":\"run_tests\"}");
    if (err == OYEZ_OK)
        err = emit(client, "tool.errored", "plan-1", failed);
    if (err == OYEZ_OK)
        err = emit(client, "tool.errored", "plan-2", failed);
    if (err == OYEZ_OK)
        err = emit(client, "tool.errored", "plan-1", late);
    return err;
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_stream *stream = NULL;
    const char *of_plan[] = {"plan_id=plan-1"};
    struct oyez_stream_item item;

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_stream_open(&stream, client, NULL, 5000);
    // What is wrong here, the first oyez_stream_next says.
    oyez_stream_where(stream, of_plan, 1);
    oyez_stream_filter(stream, is_failure, NULL);
    oyez_stream_scan(stream, add_cost, NULL, NULL, sizeof(struct cost));
    oyez_stream_take(stream, 2);

    if (err == OYEZ_OK)
        err = emit_some(client);
    while (err == OYEZ_OK && (err = oyez_stream_next(stream, &item, 5000)) == OYEZ_OK) {
        const struct cost *cost = item.value;
        printf("%s: failure %u, %lu ms lost so far\n", item.event->event_type, cost->failures,
               cost->milliseconds);
    }
    if (err == OYEZ_ERR_NOT_FOUND) // it has ended: take has had its two
        err = OYEZ_OK;
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_stream_close(&stream);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
