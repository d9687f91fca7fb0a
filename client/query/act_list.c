// SPDX-License-Identifier: MIT
#include "oyez/act_list.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_act.h"

// magic, records, anchor, acts; then 8 bytes an act, then the SHA-256 of all that.
#define MAGIC_SIZE 8u
#define HEAD_SIZE (MAGIC_SIZE + 8u + OYEZ_LEAF_HASH_SIZE + 8u)
#define DIGEST_SIZE OYEZ_CATALOG_DIGEST_SIZE
#define ACTS_MAX 65536u
#define SIZE_MAX_FILE (HEAD_SIZE + 8u * ACTS_MAX + DIGEST_SIZE)

oyez_err oyez_act_list_note(struct oyez_act_list *list, uint64_t index)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        uint64_t *grown = realloc(list->indexes, room * sizeof *grown);
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a list of acts");
        list->indexes = grown;
        list->room = room;
    }
    list->indexes[list->count++] = index;
    return OYEZ_OK;
}

oyez_err oyez_act_list_reach(struct oyez_act_list *list, oyez_leaf_hasher *hasher,
                             const struct oyez_journal_record *record)
{
    static _Thread_local uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    size_t size;
    oyez_err err = oyez_leaf_build(hasher, record, leaf, &size);
    if (err == OYEZ_OK)
        err = oyez_leaf_hash(hasher, leaf, size, list->anchor);
    if (err == OYEZ_OK)
        list->records = record->index + 1;
    return err;
}

static uint8_t *encode(const struct oyez_act_list *list, const char *magic, size_t *size)
{
    uint8_t *bytes = malloc(SIZE_MAX_FILE);
    if (bytes == NULL)
        return NULL;
    uint8_t *at = bytes + MAGIC_SIZE;
    memcpy(bytes, magic, MAGIC_SIZE);
    at = put_number(at, list->records, 8);
    memcpy(at, list->anchor, sizeof list->anchor);
    at = put_number(at + sizeof list->anchor, list->count, 8);
    for (size_t i = 0; i < list->count; i++)
        at = put_number(at, list->indexes[i], 8);
    *size = (size_t)(at - bytes) + DIGEST_SIZE;
    if (oyez_catalog_digest(at, bytes, (size_t)(at - bytes)))
        return bytes;
    free(bytes);
    return NULL;
}

oyez_err oyez_act_list_save(const struct oyez_act_list *list, const struct oyez_act_file *file,
                            const char *directory, const struct oyez_disk *disk)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    size_t size = 0;
    oyez_err err = oyez_disk_path(path, directory, file->name);
    if (err != OYEZ_OK)
        return err;
    if (list->count > ACTS_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: %zu acts; the limit is %u", path, list->count,
                         ACTS_MAX);
    uint8_t *bytes = encode(list, file->magic, &size);
    if (bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to write it", path);
    err = oyez_disk_replace_unsynced(disk != NULL ? disk : oyez_disk_system(), path, bytes, size);
    free(bytes);
    return err;
}

static bool decode(struct oyez_act_list *out, const char *magic, const uint8_t *bytes, size_t size)
{
    uint8_t digest[DIGEST_SIZE];
    if (size < HEAD_SIZE + sizeof digest || memcmp(bytes, magic, MAGIC_SIZE) != 0 ||
        !oyez_catalog_digest(digest, bytes, size - sizeof digest) ||
        memcmp(digest, bytes + size - sizeof digest, sizeof digest) != 0)
        return false;
    uint64_t count = get_number(bytes + HEAD_SIZE - 8, 8);
    if (count > ACTS_MAX || size != HEAD_SIZE + 8 * count + sizeof digest)
        return false;
    out->records = get_number(bytes + MAGIC_SIZE, 8);
    memcpy(out->anchor, bytes + MAGIC_SIZE + 8, sizeof out->anchor);
    for (size_t i = 0; i < count; i++) {
        if (oyez_act_list_note(out, get_number(bytes + HEAD_SIZE + 8 * i, 8)) != OYEZ_OK)
            return false;
    }
    return true;
}

