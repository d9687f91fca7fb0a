// SPDX-License-Identifier: MIT
#include "emitters_file.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_SIZE 132u // magic, checksum, journal id, twelve numbers, count
#define ENTRY_SIZE 92u // id, nine numbers, hole count
#define RANGE_SIZE 16u
#define SIZE_MAX_FILE ((size_t)1 << 28) // twice the fullest table

static const char magic[8] = {'O', 'Y', 'E', 'Z', 'E', 'M', 'T', '2'};

// Where writing or reading stands. A reader that ran out of bytes stays at the end and is `short`.
struct cursor {
    uint8_t *at;
    const uint8_t *end;
    bool cut;
};

static void put_number(struct cursor *cursor, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        *cursor->at++ = (uint8_t)(value >> (8 * i));
}

static void put_count(struct cursor *cursor, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        *cursor->at++ = (uint8_t)(value >> (8 * i));
}

static void put_bytes(struct cursor *cursor, const void *bytes, size_t size)
{
    memcpy(cursor->at, bytes, size);
    cursor->at += size;
}

static bool has(struct cursor *cursor, size_t size)
{
    if (cursor->cut || (size_t)(cursor->end - cursor->at) < size)
        cursor->cut = true;
    return !cursor->cut;
}

static uint64_t get_number(struct cursor *cursor)
{
    uint64_t value = 0;
    for (unsigned i = 0; has(cursor, 8) && i < 8; i++)
        value |= (uint64_t)cursor->at[i] << (8 * i);
    cursor->at += cursor->cut ? 0 : 8;
    return value;
}

static uint32_t get_count(struct cursor *cursor)
{
    uint32_t value = 0;
    for (unsigned i = 0; has(cursor, 4) && i < 4; i++)
        value |= (uint32_t)cursor->at[i] << (8 * i);
    cursor->at += cursor->cut ? 0 : 4;
    return value;
}

static void get_bytes(struct cursor *cursor, void *bytes, size_t size)
{
    if (!has(cursor, size))
        return;
    memcpy(bytes, cursor->at, size);
    cursor->at += size;
}

// FNV-1a: against half-written files, not against anybody.
static uint64_t checksum(const uint8_t *bytes, size_t size)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static bool is_old(const struct recorder_emitter *entry, uint64_t newest)
{
    return newest > RECORDER_EMITTER_AGE_MAX && entry->time < newest - RECORDER_EMITTER_AGE_MAX;
}

static uint64_t newest_time(const struct recorder_emitters *emitters)
{
    uint64_t newest = 0;
    for (const struct recorder_emitter *entry = recorder_emitters_oldest(emitters); entry != NULL;
         entry = recorder_emitters_newer(emitters, entry))
        newest = entry->time > newest ? entry->time : newest;
    return newest;
}

static void put_heard(struct cursor *cursor, const struct recorder_heard *heard)
{
    put_number(cursor, heard->epoch);
    put_number(cursor, heard->highest);
    put_number(cursor, heard->clean);
}

static struct recorder_heard get_heard(struct cursor *cursor)
{
    struct recorder_heard heard = {.epoch = get_number(cursor)};
    heard.highest = get_number(cursor);
    heard.clean = get_number(cursor) != 0;
    return heard;
}

// All that stands behind the checksum and before the emitters.
static void put_head(struct cursor *cursor, const struct recorder_state_head *head,
                     const struct recorder_emitters *emitters, uint64_t newest, uint32_t count)
{
    uint64_t gap_epoch, gap_position;
    recorder_emitters_gap(emitters, &gap_epoch, &gap_position);
    put_bytes(cursor, head->journal_id, OYEZ_JOURNAL_ID_SIZE);
    put_number(cursor, head->records);
    put_number(cursor, head->place.epoch);
    put_number(cursor, head->place.position);
    put_number(cursor, newest);
    put_number(cursor, gap_epoch);
    put_number(cursor, gap_position);
    put_heard(cursor, &head->over);
    put_heard(cursor, &head->heard);
    put_count(cursor, count);
}

// Gives the number of emitters that follow.
static uint32_t get_head(struct cursor *cursor, struct recorder_state_head *head,
                         struct recorder_emitters *emitters)
{
    get_bytes(cursor, head->journal_id, OYEZ_JOURNAL_ID_SIZE);
    head->records = get_number(cursor);
    head->place.epoch = get_number(cursor);
    head->place.position = get_number(cursor);
    (void)get_number(cursor);
    uint64_t gap_epoch = get_number(cursor);
    uint64_t gap_position = get_number(cursor);
    recorder_emitters_note_gap(emitters, gap_epoch, gap_position);
    head->over = get_heard(cursor);
    head->heard = get_heard(cursor);
    return get_count(cursor);
}

