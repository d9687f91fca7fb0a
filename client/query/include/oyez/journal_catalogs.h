// SPDX-License-Identifier: MIT
// The catalogs that a journal keeps, so that its events can be read with nothing else at hand.
// docs/journal.md specifies the acts that hold them and the file catalogs.state.
#ifndef OYEZ_JOURNAL_CATALOGS_H
#define OYEZ_JOURNAL_CATALOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/act_list.h"
#include "oyez/catalog.h"
#include "oyez/journal.h"

#define OYEZ_CATALOG_DIGEST_SIZE 32u
// Bytes of a descriptor set in one act: with what stands before them a leaf has room.
#define OYEZ_CATALOG_PART_SIZE 61440u

// What a journal has of catalogs.
struct oyez_journal_catalogs {
    struct oyez_act_list acts;
    uint8_t (*digests)[OYEZ_CATALOG_DIGEST_SIZE]; // of the sets that are there in full
    size_t digest_count;
    size_t digest_room;
};

// oyez_journal_catalogs_read finds them: by the file catalogs.state, and by reading the records
// that it does not tell of. Sets that are whole are added to the process for reading (origin
// "journal"); one that cannot be is left out. The errors of reading a journal; OYEZ_ERR_NO_MEMORY.
// Free it in any case. The reader stands anywhere afterwards. Blocks.
oyez_err oyez_journal_catalogs_read(struct oyez_journal_catalogs *out, oyez_journal_reader *reader,
                                    const char *directory, const struct oyez_disk *disk);
void oyez_journal_catalogs_free(struct oyez_journal_catalogs *catalogs);

// oyez_journal_catalogs_save writes catalogs.state, as oyez_act_list_save.
oyez_err oyez_journal_catalogs_save(const struct oyez_journal_catalogs *catalogs,
                                    const char *directory, const struct oyez_disk *disk);

bool oyez_journal_catalogs_have(const struct oyez_journal_catalogs *catalogs,
                                const uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE]);

// oyez_journal_catalogs_note_set adds a set that is there in full. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_journal_catalogs_note_set(struct oyez_journal_catalogs *catalogs,
                                        const uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE]);

// A catalog on its way into a journal.
struct oyez_stored_catalog {
    const struct oyez_catalog *catalog;
    uint8_t *bytes; // its descriptor set without comments
    size_t size;
    uint8_t digest[OYEZ_CATALOG_DIGEST_SIZE];
    size_t told; // bytes that went into acts
};

// oyez_stored_catalog_open makes it. Close it. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_SYSTEM.
oyez_err oyez_stored_catalog_open(struct oyez_stored_catalog *out,
                                  const struct oyez_catalog *catalog);
void oyez_stored_catalog_close(struct oyez_stored_catalog *stored);

// oyez_stored_catalog_next writes the bytes of its next act, OYEZ_LEAF_SIZE_MAX at most. False:
// there is no more to tell.
bool oyez_stored_catalog_next(struct oyez_stored_catalog *stored, uint8_t *out, size_t *size);

#endif
