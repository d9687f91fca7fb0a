// SPDX-License-Identifier: MIT
// A progress bar driven by events: whoever indexes files emits an event for each, and knows nothing
// of bars.
#include <oyez/handler.h>
#include <oyez/local.h>
#include <stdio.h>

#define FILES 20
#define COLUMNS 20

struct bar {
    int done;
    int total;
};

// Inline: when emit returns the bar has moved.
static oyez_err draw(void *arg, const struct oyez_event *event)
{
    struct bar *bar = arg;
    (void)event;
    bar->done++;
    int filled = bar->done * COLUMNS / bar->total;
    printf("\r[");
    for (int i = 0; i < COLUMNS; i++)
        putchar(i < filled ? '#' : '.');
    printf("] %3d %%", bar->done * 100 / bar->total);
    fflush(stdout);
    return OYEZ_OK;
}

static oyez_err index_files(oyez_client *client)
{
    oyez_err err = OYEZ_OK;
    for (int i = 0; i < FILES && err == OYEZ_OK; i++) {
        char details[128];
        snprintf(details, sizeof details,
                 "{\"resource\": \"src/file-%d.c\", \"index\": \"code-search\"}", i);
        const struct oyez_event event = {
            .event_type = "resource.indexed", .plan_id = "p-81f3c60", .details = details};
        err = oyez_client_emit(client, &event, NULL);
    }
    putchar('\n');
    return err;
}

int main(void)
{
    static const char *const patterns[] = {"resource.indexed"};
    oyez_local *local = NULL;
    oyez_client *client = NULL;
    oyez_handler *handler = NULL;
    struct bar bar = {.total = FILES};
    const struct oyez_handler_options options = {.name = "bar",
                                                 .patterns = patterns,
                                                 .pattern_count = 1,
                                                 .run = draw,
                                                 .arg = &bar,
                                                 .mode = OYEZ_HANDLER_INLINE};
    oyez_err err = oyez_local_open(&local, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(local, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_handler_open(&handler, client, &options, 0);
    if (err == OYEZ_OK)
        err = index_files(client);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());
    oyez_handler_close(&handler);
    oyez_client_close(&client);
    oyez_local_close(&local);
    return err == OYEZ_OK ? 0 : 1;
}
