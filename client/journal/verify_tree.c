// SPDX-License-Identifier: MIT
// The tree made anew from the leaves, and what the hash files and the checkpoints say of it.
#include <inttypes.h>
#include <string.h>

#include "hash_files.h"
#include "verify_state.h"

oyez_err oyez_verify_tree_open(struct oyez_verify_tree *tree,
                               const struct oyez_verify_report *report, const char *directory,
                               const struct oyez_disk *disk)
{
    tree->report = report;
    oyez_err err = oyez_leaf_hasher_open(&tree->hasher);
    if (err == OYEZ_OK)
        err = oyez_tiles_open(&tree->tiles, directory, disk);
    if (err == OYEZ_OK)
        err = oyez_verify_checkpoints_open(&tree->checkpoints, report, directory, disk);
    if (err == OYEZ_OK && tree->checkpoints.has_file)
        tree->kept = tree->checkpoints.file.size;
    return err == OYEZ_OK
               ? oyez_verify_checkpoints_reach(&tree->checkpoints, tree->hasher, &tree->tree)
               : err;
}

void oyez_verify_tree_close(struct oyez_verify_tree *tree)
{
    oyez_verify_checkpoints_close(&tree->checkpoints);
    oyez_tiles_close(&tree->tiles);
    oyez_leaf_hasher_close(&tree->hasher);
}

// The hash of this number as the file has it; NULL: the file does not hold it.
static const struct oyez_hash *stored_hash(struct oyez_verify_tree *tree, unsigned level,
                                           uint64_t number, oyez_err *err)
{
    struct oyez_verify_level *at = &tree->levels[level];
    uint64_t all = oyez_tree_stored(tree->kept, level);

    // Of a file that was cut behind them, those that stand for what expired are there.
    if (number < oyez_tree_stored(tree->begin, level))
        all = oyez_tree_stored(tree->begin, level);
    *err = OYEZ_OK;
    if (number >= all || at->missing)
        return NULL;
    if (at->count == 0 || number < at->first || number >= at->first + at->count) {
        at->first = number - number % OYEZ_TREE_TILE_WIDTH;
        at->count = all - at->first < OYEZ_TREE_TILE_WIDTH ? (size_t)(all - at->first)
                                                           : OYEZ_TREE_TILE_WIDTH;
        *err = oyez_tiles_read(tree->tiles, level, at->first, at->count, at->tile);
        if (*err == OYEZ_ERR_CORRUPT) {
            at->count = 0;
            at->first = number;
            at->missing = true;
            *err = OYEZ_OK;
            return NULL;
        }
    }
    return *err == OYEZ_OK ? &at->tile[number - at->first] : NULL;
}

static oyez_err compare_stored(struct oyez_verify_tree *tree, const struct oyez_hash *stored,
                               unsigned count)
{
    oyez_err err = OYEZ_OK;

    for (unsigned level = 0; level < count && err == OYEZ_OK; level++) {
        uint64_t number = oyez_tree_stored(tree->tree.size, level) - 1;
        const struct oyez_hash *found = stored_hash(tree, level, number, &err);
        if (found == NULL || memcmp(found, &stored[level], sizeof(*found)) == 0)
            continue;
        if (tree->levels[level].wrong++ == 0)
            tree->levels[level].begins = number;
    }
    return err;
}

static oyez_err add_leaf(struct oyez_verify_tree *tree, const struct oyez_hash *hash)
{
    struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS];
    unsigned count;
    oyez_err err = oyez_tree_append(tree->hasher, &tree->tree, hash, stored, &count);

    if (err == OYEZ_OK && tree->tree.size <= tree->kept)
        err = compare_stored(tree, stored, count);
    if (err == OYEZ_OK && tree->tree.size >= tree->checkpoints.due)
        err = oyez_verify_checkpoints_reach(&tree->checkpoints, tree->hasher, &tree->tree);
    return err;
}

static oyez_err fill_up(struct oyez_verify_tree *tree, uint64_t index)
{
    oyez_err err = OYEZ_OK;

    while (err == OYEZ_OK && !tree->broken && tree->tree.size < index) {
        const struct oyez_hash *found = stored_hash(tree, 0, tree->tree.size, &err);
        tree->broken = found == NULL;
        if (found != NULL) {
            const struct oyez_hash hash = *found;
            tree->filled += tree->tree.size >= tree->begin;
            err = add_leaf(tree, &hash);
        }
    }
    return err;
}

