// SPDX-License-Identifier: MIT
#include "recorded_emitters.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct recorder_emitters {
    struct recorder_emitter *entries; // grown by doubling: they move
    uint32_t *slots;                  // places + 1, by hash; 0 = empty
    uint32_t *moved;                  // places
    uint32_t capacity, room, count, slot_mask, moved_count;
    uint32_t newest, oldest; // places + 1
    uint64_t seed[2];
    uint64_t gap_epoch, gap_position;
};

#define FIRST_ROOM 64u

oyez_err recorder_emitters_open(struct recorder_emitters **out, uint32_t capacity)
{
    uint32_t slots = 4;
    while (slots < capacity * 2)
        slots *= 2;
    struct recorder_emitters *emitters = calloc(1, sizeof *emitters);
    if (emitters != NULL) {
        emitters->slots = calloc(slots, sizeof *emitters->slots);
        emitters->moved = calloc(capacity, sizeof *emitters->moved);
    }
    if (emitters == NULL || emitters->slots == NULL || emitters->moved == NULL) {
        recorder_emitters_close(&emitters);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "table of %u emitters", capacity);
    }
    emitters->capacity = capacity;
    emitters->slot_mask = slots - 1;
    // Emitters choose their ids: without a seed they could choose them to collide.
    if (getrandom(emitters->seed, sizeof emitters->seed, 0) != (ssize_t)sizeof emitters->seed)
        emitters->seed[0] = (uint64_t)(uintptr_t)emitters;
    *out = emitters;
    return OYEZ_OK;
}

void recorder_emitters_close(struct recorder_emitters **emitters)
{
    struct recorder_emitters *closing = *emitters;
    if (closing == NULL)
        return;
    for (uint32_t i = 0; i < closing->count; i++)
        free(closing->entries[i].holes);
    free(closing->entries);
    free(closing->slots);
    free(closing->moved);
    free(closing);
    *emitters = NULL;
}

static uint64_t mix(uint64_t value)
{
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    value ^= value >> 32;
    value *= UINT64_C(0xd6e8feb86659fd93);
    return value ^ value >> 32;
}

static uint32_t home_slot(const struct recorder_emitters *emitters, struct oyez_uuid id)
{
    uint64_t halves[2];
    memcpy(halves, id.bytes, sizeof halves);
    uint64_t hash = mix(mix(halves[0] ^ emitters->seed[0]) ^ halves[1] ^ emitters->seed[1]);
    return (uint32_t)hash & emitters->slot_mask;
}

// The slot of an id, or the empty one where it would stand.
static uint32_t find_slot(const struct recorder_emitters *emitters, struct oyez_uuid id)
{
    uint32_t slot = home_slot(emitters, id);
    while (emitters->slots[slot] != 0 &&
           !oyez_uuid_equal(emitters->entries[emitters->slots[slot] - 1].id, id))
        slot = (slot + 1) & emitters->slot_mask;
    return slot;
}

const struct recorder_emitter *recorder_emitters_find(const struct recorder_emitters *emitters,
                                                      struct oyez_uuid id)
{
    uint32_t place = emitters->slots[find_slot(emitters, id)];
    return place == 0 ? NULL : &emitters->entries[place - 1];
}

// Empties a slot, and moves up those behind it that an empty one would hide.
static void clear_slot(struct recorder_emitters *emitters, uint32_t hole)
{
    uint32_t slot = hole;
    emitters->slots[hole] = 0;
    for (;;) {
        slot = (slot + 1) & emitters->slot_mask;
        uint32_t place = emitters->slots[slot];
        if (place == 0)
            return;
        uint32_t home = home_slot(emitters, emitters->entries[place - 1].id);
        if (((slot - home) & emitters->slot_mask) < ((slot - hole) & emitters->slot_mask))
            continue;
        emitters->slots[hole] = place;
        emitters->slots[slot] = 0;
        hole = slot;
    }
}

static void unlink_entry(struct recorder_emitters *emitters, uint32_t place)
{
    struct recorder_emitter *entry = &emitters->entries[place - 1];
    if (entry->newer != 0)
        emitters->entries[entry->newer - 1].older = entry->older;
    else
        emitters->newest = entry->older;
    if (entry->older != 0)
        emitters->entries[entry->older - 1].newer = entry->newer;
    else
        emitters->oldest = entry->newer;
    entry->newer = entry->older = 0;
}

static void link_newest(struct recorder_emitters *emitters, uint32_t place)
{
    struct recorder_emitter *entry = &emitters->entries[place - 1];
    entry->older = emitters->newest;
    entry->newer = 0;
    if (emitters->newest != 0)
        emitters->entries[emitters->newest - 1].newer = place;
    else
        emitters->oldest = place;
    emitters->newest = place;
}

