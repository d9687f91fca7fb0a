// SPDX-License-Identifier: MIT
// From appended records to the tree: the writer hashes leaves, what is safe goes into the tree.
#include <stdlib.h>
#include <string.h>

#include "journal_state.h"
#include "leaf.h"

static oyez_err make_room(struct oyez_hash **list, size_t *room, size_t wanted)
{
    size_t next = *room == 0 ? 1024 : *room;

    if (wanted <= *room)
        return OYEZ_OK;
    while (next < wanted)
        next *= 2;
    struct oyez_hash *grown = realloc(*list, next * sizeof(*grown));
    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "hashes of %zu leaves", wanted);
    *list = grown;
    *room = next;
    return OYEZ_OK;
}

oyez_err oyez_journal_hash_leaf(oyez_journal *journal, const struct oyez_journal_record *record)
{
    if (!journal->tree.kept)
        return OYEZ_OK;
    oyez_err err =
        make_room(&journal->group_hashes, &journal->group_hash_room, journal->group_hash_count + 1);
    if (err != OYEZ_OK)
        return err;
    return oyez_leaf_hash_record(journal->hasher, record,
                                 journal->group_hashes[journal->group_hash_count].bytes);
}

void oyez_journal_keep_hash(oyez_journal *journal)
{
    if (journal->tree.kept)
        journal->group_hash_count++;
}

oyez_err oyez_journal_reserve_hashes(oyez_journal *journal)
{
    pthread_mutex_lock(&journal->lock);
    oyez_err err = make_room(&journal->hashes, &journal->hash_room,
                             journal->hash_count + journal->group_hash_count);
    pthread_mutex_unlock(&journal->lock);
    return err;
}

void oyez_journal_hand_hashes_on(oyez_journal *journal)
{
    if (journal->group_hash_count == 0)
        return;
    memcpy(journal->hashes + journal->hash_count, journal->group_hashes,
           journal->group_hash_count * sizeof(*journal->hashes));
    journal->hash_count += journal->group_hash_count;
    journal->group_hash_count = 0;
}

// Moves the hashes of what is safe out of the writer's way.
static oyez_err move_hashes(oyez_journal *journal, size_t *count)
{
    struct oyez_journal_tree *tree = &journal->tree;

    pthread_mutex_lock(&journal->lock);
    *count = (size_t)(journal->durable - journal->hash_base);
    oyez_err err = make_room(&tree->taken, &tree->taken_room, *count);
    if (err == OYEZ_OK && *count > 0) {
        memcpy(tree->taken, journal->hashes, *count * sizeof(*tree->taken));
        journal->hash_count -= *count;
        memmove(journal->hashes, journal->hashes + *count,
                journal->hash_count * sizeof(*journal->hashes));
        journal->hash_base = journal->durable;
        tree->epoch = journal->durable_epoch;
        tree->position = journal->durable_position;
    }
    pthread_mutex_unlock(&journal->lock);
    return err;
}

oyez_err oyez_journal_add_leaf(oyez_journal *journal, const struct oyez_hash *hash)
{
    struct oyez_journal_tree *tree = &journal->tree;
    struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS];
    unsigned count;
    oyez_err err = oyez_tree_append(tree->hasher, &tree->tree, hash, stored, &count);

    for (unsigned level = 0; err == OYEZ_OK && level < count; level++)
        err = oyez_hash_files_add(&tree->files, level, &stored[level]);
    return err;
}

oyez_err oyez_journal_take_hashes(oyez_journal *journal)
{
    size_t count;
    oyez_err err = move_hashes(journal, &count);

    for (size_t i = 0; i < count && err == OYEZ_OK; i++)
        err = oyez_journal_add_leaf(journal, &journal->tree.taken[i]);
    return err;
}

oyez_err oyez_journal_extend_tree(oyez_journal *journal)
{
    if (!journal->tree.kept)
        return OYEZ_OK;
    pthread_mutex_lock(&journal->tree.lock);
    oyez_err err = oyez_journal_check_failed(journal);
    if (err == OYEZ_OK) {
        err = oyez_journal_take_hashes(journal);
        if (err != OYEZ_OK)
            (void)oyez_journal_fail(journal, err);
    }
    pthread_mutex_unlock(&journal->tree.lock);
    return err;
}

void oyez_journal_free_tree(oyez_journal *journal)
{
    struct oyez_journal_tree *tree = &journal->tree;

    oyez_leaf_hasher_close(&tree->hasher);
    oyez_hash_files_close(&tree->files);
    oyez_checkpoint_files_close(&tree->checkpoints);
    oyez_note_signer_wipe(&tree->signer);
    pthread_mutex_destroy(&tree->lock);
    free(tree->taken);
    free(journal->hashes);
    free(journal->group_hashes);
}
