// SPDX-License-Identifier: MIT
#include "queue.h"

#include <stdlib.h>
#include <string.h>

// Items stand aligned, because they are read in place.
static size_t padded(size_t size)
{
    return (size + 15u) & ~(size_t)15u;
}

oyez_err recorder_run_open(struct recorder_run *run, size_t capacity)
{
    *run = (struct recorder_run){.bytes = malloc(capacity)};
    if (run->bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "buffer of %zu bytes", capacity);
    return OYEZ_OK;
}

void recorder_run_close(struct recorder_run *run)
{
    free(run->bytes);
    *run = (struct recorder_run){0};
}

oyez_err recorder_queue_open(struct recorder_queue *queue, size_t capacity)
{
    queue->capacity = capacity;
    return recorder_run_open(&queue->filling, capacity);
}

void recorder_queue_close(struct recorder_queue *queue)
{
    recorder_run_close(&queue->filling);
}

size_t recorder_queue_room(const struct recorder_queue *queue)
{
    size_t taken = queue->filling.size + padded(sizeof(struct recorder_item));
    return taken < queue->capacity ? (queue->capacity - taken) & ~(size_t)15u : 0;
}

bool recorder_queue_put(struct recorder_queue *queue, const struct recorder_item *item)
{
    struct recorder_run *run = &queue->filling;
    size_t head = padded(sizeof *item);
    size_t size = head + padded(item->frame_size);
    if (size > queue->capacity - run->size)
        return false;
    memcpy(run->bytes + run->size, item, sizeof *item);
    if (item->frame_size > 0)
        memcpy(run->bytes + run->size + head, item->frame, item->frame_size);
    run->size += size;
    return true;
}

bool recorder_queue_is_empty(const struct recorder_queue *queue)
{
    return queue->filling.size == 0;
}

void recorder_queue_swap(struct recorder_queue *queue, struct recorder_run *run)
{
    struct recorder_run empty = {.bytes = run->bytes};
    *run = queue->filling;
    run->read = 0;
    queue->filling = empty;
}

bool recorder_run_next(struct recorder_run *run, struct recorder_item *item)
{
    if (run->read == run->size)
        return false;
    memcpy(item, run->bytes + run->read, sizeof *item);
    run->read += padded(sizeof *item);
    item->frame = run->bytes + run->read;
    run->read += padded(item->frame_size);
    return true;
}