static void forget_moved(struct recorder_emitters *emitters, uint32_t place)
{
    for (uint32_t i = 0; i < emitters->moved_count; i++) {
        if (emitters->moved[i] == place - 1) {
            emitters->moved[i] = emitters->moved[--emitters->moved_count];
            return;
        }
    }
}

// A place for a new entry: 0 = no memory.
static uint32_t take_place(struct recorder_emitters *emitters)
{
    if (emitters->count == emitters->capacity) {
        uint32_t place = emitters->oldest;
        struct recorder_emitter *gone = &emitters->entries[place - 1];
        clear_slot(emitters, find_slot(emitters, gone->id));
        unlink_entry(emitters, place);
        if (gone->moved)
            forget_moved(emitters, place);
        free(gone->holes);
        return place;
    }
    if (emitters->count == emitters->room) {
        uint32_t room = emitters->room == 0 ? FIRST_ROOM : emitters->room * 2;
        struct recorder_emitter *grown = realloc(emitters->entries, room * sizeof *grown);
        if (grown == NULL)
            return 0;
        emitters->entries = grown;
        emitters->room = room;
    }
    return ++emitters->count;
}

// The entry of an id, made if there is none, as the newest. 0 = no memory.
static uint32_t touch(struct recorder_emitters *emitters, struct oyez_uuid id)
{
    uint32_t place = emitters->slots[find_slot(emitters, id)];
    if (place != 0) {
        unlink_entry(emitters, place);
    } else {
        place = take_place(emitters);
        if (place == 0)
            return 0;
        emitters->entries[place - 1] = (struct recorder_emitter){.id = id};
        emitters->slots[find_slot(emitters, id)] = place;
    }
    link_newest(emitters, place);
    return place;
}

static bool in_hole(const struct recorder_emitter *emitter, uint64_t seq)
{
    for (uint32_t i = emitter->hole_count; i > 0; i--) {
        if (seq >= emitter->holes[i - 1].first)
            return seq <= emitter->holes[i - 1].last;
    }
    return false;
}

bool recorder_emitter_has(const struct recorder_emitter *emitter, bool fast, uint64_t seq)
{
    if (emitter == NULL)
        return false;
    if (fast)
        return emitter->fast_through != 0 && seq >= emitter->fast_lowest &&
               seq <= emitter->fast_through;
    return emitter->through != 0 && seq >= emitter->lowest && seq <= emitter->through &&
           !in_hole(emitter, seq);
}

// Puts a hole in at a place in the list. Without memory it is not known: then the numbers in it
// pass for recorded, which flags them should they come, and loses nothing.
static void add_hole(struct recorder_emitter *emitter, uint32_t at, uint64_t first, uint64_t last)
{
    if (emitter->hole_count == RECORDER_HOLES_MAX) {
        if (at == 0)
            return;
        memmove(emitter->holes, emitter->holes + 1, (at - 1) * sizeof *emitter->holes);
        emitter->holes[at - 1] = (struct recorder_range){first, last};
        return;
    }
    struct recorder_range *grown =
        realloc(emitter->holes, (emitter->hole_count + 1u) * sizeof *grown);
    if (grown == NULL)
        return;
    emitter->holes = grown;
    memmove(grown + at + 1, grown + at, (emitter->hole_count - at) * sizeof *grown);
    grown[at] = (struct recorder_range){first, last};
    emitter->hole_count++;
}

static void fill_hole(struct recorder_emitter *emitter, uint64_t seq)
{
    uint32_t i = 0;
    while (i < emitter->hole_count && emitter->holes[i].last < seq)
        i++;
    if (i == emitter->hole_count || emitter->holes[i].first > seq)
        return;
    struct recorder_range *hole = &emitter->holes[i];
    uint64_t last = hole->last;
    if (hole->first == seq && last == seq) {
        memmove(hole, hole + 1, (--emitter->hole_count - i) * sizeof *hole);
    } else if (hole->first == seq) {
        hole->first++;
    } else {
        hole->last = seq - 1;
        if (seq < last)
            add_hole(emitter, i + 1, seq + 1, last);
    }
}

// Within an epoch a jump without a gap was no loss: the broker refused those numbers.
static bool may_have_lost(const struct recorder_emitters *emitters,
                          const struct recorder_emitter *emitter, uint64_t epoch)
{
    return emitter->epoch != epoch ||
           (emitters->gap_epoch == epoch && emitters->gap_position > emitter->position);
}

