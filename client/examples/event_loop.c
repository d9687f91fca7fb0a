// SPDX-License-Identifier: MIT
// A stream within an event loop of the application's own, beside its other descriptors: batches of
// at most three events, or of what came within 50 ms.
#include <errno.h>
#include <oyez/client.h>
#include <oyez/local.h>
#include <oyez/stream.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static oyez_err emit_tools(oyez_client *client, int count)
{
    const struct oyez_event event = {.event_type = "tool.invoked",
                                     .details = "{\"tool\":\"run_tests\"}"};
    oyez_err err = OYEZ_OK;
    for (int i = 0; err == OYEZ_OK && i < count; i++)
        err = oyez_client_emit(client, &event, NULL);
    return err;
}

// Takes all that is there; the descriptor is quiet then.
static oyez_err take_batches(oyez_stream *stream, size_t *seen)
{
    struct oyez_stream_item item;
    oyez_err err;
    while ((err = oyez_stream_next(stream, &item, 0)) == OYEZ_OK) {
        *seen += item.item_count;
        printf("a batch; %zu of 5 events so far\n", *seen);
    }
    return err == OYEZ_ERR_TIMEOUT ? OYEZ_OK : err;
}

static oyez_err run_loop(oyez_stream *stream, int commands)
{
    struct pollfd ready[] = {{.fd = -1, .events = POLLIN}, {.fd = commands, .events = POLLIN}};
    size_t seen = 0;
    oyez_err err = oyez_stream_fd(stream, &ready[0].fd);
    while (err == OYEZ_OK && seen < 5) {
        if (poll(ready, 2, 10000) <= 0)
            return oyez_fail(OYEZ_ERR_TIMEOUT, "nothing happened: %s", strerror(errno));
        if (ready[1].revents != 0) {
            char command;
            if (read(commands, &command, 1) == 1)
                printf("command %c\n", command);
            ready[1].fd = -1; // there is only one
        }
        if (ready[0].revents != 0)
            err = take_batches(stream, &seen);
    }
    return err;
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_stream *stream = NULL;
    int commands[2];
    if (pipe(commands) != 0 || write(commands[1], "x", 1) != 1)
        return 1;

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_stream_open(&stream, client, NULL, 5000);
    oyez_stream_buffer(stream, 3, 50);
    if (err == OYEZ_OK)
        err = emit_tools(client, 5);
    if (err == OYEZ_OK)
        err = run_loop(stream, commands[0]);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_stream_close(&stream);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    close(commands[0]);
    close(commands[1]);
    return err == OYEZ_OK ? 0 : 1;
}
