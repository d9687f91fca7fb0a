// SPDX-License-Identifier: MIT
#include "asks.h"

#include <stdlib.h>
#include <string.h>

void recorder_asks_open(struct recorder_asks *asks)
{
    *asks = (struct recorder_asks){0};
    asks->last = &asks->first;
    pthread_cond_init(&asks->changed, NULL);
}

void recorder_asks_close(struct recorder_asks *asks)
{
    while (asks->first != NULL)
        free(recorder_asks_take(asks));
    recorder_answer_free(&asks->answer);
    pthread_cond_destroy(&asks->changed);
}

bool recorder_asks_put(struct recorder_asks *asks, const void *client, size_t client_size,
                       const void *request, size_t size)
{
    if (client_size > RECORDER_CLIENT_SIZE_MAX ||
        sizeof(struct recorder_ask) + size > RECORDER_ASKS_BYTES_MAX - asks->bytes)
        return false;
    struct recorder_ask *ask = malloc(sizeof *ask + size);
    if (ask == NULL)
        return false;
    ask->next = NULL;
    memcpy(ask->client, client, client_size);
    ask->client_size = client_size;
    ask->size = size;
    if (size > 0)
        memcpy(ask->request, request, size);
    *asks->last = ask;
    asks->last = &ask->next;
    asks->bytes += sizeof *ask + size;
    pthread_cond_broadcast(&asks->changed);
    return true;
}

struct recorder_ask *recorder_asks_take(struct recorder_asks *asks)
{
    struct recorder_ask *ask = asks->first;
    if (ask == NULL)
        return NULL;
    asks->first = ask->next;
    if (asks->first == NULL)
        asks->last = &asks->first;
    asks->bytes -= sizeof *ask + ask->size;
    return ask;
}

bool recorder_answer_add(struct recorder_answer *answer, const void *bytes, size_t size)
{
    size_t wanted = answer->size + sizeof size + size;
    if (wanted > answer->room) {
        uint8_t *grown = realloc(answer->frames, wanted * 2);
        if (grown == NULL)
            return false;
        answer->frames = grown;
        answer->room = wanted * 2;
    }
    memcpy(answer->frames + answer->size, &size, sizeof size);
    if (size > 0)
        memcpy(answer->frames + answer->size + sizeof size, bytes, size);
    answer->size = wanted;
    answer->count++;
    return true;
}

bool recorder_answer_next(const struct recorder_answer *answer, size_t *offset,
                          const uint8_t **bytes, size_t *size)
{
    if (*offset >= answer->size)
        return false;
    memcpy(size, answer->frames + *offset, sizeof *size);
    *bytes = answer->frames + *offset + sizeof *size;
    *offset += sizeof *size + *size;
    return true;
}

void recorder_answer_free(struct recorder_answer *answer)
{
    free(answer->frames);
    *answer = (struct recorder_answer){0};
}
