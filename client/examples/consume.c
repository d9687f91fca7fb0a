// SPDX-License-Identifier: MIT
// A named durable consumer: goes on where the last one of its name was done, whatever was killed or
// restarted meanwhile. Usage: consume NAME [PATTERN]...
// Prints each event, and takes it for handled when a line comes on standard input. Without one, at
// the end of the input, it ends, and the event comes again.
#include <inttypes.h>
#include <oyez/consumer.h>
#include <oyez/json.h>
#include <stdio.h>
#include <stdlib.h>

#define FOR_EVER 0xffffffffu // milliseconds: seven weeks

// Runs on a thread of the consumer's own. What is done here may be done again after a crash, so a
// real one would make that harmless, by the event's id for instance.
static oyez_err handle(void *arg, const struct oyez_event *event)
{
    (void)arg;
    char *line = NULL;
    size_t size;
    oyez_err err = oyez_event_to_json(event, &line, &size);
    if (err == OYEZ_OK)
        puts(line);
    fflush(stdout);
    free(line);
    for (int c = getchar(); err == OYEZ_OK && c != '\n'; c = getchar()) {
        if (c == EOF)
            err = OYEZ_ERR_CLOSED; // this event was not handled; it comes again
    }
    return err;
}

// Positions between its cursor and the next event that the record does not have.
static void tell_gap(void *arg, const struct oyez_gap *gap)
{
    (void)arg;
    fprintf(stderr, "%" PRIu64 ":%" PRIu64 " to %" PRIu64 ": %s\n", gap->epoch, gap->first,
            gap->last,
            gap->kind == OYEZ_GAP_EXPIRED ? "removed from the record" : "never recorded");
}

int main(int argc, char **argv)
{
    oyez_client *client = NULL;
    oyez_consumer *consumer = NULL;
    if (argc < 2) {
        fprintf(stderr, "usage: consume NAME [PATTERN]...\n");
        return 2;
    }
    const struct oyez_consumer_options options = {.patterns = (const char *const *)argv + 2,
                                                  .pattern_count = (size_t)argc - 2,
                                                  .handler = handle,
                                                  .on_gap = tell_gap};
    oyez_err err = oyez_client_open(&client, NULL, 5000);
    // The name may be held: by the process before, that was killed, for as long as its lease.
    if (err == OYEZ_OK)
        err = oyez_consumer_open(&consumer, client, argv[1], &options, 30000);
    if (err == OYEZ_OK) {
        fprintf(stderr, "consuming\n");
        err = oyez_consumer_wait(consumer, FOR_EVER);
    }
    if (err != OYEZ_ERR_CLOSED)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_consumer_close(&consumer);
    oyez_client_close(&client);
    return err == OYEZ_ERR_CLOSED ? 0 : 1;
}
