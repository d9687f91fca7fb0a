// SPDX-License-Identifier: MIT
// What an operator may do about a damaged journal. Nothing is deleted: what is taken out of the
// record stays beside it under a name that ends in ".damaged". A directory that is being written is
// refused (OYEZ_ERR_LOCKED).
#ifndef OYEZ_REPAIR_H
#define OYEZ_REPAIR_H

#include "oyez/journal.h"

#ifdef __cplusplus
extern "C" {
#endif

// Called for each file that is moved aside.
typedef void oyez_repair_moved(void *arg, const char *from, const char *to);

// oyez_repair_open_once opens the journal for writing and closes it cleanly, which cuts a torn tail
// and makes what is missing of hash files and checkpoints; *report, which may be NULL, tells. `key`
// is the signing key's path. Errors of oyez_journal_open. Blocks.
oyez_err oyez_repair_open_once(const char *directory, const char *key,
                               struct oyez_journal_report *report);

// oyez_repair_rebuild_hashes moves the hash files aside, and then does the same. Those of records that
// have expired are carried over from hash.L0, after it was checked against the newest checkpoint.
// OYEZ_ERR_CORRUPT: it does not lead there, or a record cannot be read; then nothing was changed.
oyez_err oyez_repair_rebuild_hashes(const char *directory, const char *key,
                                    oyez_repair_moved *moved, void *arg,
                                    struct oyez_journal_report *report);

// oyez_repair_rebuild_checkpoints makes the history of checkpoints anew: from those in it that can be
// read, wherever they stand, and from the newest, which has a file of its own. What is lost stays
// lost, and the old history is moved aside. *kept: the checkpoints in the new one. Blocks.
oyez_err oyez_repair_rebuild_checkpoints(const char *directory, oyez_repair_moved *moved, void *arg,
                                         uint64_t *kept);

// What a loss came to.
struct oyez_repair_loss {
    uint64_t asked;   // records that were to be kept
    uint64_t kept;    // as many as that, or fewer: up to the end of a group
    uint64_t covered; // that the newest checkpoint says there were
    bool contradicts; // it covers more than is kept: checkpoints and key are moved aside too
};

// oyez_repair_accept_loss keeps the records below `index`, as far as whole groups go, and moves all
// others aside. Where a checkpoint vouches for some of those, this journal ends: its checkpoints and
// its key are moved aside, so that the next opening begins as another one, under another name, and
// nobody is shown two stories under one. The hashes of records that have expired are carried over.
// OYEZ_ERR_INVALID: the act that removed the journal's beginning would be given up; OYEZ_ERR_CORRUPT as
// in oyez_repair_rebuild_hashes. Nothing was changed then.
// Errors of the disk leave a journal that can be asked for the same again. Blocks.
oyez_err oyez_repair_accept_loss(const char *directory, const char *key, uint64_t index,
                                 oyez_repair_moved *moved, void *arg,
                                 struct oyez_repair_loss *loss);

#ifdef __cplusplus
}
#endif

#endif
