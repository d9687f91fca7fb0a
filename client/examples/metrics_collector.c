// SPDX-License-Identifier: MIT
// A metrics collector: counts of each domain and how long tools take, from the events themselves, in
// the text form that Prometheus reads.
#include <oyez/catalog.h>
#include <oyez/catalog/cleveragents.h>
#include <oyez/client.h>
#include <oyez/local.h>
#include <oyez/message.h>
#include <oyez/stream.h>
#include <stdio.h>
#include <string.h>

#define DOMAINS_MAX 16
#define FIELDS oyez_catalogs_cleveragents_ToolCompleted_fields

struct metrics {
    char domains[DOMAINS_MAX][32];
    unsigned long counts[DOMAINS_MAX];
    unsigned long tool_runs;
    unsigned long tool_milliseconds;
};

static void count_domain(struct metrics *metrics, const char *type)
{
    const struct oyez_type *known = oyez_type_find(type, strlen(type));
    const char *domain = known != NULL ? known->domain : "unknown";
    for (size_t i = 0; i < DOMAINS_MAX; i++) {
        if (metrics->domains[i][0] == '\0')
            snprintf(metrics->domains[i], sizeof metrics->domains[i], "%s", domain);
        if (strcmp(metrics->domains[i], domain) == 0) {
            metrics->counts[i]++;
            return;
        }
    }
}

static oyez_err collect(void *arg, const struct oyez_stream_item *item, void *state)
{
    (void)arg;
    struct metrics *metrics = state;
    const struct oyez_event *event = item->event;
    count_domain(metrics, event->event_type);
    if (strcmp(event->event_type, "tool.completed") != 0)
        return OYEZ_OK;
    oyez_catalogs_cleveragents_ToolCompleted details;
    oyez_err err = oyez_event_message(event, FIELDS, &details);
    if (err != OYEZ_OK)
        return err;
    metrics->tool_runs++;
    metrics->tool_milliseconds += details.duration_ms;
    oyez_message_release(FIELDS, &details);
    return OYEZ_OK;
}

static void print_metrics(const struct metrics *metrics)
{
    printf("# TYPE events_total counter\n");
    for (size_t i = 0; i < DOMAINS_MAX && metrics->domains[i][0] != '\0'; i++)
        printf("events_total{domain=\"%s\"} %lu\n", metrics->domains[i], metrics->counts[i]);
    printf("# TYPE tool_seconds summary\n");
    printf("tool_seconds_sum %lu.%03lu\n", metrics->tool_milliseconds / 1000,
           metrics->tool_milliseconds % 1000);
    printf("tool_seconds_count %lu\n", metrics->tool_runs);
}

static oyez_err emit_some(oyez_client *client)
{
    static const struct oyez_event events[] = {
        {.event_type = "tool.invoked", .details = "{\"tool\":\"read_file\"}"},
        {.event_type = "tool.completed", .details = "{\"tool\":\"read_file\",\"duration_ms\":40}"},
        {.event_type = "actor.invoked", .details = "{\"actor\":\"coder\"}"},
        {.event_type = "tool.completed",
         .details = "{\"tool\":\"run_tests\",\"duration_ms\":1500}"},
    };
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < 4; i++)
        err = oyez_client_emit(client, &events[i], NULL);
    return err;
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_stream *stream = NULL;
    struct oyez_stream_item item = {0};

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_stream_open(&stream, client, NULL, 5000);
    oyez_stream_scan(stream, collect, NULL, NULL, sizeof(struct metrics));
    oyez_stream_skip(stream, 3); // only the state after the fourth is shown
    oyez_stream_take(stream, 1);

    if (err == OYEZ_OK)
        err = emit_some(client);
    if (err == OYEZ_OK)
        err = oyez_stream_next(stream, &item, 5000);
    if (err == OYEZ_OK)
        print_metrics(item.value);
    else
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_stream_close(&stream);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    return err == OYEZ_OK ? 0 : 1;
}
