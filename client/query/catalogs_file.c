// SPDX-License-Identifier: MIT
#include "catalogs_file.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_act.h"

// magic, records, anchor, acts; then 8 bytes an act, then the SHA-256 of all that.
#define HEAD_SIZE (8u + 8u + OYEZ_LEAF_HASH_SIZE + 8u)
#define ACTS_MAX 65536u
#define SIZE_MAX_FILE (HEAD_SIZE + 8u * ACTS_MAX + OYEZ_CATALOG_DIGEST_SIZE)

static const char magic[8] = {'O', 'Y', 'E', 'Z', 'C', 'A', 'T', '1'};

static uint8_t *encode(const struct oyez_journal_catalogs *catalogs, size_t *size)
{
    uint8_t *bytes = malloc(SIZE_MAX_FILE);
    if (bytes == NULL)
        return NULL;
    uint8_t *at = bytes + sizeof magic;
    memcpy(bytes, magic, sizeof magic);
    at = put_number(at, catalogs->records, 8);
    memcpy(at, catalogs->anchor, sizeof catalogs->anchor);
    at = put_number(at + sizeof catalogs->anchor, catalogs->index_count, 8);
    for (size_t i = 0; i < catalogs->index_count; i++)
        at = put_number(at, catalogs->indexes[i], 8);
    *size = (size_t)(at - bytes) + OYEZ_CATALOG_DIGEST_SIZE;
    if (oyez_catalog_digest(at, bytes, (size_t)(at - bytes)))
        return bytes;
    free(bytes);
    return NULL;
}

oyez_err oyez_journal_catalogs_save(const struct oyez_journal_catalogs *catalogs,
                                    const char *directory, const struct oyez_disk *disk)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    size_t size = 0;
    // So many are read anew each time: nobody changes catalogs so often.
    if (catalogs->index_count > ACTS_MAX)
        return OYEZ_OK;
    oyez_err err = oyez_disk_path(path, directory, OYEZ_CATALOGS_FILE);
    uint8_t *bytes = err == OYEZ_OK ? encode(catalogs, &size) : NULL;
    if (err == OYEZ_OK && bytes == NULL)
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to write it", path);
    if (err == OYEZ_OK)
        err = oyez_disk_replace_unsynced(disk, path, bytes, size);
    free(bytes);
    return err;
}

static bool decode(struct oyez_journal_catalogs *out, const uint8_t *bytes, size_t size)
{
    uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE];
    if (size < HEAD_SIZE + sizeof digest || memcmp(bytes, magic, sizeof magic) != 0 ||
        !oyez_catalog_digest(digest, bytes, size - sizeof digest) ||
        memcmp(digest, bytes + size - sizeof digest, sizeof digest) != 0)
        return false;
    uint64_t count = get_number(bytes + HEAD_SIZE - 8, 8);
    if (count > ACTS_MAX || size != HEAD_SIZE + 8 * count + sizeof digest)
        return false;
    out->records = get_number(bytes + sizeof magic, 8);
    memcpy(out->anchor, bytes + sizeof magic + 8, sizeof out->anchor);
    for (size_t i = 0; i < count; i++) {
        if (oyez_journal_catalogs_note(out, get_number(bytes + HEAD_SIZE + 8 * i, 8)) != OYEZ_OK)
            return false;
    }
    return true;
}

bool oyez_catalogs_file_load(struct oyez_journal_catalogs *out, const char *directory,
                             const struct oyez_disk *disk)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool loaded = oyez_disk_path(path, directory, OYEZ_CATALOGS_FILE) == OYEZ_OK &&
                  oyez_disk_load_new(disk, path, SIZE_MAX_FILE, &bytes, &size) == OYEZ_OK &&
                  decode(out, bytes, size);
    free(bytes);
    return loaded;
}