static void note_durable(struct recorder_emitters *emitters, struct recorder_emitter *emitter,
                         uint64_t seq, uint64_t epoch, uint64_t position)
{
    if (emitter->through == 0) {
        emitter->lowest = emitter->through = seq;
    } else if (seq > emitter->through) {
        if (seq > emitter->through + 1 && may_have_lost(emitters, emitter, epoch))
            add_hole(emitter, emitter->hole_count, emitter->through + 1, seq - 1);
        emitter->through = seq;
    } else if (seq < emitter->lowest) {
        if (seq + 1 < emitter->lowest)
            add_hole(emitter, 0, seq + 1, emitter->lowest - 1);
        emitter->lowest = seq;
    } else {
        fill_hole(emitter, seq);
    }
    if (emitter->epoch != epoch) {
        emitter->epoch = epoch;
        emitter->first = emitter->epoch_through = seq;
    } else if (seq > emitter->epoch_through) {
        emitter->epoch_through = seq;
    } else if (seq < emitter->first) {
        emitter->first = seq;
    }
    emitter->position = position;
}

static void note_fast(struct recorder_emitter *emitter, uint64_t seq)
{
    if (emitter->fast_through == 0 || seq < emitter->fast_lowest)
        emitter->fast_lowest = seq;
    if (seq > emitter->fast_through)
        emitter->fast_through = seq;
}

static void note_moved(struct recorder_emitters *emitters, uint32_t place)
{
    struct recorder_emitter *entry = &emitters->entries[place - 1];
    if (entry->moved)
        return;
    entry->moved = true;
    emitters->moved[emitters->moved_count++] = place - 1;
}

oyez_err recorder_emitters_note(struct recorder_emitters *emitters, struct oyez_uuid id, bool fast,
                                uint64_t seq, uint64_t epoch, uint64_t position, uint64_t time)
{
    uint32_t place = touch(emitters, id);
    if (place == 0)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an emitter's numbers");
    struct recorder_emitter *entry = &emitters->entries[place - 1];
    entry->time = time;
    if (fast) {
        note_fast(entry, seq);
        return OYEZ_OK;
    }
    note_durable(emitters, entry, seq, epoch, position);
    note_moved(emitters, place);
    return OYEZ_OK;
}

void recorder_emitters_note_gap(struct recorder_emitters *emitters, uint64_t epoch,
                                uint64_t last_position)
{
    emitters->gap_epoch = epoch;
    emitters->gap_position = last_position;
}

void recorder_emitters_gap(const struct recorder_emitters *emitters, uint64_t *epoch,
                           uint64_t *last_position)
{
    *epoch = emitters->gap_epoch;
    *last_position = emitters->gap_position;
}

oyez_err recorder_emitters_put(struct recorder_emitters *emitters,
                               const struct recorder_emitter *entry)
{
    struct recorder_range *holes = NULL;
    if (entry->hole_count > 0) {
        holes = calloc(entry->hole_count, sizeof *holes);
        if (holes == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an emitter's numbers");
        memcpy(holes, entry->holes, entry->hole_count * sizeof *holes);
    }
    uint32_t place = touch(emitters, entry->id);
    if (place == 0) {
        free(holes);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an emitter's numbers");
    }
    struct recorder_emitter *to = &emitters->entries[place - 1];
    uint32_t older = to->older;
    free(to->holes);
    *to = *entry;
    to->holes = holes;
    to->moved = false;
    to->newer = 0;
    to->older = older;
    return OYEZ_OK;
}

void recorder_emitters_move_all(struct recorder_emitters *emitters, uint64_t epoch)
{
    for (uint32_t i = 0; i < emitters->count; i++) {
        if (emitters->entries[i].epoch == epoch && emitters->entries[i].through != 0)
            note_moved(emitters, i + 1);
    }
}

size_t recorder_emitters_moved_count(const struct recorder_emitters *emitters)
{
    return emitters->moved_count;
}

const struct recorder_emitter *recorder_emitters_moved(const struct recorder_emitters *emitters,
                                                       size_t i)
{
    return &emitters->entries[emitters->moved[i]];
}

void recorder_emitters_clear_moved(struct recorder_emitters *emitters)
{
    for (uint32_t i = 0; i < emitters->moved_count; i++)
        emitters->entries[emitters->moved[i]].moved = false;
    emitters->moved_count = 0;
}

size_t recorder_emitters_count(const struct recorder_emitters *emitters)
{
    return emitters->count;
}

const struct recorder_emitter *recorder_emitters_oldest(const struct recorder_emitters *emitters)
{
    return emitters->oldest == 0 ? NULL : &emitters->entries[emitters->oldest - 1];
}

const struct recorder_emitter *recorder_emitters_newer(const struct recorder_emitters *emitters,
                                                       const struct recorder_emitter *emitter)
{
    return emitter->newer == 0 ? NULL : &emitters->entries[emitter->newer - 1];
}
