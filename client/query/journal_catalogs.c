// SPDX-License-Identifier: MIT
#include "oyez/journal_catalogs.h"

#include <stdlib.h>
#include <string.h>

#include "catalog_act.h"

static const struct oyez_act_file file = {"catalogs.state", "OYEZCAT1",
                                          OYEZ_ACT_KIND(OYEZ_RECORD_CATALOG_ADDED)};

// A set of which parts have come. Parts of one set stand in order; a writer that crashed among them
// begins again from the first.
struct assembly {
    uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE];
    uint8_t *bytes;
    size_t size;
    size_t come;
};

struct reading {
    struct oyez_journal_catalogs *out;
    struct assembly assembly;
};

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
    if (catalogs->digest_count == catalogs->digest_room) {
        size_t room = catalogs->digest_room == 0 ? 16 : 2 * catalogs->digest_room;
        void *grown = realloc(catalogs->digests, room * sizeof *catalogs->digests);
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for a table of catalogs");
        catalogs->digests = grown;
        catalogs->digest_room = room;
    }
    memcpy(catalogs->digests[catalogs->digest_count++], digest, OYEZ_CATALOG_DIGEST_SIZE);
    return OYEZ_OK;
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

static oyez_err take_act(void *arg, const struct oyez_journal_record *act)
{
    struct reading *reading = arg;
    struct assembly *assembly = &reading->assembly;
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
    return assembly->come == assembly->size ? end_set(reading->out, assembly) : OYEZ_OK;
}

oyez_err oyez_journal_catalogs_read(struct oyez_journal_catalogs *out, oyez_journal_reader *reader,
                                    const char *directory, const struct oyez_disk *disk)
{
    struct reading reading = {.out = out};
    *out = (struct oyez_journal_catalogs){.digest_count = 0};
    oyez_err err =
        oyez_act_list_read(&out->acts, &file, reader, directory, disk, take_act, &reading);
    free(reading.assembly.bytes);
    return err;
}

oyez_err oyez_journal_catalogs_save(const struct oyez_journal_catalogs *catalogs,
                                    const char *directory, const struct oyez_disk *disk)
{
    return oyez_act_list_save(&catalogs->acts, &file, directory, disk);
}

void oyez_journal_catalogs_free(struct oyez_journal_catalogs *catalogs)
{
    oyez_act_list_free(&catalogs->acts);
    free(catalogs->digests);
    *catalogs = (struct oyez_journal_catalogs){.digest_count = 0};
}
