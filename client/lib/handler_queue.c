// SPDX-License-Identifier: MIT
#include "handler_queue.h"

#include <stdlib.h>
#include <string.h>

#include "oyez/handler.h"

// What stands before an event's bytes; its type and a NUL come between.
struct queued {
    struct oyez_stamp stamp;
    struct oyez_uuid redo;
    uint64_t type_size; // with its NUL
};

void handler_queue_init(struct handler_queue *queue)
{
    *queue = (struct handler_queue){0};
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
}

void handler_queue_free(struct handler_queue *queue)
{
    inbox_free(&queue->inbox);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

static bool has_room(const struct handler_queue *queue, size_t size)
{
    size_t waiting = queue->inbox.waiting.size;
    return waiting == 0 || waiting + size <= OYEZ_HANDLER_QUEUE_BYTES_MAX;
}

bool handler_queue_put(struct handler_queue *queue, const struct queued_event *event)
{
    struct queued head = {
        .stamp = event->stamp, .redo = event->redo, .type_size = strlen(event->event_type) + 1};
    struct inbox_entry entry = {.kind = INBOX_FRAME,
                                .size = sizeof head + head.type_size + event->size};
    const struct inbox_part parts[] = {
        {&head, sizeof head}, {event->event_type, head.type_size}, {event->bytes, event->size}};
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed && !has_room(queue, entry.size))
        pthread_cond_wait(&queue->changed, &queue->lock);
    bool put = !queue->closed && inbox_put_parts(&queue->inbox, &entry, parts, 3);
    if (put && queue->count++ == 0)
        pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return put;
}

bool handler_queue_take(struct handler_queue *queue, struct queued_event *event)
{
    struct inbox_entry entry;
    const uint8_t *bytes;
    if (!inbox_next(&queue->inbox, &entry, &bytes)) {
        pthread_mutex_lock(&queue->lock);
        while (!queue->closed && !inbox_has_waiting(&queue->inbox))
            pthread_cond_wait(&queue->changed, &queue->lock);
        if (!queue->closed) {
            inbox_take(&queue->inbox);
            queue->count = 0;
            pthread_cond_signal(&queue->changed);
        }
        pthread_mutex_unlock(&queue->lock);
        if (!inbox_next(&queue->inbox, &entry, &bytes))
            return false;
    }
    struct queued head;
    memcpy(&head, bytes, sizeof head);
    size_t before = sizeof head + head.type_size;
    *event = (struct queued_event){.stamp = head.stamp,
                                   .redo = head.redo,
                                   .event_type = (const char *)bytes + sizeof head,
                                   .bytes = bytes + before,
                                   .size = entry.size - before};
    return true;
}

void handler_queue_close(struct handler_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

uint64_t handler_queue_left(struct handler_queue *queue)
{
    struct inbox_entry entry;
    const uint8_t *bytes;
    uint64_t count = 0;
    pthread_mutex_lock(&queue->lock);
    count = queue->count;
    pthread_mutex_unlock(&queue->lock);
    while (inbox_next(&queue->inbox, &entry, &bytes))
        count++;
    return count;
}