oyez_err oyez_verify_tree_add(struct oyez_verify_tree *tree, uint64_t index,
                              const struct oyez_hash *hash)
{
    oyez_err err = fill_up(tree, index);

    if (err != OYEZ_OK || tree->broken || index != tree->tree.size)
        return err;
    return add_leaf(tree, hash);
}

// Where the hash files lead to the checkpoint's root and the records do not, it is the records that
// are wrong: the files still have the hash of what stood there.
static oyez_err tell_of_record(const struct oyez_verify_tree *tree, bool *told)
{
    const struct oyez_verify_checkpoints *checkpoints = &tree->checkpoints;
    const struct oyez_verify_level *leaves = &tree->levels[0];
    const struct oyez_tree_source source = {oyez_tiles_read, tree->tiles, tree->hasher};
    struct oyez_tree_proof proof;
    struct oyez_hash hash;

    *told = false;
    if (leaves->wrong == 0 || !checkpoints->wrong || !checkpoints->has_file)
        return OYEZ_OK;
    oyez_err err = oyez_tiles_read(tree->tiles, 0, leaves->begins, 1, &hash);
    if (err == OYEZ_OK)
        err = oyez_tree_prove_inclusion(&source, leaves->begins, tree->kept, &proof);
    if (err == OYEZ_OK)
        err = oyez_tree_check_inclusion(tree->hasher, &hash, leaves->begins, tree->kept,
                                        &checkpoints->file.root, &proof);
    if (err != OYEZ_OK)
        return err == OYEZ_ERR_CORRUPT ? OYEZ_OK : err;
    oyez_verify_tell(
        tree->report, "hash.L0", leaves->begins * sizeof(hash), leaves->begins,
        "record %" PRIu64 " is not the one that the checkpoint covers: the hash files, "
        "which lead to its root, have another leaf there; %" PRIu64 " records differ in all",
        leaves->begins, leaves->wrong);
    *told = true;
    return OYEZ_OK;
}

// Of records that have expired the hash files are all that is left.
static bool tell_of_lost_hashes(const struct oyez_verify_tree *tree, unsigned level,
                                const char *name)
{
    const struct oyez_verify_level *at = &tree->levels[level];
    uint64_t number = at->wrong > 0 ? at->begins : at->first;
    uint64_t index = number << (level * OYEZ_TREE_TILE_HEIGHT);

    if ((at->wrong == 0 && !at->missing) || index >= tree->begin)
        return false;
    oyez_verify_tell(tree->report, name, number * sizeof(struct oyez_hash), index,
                     "the hashes of records that have expired are %s: nothing can make them again, "
                     "put the file back from a copy or a mirror",
                     at->wrong > 0 ? "not those of the level below" : "missing");
    return true;
}

static void tell_of_hash_files(const struct oyez_verify_tree *tree)
{
    char name[OYEZ_HASH_FILE_NAME_SIZE];

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++) {
        const struct oyez_verify_level *at = &tree->levels[level];
        oyez_hash_file_name(name, level);
        if (tell_of_lost_hashes(tree, level, name))
            continue;
        if (at->wrong > 0)
            oyez_verify_tell_derived(
                tree->report, name, at->begins * sizeof(struct oyez_hash),
                at->begins << (level * OYEZ_TREE_TILE_HEIGHT),
                "%" PRIu64 " hashes are not those of the records; the file can be made again",
                at->wrong);
        if (at->missing)
            oyez_verify_tell_derived(tree->report, name, at->first * sizeof(struct oyez_hash),
                                     at->first << (level * OYEZ_TREE_TILE_HEIGHT),
                                     "hashes are missing; the file can be made again");
    }
}

oyez_err oyez_verify_tree_end(struct oyez_verify_tree *tree, uint64_t records)
{
    struct oyez_journal_verdict *verdict = tree->report->verdict;
    struct oyez_hash root;
    bool told;
    oyez_err err = fill_up(tree, records);

    tree->checkpoints.end = records;

    if (err == OYEZ_OK)
        err = oyez_tree_root(tree->hasher, &tree->tree, &root);
    if (err != OYEZ_OK)
        return err;
    verdict->has_root = !tree->broken && tree->filled == 0;
    verdict->unread = tree->filled;
    memcpy(verdict->root, root.bytes, sizeof(verdict->root));
    err = tell_of_record(tree, &told);
    if (err != OYEZ_OK)
        return err;
    if (!told)
        tell_of_hash_files(tree);
    return oyez_verify_checkpoints_end(&tree->checkpoints, tree->tree.size, tree->broken);
}
