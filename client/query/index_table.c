// SPDX-License-Identifier: MIT
#include "index_table_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SLOT_BITS_FIRST 8u
#define SLOT_BITS_MAX 36u

static size_t slot_count(const oyez_index_table *table)
{
    return (size_t)1 << table->slot_bits;
}

// Three of four at most: then a miss looks at two cache lines or so.
static size_t key_room(const oyez_index_table *table)
{
    return slot_count(table) / 4 * 3;
}

static size_t place_of(const oyez_index_table *table, uint64_t key)
{
    uint64_t hash = (key ^ table->secrets[0]) * table->secrets[1];
    hash ^= hash >> 32;
    hash *= table->secrets[1];
    return (size_t)(hash >> (64 - table->slot_bits));
}

static struct oyez_index_entry *find_slot(const oyez_index_table *table, uint64_t key)
{
    size_t mask = slot_count(table) - 1;
    size_t i = place_of(table, key);
    while (table->slots[i].count > 0 && table->slots[i].key != key)
        i = (i + 1) & mask;
    return &table->slots[i];
}

static oyez_err fail(enum oyez_postings_room room)
{
    if (room == OYEZ_POSTINGS_FULL)
        return oyez_fail(OYEZ_ERR_FULL, "the index of a segment has all the memory it may have");
    return room == OYEZ_POSTINGS_NO_MEMORY
               ? oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the index of a segment")
               : OYEZ_OK;
}

oyez_err oyez_index_table_open(oyez_index_table **out, size_t memory_max)
{
    oyez_index_table *table = calloc(1, sizeof *table);
    size_t slots_size = sizeof(struct oyez_index_entry) << SLOT_BITS_FIRST;
    if (table == NULL || (table->slots = calloc(1, slots_size)) == NULL) {
        free(table);
        return fail(OYEZ_POSTINGS_NO_MEMORY);
    }
    table->slot_bits = SLOT_BITS_FIRST;
    table->memory.used = sizeof *table + slots_size;
    table->memory.max = memory_max > table->memory.used ? memory_max : table->memory.used;
    // Without random numbers it is as right, and slow for who wants it slow.
    if (getrandom(table->secrets, sizeof table->secrets, GRND_NONBLOCK) < 0)
        table->secrets[1] = (uintptr_t)table;
    table->secrets[1] |= 1;
    for (size_t i = 0; i < OYEZ_INDEX_COUNTS; i++)
        table->counts[i].secret = table->secrets[0];
    *out = table;
    return OYEZ_OK;
}

void oyez_index_table_close(oyez_index_table **table)
{
    if (table == NULL || *table == NULL)
        return;
    for (size_t i = 0; i < OYEZ_INDEX_COUNTS; i++)
        oyez_index_counts_free(&(*table)->counts[i]);
    oyez_postings_free(&(*table)->postings);
    free((*table)->slots);
    free(*table);
    *table = NULL;
}

static enum oyez_postings_room enlarge(oyez_index_table *table)
{
    struct oyez_index_entry *old = table->slots;
    size_t count = slot_count(table);
    size_t size = sizeof *old * count * 2; // both are there for a while
    if (table->slot_bits == SLOT_BITS_MAX || !oyez_index_memory_take(&table->memory, size))
        return OYEZ_POSTINGS_FULL;
    struct oyez_index_entry *slots = calloc(count * 2, sizeof *slots);
    if (slots == NULL) {
        oyez_index_memory_give(&table->memory, size);
        return OYEZ_POSTINGS_NO_MEMORY;
    }
    table->slots = slots;
    table->slot_bits++;
    for (size_t i = 0; i < count; i++)
        if (old[i].count > 0)
            *find_slot(table, old[i].key) = old[i];
    oyez_index_memory_give(&table->memory, sizeof *old * count);
    free(old);
    return OYEZ_POSTINGS_ROOM;
}

// Everything that could fail comes first, so that a record is taken whole or not at all.
static enum oyez_postings_room reserve(oyez_index_table *table, size_t keys, bool counted)
{
    enum oyez_postings_room room = OYEZ_POSTINGS_ROOM;
    while (room == OYEZ_POSTINGS_ROOM && table->keys + keys > key_room(table))
        room = enlarge(table);
    if (room == OYEZ_POSTINGS_ROOM)
        room = oyez_postings_reserve(&table->postings, &table->memory, keys);
    for (size_t i = 0; counted && room == OYEZ_POSTINGS_ROOM && i < OYEZ_INDEX_COUNTS; i++)
        room = oyez_index_counts_reserve(&table->counts[i], &table->memory);
    return room;
}

