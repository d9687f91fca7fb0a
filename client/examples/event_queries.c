// SPDX-License-Identifier: MIT
// usage: example-event_queries DIR
// One view over everything that was recorded: recent events, those of a deal, those of an agent's
// run, one event by its id, and counts.
#include <oyez/client.h>
#include <oyez/json.h>
#include <oyez/local.h>
#include <oyez/query.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEAL "0192f3a4-7c1e-7b52-9d0e-3f6a1c5b2e01"

static oyez_err emit_all(oyez_client *client, struct oyez_uuid *last)
{
    const struct oyez_event events[] = {
        {.event_type = "deal.created",
         .correlation_id = "nordlicht",
         .details = "{\"deal_id\":\"" DEAL "\",\"name\":\"Nordlicht\",\"stage\":\"inbound\"}"},
        {.event_type = "agent.run_started",
         .correlation_id = "nordlicht",
         .run_id = "run-1",
         .thread_id = "t-1",
         .details = "{\"agent\":\"scout\",\"goal\":\"Is the price fair?\"}"},
        {.event_type = "action.approved",
         .details = "{\"action_id\":\"act-1\",\"approved_by\":\"dana@deals.example\"}"},
    };
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < 3; i++)
        err = oyez_client_emit(client, &events[i], last);
    return err == OYEZ_OK ? oyez_client_flush(client, OYEZ_LEVEL_RECORDED, 10000) : err;
}

static oyez_err print_all(oyez_client *client, const char *title,
                          const struct oyez_query_options *options)
{
    oyez_query *query = NULL;
    const struct oyez_event *event;
    printf("%s:", title);
    oyez_err err = oyez_query_open(&query, client, options);
    while (err == OYEZ_OK && (err = oyez_query_next(query, &event, 10000)) == OYEZ_OK)
        printf(" %s", event->event_type);
    printf("\n");
    oyez_query_close(&query);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static oyez_err print_queries(oyez_client *client)
{
    const char *deal[] = {"correlation_id=nordlicht"};
    const char *run[] = {"run_id=run-1"};
    oyez_err err =
        print_all(client, "recent", &(struct oyez_query_options){.reverse = true, .limit = 2});
    if (err == OYEZ_OK)
        err = print_all(client, "of the deal",
                        &(struct oyez_query_options){.conditions = deal, .condition_count = 1});
    if (err == OYEZ_OK)
        err = print_all(client, "of the run",
                        &(struct oyez_query_options){.conditions = run, .condition_count = 1});
    return err;
}

static oyez_err print_one(oyez_client *client, struct oyez_uuid id)
{
    struct oyez_event *event = NULL;
    oyez_err err = oyez_client_get(client, id, &event, 10000);
    if (err == OYEZ_OK)
        printf("one: %s\n", event->event_type);
    oyez_event_free(&event);
    return err;
}

static oyez_err print_counts(oyez_client *client)
{
    const struct oyez_stats_options options = {.by = OYEZ_STATS_BY_DOMAIN};
    struct oyez_stats_group *groups = NULL;
    size_t count;
    oyez_err err = oyez_client_stats(client, &options, &groups, &count, 10000);
    for (size_t i = 0; err == OYEZ_OK && i < count; i++)
        printf("%s: %d\n", groups[i].key, (int)groups[i].count);
    free(groups);
    return err;
}

int main(int argc, char **argv)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    struct oyez_uuid last;
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIR\n", argv[0]);
        return 2;
    }
    const struct oyez_local_options options = {.directory = argv[1]};

    oyez_err err = oyez_local_open(&bus, &options);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = emit_all(client, &last);
    if (err == OYEZ_OK)
        err = print_queries(client);
    if (err == OYEZ_OK)
        err = print_one(client, last);
    if (err == OYEZ_OK)
        err = print_counts(client);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
