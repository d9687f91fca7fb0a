// SPDX-License-Identifier: MIT
// Control connections that said hello: one routing id, one session, one emitter.
#ifndef OYEZ_BROKER_SESSIONS_H
#define OYEZ_BROKER_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer_queue.h"
#include "slots.h"
#include "wire/control.h"
#include "wire/siphash.h"

#define OYEZ_ROUTING_ID_SIZE_MAX 255u // of ZeroMQ

struct oyez_session {
    uint32_t emitter;      // OYEZ_NONE = the entry is free
    uint32_t older, newer; // neighbours by time of the last message
    uint64_t heard_ms;
    oyez_v1_Role role;
    uint64_t ask_number;               // of the question whose answer is out; 0 = none, see relay.h
    uint64_t ask_first;                // the number it had when it was passed on first
    uint64_t ask_ms;                   // when it was passed on last
    uint64_t ask_request;              // its request_id
    struct oyez_answer_queue *answers; // on their way; NULL = none yet
    uint8_t *metrics;                  // as it reported them; NULL = not yet
    size_t metrics_size;
    uint8_t routing_id_size;
    uint8_t routing_id[OYEZ_ROUTING_ID_SIZE_MAX];
};

struct oyez_sessions {
    struct oyez_session *entries;
    uint32_t count; // live
    uint32_t used;  // entries ever used
    uint32_t capacity;
    uint32_t limit;
    uint32_t free;   // first free entry, chained by `newer`
    uint32_t oldest; // heard of longest ago
    uint32_t newest;
    struct oyez_slots slots;
    struct oyez_siphash_key key;
};

void oyez_sessions_init(struct oyez_sessions *sessions, uint32_t limit);

uint32_t oyez_sessions_find(const struct oyez_sessions *sessions, const void *routing_id,
                            size_t size);

bool oyez_sessions_are_full(const struct oyez_sessions *sessions);

// oyez_sessions_add makes a session. OYEZ_NONE when the table is full or there is no memory.
uint32_t oyez_sessions_add(struct oyez_sessions *sessions, const void *routing_id, size_t size,
                           uint64_t now_ms);

// oyez_sessions_hear notes that a message came.
void oyez_sessions_hear(struct oyez_sessions *sessions, uint32_t session, uint64_t now_ms);

// oyez_sessions_silent is a session not heard of since `before_ms`, or OYEZ_NONE.
uint32_t oyez_sessions_silent(const struct oyez_sessions *sessions, uint64_t before_ms);

void oyez_sessions_remove(struct oyez_sessions *sessions, uint32_t session);

void oyez_sessions_free(struct oyez_sessions *sessions);

#endif
