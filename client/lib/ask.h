// SPDX-License-Identifier: MIT
// Asking the recorder over the broker. A client has one question under way at a time; further ones
// queue, in their order, so that neither the calls of the application nor the subscriptions' own
// questions starve. A question may be asked twice without harm, so it is said again in a new session,
// and when no answer comes; an answer is known by the request_id of its question.
#ifndef OYEZ_ASK_H
#define OYEZ_ASK_H

#include "client_state.h"
#include "oyez/query_page.h"

// An answer's frames, one behind another in `bytes`.
struct ask_page {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    struct oyez_query_frame frames[OYEZ_ANSWER_FRAMES_MAX];
    size_t count;
};

// Whoever asks, and the memory of its last answer. Zero but for the client to begin with.
struct asker {
    struct oyez_client *client;
    struct ask_page page;
};

// A question, under way or waiting for its turn. Under the client's lock from ask_begin until it is
// answered or given up.
struct ask {
    struct ask *next;
    uint64_t request_id;
    const uint8_t *request;
    size_t size;
    uint64_t due_ms;
    uint64_t repeat_ms;
    struct ask_page *page;
    bool answered;
    oyez_err err;
    char text[201];
};

// ask_recorder is an oyez_query_ask; `arg` is a struct asker. The request's first field must be its
// request_id, unique in this process. OYEZ_ERR_NO_RECORDER, OYEZ_ERR_UNREACHABLE, OYEZ_ERR_TIMEOUT,
// OYEZ_ERR_REFUSED, OYEZ_ERR_MALFORMED, OYEZ_ERR_FORKED. Blocks.
oyez_err ask_recorder(void *arg, const uint8_t *request, size_t size, struct oyez_query_page *page,
                      uint32_t timeout_ms);

void ask_page_free(struct ask_page *page);

// ask_begin puts a question into the queue; whatever it points to stays where it is until it is
// answered or given up. OYEZ_ERR_INVALID. Under lock.
oyez_err ask_begin(struct oyez_client *client, struct ask *ask, const uint8_t *request, size_t size,
                   struct ask_page *page);

// ask_give_up takes a question out of the queue, if it is in it. Under lock.
void ask_give_up(struct oyez_client *client, struct ask *ask);

// The rest is the session thread's.

// ask_tick says the question that is due.
void ask_tick(struct oyez_client *client, uint64_t now_ms);

// ask_due_ms is when ask_tick has something to do; UINT64_MAX = not by time. Under lock.
uint64_t ask_due_ms(const struct oyez_client *client);

// ask_again: a session was opened, and what was asked in the one before is forgotten.
void ask_again(struct oyez_client *client);

// ask_take_answer reads the frames behind an Answered from the control socket. False when they are
// no answer to anything.
bool ask_take_answer(struct oyez_client *client);

// ask_take_refusal ends the question of this request_id, if it is under way.
void ask_take_refusal(struct oyez_client *client, uint64_t request_id,
                      const oyez_v1_Refusal *refusal);

#endif
