// SPDX-License-Identifier: MIT
// Proofs of records, and the leaves in them. What is read is written again and read as the same, and
// no stranger's proof ever holds for a key that signed nothing. tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "oyez/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static oyez_leaf_hasher *hasher;
static struct oyez_note_signer signer;
static volatile uint8_t sink;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void touch(const void *bytes, size_t size)
{
    uint8_t all = 0;

    for (size_t i = 0; i < size; i++)
        all ^= ((const uint8_t *)bytes)[i];
    sink = all;
}

static void check_leaf(const uint8_t *leaf, size_t size)
{
    struct oyez_journal_record record;

    if (oyez_leaf_read(&record, leaf, size) != OYEZ_OK)
        return;
    touch(record.header, record.header_size);
    touch(record.event_type, record.event_type_size);
    touch(record.details, record.details_size);
    if (record.commitment != NULL)
        touch(record.commitment, OYEZ_LEAF_HASH_SIZE);
}

static void check_again(const struct oyez_proof *proof)
{
    struct oyez_proof again;
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);
    char *out = malloc(OYEZ_PROOF_SIZE_MAX);
    size_t size;

    require(leaf != NULL && out != NULL);
    if (oyez_proof_write(proof, out, OYEZ_PROOF_SIZE_MAX, &size) == OYEZ_OK) {
        require(oyez_proof_read(&again, out, size, leaf) == OYEZ_OK);
        require(again.index == proof->index && again.leaf_size == proof->leaf_size);
        require(memcmp(again.leaf, proof->leaf, proof->leaf_size) == 0);
        require(again.path.count == proof->path.count);
        require(memcmp(again.path.hashes, proof->path.hashes,
                       proof->path.count * sizeof(proof->path.hashes[0])) == 0);
        require(again.checkpoint_size == proof->checkpoint_size);
        require(memcmp(again.checkpoint, proof->checkpoint, proof->checkpoint_size) == 0);
    }
    free(leaf);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);
    char *copy = malloc(size > 0 ? size : 1);
    struct oyez_proof proof;

    require(leaf != NULL && copy != NULL);
    if (hasher == NULL)
        require(oyez_leaf_hasher_open(&hasher) == OYEZ_OK &&
                oyez_note_signer_make(&signer, "fuzz") == OYEZ_OK);
    memcpy(copy, data, size);
    if (oyez_proof_read(&proof, copy, size, leaf) == OYEZ_OK) {
        check_again(&proof);
        check_leaf(proof.leaf, proof.leaf_size);
        require(oyez_proof_check(&proof, hasher, &signer.verifier, 1, NULL, NULL) != OYEZ_OK);
    }
    if (size <= OYEZ_LEAF_SIZE_MAX)
        check_leaf(data, size);
    free(copy);
    free(leaf);
    return 0;
}