static void put_entry(struct cursor *cursor, const struct recorder_emitter *entry)
{
    put_bytes(cursor, entry->id.bytes, OYEZ_UUID_SIZE);
    put_number(cursor, entry->time);
    put_number(cursor, entry->lowest);
    put_number(cursor, entry->through);
    put_number(cursor, entry->fast_lowest);
    put_number(cursor, entry->fast_through);
    put_number(cursor, entry->epoch);
    put_number(cursor, entry->first);
    put_number(cursor, entry->epoch_through);
    put_number(cursor, entry->position);
    put_count(cursor, entry->hole_count);
    for (uint32_t i = 0; i < entry->hole_count; i++) {
        put_number(cursor, entry->holes[i].first);
        put_number(cursor, entry->holes[i].last);
    }
}

uint8_t *recorder_state_encode(const struct recorder_state_head *head,
                               const struct recorder_emitters *emitters, size_t *size)
{
    uint64_t newest = newest_time(emitters);
    uint32_t count = 0;
    *size = HEAD_SIZE;
    for (const struct recorder_emitter *entry = recorder_emitters_oldest(emitters); entry != NULL;
         entry = recorder_emitters_newer(emitters, entry)) {
        if (is_old(entry, newest))
            continue;
        *size += ENTRY_SIZE + entry->hole_count * RANGE_SIZE;
        count++;
    }
    uint8_t *bytes = malloc(*size);
    if (bytes == NULL)
        return NULL;
    struct cursor cursor = {.at = bytes + 16};
    put_head(&cursor, head, emitters, newest, count);
    for (const struct recorder_emitter *entry = recorder_emitters_oldest(emitters); entry != NULL;
         entry = recorder_emitters_newer(emitters, entry)) {
        if (!is_old(entry, newest))
            put_entry(&cursor, entry);
    }
    cursor.at = bytes;
    put_bytes(&cursor, magic, sizeof magic);
    put_number(&cursor, checksum(bytes + 16, *size - 16));
    return bytes;
}

static oyez_err get_entry(struct cursor *cursor, struct recorder_emitters *emitters)
{
    struct recorder_range holes[RECORDER_HOLES_MAX];
    struct recorder_emitter entry = {.holes = holes};
    get_bytes(cursor, entry.id.bytes, OYEZ_UUID_SIZE);
    entry.time = get_number(cursor);
    entry.lowest = get_number(cursor);
    entry.through = get_number(cursor);
    entry.fast_lowest = get_number(cursor);
    entry.fast_through = get_number(cursor);
    entry.epoch = get_number(cursor);
    entry.first = get_number(cursor);
    entry.epoch_through = get_number(cursor);
    entry.position = get_number(cursor);
    entry.hole_count = get_count(cursor);
    if (entry.hole_count > RECORDER_HOLES_MAX)
        return oyez_fail(OYEZ_ERR_MALFORMED, "%s: an emitter with %u holes", RECORDER_STATE_FILE,
                         entry.hole_count);
    for (uint32_t i = 0; i < entry.hole_count; i++) {
        holes[i].first = get_number(cursor);
        holes[i].last = get_number(cursor);
    }
    if (cursor->cut)
        return oyez_fail(OYEZ_ERR_MALFORMED, "%s: cut off", RECORDER_STATE_FILE);
    return recorder_emitters_put(emitters, &entry);
}

oyez_err recorder_state_decode(const uint8_t *bytes, size_t size, struct recorder_state_head *head,
                               struct recorder_emitters *emitters)
{
    if (size < HEAD_SIZE || memcmp(bytes, magic, sizeof magic) != 0)
        return oyez_fail(OYEZ_ERR_MALFORMED, "%s: no such file", RECORDER_STATE_FILE);
    struct cursor cursor = {.at = (uint8_t *)bytes + 8, .end = bytes + size};
    if (get_number(&cursor) != checksum(bytes + 16, size - 16))
        return oyez_fail(OYEZ_ERR_MALFORMED, "%s: its checksum is wrong", RECORDER_STATE_FILE);
    uint32_t count = get_head(&cursor, head, emitters);
    oyez_err err = OYEZ_OK;
    for (uint32_t i = 0; i < count && err == OYEZ_OK; i++)
        err = get_entry(&cursor, emitters);
    return err;
}

oyez_err recorder_state_save(const struct oyez_disk *disk, const char *directory,
                             const uint8_t *bytes, size_t size)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, directory, RECORDER_STATE_FILE);

    return err == OYEZ_OK ? oyez_disk_replace(disk, path, bytes, size) : err;
}

oyez_err recorder_state_load(const struct oyez_disk *disk, const char *directory, uint8_t **bytes,
                             size_t *size)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    *bytes = NULL;
    oyez_err err = oyez_disk_path(path, directory, RECORDER_STATE_FILE);

    return err == OYEZ_OK ? oyez_disk_load_new(disk, path, SIZE_MAX_FILE, bytes, size) : err;
}
