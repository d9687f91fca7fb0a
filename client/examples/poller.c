// SPDX-License-Identifier: MIT
// Notifications that need not be there at once: a thread looks for them every 50 ms.
#include <oyez/client.h>
#include <oyez/local.h>
#include <oyez/poller.h>
#include <semaphore.h>
#include <stdio.h>

static void notify(void *arg, const struct oyez_stream_item *item)
{
    printf("received: %s\n", item->event->event_type);
    sem_post(arg);
}

static oyez_err run(oyez_client *client, oyez_poller *poller, sem_t *received)
{
    const struct oyez_event event = {.event_type = "order.created",
                                     .details = "{\"order_id\":\"123\",\"amount\":100}"};
    struct oyez_stream_item item;
    if (oyez_poller_poll(poller, &item) == OYEZ_ERR_TIMEOUT)
        printf("nothing yet\n");
    oyez_err err = oyez_poller_start(poller);
    if (err == OYEZ_OK && oyez_poller_start(poller) == OYEZ_ERR_BUSY)
        printf("running already: %d\n", oyez_poller_is_running(poller));
    if (err == OYEZ_OK)
        err = oyez_client_emit(client, &event, NULL);
    if (err == OYEZ_OK)
        sem_wait(received);
    if (err == OYEZ_OK)
        err = oyez_poller_stop(poller, 5000);
    printf("running: %d\n", oyez_poller_is_running(poller));
    return err;
}

int main(void)
{
    oyez_local *bus = NULL;
    oyez_client *client = NULL;
    oyez_stream *stream = NULL;
    oyez_poller *poller = NULL;
    sem_t received;
    sem_init(&received, 0, 0);

    oyez_err err = oyez_local_open(&bus, NULL);
    if (err == OYEZ_OK)
        err = oyez_local_client(bus, &client, NULL);
    if (err == OYEZ_OK)
        err = oyez_stream_open(&stream, client, NULL, 5000);
    if (err == OYEZ_OK)
        err = oyez_poller_open(&poller, &stream, notify, &received, 0);
    if (err == OYEZ_OK)
        err = run(client, poller, &received);
    if (err != OYEZ_OK)
        fprintf(stderr, "%s: %s\n", oyez_strerror(err), oyez_error_detail());

    oyez_poller_close(&poller);
    oyez_stream_close(&stream);
    oyez_client_close(&client);
    oyez_local_close(&bus);
    sem_destroy(&received);
    return err == OYEZ_OK ? 0 : 1;
}
