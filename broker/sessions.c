// SPDX-License-Identifier: MIT
#include "sessions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_AT_FIRST = 16 };

static uint32_t hash_id(const struct oyez_sessions *sessions, const void *routing_id, size_t size)
{
    return (uint32_t)oyez_siphash(&sessions->key, routing_id, size);
}

static void unlink_heard(struct oyez_sessions *sessions, uint32_t session)
{
    struct oyez_session *entry = &sessions->entries[session];
    if (entry->older == OYEZ_NONE)
        sessions->oldest = entry->newer;
    else
        sessions->entries[entry->older].newer = entry->newer;
    if (entry->newer == OYEZ_NONE)
        sessions->newest = entry->older;
    else
        sessions->entries[entry->newer].older = entry->older;
}

static void link_heard(struct oyez_sessions *sessions, uint32_t session)
{
    struct oyez_session *entry = &sessions->entries[session];
    entry->older = sessions->newest;
    entry->newer = OYEZ_NONE;
    if (sessions->newest == OYEZ_NONE)
        sessions->oldest = session;
    else
        sessions->entries[sessions->newest].newer = session;
    sessions->newest = session;
}

static bool grow(struct oyez_sessions *sessions)
{
    uint32_t capacity = sessions->capacity == 0 ? ENTRIES_AT_FIRST : 2 * sessions->capacity;
    struct oyez_session *entries = realloc(sessions->entries, capacity * sizeof *entries);
    if (entries == NULL)
        return false;
    sessions->entries = entries;
    sessions->capacity = capacity;
    return true;
}

static uint32_t take_entry(struct oyez_sessions *sessions)
{
    uint32_t session = sessions->free;
    if (session != OYEZ_NONE) {
        sessions->free = sessions->entries[session].newer;
        return session;
    }
    if (sessions->used == sessions->limit)
        return OYEZ_NONE;
    if (sessions->used == sessions->capacity && !grow(sessions))
        return OYEZ_NONE;
    sessions->entries[sessions->used].answers = NULL;
    sessions->entries[sessions->used].metrics = NULL;
    sessions->entries[sessions->used].metrics_size = 0;
    return sessions->used++;
}

static void forget_metrics(struct oyez_session *session)
{
    free(session->metrics);
    session->metrics = NULL;
    session->metrics_size = 0;
}

static void give_entry(struct oyez_sessions *sessions, uint32_t session)
{
    sessions->entries[session].emitter = OYEZ_NONE;
    sessions->entries[session].ask_number = 0;
    oyez_answer_queue_leave(&sessions->entries[session].answers);
    forget_metrics(&sessions->entries[session]);
    sessions->entries[session].newer = sessions->free;
    sessions->free = session;
}

void oyez_sessions_init(struct oyez_sessions *sessions, uint32_t limit)
{
    *sessions = (struct oyez_sessions){.limit = limit,
                                       .free = OYEZ_NONE,
                                       .oldest = OYEZ_NONE,
                                       .newest = OYEZ_NONE,
                                       .key = oyez_siphash_key_make()};
}

uint32_t oyez_sessions_find(const struct oyez_sessions *sessions, const void *routing_id,
                            size_t size)
{
    uint32_t hash = hash_id(sessions, routing_id, size);
    size_t cursor = hash;
    uint32_t session;
    while ((session = oyez_slots_next(&sessions->slots, hash, &cursor)) != OYEZ_NONE) {
        const struct oyez_session *entry = &sessions->entries[session];
        if (entry->routing_id_size == size && memcmp(entry->routing_id, routing_id, size) == 0)
            break;
    }
    return session;
}

bool oyez_sessions_are_full(const struct oyez_sessions *sessions)
{
    return sessions->count >= sessions->limit;
}

uint32_t oyez_sessions_add(struct oyez_sessions *sessions, const void *routing_id, size_t size,
                           uint64_t now_ms)
{
    assert(size > 0 && size <= OYEZ_ROUTING_ID_SIZE_MAX);
    uint32_t session = take_entry(sessions);
    if (session == OYEZ_NONE)
        return OYEZ_NONE;
    if (!oyez_slots_insert(&sessions->slots, hash_id(sessions, routing_id, size), session)) {
        give_entry(sessions, session);
        return OYEZ_NONE;
    }
    struct oyez_session *entry = &sessions->entries[session];
    entry->emitter = OYEZ_NONE;
    entry->role = oyez_v1_Role_ROLE_CLIENT;
    entry->ask_number = 0;
    entry->heard_ms = now_ms;
    entry->routing_id_size = (uint8_t)size;
    memcpy(entry->routing_id, routing_id, size);
    link_heard(sessions, session);
    sessions->count++;
    return session;
}

void oyez_sessions_hear(struct oyez_sessions *sessions, uint32_t session, uint64_t now_ms)
{
    sessions->entries[session].heard_ms = now_ms;
    unlink_heard(sessions, session);
    link_heard(sessions, session);
}

uint32_t oyez_sessions_silent(const struct oyez_sessions *sessions, uint64_t before_ms)
{
    uint32_t oldest = sessions->oldest;
    if (oldest == OYEZ_NONE || sessions->entries[oldest].heard_ms >= before_ms)
        return OYEZ_NONE;
    return oldest;
}

void oyez_sessions_remove(struct oyez_sessions *sessions, uint32_t session)
{
    struct oyez_session *entry = &sessions->entries[session];
    oyez_slots_remove(&sessions->slots,
                      hash_id(sessions, entry->routing_id, entry->routing_id_size), session);
    unlink_heard(sessions, session);
    give_entry(sessions, session);
    sessions->count--;
}

void oyez_sessions_free(struct oyez_sessions *sessions)
{
    for (uint32_t i = 0; i < sessions->used; i++) {
        oyez_answer_queue_leave(&sessions->entries[i].answers);
        forget_metrics(&sessions->entries[i]);
    }
    free(sessions->entries);
    oyez_slots_free(&sessions->slots);
    oyez_sessions_init(sessions, sessions->limit);
}
