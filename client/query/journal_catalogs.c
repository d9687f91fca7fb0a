// SPDX-License-Identifier: MIT
#include "oyez/journal_catalogs.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_act.h"
#include "catalogs_file.h"

// A set of which parts have come. Parts of one set stand in order; a writer that crashed among them
// begins again from the first.
struct assembly {
    uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE];
    uint8_t *bytes;
    size_t size;
    size_t come;
};

static void *make_room(void *array, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return array;
    size_t wanted = *room == 0 ? 16 : 2 * *room;
    void *grown = realloc(array, wanted * size);
    if (grown != NULL)
        *room = wanted;
    return grown;
}

oyez_err oyez_journal_catalogs_note(struct oyez_journal_catalogs *catalogs, uint64_t index)
{
    void *grown = make_room(catalogs->indexes, &catalogs->index_room, catalogs->index_count,
                            sizeof *catalogs->indexes);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a table of catalogs");
    catalogs->indexes = grown;
    catalogs->indexes[catalogs->index_count++] = index;
    return OYEZ_OK;
}

bool oyez_journal_catalogs_have(const struct oyez_journal_catalogs *catalogs,
                                const uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE])
{
    for (size_t i = 0; i < catalogs->digest_count; i++) {
        if (memcmp(catalogs->digests[i], digest, OYEZ_CATALOG_DIGEST_SIZE) == 0)
            return true;
    }
    return false;
}

oyez_err oyez_journal_catalogs_note_set(struct oyez_journal_catalogs *catalogs,
                                        const uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE])
{
    if (oyez_journal_catalogs_have(catalogs, digest))
        return OYEZ_OK;
    void *grown = make_room(catalogs->digests, &catalogs->digest_room, catalogs->digest_count,
                            sizeof *catalogs->digests);
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a table of catalogs");
    catalogs->digests = grown;
    memcpy(catalogs->digests[catalogs->digest_count++], digest, OYEZ_CATALOG_DIGEST_SIZE);
    return OYEZ_OK;
}

oyez_err oyez_journal_catalogs_reach(struct oyez_journal_catalogs *catalogs,
                                     oyez_leaf_hasher *hasher,
                                     const struct oyez_journal_record *record)
{
    static _Thread_local uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    size_t size;
    oyez_err err = oyez_leaf_build(hasher, record, leaf, &size);
    if (err == OYEZ_OK)
        err = oyez_leaf_hash(hasher, leaf, size, catalogs->anchor);
    if (err == OYEZ_OK)
        catalogs->records = record->index + 1;
    return err;
}

static void forget(struct oyez_journal_catalogs *catalogs)
{
    catalogs->records = 0;
    catalogs->index_count = 0;
    catalogs->digest_count = 0;
    catalogs->stale = true;
}

static oyez_err begin_set(struct assembly *assembly, const struct oyez_catalog_part *part)
{
    free(assembly->bytes);
    *assembly = (struct assembly){.size = part->size};
    memcpy(assembly->digest, part->digest, sizeof assembly->digest);
    assembly->bytes = malloc(part->size + 1u);
    return assembly->bytes != NULL ? OYEZ_OK
                                   : oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a catalog");
}

// What cannot be added is of a later version of this program; the rest can be read all the same.
static oyez_err end_set(struct oyez_journal_catalogs *out, const struct assembly *assembly)
{
    uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE];
    if (!oyez_catalog_digest(digest, assembly->bytes, assembly->size) ||
        memcmp(digest, assembly->digest, sizeof digest) != 0)
        return OYEZ_OK;
    oyez_err err = oyez_catalog_add(assembly->bytes, assembly->size, "journal", true);
    return err == OYEZ_ERR_NO_MEMORY ? err : oyez_journal_catalogs_note_set(out, digest);
}

