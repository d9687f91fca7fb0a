// SPDX-License-Identifier: MIT
#include "consumer_wake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include "sockets.h"
#include "wire/batch.h"
#include "wire/envelope.h"
#include "wire/topic.h"

// Words that wait: the last one says all, and whoever has too many of them asks anyway.
#define WORDS_MAX 64

oyez_err consumer_wake_open(struct consumer_wake *wake, void *zmq_context)
{
    *wake = (struct consumer_wake){.zmq_context = zmq_context};
    wake->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake->wake_fd < 0)
        return oyez_fail(OYEZ_ERR_SYSTEM, "no eventfd: %s", strerror(errno));
    return OYEZ_OK;
}

void consumer_wake_close(struct consumer_wake *wake)
{
    socket_close(&wake->socket);
    if (wake->wake_fd >= 0)
        close(wake->wake_fd);
    wake->wake_fd = -1;
}

oyez_err consumer_wake_reach(struct consumer_wake *wake, const char *endpoint)
{
    if (endpoint[0] == '\0' || (wake->socket != NULL && strcmp(endpoint, wake->endpoint) == 0))
        return OYEZ_OK;
    snprintf(wake->endpoint, sizeof wake->endpoint, "%s", endpoint);
    oyez_err err = socket_open(&wake->socket, wake->zmq_context, ZMQ_SUB);
    if (err != OYEZ_OK)
        return err;
    socket_set(wake->socket, ZMQ_RCVHWM, WORDS_MAX);
    socket_set_max_size(wake->socket, OYEZ_FRAME_SIZE_MAX);
    zmq_setsockopt(wake->socket, ZMQ_SUBSCRIBE, OYEZ_TOPIC_RECORDED, sizeof OYEZ_TOPIC_RECORDED);
    // Of the mark a word may be lost; it is in the next heartbeat too.
    zmq_setsockopt(wake->socket, ZMQ_SUBSCRIBE, OYEZ_TOPIC_HEARTBEAT, sizeof OYEZ_TOPIC_HEARTBEAT);
    err = socket_connect(wake->socket, wake->endpoint);
    if (err != OYEZ_OK)
        socket_close(&wake->socket);
    return err;
}

static void skip_head(void *arg, const struct oyez_head *head)
{
    (void)arg;
    (void)head;
}

void consumer_wake_take(struct consumer_wake *wake, const void *frame, size_t size)
{
    struct oyez_batch batch;
    struct oyez_event event = {0};
    char texts[OYEZ_DECODE_SCRATCH_SIZE];
    const uint8_t *bytes;
    if (oyez_batch_walk(&batch, frame, size) != OYEZ_BATCH_OK)
        return;
    const uint8_t *cursor = batch.events;
    if (!oyez_batch_next_event(&batch, &cursor, &bytes, &size) ||
        oyez_event_decode(&event, bytes, size, texts) != OYEZ_OK)
        return;
    struct oyez_heads_message message;
    if (oyez_heartbeat_decode(&message, event.details, event.details_size, skip_head, NULL) !=
        OYEZ_OK)
        return;
    bool further = batch.epoch > wake->epoch ||
                   (batch.epoch == wake->epoch && message.recorded_position > wake->position);
    if (further && message.recorded_position > 0) {
        wake->epoch = batch.epoch;
        wake->position = message.recorded_position;
    }
}

void consumer_wake_hear(struct consumer_wake *wake)
{
    zmq_msg_t message;
    if (wake->socket == NULL)
        return;
    zmq_msg_init(&message);
    while (zmq_msg_recv(&message, wake->socket, ZMQ_DONTWAIT) >= 0)
        consumer_wake_take(wake, zmq_msg_data(&message), zmq_msg_size(&message));
    zmq_msg_close(&message);
}

bool consumer_wake_is_beyond(const struct consumer_wake *wake, uint64_t epoch, uint64_t position)
{
    return wake->epoch > epoch || (wake->epoch == epoch && wake->position > position);
}

void consumer_wake_sleep(struct consumer_wake *wake, uint32_t timeout_ms, bool listen)
{
    zmq_pollitem_t items[2] = {{.fd = wake->wake_fd, .events = ZMQ_POLLIN},
                               {.socket = wake->socket, .events = ZMQ_POLLIN}};
    (void)zmq_poll(items, listen && wake->socket != NULL ? 2 : 1, (long)timeout_ms);
    uint64_t wakes;
    if ((items[0].revents & ZMQ_POLLIN) != 0)
        (void)!read(wake->wake_fd, &wakes, sizeof wakes);
}

void consumer_wake_up(struct consumer_wake *wake)
{
    uint64_t one = 1;
    (void)!write(wake->wake_fd, &one, sizeof one);
}
