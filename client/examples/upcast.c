// SPDX-License-Identifier: MIT
// Reads sales of every version in the newest shape: version 1 had the amount in cents.
#include <oyez/client.h>
#include <oyez/query.h>
#include <oyez/versioning.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// {"bill_id":"b-1","cents":7990} becomes {"bill_id":"b-1","amount":79.90}. What is not of the old
// shape is refused, and comes as it was recorded.
static oyez_err amount_from_cents(void *arg, const struct oyez_event *event, const char *details,
                                  char **upcast)
{
    (void)arg;
    (void)event;
    static const char key[] = "\"cents\":";
    const char *found = strstr(details, key);
    if (found == NULL)
        return OYEZ_ERR_INVALID;
    char *rest;
    long cents = strtol(found + strlen(key), &rest, 10);
    if (rest == found + strlen(key) || cents < 0)
        return OYEZ_ERR_INVALID;
    size_t room = strlen(details) + 32;
    *upcast = malloc(room);
    if (*upcast == NULL)
        return OYEZ_ERR_NO_MEMORY;
    snprintf(*upcast, room, "%.*s\"amount\":%ld.%02ld%s", (int)(found - details), details,
             cents / 100, cents % 100, rest);
    return OYEZ_OK;
}

static oyez_err print_sales(oyez_client *client)
{
    const char *const patterns[] = {"shop.sold"};
    struct oyez_query_options options = {.patterns = patterns, .pattern_count = 1};
    oyez_query *query = NULL;
    const struct oyez_event *event;
    oyez_err err = oyez_query_open(&query, client, &options);
    while (err == OYEZ_OK && (err = oyez_query_next(query, &event, 5000)) == OYEZ_OK)
        printf("%s %.*s\n", event->schema_version, (int)event->details_size,
               (const char *)event->details);
    oyez_query_close(&query);
    return err == OYEZ_ERR_NOT_FOUND ? OYEZ_OK : err;
}

int main(void)
{
    // Before anything is read. Steps chain, so version 3 will need one from 2.0.0 alone.
    oyez_client *client = NULL;
    oyez_err err = oyez_upcaster_register("shop.sold", "1.0.0", "2.0.0", amount_from_cents, NULL);
    if (err == OYEZ_OK)
        err = oyez_client_open(&client, NULL, 5000);
    if (err == OYEZ_OK)
        err = print_sales(client);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    oyez_client_close(&client);
    return err == OYEZ_OK ? 0 : 1;
}
