// SPDX-License-Identifier: MIT
// Questions on their way in and the one answer on its way out. Under the recorder's lock.
#ifndef OYEZ_RECORDER_ASKS_H
#define OYEZ_RECORDER_ASKS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDER_CLIENT_SIZE_MAX 24u
// One waits for each client at most; beyond these bounds a question is dropped.
#define RECORDER_ASKS_BYTES_MAX (16u * 1024u * 1024u)

struct recorder_ask {
    struct recorder_ask *next;
    uint8_t client[RECORDER_CLIENT_SIZE_MAX];
    size_t client_size;
    size_t size;
    uint8_t request[]; // an encoded QueryRequest
};

// An answer's frames, one behind the other: a size_t and the bytes each.
struct recorder_answer {
    uint8_t client[RECORDER_CLIENT_SIZE_MAX];
    size_t client_size;
    uint8_t *frames;
    size_t size, room;
    size_t count;
};

struct recorder_asks {
    pthread_cond_t changed;
    struct recorder_ask *first, **last;
    size_t bytes;
    bool has_answer; // wait until intake has sent it
    struct recorder_answer answer;
    bool ended;
};

// recorder_asks_put copies a question to the end. False: no room or memory.
bool recorder_asks_put(struct recorder_asks *asks, const void *client, size_t client_size,
                       const void *request, size_t size);
// recorder_asks_take gives the first, which is the caller's: free(). NULL: none waits.
struct recorder_ask *recorder_asks_take(struct recorder_asks *asks);

// recorder_answer_add copies a frame behind the others. False: no memory.
bool recorder_answer_add(struct recorder_answer *answer, const void *bytes, size_t size);
// recorder_answer_next gives the frame at *offset (0 = the first) and steps behind it.
bool recorder_answer_next(const struct recorder_answer *answer, size_t *offset,
                          const uint8_t **bytes, size_t *size);
void recorder_answer_free(struct recorder_answer *answer);

void recorder_asks_open(struct recorder_asks *asks);
void recorder_asks_close(struct recorder_asks *asks);

#endif
