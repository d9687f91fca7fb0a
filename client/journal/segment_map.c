// SPDX-License-Identifier: MIT
#include "segment_map.h"

#include <stdlib.h>
#include <string.h>

#include "oyez/little_endian.h"
#include "record_kind.h"

#define OFFSETS_FIRST 1024u
#define SLOTS_FIRST 4096u

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xFF51AFD7ED558CCD);
    x ^= x >> 33;
    x *= UINT64_C(0xC4CEB9FE1A85EC53);
    return x ^ x >> 33;
}

uint64_t oyez_journal_fingerprint(struct oyez_uuid event_id)
{
    uint64_t a = get_u64(event_id.bytes);
    uint64_t b = get_u64(event_id.bytes + 8);

    return mix(mix(a) + (b << 32 | b >> 32));
}

static oyez_err no_memory(void)
{
    return oyez_fail(OYEZ_ERR_NO_MEMORY, "table of a segment's records");
}

static void put_slot(struct oyez_segment_map *map, uint64_t fingerprint, uint32_t record)
{
    size_t at = fingerprint & (map->slots_room - 1);

    while (map->slots[at].record != 0)
        at = (at + 1) & (map->slots_room - 1);
    map->slots[at] = (struct oyez_map_slot){fingerprint, record};
}

static oyez_err grow_slots(struct oyez_segment_map *map)
{
    size_t old_room = map->slots_room;
    struct oyez_map_slot *old = map->slots;
    size_t room = old_room == 0 ? SLOTS_FIRST : old_room * 2;
    struct oyez_map_slot *slots = calloc(room, sizeof(*slots));

    if (slots == NULL)
        return no_memory();
    map->slots = slots;
    map->slots_room = room;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].record != 0)
            put_slot(map, old[i].fingerprint, old[i].record);
    free(old);
    return OYEZ_OK;
}

static oyez_err grow_offsets(struct oyez_segment_map *map)
{
    size_t room = map->offsets_room == 0 ? OFFSETS_FIRST : map->offsets_room * 2;
    uint32_t *grown = realloc(map->offsets, room * sizeof(*grown));

    if (grown == NULL)
        return no_memory();
    map->offsets = grown;
    map->offsets_room = room;
    return OYEZ_OK;
}

static bool is_findable(const struct oyez_journal_record *record)
{
    return oyez_record_is_event(record->kind) && !oyez_record_is_repeat(record->kind) &&
           (record->flags & OYEZ_RECORD_CONFLICT) == 0 && !oyez_uuid_is_zero(record->event_id);
}

oyez_err oyez_segment_map_add(struct oyez_segment_map *map,
                              const struct oyez_journal_record *record, uint64_t offset)
{
    oyez_err err = OYEZ_OK;

    if (map->records == map->offsets_room)
        err = grow_offsets(map);
    if (err == OYEZ_OK && map->entries * 2 >= map->slots_room)
        err = grow_slots(map);
    if (err != OYEZ_OK)
        return err;
    map->offsets[map->records++] = (uint32_t)(offset / OYEZ_FRAME_ALIGN);
    oyez_journal_span_add(&map->span, record);
    if (is_findable(record)) {
        put_slot(map, oyez_journal_fingerprint(record->event_id), (uint32_t)map->records);
        map->entries++;
    }
    return OYEZ_OK;
}

bool oyez_segment_map_find(const struct oyez_segment_map *map, uint64_t fingerprint, size_t *cursor,
                           uint32_t *record)
{
    while (map->slots_room > 0) {
        const struct oyez_map_slot *slot =
            &map->slots[(fingerprint + *cursor) & (map->slots_room - 1)];
        if (slot->record == 0)
            return false;
        (*cursor)++;
        if (slot->fingerprint == fingerprint) {
            *record = slot->record - 1;
            return true;
        }
    }
    return false;
}

void oyez_segment_map_clear(struct oyez_segment_map *map)
{
    free(map->offsets);
    free(map->slots);
    *map = (struct oyez_segment_map){0};
}