static void put(oyez_index_table *table, uint64_t key)
{
    struct oyez_index_entry *slot = find_slot(table, key);
    if (slot->count == 0) {
        slot->key = key;
        slot->value = table->records;
        table->keys++;
    } else if (slot->count == 1) {
        slot->value = oyez_postings_begin(&table->postings, slot->value, table->records);
    } else {
        oyez_postings_add(&table->postings, slot->value, table->records);
    }
    slot->count++;
}

static void count_name(oyez_index_table *table, enum oyez_index_count_by by, const char *name)
{
    oyez_index_counts_add(&table->counts[by], &table->memory, name, oyez_group_name_size(name));
}

// Times stand mostly in the same hour as the one before.
static void count_hour(oyez_index_table *table, uint64_t broker_time)
{
    struct oyez_index_counts *hours = &table->counts[OYEZ_INDEX_COUNT_HOURS];
    uint64_t hour = oyez_group_hour(broker_time);
    char text[OYEZ_GROUP_HOUR_TEXT_SIZE];
    if (hours->count > 0 && hour == table->hour) {
        hours->groups[hours->recent].count++;
        return;
    }
    oyez_group_hour_to_text(hour, text);
    count_name(table, OYEZ_INDEX_COUNT_HOURS, text);
    table->hour = hour;
}

static size_t find_keys(const struct oyez_journal_record *record,
                        const struct oyez_event_view *view, uint64_t keys[OYEZ_INDEX_KEYS_MAX])
{
    if (view != NULL)
        return oyez_index_keys_of(&view->event, keys);
    if (record->kind != OYEZ_RECORD_GAP && record->kind != OYEZ_RECORD_EPOCH_END)
        return 0;
    keys[0] = oyez_index_key(OYEZ_INDEX_MARK, "", 0);
    return 1;
}

oyez_err oyez_index_table_add(oyez_index_table *table, const struct oyez_journal_record *record,
                              const struct oyez_event_view *view)
{
    uint64_t keys[OYEZ_INDEX_KEYS_MAX];
    size_t count = find_keys(record, view, keys);
    if (table->records == OYEZ_INDEX_RECORDS_MAX)
        return fail(OYEZ_POSTINGS_FULL);
    oyez_err err = fail(reserve(table, count, view != NULL));
    if (err)
        return err;
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&table->slots[place_of(table, keys[i])], 1);
    for (size_t i = 0; i < count; i++)
        put(table, keys[i]);
    if (view != NULL) {
        count_name(table, OYEZ_INDEX_COUNT_TYPES, view->event.event_type);
        count_name(table, OYEZ_INDEX_COUNT_ACTORS, oyez_group_actor(&view->event));
        count_hour(table, view->event.stamp.broker_time);
    }
    table->records++;
    return OYEZ_OK;
}

uint32_t oyez_index_table_records(const oyez_index_table *table)
{
    return table->records;
}

uint32_t oyez_index_table_count(const oyez_index_table *table, uint64_t key)
{
    return find_slot(table, key)->count;
}

oyez_err oyez_record_list_reserve(struct oyez_record_list *list, size_t count)
{
    if (count <= list->room - list->count)
        return OYEZ_OK;
    size_t room = list->room * 2 > list->count + count ? list->room * 2 : list->count + count;
    uint32_t *items =
        room <= SIZE_MAX / sizeof *items ? realloc(list->items, room * sizeof *items) : NULL;
    if (items == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a list of %zu records", room);
    list->items = items;
    list->room = room;
    return OYEZ_OK;
}

oyez_err oyez_index_table_find(const oyez_index_table *table, uint64_t key,
                               struct oyez_record_list *list)
{
    const struct oyez_index_entry *slot = find_slot(table, key);
    if (slot->count == 0)
        return OYEZ_OK;
    oyez_err err = oyez_record_list_reserve(list, slot->count);
    if (err)
        return err;
    uint32_t *out = list->items + list->count;
    if (slot->count == 1)
        *out = slot->value;
    else
        oyez_postings_read(&table->postings, slot->value, out, slot->count);
    list->count += slot->count;
    return OYEZ_OK;
}

bool oyez_index_table_tell(const oyez_index_table *table, enum oyez_index_count_by by,
                           oyez_index_tell *tell, void *arg)
{
    const struct oyez_index_counts *counts = &table->counts[by];
    if (counts->over)
        return false;
    for (size_t i = 0; i < counts->count; i++) {
        const struct oyez_index_group *group = &counts->groups[i];
        if (!tell(arg, counts->names + group->name, group->size, group->count))
            break;
    }
    return true;
}

size_t oyez_index_table_memory(const oyez_index_table *table)
{
    return table->memory.used;
}
