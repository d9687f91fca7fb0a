// SPDX-License-Identifier: MIT
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "ask.h"
#include "conversation.h"
#include "notices.h"
#include "receiver.h"
#include "sender.h"
#include "sockets.h"
#include "wire/clock.h"

// The longest sleep: timers are looked at least so often.
#define SLEEP_MS_MAX 100

oyez_err session_open(struct oyez_client *client)
{
    oyez_err err = socket_open(&client->control, client->zmq_context, ZMQ_DEALER);
    if (err != OYEZ_OK)
        return err;
    // Messages for a broker that is not there would only be stale when it comes.
    socket_set(client->control, ZMQ_IMMEDIATE, 1);
    // Control messages are small, but events come behind an answer.
    socket_set_max_size(client->control, OYEZ_FRAME_SIZE_MAX);
    return socket_connect(client->control, client->endpoint);
}

// Sockets are opened when they are first needed: a program that only listens has no ingress.
static void open_sockets(struct oyez_client *client)
{
    if (!client->session.open)
        return;
    pthread_mutex_lock(&client->lock);
    bool emits = client->windows[OYEZ_LANE_DURABLE].next_seq > 1 ||
                 client->windows[OYEZ_LANE_FAST].next_seq > 1;
    pthread_mutex_unlock(&client->lock);
    pthread_mutex_lock(&client->inbox_lock);
    bool listens = client->subscriptions != NULL;
    pthread_mutex_unlock(&client->inbox_lock);
    oyez_err err = OYEZ_OK;
    if (emits && client->ingress == NULL)
        err = sender_connect(client);
    if (err == OYEZ_OK && listens && client->egress == NULL)
        err = conversation_listen(client);
    if (err != OYEZ_OK)
        conversation_fail(client, err, oyez_error_detail());
}

static void poll_sockets(struct oyez_client *client, long timeout_ms)
{
    zmq_pollitem_t items[4] = {
        {.fd = client->wake_fd, .events = ZMQ_POLLIN},
        {.socket = client->control, .events = ZMQ_POLLIN},
    };
    int count = 2;
    if (client->ingress != NULL)
        items[count++] = (zmq_pollitem_t){.socket = client->ingress, .events = ZMQ_POLLIN};
    if (client->egress != NULL)
        items[count++] = (zmq_pollitem_t){.socket = client->egress, .events = ZMQ_POLLIN};
    (void)zmq_poll(items, count, timeout_ms);
    uint64_t wakes;
    if ((items[0].revents & ZMQ_POLLIN) != 0)
        (void)!read(client->wake_fd, &wakes, sizeof wakes);
}

static long sooner(long timeout_ms, uint64_t due_ms, uint64_t now_ms)
{
    if (due_ms <= now_ms)
        return 0;
    uint64_t left_ms = due_ms - now_ms;
    return left_ms < (uint64_t)timeout_ms ? (long)left_ms : timeout_ms;
}

// How long nothing will be due. Under lock.
static long time_to_sleep(const struct oyez_client *client, bool busy, uint64_t now_ms)
{
    if (busy || client->stopping || sender_can_send(client, now_ms))
        return 0;
    long timeout_ms = SLEEP_MS_MAX;
    if (!client->session.open)
        timeout_ms = sooner(timeout_ms, client->hello_due_ms, now_ms);
    if (client->status_asked)
        timeout_ms = sooner(timeout_ms, client->status_due_ms, now_ms);
    if (client->metrics_asking.page != NULL && !client->metrics_asking.done)
        timeout_ms = sooner(timeout_ms, client->metrics_asking.due_ms, now_ms);
    timeout_ms = sooner(timeout_ms, ask_due_ms(client), now_ms);
    timeout_ms = sooner(timeout_ms, receiver_due_ms(client->receiver), now_ms);
    if (client->retry_send_ms > now_ms)
        timeout_ms = sooner(timeout_ms, client->retry_send_ms, now_ms);
    if (sender_is_owed(client) && client->session.open && client->ingress_ready)
        timeout_ms = sooner(timeout_ms, client->sync_due_ms, now_ms);
    return timeout_ms;
}

// Sleeps only if nothing came up since the last look; emit wakes a sleeper and nobody else.
static void sleep_until_due(struct oyez_client *client, bool busy, uint64_t now_ms)
{
    pthread_mutex_lock(&client->lock);
    long timeout_ms = time_to_sleep(client, busy, now_ms);
    client->session_sleeps = timeout_ms > 0;
    pthread_mutex_unlock(&client->lock);
    poll_sockets(client, timeout_ms);
    pthread_mutex_lock(&client->lock);
    client->session_sleeps = false;
    pthread_mutex_unlock(&client->lock);
}

static bool is_stopping(struct oyez_client *client)
{
    pthread_mutex_lock(&client->lock);
    bool stopping = client->stopping;
    pthread_mutex_unlock(&client->lock);
    return stopping;
}

void *session_run(void *arg)
{
    struct oyez_client *client = arg;
    client->sync_interval_ms = OYEZ_SYNC_MS;
    client->sync_due_ms = UINT64_MAX;
    client->heard_ms = oyez_clock_monotonic_ms();
    bool busy = false;
    while (!is_stopping(client)) {
        uint64_t now_ms = oyez_clock_monotonic_ms();
        conversation_tick(client, now_ms);
        open_sockets(client);
        if (client->egress != NULL)
            receiver_apply(client->receiver);
        receiver_tick(client->receiver, now_ms);
        if (client->ingress != NULL) {
            busy = sender_send(client, now_ms) || busy;
            sender_tick(client, now_ms);
        }
        sleep_until_due(client, busy, now_ms);
        conversation_read(client);
        if (client->ingress != NULL)
            sender_read(client);
        busy = client->egress != NULL && receiver_read(client->receiver);
    }
    conversation_goodbye(client);
    // A subscription that closes after this finds nobody to take it off the list.
    if (client->egress != NULL)
        receiver_apply(client->receiver);
    receiver_stop(client->receiver);
    socket_close(&client->ingress);
    socket_close(&client->egress);
    socket_close(&client->control);
    return NULL;
}

void session_stop(struct oyez_client *client)
{
    pthread_mutex_lock(&client->lock);
    client->stopping = true;
    client_wake(client);
    pthread_mutex_unlock(&client->lock);
}
