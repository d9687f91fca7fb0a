// SPDX-License-Identifier: MIT
// What a scenario of catalogs needs from C: details emitted as protobuf, and old events read in a
// new shape.
//   catalog_client emit TYPE JSON    converts by the catalogs of OYEZ_CATALOGS, waits for the record
//   catalog_client upcast TYPE COUNT reads as many events of versions 1 and 2 as version 3, twice
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/catalog.h"
#include "oyez/client.h"
#include "oyez/query.h"
#include "oyez/versioning.h"

#define TIMEOUT_MS 20000u

static oyez_err emit(oyez_client *client, const char *type, const char *json)
{
    const struct oyez_event text = {.event_type = type, .details = json};
    struct oyez_event event = {.event_type = type, .details_format = OYEZ_DETAILS_PROTOBUF};
    uint8_t *bytes = NULL;
    oyez_err err = oyez_event_details_protobuf(&text, &bytes, &event.details_size);
    event.details = bytes;
    if (err == OYEZ_OK)
        err = oyez_client_emit_wait(client, &event, OYEZ_LEVEL_RECORDED, TIMEOUT_MS, NULL);
    free(bytes);
    return err;
}

static bool read_number(const char *details, const char *before, long *number)
{
    size_t size = strlen(before);
    char *end;
    if (strncmp(details, before, size) != 0)
        return false;
    *number = strtol(details + size, &end, 10);
    return end != details + size;
}

// {"cents":N} becomes {"amount":N}.
static oyez_err to_second(void *arg, const struct oyez_event *event, const char *details,
                          char **upcast)
{
    long cents = -1;
    (void)arg;
    (void)event;
    if (!read_number(details, "{\"cents\":", &cents) ||
        asprintf(upcast, "{\"amount\":%ld}", cents) < 0)
        return OYEZ_ERR_INVALID;
    return OYEZ_OK;
}

// It gets a currency.
static oyez_err to_third(void *arg, const struct oyez_event *event, const char *details,
                         char **upcast)
{
    long amount = -1;
    (void)arg;
    (void)event;
    if (!read_number(details, "{\"amount\":", &amount) ||
        asprintf(upcast, "{\"amount\":%ld,\"currency\":\"EUR\"}", amount) < 0)
        return OYEZ_ERR_INVALID;
    return OYEZ_OK;
}

static void print(const char *by, const struct oyez_event *event)
{
    char *json = NULL;
    size_t size;
    if (oyez_event_details_json(event, &json, &size) == OYEZ_OK)
        printf("%s %" PRIu64 " %s %s\n", by, event->stamp.position, event->schema_version, json);
    free(json);
}

static oyez_err read_by_subscription(oyez_client *client, const char *type, unsigned count)
{
    const struct oyez_subscription_options options = {
        .patterns = &type, .pattern_count = 1, .from = OYEZ_FROM_FIRST};
    oyez_subscription *subscription = NULL;
    const struct oyez_event *event;
    oyez_err err = oyez_subscription_open(&subscription, client, &options, TIMEOUT_MS);
    for (unsigned i = 0; err == OYEZ_OK && i < count; i++) {
        err = oyez_subscription_receive(subscription, &event, TIMEOUT_MS);
        if (err == OYEZ_OK)
            print("subscription", event);
    }
    oyez_subscription_close(&subscription);
    return err;
}

static oyez_err read_by_query(oyez_client *client, const char *type)
{
    const struct oyez_query_options options = {.patterns = &type, .pattern_count = 1};
    oyez_query *query = NULL;
    const struct oyez_event *event;
    oyez_err err = oyez_query_open(&query, client, &options);
    while (err == OYEZ_OK) {
        err = oyez_query_next(query, &event, TIMEOUT_MS);
        if (err == OYEZ_OK)
            print("query", event);
    }
    oyez_query_close(&query);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

static oyez_err upcast(oyez_client *client, const char *type, unsigned count)
{
    oyez_err err = oyez_upcaster_register(type, "1.0.0", "2.0.0", to_second, NULL);
    if (err == OYEZ_OK)
        err = oyez_upcaster_register(type, "2.0.0", "3.0.0", to_third, NULL);
    // Events are upcast while they are read: what old ones are made of must be known before.
    for (unsigned version = 1; err == OYEZ_OK && version <= 2; version++)
        err = oyez_client_fetch_catalog(client, type, version == 1 ? "1.0.0" : "2.0.0", TIMEOUT_MS);
    if (err == OYEZ_OK)
        err = read_by_subscription(client, type, count);
    return err == OYEZ_OK ? read_by_query(client, type) : err;
}

int main(int argc, char **argv)
{
    oyez_client *client = NULL;
    if (argc != 4)
        return 2;
    oyez_err err = oyez_client_open(&client, NULL, TIMEOUT_MS);
    if (err == OYEZ_OK)
        err = strcmp(argv[1], "emit") == 0
                  ? emit(client, argv[2], argv[3])
                  : upcast(client, argv[2], (unsigned)strtoul(argv[3], NULL, 10));
    if (err != OYEZ_OK)
        fprintf(stderr, "catalog_client: %s: %s\n", oyez_strerror(err), oyez_error_detail());
    oyez_client_close(&client);
    return err == OYEZ_OK ? 0 : 1;
}