static oyez_err take_act(struct oyez_journal_catalogs *out, struct assembly *assembly,
                         const struct oyez_journal_record *act)
{
    struct oyez_catalog_part part;
    oyez_err err = OYEZ_OK;
    if (!oyez_catalog_part_read(&part, act->details, act->details_size))
        return OYEZ_OK;
    if (part.offset == 0)
        err = begin_set(assembly, &part);
    if (err != OYEZ_OK || assembly->bytes == NULL || part.size != assembly->size ||
        part.offset != assembly->come ||
        memcmp(part.digest, assembly->digest, sizeof assembly->digest) != 0)
        return err;
    memcpy(assembly->bytes + assembly->come, part.bytes, part.part_size);
    assembly->come += part.part_size;
    return assembly->come == assembly->size ? end_set(out, assembly) : OYEZ_OK;
}

// Whether the file tells of this journal as it is now.
static bool is_anchored(const struct oyez_journal_catalogs *catalogs, oyez_journal_reader *reader,
                        oyez_leaf_hasher *hasher)
{
    struct oyez_journal_catalogs last = {.records = 0};
    struct oyez_journal_record record;
    return catalogs->records > 0 &&
           oyez_journal_reader_read(reader, catalogs->records - 1, &record) == OYEZ_OK &&
           oyez_journal_catalogs_reach(&last, hasher, &record) == OYEZ_OK &&
           memcmp(last.anchor, catalogs->anchor, sizeof last.anchor) == 0;
}

static oyez_err read_told(struct oyez_journal_catalogs *out, struct assembly *assembly,
                          oyez_journal_reader *reader)
{
    struct oyez_journal_record record;
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < out->index_count; i++) {
        err = oyez_journal_reader_read(reader, out->indexes[i], &record);
        // Expired with its segment, or damaged: the others can be read.
        if (err == OYEZ_ERR_NOT_FOUND || err == OYEZ_ERR_CORRUPT)
            err = OYEZ_OK;
        else if (err == OYEZ_OK && record.kind == OYEZ_RECORD_CATALOG_ADDED)
            err = take_act(out, assembly, &record);
    }
    return err;
}

static oyez_err read_rest(struct oyez_journal_catalogs *out, struct assembly *assembly,
                          oyez_journal_reader *reader, oyez_leaf_hasher *hasher)
{
    struct oyez_journal_record record;
    uint64_t reached = out->records;
    oyez_err err = oyez_journal_reader_seek_index(reader, out->records);
    while (err == OYEZ_OK && (err = oyez_journal_reader_next(reader, &record)) == OYEZ_OK) {
        reached = record.index + 1;
        if (record.kind != OYEZ_RECORD_CATALOG_ADDED)
            continue;
        err = oyez_journal_catalogs_note(out, record.index);
        if (err == OYEZ_OK)
            err = take_act(out, assembly, &record);
    }
    // Damage hides what lies behind it; what lies before it can be read.
    if (err != OYEZ_ERR_NOT_FOUND && err != OYEZ_ERR_CORRUPT)
        return err;
    out->stale = out->stale || reached != out->records;
    if (reached == out->records)
        return OYEZ_OK;
    err = oyez_journal_reader_read(reader, reached - 1, &record);
    return err == OYEZ_OK ? oyez_journal_catalogs_reach(out, hasher, &record) : err;
}

oyez_err oyez_journal_catalogs_read(struct oyez_journal_catalogs *out, oyez_journal_reader *reader,
                                    const char *directory, const struct oyez_disk *disk)
{
    struct assembly assembly = {.bytes = NULL};
    oyez_leaf_hasher *hasher;
    *out = (struct oyez_journal_catalogs){.records = 0};
    oyez_err err = oyez_leaf_hasher_open(&hasher);
    if (err != OYEZ_OK)
        return err;
    if (!oyez_catalogs_file_load(out, directory, disk != NULL ? disk : oyez_disk_system()) ||
        !is_anchored(out, reader, hasher))
        forget(out);
    err = read_told(out, &assembly, reader);
    if (err == OYEZ_OK)
        err = read_rest(out, &assembly, reader, hasher);
    free(assembly.bytes);
    oyez_leaf_hasher_close(&hasher);
    return err;
}

void oyez_journal_catalogs_free(struct oyez_journal_catalogs *catalogs)
{
    free(catalogs->indexes);
    free(catalogs->digests);
    *catalogs = (struct oyez_journal_catalogs){.records = 0};
}
