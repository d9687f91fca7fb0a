// SPDX-License-Identifier: MIT
#include "answer_queue.h"

#include <stdatomic.h>
#include <stdlib.h>

struct oyez_answer_queue {
    atomic_uint holders; // the session and each answer
};

struct last_frame {
    zmq_msg_t message; // as it came
    struct oyez_answer_queue *queue;
};

static void leave(struct oyez_answer_queue *queue)
{
    if (atomic_fetch_sub_explicit(&queue->holders, 1, memory_order_acq_rel) == 1)
        free(queue);
}

// Runs on a thread of ZeroMQ, perhaps after the broker is gone.
static void free_last_frame(void *data, void *hint)
{
    (void)data;
    struct last_frame *last = hint;
    leave(last->queue);
    zmq_msg_close(&last->message);
    free(last);
}

bool oyez_answer_queue_is_full(const struct oyez_answer_queue *queue)
{
    return queue != NULL &&
           atomic_load_explicit(&queue->holders, memory_order_relaxed) > OYEZ_ANSWERS_QUEUED_MAX;
}

bool oyez_answer_queue_join(struct oyez_answer_queue **queue, zmq_msg_t *last_frame)
{
    if (*queue == NULL) {
        *queue = malloc(sizeof **queue);
        if (*queue == NULL)
            return false;
        atomic_init(&(*queue)->holders, 1);
    }
    struct last_frame *last = malloc(sizeof *last);
    if (last == NULL)
        return false;
    last->queue = *queue;
    zmq_msg_init(&last->message);
    zmq_msg_move(&last->message, last_frame);
    if (zmq_msg_init_data(last_frame, zmq_msg_data(&last->message), zmq_msg_size(&last->message),
                          free_last_frame, last) != 0) {
        zmq_msg_init(last_frame);
        zmq_msg_move(last_frame, &last->message);
        zmq_msg_close(&last->message);
        free(last);
        return false;
    }
    atomic_fetch_add_explicit(&(*queue)->holders, 1, memory_order_relaxed);
    return true;
}

void oyez_answer_queue_leave(struct oyez_answer_queue **queue)
{
    if (*queue != NULL)
        leave(*queue);
    *queue = NULL;
}
