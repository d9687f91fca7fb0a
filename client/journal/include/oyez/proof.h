// SPDX-License-Identifier: MIT
// Proofs of single records: C2SP tlog-proof files whose extra line is the leaf.
#ifndef OYEZ_PROOF_H
#define OYEZ_PROOF_H

#include "oyez/checkpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_PROOF_SIZE_MAX (256u * 1024u) // of a file that is read or made

struct oyez_proof {
    uint64_t index;
    const uint8_t *leaf; // extra; size 0 = none
    size_t leaf_size;
    struct oyez_tree_proof path;
    const char *checkpoint; // a signed note, no NUL
    size_t checkpoint_size;
};

// oyez_proof_write makes the file's bytes. OYEZ_ERR_TOO_LARGE: they do not fit `room`.
oyez_err oyez_proof_write(const struct oyez_proof *proof, char *out, size_t room, size_t *size);

// oyez_proof_read reads a file; nothing is verified. The leaf is decoded into `leaf`, the
// checkpoint stays where it is. OYEZ_ERR_MALFORMED, OYEZ_ERR_TOO_LARGE.
oyez_err oyez_proof_read(struct oyez_proof *out, const void *bytes, size_t size,
                         uint8_t leaf[OYEZ_LEAF_SIZE_MAX]);

// oyez_proof_check verifies a proof that was read: the checkpoint with any of the keys, and that
// the leaf is in its tree at the index. *checkpoint and *key, which may be NULL, as
// oyez_checkpoint_open. OYEZ_ERR_INVALID: it holds no leaf. OYEZ_ERR_CORRUPT says what does not
// hold; errors of oyez_checkpoint_open.
oyez_err oyez_proof_check(const struct oyez_proof *proof, oyez_leaf_hasher *hasher,
                          const struct oyez_note_verifier *keys, size_t key_count,
                          struct oyez_checkpoint *checkpoint, size_t *key);

// oyez_leaf_read shows what a leaf says; pointers lead into it. What is not in a leaf is zero:
// salt, signature and details, of a personal event the header too; a repeat's first_index.
// `commitment` is set for events and repeats. An ordinary event's id is not read out of its header.
// OYEZ_ERR_MALFORMED, OYEZ_ERR_VERSION.
oyez_err oyez_leaf_read(struct oyez_journal_record *out, const void *leaf, size_t size);

// oyez_leaf_check_event says whether these are the header, salt, signature, details and details
// format to which a leaf that was read commits. OYEZ_ERR_CORRUPT: which of them differs.
// OYEZ_ERR_INVALID: the leaf is no event's. OYEZ_ERR_SYSTEM.
oyez_err oyez_leaf_check_event(oyez_leaf_hasher *hasher, const struct oyez_journal_record *leaf,
                               const struct oyez_journal_record *event);

// oyez_journal_prove makes the proof of a record of a directory against a checkpoint's note, which
// is NULL for the directory's newest, and checks it before it gives it out. Also while another
// process writes. *out is to be freed; no NUL. OYEZ_ERR_NOT_FOUND: there is no such record, or
// the checkpoint does not cover it yet (the detail says which). OYEZ_ERR_CORRUPT: what is stored
// gives no proof. Errors of reading. Blocks.
oyez_err oyez_journal_prove(oyez_journal_reader *reader, uint64_t index, const char *note,
                            size_t note_size, char **out, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
