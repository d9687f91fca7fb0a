// SPDX-License-Identifier: MIT
// Makes proofs out of a directory. They are checked before they are given out: what is stored may
// be wrong.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "leaf.h"
#include "oyez/proof.h"
#include "oyez/tiles.h"
#include "reader_state.h"

struct maker {
    oyez_leaf_hasher *hasher;
    oyez_tiles *tiles;
    struct oyez_checkpoint checkpoint;
    char note[OYEZ_NOTE_SIZE_MAX];
    uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
    struct oyez_proof proof;
};

static oyez_err take_note(struct maker *maker, const oyez_journal_reader *reader, const char *note,
                          size_t size)
{
    struct oyez_note parsed;
    oyez_err err = OYEZ_OK;

    if (note == NULL) {
        err = oyez_checkpoint_load(reader->segments.directory, reader->disk, maker->note, &size);
        note = maker->note;
    }
    if (err == OYEZ_OK)
        err = oyez_note_parse(&parsed, note, size);
    if (err == OYEZ_OK)
        err = oyez_checkpoint_read(&maker->checkpoint, parsed.text, parsed.text_size);
    maker->proof.checkpoint = note;
    maker->proof.checkpoint_size = size;
    return err;
}

static oyez_err take_leaf(struct maker *maker, oyez_journal_reader *reader)
{
    struct oyez_journal_record record;
    oyez_err err = oyez_journal_reader_read(reader, maker->proof.index, &record);

    if (err == OYEZ_OK && maker->proof.index >= maker->checkpoint.size)
        err = oyez_fail(OYEZ_ERR_NOT_FOUND,
                        "the checkpoint covers %" PRIu64 " records, and not yet record %" PRIu64,
                        maker->checkpoint.size, maker->proof.index);
    maker->proof.leaf = maker->leaf;
    return err == OYEZ_OK
               ? oyez_leaf_build(maker->hasher, &record, maker->leaf, &maker->proof.leaf_size)
               : err;
}

static oyez_err prove(struct maker *maker, oyez_journal_reader *reader)
{
    struct oyez_hash hash = {0};
    oyez_err err = oyez_tiles_open(&maker->tiles, reader->segments.directory, reader->disk);
    const struct oyez_tree_source source = {oyez_tiles_read, maker->tiles, maker->hasher};

    if (err == OYEZ_OK)
        err = oyez_tree_prove_inclusion(&source, maker->proof.index, maker->checkpoint.size,
                                        &maker->proof.path);
    if (err == OYEZ_OK)
        err = oyez_leaf_hash(maker->hasher, maker->leaf, maker->proof.leaf_size, hash.bytes);
    if (err == OYEZ_OK)
        err = oyez_tree_check_inclusion(maker->hasher, &hash, maker->proof.index,
                                        maker->checkpoint.size, &maker->checkpoint.root,
                                        &maker->proof.path);
    if (err != OYEZ_ERR_CORRUPT)
        return err;
    return oyez_fail(err,
                     "%s: record %" PRIu64
                     " or the hash files do not lead to the checkpoint's root: "
                     "verify says which; hash files are made again when the journal is opened for "
                     "writing without them",
                     reader->segments.directory, maker->proof.index);
}

oyez_err oyez_journal_prove(oyez_journal_reader *reader, uint64_t index, const char *note,
                            size_t note_size, char **out, size_t *size)
{
    struct maker *maker = calloc(1, sizeof(*maker));
    char *bytes = malloc(OYEZ_PROOF_SIZE_MAX);
    oyez_err err = OYEZ_OK;

    *out = NULL;
    if (maker == NULL || bytes == NULL) {
        err = oyez_fail(OYEZ_ERR_NO_MEMORY, "proof");
        goto done;
    }
    maker->proof.index = index;
    err = oyez_leaf_hasher_open(&maker->hasher);
    if (err == OYEZ_OK)
        err = take_note(maker, reader, note, note_size);
    if (err == OYEZ_OK)
        err = take_leaf(maker, reader);
    if (err == OYEZ_OK)
        err = prove(maker, reader);
    if (err == OYEZ_OK)
        err = oyez_proof_write(&maker->proof, bytes, OYEZ_PROOF_SIZE_MAX, size);
    oyez_leaf_hasher_close(&maker->hasher);
    oyez_tiles_close(&maker->tiles);
    if (err == OYEZ_OK) {
        *out = bytes;
        bytes = NULL;
    }
done:
    free(bytes);
    free(maker);
    return err;
}
