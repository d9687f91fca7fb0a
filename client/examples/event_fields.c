// SPDX-License-Identifier: MIT
// An event with the fields that tie it to others, as text and back: nothing is lost on the way.
#include <oyez/catalog.h>
#include <oyez/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(oyez_err err)
{
    fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    return 1;
}

int main(void)
{
    const struct oyez_event event = {
        .event_id = oyez_uuid_new(), // of version 7: ids sort by time
        .event_type = "ActionEvaluatedEvent",
        .occurred_at = INT64_C(1773826200000000000),
        .schema_version = "1.0.0",
        .correlation_id = "loop-7",
        .causation_id = "0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e01",
        .actor_type = "ai",
        .actor_name = "planner",
        .plan_id = "plan-2",
        .root_plan_id = "plan-1",
        .session_id = "session-3",
        .project_name = "shop",
        .user_id = "u-20c4e7f",
        .aggregate_id = "agent-7",
        .aggregate_type = "Agent",
        .has_aggregate_version = true,
        .aggregate_version = 3,
        .tags = {{"team", "payments"}},
        .details = "{\"action\":\"overwrite_database\",\"decision\":\"DENY\","
                   "\"violated_law\":\"SECOND_LAW\",\"rationale\":\"People asked to keep it\"}",
    };
    char *text = NULL;
    char *again = NULL;
    size_t size;
    struct oyez_event *read = NULL;

    oyez_err err = oyez_event_check(&event);
    if (err == OYEZ_OK)
        err = oyez_event_to_json(&event, &text, &size);
    if (err == OYEZ_OK)
        err = oyez_event_from_json(&read, text, size);
    if (err == OYEZ_OK)
        err = oyez_event_to_json(read, &again, &size);
    if (err != OYEZ_OK)
        return fail(err);
    puts(text);
    puts(strcmp(text, again) == 0 ? "the same again" : "something got lost");
    oyez_event_free(&read);
    free(text);
    free(again);
    return 0;
}