static bool load(struct oyez_act_list *out, const struct oyez_act_file *file, const char *directory,
                 const struct oyez_disk *disk)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool loaded = oyez_disk_path(path, directory, file->name) == OYEZ_OK &&
                  oyez_disk_load_new(disk, path, SIZE_MAX_FILE, &bytes, &size) == OYEZ_OK &&
                  decode(out, file->magic, bytes, size);
    free(bytes);
    return loaded;
}

static bool is_wanted(const struct oyez_act_file *file, const struct oyez_journal_record *record)
{
    return record->kind >= OYEZ_RECORD_ERASED && record->kind <= OYEZ_RECORD_ACT_LAST &&
           (file->kinds & OYEZ_ACT_KIND(record->kind)) != 0;
}

// Whether the file tells of this journal as it is now.
static bool is_anchored(const struct oyez_act_list *list, oyez_journal_reader *reader,
                        oyez_leaf_hasher *hasher)
{
    struct oyez_act_list last = {.records = 0};
    struct oyez_journal_record record;
    return list->records > 0 &&
           oyez_journal_reader_read(reader, list->records - 1, &record) == OYEZ_OK &&
           oyez_act_list_reach(&last, hasher, &record) == OYEZ_OK &&
           memcmp(last.anchor, list->anchor, sizeof last.anchor) == 0;
}

static oyez_err read_told(struct oyez_act_list *list, const struct oyez_act_file *file,
                          oyez_journal_reader *reader, oyez_act_take *take, void *arg)
{
    struct oyez_journal_record record;
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < list->count; i++) {
        err = oyez_journal_reader_read(reader, list->indexes[i], &record);
        // Expired with its segment, or damaged: the others can be read.
        list->damaged = list->damaged || err == OYEZ_ERR_CORRUPT;
        if (err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_CORRUPT)
            err = OYEZ_OK;
        else if (err == OYEZ_OK && is_wanted(file, &record))
            err = take(arg, &record);
    }
    return err;
}

static oyez_err read_rest(struct oyez_act_list *list, const struct oyez_act_file *file,
                          oyez_journal_reader *reader, oyez_leaf_hasher *hasher,
                          oyez_act_take *take, void *arg)
{
    struct oyez_journal_record record;
    uint64_t reached = list->records;
    oyez_err err = oyez_journal_reader_seek_index(reader, list->records);
    while (err == OYEZ_OK && (err = oyez_journal_reader_next(reader, &record)) == OYEZ_OK) {
        reached = record.index + 1;
        if (!is_wanted(file, &record))
            continue;
        err = oyez_act_list_note(list, record.index);
        if (err == OYEZ_OK)
            err = take(arg, &record);
    }
    // Damage hides what lies behind it; what lies before it can be read.
    if (err != OYEZ_ERR_NOT_FOUND && err != OYEZ_ERR_CORRUPT)
        return err;
    list->damaged = list->damaged || err == OYEZ_ERR_CORRUPT;
    list->stale = list->stale || reached != list->records;
    if (reached == list->records)
        return OYEZ_OK;
    err = oyez_journal_reader_read(reader, reached - 1, &record);
    return err == OYEZ_OK ? oyez_act_list_reach(list, hasher, &record) : err;
}

oyez_err oyez_act_list_read(struct oyez_act_list *out, const struct oyez_act_file *file,
                            oyez_journal_reader *reader, const char *directory,
                            const struct oyez_disk *disk, oyez_act_take *take, void *arg)
{
    oyez_leaf_hasher *hasher;
    *out = (struct oyez_act_list){.records = 0};
    oyez_err err = oyez_leaf_hasher_open(&hasher);
    if (err != OYEZ_OK)
        return err;
    if (!load(out, file, directory, disk != NULL ? disk : oyez_disk_system()) ||
        !is_anchored(out, reader, hasher)) {
        out->records = 0;
        out->count = 0;
        out->stale = true;
    }
    err = read_told(out, file, reader, take, arg);
    if (err == OYEZ_OK)
        err = read_rest(out, file, reader, hasher, take, arg);
    oyez_leaf_hasher_close(&hasher);
    return err;
}

void oyez_act_list_free(struct oyez_act_list *list)
{
    free(list->indexes);
    *list = (struct oyez_act_list){.records = 0};
}
