// SPDX-License-Identifier: MIT
// Where a journal's acts of some kinds are, and a file that spares who opens it the search for them.
// No reader has to trust the file: it holds for the journal in which its last record has the leaf
// that it names, and what came later is looked through. docs/journal.md has its bytes.
#ifndef OYEZ_ACT_LIST_H
#define OYEZ_ACT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/journal.h"

// Which acts, and where they are kept.
struct oyez_act_file {
    const char *name;  // in the journal's directory
    const char *magic; // 8 characters
    uint32_t kinds;    // bit i: the acts of kind 16 + i
};

#define OYEZ_ACT_KIND(kind) (UINT32_C(1) << ((kind)-OYEZ_RECORD_ERASED))

struct oyez_act_list {
    uint64_t records;  // every act with a lower index is known
    uint64_t *indexes; // of the acts, ascending
    size_t count;
    size_t room;
    uint8_t anchor[OYEZ_LEAF_HASH_SIZE]; // hash of the leaf of record number records - 1
    bool stale;                          // the file lacks something, or is not there
    bool damaged;                        // not everything could be read
};

// Is given each act that can be read, in order; what it returns ends the reading unless it is OYEZ_OK.
typedef oyez_err oyez_act_take(void *arg, const struct oyez_journal_record *act);

// oyez_act_list_read finds them all, by the file and by reading the records that it does not tell of.
// The errors of reading a journal; OYEZ_ERR_NO_MEMORY. Free it in any case. The reader stands anywhere
// afterwards. disk NULL = oyez_disk_system. Blocks.
oyez_err oyez_act_list_read(struct oyez_act_list *out, const struct oyez_act_file *file,
                            oyez_journal_reader *reader, const char *directory,
                            const struct oyez_disk *disk, oyez_act_take *take, void *arg);
void oyez_act_list_free(struct oyez_act_list *list);

// oyez_act_list_note adds an act. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_act_list_note(struct oyez_act_list *list, uint64_t index);

// oyez_act_list_reach tells that everything up to this record is known: no act among it that was not
// noted. OYEZ_ERR_SYSTEM.
oyez_err oyez_act_list_reach(struct oyez_act_list *list, oyez_leaf_hasher *hasher,
                             const struct oyez_journal_record *record);

// oyez_act_list_save writes the file. OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY, OYEZ_ERR_TOO_LARGE. Blocks, but
// waits for no disk: who finds half a file reads the journal. disk NULL = oyez_disk_system.
oyez_err oyez_act_list_save(const struct oyez_act_list *list, const struct oyez_act_file *file,
                            const char *directory, const struct oyez_disk *disk);

#endif
