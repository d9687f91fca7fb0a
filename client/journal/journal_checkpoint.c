// SPDX-License-Identifier: MIT
// Checkpoints: over safe records alone; proven to go on from the one before, signed, made safe,
// and only then given out.
#include <string.h>

#include "journal_state.h"

// Whoever compares two of our checkpoints must never find that they contradict each other.
static oyez_err check_consistency(struct oyez_journal_tree *tree,
                                  const struct oyez_checkpoint *next)
{
    const struct oyez_tree_source source = {oyez_hash_files_read, &tree->files, tree->hasher};
    const struct oyez_checkpoint *last = &tree->newest;
    struct oyez_tree_proof proof;

    if (!tree->has_checkpoint)
        return OYEZ_OK;
    oyez_err err = oyez_tree_prove_consistency(&source, last->size, next->size, &proof);
    if (err == OYEZ_OK)
        err = oyez_tree_check_consistency(tree->hasher, last->size, &last->root, next->size,
                                          &next->root, &proof);
    return err;
}

static void publish(const struct oyez_journal_tree *tree, const char *note, size_t size)
{
    const struct oyez_journal_checkpoint checkpoint = {.records = tree->newest.size,
                                                       .epoch = tree->epoch,
                                                       .position = tree->position,
                                                       .note = note,
                                                       .note_size = size};

    if (tree->checkpointed != NULL)
        tree->checkpointed(tree->arg, &checkpoint);
}

oyez_err oyez_journal_make_checkpoint(oyez_journal *journal,
                                      const struct oyez_note_signer *successor)
{
    struct oyez_journal_tree *tree = &journal->tree;
    struct oyez_note_signer signers[2] = {tree->signer};
    struct oyez_checkpoint next = {.size = tree->tree.size};
    char text[OYEZ_CHECKPOINT_TEXT_SIZE], note[OYEZ_CHECKPOINT_NOTE_SIZE];
    size_t size = 0;

    if (successor != NULL)
        signers[1] = *successor;
    memcpy(next.origin, tree->signer.verifier.name, sizeof(next.origin));
    // Whoever has the checkpoint finds the hashes that prove what it covers.
    oyez_err err = oyez_hash_files_write(&tree->files);
    if (err == OYEZ_OK)
        err = oyez_tree_root(tree->hasher, &tree->tree, &next.root);
    if (err == OYEZ_OK)
        err = check_consistency(tree, &next);
    if (err == OYEZ_OK)
        err = oyez_note_sign(text, oyez_checkpoint_write(&next, text), signers,
                             successor != NULL ? 2 : 1, note, sizeof(note), &size);
    oyez_note_signer_wipe(&signers[0]);
    oyez_note_signer_wipe(&signers[1]);
    if (err == OYEZ_OK)
        err = oyez_checkpoint_files_put(&tree->checkpoints, note, size);
    if (err != OYEZ_OK)
        return err;
    tree->newest = next;
    tree->has_checkpoint = true;
    publish(tree, note, size);
    return OYEZ_OK;
}

static oyez_err make_if_due(oyez_journal *journal)
{
    struct oyez_journal_tree *tree = &journal->tree;
    oyez_err err = oyez_journal_take_hashes(journal);

    if (err != OYEZ_OK || (tree->has_checkpoint && tree->newest.size == tree->tree.size))
        return err;
    return oyez_journal_make_checkpoint(journal, NULL);
}

oyez_err oyez_journal_checkpoint(oyez_journal *journal)
{
    if (!journal->tree.kept)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: opened without a key", journal->directory);
    pthread_mutex_lock(&journal->tree.lock);
    oyez_err err = oyez_journal_check_failed(journal);
    if (err == OYEZ_OK) {
        err = make_if_due(journal);
        if (err != OYEZ_OK)
            (void)oyez_journal_fail(journal, err);
    }
    pthread_mutex_unlock(&journal->tree.lock);
    return err;
}

oyez_err oyez_journal_settle(oyez_journal *journal)
{
    if (!journal->tree.kept)
        return OYEZ_OK;
    oyez_err err = oyez_journal_checkpoint(journal);
    if (err != OYEZ_OK)
        return err;
    pthread_mutex_lock(&journal->tree.lock);
    err = oyez_hash_files_sync(&journal->tree.files);
    pthread_mutex_unlock(&journal->tree.lock);
    return err == OYEZ_OK ? OYEZ_OK : oyez_journal_fail(journal, err);
}

oyez_err oyez_journal_begin_checkpoints(oyez_journal *journal, struct oyez_journal_report *report)
{
    struct oyez_journal_tree *tree = &journal->tree;

    pthread_mutex_lock(&journal->lock);
    journal->written_epoch = journal->durable_epoch = journal->epoch;
    journal->written_position = journal->durable_position = journal->position;
    pthread_mutex_unlock(&journal->lock);
    if (!tree->kept)
        return OYEZ_OK;
    tree->epoch = journal->epoch;
    tree->position = journal->position;
    oyez_err err = oyez_checkpoint_files_open(&tree->checkpoints, journal->disk, journal->directory,
                                              journal->journal_id);
    if (err == OYEZ_OK)
        err = oyez_journal_end_rotation(journal);
    if (err == OYEZ_OK)
        err = oyez_journal_checkpoint(journal);
    report->checkpointed = tree->newest.size;
    return err;
}
