// SPDX-License-Identifier: MIT
// The last keys are a ring, oldest first to go, and a table of chains over its places. The hash has
// a key of its own: an emitter could else choose ids that all fall into one chain.
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "oyez/uuid.h"
#include "stream_stage.h"
#include "wire/siphash.h"

#define NO_PLACE UINT32_MAX

struct place {
    char *key; // NULL = free
    size_t capacity;
    uint32_t chain; // where it is linked in
    uint32_t next;
};

struct distinct_stage {
    struct stage stage;
    oyez_stream_key *key; // NULL = the event id
    void *arg;
    struct oyez_siphash_key hash_key;
    struct place *places;
    uint32_t place_count;
    uint32_t oldest;
    uint32_t *chains; // first places
    uint32_t chain_mask;
};

static bool is_known(const struct distinct_stage *distinct, uint32_t chain, const char *key)
{
    for (uint32_t i = distinct->chains[chain]; i != NO_PLACE; i = distinct->places[i].next) {
        if (strcmp(distinct->places[i].key, key) == 0)
            return true;
    }
    return false;
}

static void unlink_place(struct distinct_stage *distinct, uint32_t at)
{
    uint32_t *link = &distinct->chains[distinct->places[at].chain];
    while (*link != at)
        link = &distinct->places[*link].next;
    *link = distinct->places[at].next;
}

// The oldest key gives way.
static oyez_err remember(struct distinct_stage *distinct, uint32_t chain, const char *key,
                         size_t size)
{
    struct place *place = &distinct->places[distinct->oldest];
    char *text = place->key;
    if (text == NULL || place->capacity < size + 1) {
        text = malloc(size + 1);
        if (text == NULL)
            return OYEZ_ERR_NO_MEMORY;
    }
    if (place->key != NULL)
        unlink_place(distinct, distinct->oldest);
    if (text != place->key) {
        free(place->key);
        place->key = text;
        place->capacity = size + 1;
    }
    memcpy(place->key, key, size + 1);
    place->chain = chain;
    place->next = distinct->chains[chain];
    distinct->chains[chain] = distinct->oldest;
    distinct->oldest = (distinct->oldest + 1) % distinct->place_count;
    return OYEZ_OK;
}

// OYEZ_ERR_BUSY: it has been seen.
static oyez_err judge(struct distinct_stage *distinct, const struct oyez_stream_item *item)
{
    char id[OYEZ_UUID_TEXT_SIZE];
    const char *key = id;
    if (distinct->key != NULL)
        key = distinct->key(distinct->arg, item);
    else
        oyez_uuid_to_text(item->event->event_id, id);
    if (key == NULL)
        return OYEZ_OK;
    size_t size = strnlen(key, OYEZ_STREAM_KEY_SIZE_MAX + 1);
    if (size > OYEZ_STREAM_KEY_SIZE_MAX)
        return OYEZ_ERR_TOO_LARGE;
    uint32_t chain = (uint32_t)oyez_siphash(&distinct->hash_key, key, size) & distinct->chain_mask;
    if (is_known(distinct, chain, key))
        return OYEZ_ERR_BUSY;
    return remember(distinct, chain, key, size);
}

static enum pulled pull_distinct(struct stage *stage, struct oyez_stream *stream,
                                 struct oyez_stream_item *item)
{
    struct distinct_stage *distinct = (struct distinct_stage *)stage;
    for (;;) {
        enum pulled pulled = stage_pull(stage->upstream, stream, item);
        if (pulled != PULLED_ITEM)
            return pulled;
        oyez_err err = judge(distinct, item);
        if (err == OYEZ_OK)
            return PULLED_ITEM;
        if (err != OYEZ_ERR_BUSY)
            return stream_fail_item(stream, "distinct", err);
    }
}

static void release_distinct(struct stage *stage)
{
    struct distinct_stage *distinct = (struct distinct_stage *)stage;
    for (uint32_t i = 0; distinct->places != NULL && i < distinct->place_count; i++)
        free(distinct->places[i].key);
    free(distinct->places);
    free(distinct->chains);
}

static const struct stage_kind distinct_kind = {.pull = pull_distinct, .release = release_distinct};

static oyez_err make_tables(struct distinct_stage *distinct, size_t count)
{
    size_t chains = 16;
    while (chains < count)
        chains *= 2;
    distinct->place_count = (uint32_t)count;
    distinct->chain_mask = (uint32_t)chains - 1;
    distinct->places = calloc(count, sizeof *distinct->places);
    distinct->chains = malloc(chains * sizeof *distinct->chains);
    if (distinct->places == NULL || distinct->chains == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu keys", count);
    memset(distinct->chains, 0xff, chains * sizeof *distinct->chains);
    return OYEZ_OK;
}

oyez_err oyez_stream_distinct(oyez_stream *stream, oyez_stream_key *key, void *arg, size_t count)
{
    oyez_err err = stream_check_open(stream);
    if (err != OYEZ_OK)
        return err;
    if (count == 0)
        return stream_break(stream, oyez_fail(OYEZ_ERR_INVALID, "count: 0 keys to remember"));
    if (count > OYEZ_STREAM_KEYS_MAX)
        return stream_break(stream,
                            oyez_fail(OYEZ_ERR_TOO_LARGE, "count: %zu keys; the limit is %u", count,
                                      OYEZ_STREAM_KEYS_MAX));
    struct distinct_stage *distinct;
    err = stream_add_stage(stream, &distinct_kind, sizeof *distinct, &distinct);
    if (err != OYEZ_OK)
        return err;
    distinct->key = key;
    distinct->arg = arg;
    distinct->hash_key = oyez_siphash_key_make();
    err = make_tables(distinct, count);
    if (err == OYEZ_OK)
        return OYEZ_OK;
    stream_drop_stage(stream);
    return stream_break(stream, err);
}
