// SPDX-License-Identifier: MIT
// How many answers to one session ZeroMQ has not handed on yet: a client that asks and never reads
// would otherwise pile them up in the broker.
#ifndef OYEZ_BROKER_ANSWER_QUEUE_H
#define OYEZ_BROKER_ANSWER_QUEUE_H

#include <stdbool.h>
#include <zmq.h>

// An answer may be 2 MiB. One that its client has read can still count, until a thread of ZeroMQ
// comes round to it, so the least is 2.
#define OYEZ_ANSWERS_QUEUED_MAX 4u

struct oyez_answer_queue;

// oyez_answer_queue_is_full: no further question is to be passed on. NULL is an empty one.
bool oyez_answer_queue_is_full(const struct oyez_answer_queue *queue);

// oyez_answer_queue_join counts an answer until its last frame, which is given here, has been
// handed on or closed. *queue is made when it is NULL. False without memory: the frame is as it was.
bool oyez_answer_queue_join(struct oyez_answer_queue **queue, zmq_msg_t *last_frame);

// oyez_answer_queue_leave: the session is over; its answers may still be on their way. NULL-safe.
void oyez_answer_queue_leave(struct oyez_answer_queue **queue);

#endif
