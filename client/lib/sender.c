// SPDX-License-Identifier: MIT
#include "sender.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "sockets.h"
#include "wire/batch.h"
#include "wire/clock.h"
#include "wire/topic.h"

#define SEND_BATCHES_MAX 64 // between two looks at the other sockets
#define RETRY_SEND_MS 1u    // poll cannot say when a NODROP socket has room again

static struct window *durable(struct oyez_client *client)
{
    return &client->windows[OYEZ_LANE_DURABLE];
}

oyez_err sender_connect(struct oyez_client *client)
{
    oyez_err err = socket_open(&client->ingress, client->zmq_context, ZMQ_XPUB);
    if (err != OYEZ_OK)
        return err;
    // NODROP makes a full queue an error instead of a silent loss.
    socket_set(client->ingress, ZMQ_XPUB_NODROP, 1);
    socket_set(client->ingress, ZMQ_IMMEDIATE, 1);
    socket_set_max_size(client->ingress, OYEZ_SUBSCRIPTION_FRAME_SIZE_MAX);
    client->ingress_ready = false;
    return socket_connect(client->ingress, client->reach.ingress);
}

static bool anything_sent(struct oyez_client *client)
{
    pthread_mutex_lock(&client->lock);
    bool any = durable(client)->next != durable(client)->first;
    pthread_mutex_unlock(&client->lock);
    return any;
}

void sender_read(struct oyez_client *client)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, client->ingress, ZMQ_DONTWAIT) >= 0) {
        const uint8_t *data = zmq_msg_data(&message);
        // The broker subscribes to everything: one byte, 1 = there, 0 = gone.
        if (zmq_msg_size(&message) != 1)
            continue;
        bool was_ready = client->ingress_ready;
        client->ingress_ready = data[0] == 1;
        // What was on the way when the connection broke may be lost: ask at once.
        if (client->ingress_ready && !was_ready && anything_sent(client)) {
            client->sync_due_ms = oyez_clock_monotonic_ms();
            client->sync_interval_ms = OYEZ_SYNC_MS / 2; // this question does not count
        }
    }
    zmq_msg_close(&message);
}

bool sender_can_send(const struct oyez_client *client, uint64_t now_ms)
{
    const struct window *windows = client->windows;
    bool any = windows[OYEZ_LANE_DURABLE].next != windows[OYEZ_LANE_DURABLE].end ||
               windows[OYEZ_LANE_FAST].next != windows[OYEZ_LANE_FAST].end;
    return any && client->session.open && client->ingress_ready && now_ms >= client->retry_send_ms;
}

static bool durable_is_owed(const struct oyez_client *client)
{
    return client->windows[OYEZ_LANE_DURABLE].next_seq - 1 > client->session.durable_accepted;
}

static bool fast_is_owed(const struct oyez_client *client)
{
    return client->flushing_fast &&
           client->windows[OYEZ_LANE_FAST].next_seq - 1 > client->session.fast_through;
}

bool sender_is_owed(const struct oyez_client *client)
{
    return durable_is_owed(client) || fast_is_owed(client);
}

// The batch to send next: of the two lanes the one emitted first.
static struct window *next_window(struct oyez_client *client, struct window_batch *batch)
{
    struct window_batch candidates[2];
    bool durable_there = window_peek(durable(client), &candidates[0]);
    bool fast_there = window_peek(&client->windows[OYEZ_LANE_FAST], &candidates[1]);
    if (!durable_there && !fast_there)
        return NULL;
    bool take_fast = fast_there && (!durable_there || candidates[1].order < candidates[0].order);
    *batch = candidates[take_fast ? 1 : 0];
    return &client->windows[take_fast ? OYEZ_LANE_FAST : OYEZ_LANE_DURABLE];
}

static void mark_sent(struct oyez_client *client, struct window *window,
                      const struct window_batch *batch)
{
    window_sent(window);
    if (window == &client->windows[OYEZ_LANE_FAST])
        window_release(window, batch->first_seq + batch->count - 1);
    else if (batch->sent_before)
        client->counters.resent++;
}

bool sender_send(struct oyez_client *client, uint64_t now_ms)
{
    for (int i = 0; i < SEND_BATCHES_MAX; i++) {
        struct window_batch batch;
        pthread_mutex_lock(&client->lock);
        struct window *window =
            sender_can_send(client, now_ms) ? next_window(client, &batch) : NULL;
        pthread_mutex_unlock(&client->lock);
        if (window == NULL)
            return false;
        // Closed and not released by anybody but this thread: the bytes stand still.
        if (zmq_send(client->ingress, window->bytes + batch.offset, batch.size, ZMQ_DONTWAIT) < 0) {
            client->retry_send_ms = now_ms + RETRY_SEND_MS;
            return false;
        }
        pthread_mutex_lock(&client->lock);
        mark_sent(client, window, &batch);
        if (client->sync_due_ms == UINT64_MAX)
            client->sync_due_ms = now_ms + client->sync_interval_ms;
        pthread_mutex_unlock(&client->lock);
    }
    return true;
}

void sender_progress(struct oyez_client *client, uint64_t now_ms)
{
    client->sync_interval_ms = OYEZ_SYNC_MS;
    client->sync_due_ms = now_ms + OYEZ_SYNC_MS;
}

// Asks about a lane, with the number that it will send next, behind all that was sent. Refused when
// the queue is full: then the data in it is the question.
static void send_sync(struct oyez_client *client, uint64_t seq, uint32_t flags)
{
    uint8_t frame[sizeof OYEZ_TOPIC_SYNC + OYEZ_BATCH_PREFIX_SIZE];
    size_t size = oyez_batch_begin(frame, OYEZ_TOPIC_SYNC, sizeof OYEZ_TOPIC_SYNC - 1,
                                   client->id.bytes, seq, flags);
    (void)zmq_send(client->ingress, frame, size, ZMQ_DONTWAIT);
}

void sender_tick(struct oyez_client *client, uint64_t now_ms)
{
    struct window *fast = &client->windows[OYEZ_LANE_FAST];
    pthread_mutex_lock(&client->lock);
    bool owed = sender_is_owed(client);
    bool ask =
        owed && client->session.open && client->ingress_ready && now_ms >= client->sync_due_ms;
    uint64_t seq = window_next_to_send(durable(client)), fast_seq = window_next_to_send(fast);
    bool ask_fast = fast_is_owed(client) && fast_seq - 1 > client->session.fast_through;
    if (!owed)
        client->sync_due_ms = UINT64_MAX;
    else if (client->sync_due_ms == UINT64_MAX)
        client->sync_due_ms = now_ms + client->sync_interval_ms;
    pthread_mutex_unlock(&client->lock);
    if (!ask)
        return;
    if (ask_fast)
        send_sync(client, fast_seq, OYEZ_FLAG_FAST);
    send_sync(client, seq, 0);
    client->sync_interval_ms = client->sync_interval_ms * 2 < OYEZ_SYNC_MS_MAX
                                   ? client->sync_interval_ms * 2
                                   : OYEZ_SYNC_MS_MAX;
    client->sync_due_ms = now_ms + client->sync_interval_ms;
}
