// SPDX-License-Identifier: MIT
// A line of diagnostics for every event of governance, beside whatever else listens.
#include <oyez/client.h>
#include <oyez/event_lines.h>
#include <oyez/local.h>
#include <stdio.h>

static oyez_err emit(oyez_client *client, const char *type, const char *details)
{
    const struct oyez_event event = {.event_type = type, .user_id = "okafor", .details = details};
    return oyez_client_emit(client, &event, NULL);
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_event_lines *lines = NULL;
    const char *patterns[] = {"@projectai/governance"};
    const struct oyez_event_lines_options options = {
        .patterns = patterns, .pattern_count = 1, .file = stdout};

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_event_lines_open(&lines, client, &options, 5000);
    if (err == OYEZ_OK)
        err = emit(client, "ActionEvaluatedEvent",
                   "{\"action\":\"read_calendar\",\"decision\":\"ALLOW\","
                   "\"rationale\":\"All laws satisfied\"}");
    if (err == OYEZ_OK)
        err = emit(client, "OverrideActivatedEvent",
                   "{\"override_type\":\"emergency\",\"justification\":\"The backup is old\","
                   "\"activated_by\":\"okafor\"}");
    // Lines are written on a thread of the client: for two events there are two of them.
    struct oyez_client_counters counters = {0};
    while (err == OYEZ_OK && counters.received < 2) {
        err = oyez_client_flush(client, OYEZ_LEVEL_SENT, 5000);
        oyez_client_get_counters(client, &counters);
    }
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_event_lines_close(&lines); // after it no line is being written
    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
