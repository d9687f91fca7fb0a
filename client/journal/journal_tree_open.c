// SPDX-License-Identifier: MIT
// What was found is held against the newest checkpoint. Hash files are believed where they give its
// root; what may have been on its way to the disk at a crash is hashed again.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "journal_state.h"
#include "leaf.h"
#include "oyez/tiles.h"

struct newest {
    bool found;
    char note[OYEZ_NOTE_SIZE_MAX];
    size_t size;
    struct oyez_checkpoint checkpoint;
};

static oyez_err load_newest(const oyez_journal *journal, struct newest *newest)
{
    struct oyez_note note;
    oyez_err err =
        oyez_checkpoint_load(journal->directory, journal->disk, newest->note, &newest->size);

    newest->found = err == OYEZ_OK;
    if (err == OYEZ_ERR_NOT_FOUND)
        return OYEZ_OK;
    if (err == OYEZ_OK)
        err = oyez_note_parse(&note, newest->note, newest->size);
    if (err == OYEZ_OK)
        err = oyez_checkpoint_read(&newest->checkpoint, note.text, note.text_size);
    if (err == OYEZ_OK && newest->checkpoint.size > journal->next_index)
        return oyez_fail(OYEZ_ERR_CORRUPT,
                         "%s: holds %" PRIu64 " records, its checkpoint covers %" PRIu64
                         ": some were lost or removed; put the missing segments back from a copy "
                         "or a mirror",
                         journal->directory, journal->next_index, newest->checkpoint.size);
    return err;
}

static oyez_err changed(const oyez_journal *journal, uint64_t size)
{
    return oyez_fail(OYEZ_ERR_CORRUPT,
                     "%s: the first %" PRIu64 " records are not those that its checkpoint covers: "
                     "something in them was changed; verify names it, and a copy or a mirror has "
                     "what stood there",
                     journal->directory, size);
}

static oyez_err without_hashes(const oyez_journal *journal, uint64_t begin)
{
    return oyez_fail(OYEZ_ERR_CORRUPT,
                     "%s: the records from %" PRIu64 " on and the hashes of those before them, "
                     "which have expired, are not what its checkpoint covers: verify names what "
                     "was changed, and a copy or a mirror has what stood there",
                     journal->directory, begin);
}

// Hashes the records from the tree's size to the end.
static oyez_err hash_records(oyez_journal *journal, const struct newest *newest,
                             struct oyez_journal_report *report)
{
    struct oyez_journal_tree *tree = &journal->tree;
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    struct oyez_hash hash;
    oyez_err err = oyez_journal_reader_open(&reader, journal->directory, journal->disk);

    if (err == OYEZ_OK)
        err = oyez_journal_reader_seek_index(reader, tree->tree.size);
    while (err == OYEZ_OK && tree->tree.size < journal->next_index) {
        err = oyez_journal_reader_next(reader, &record);
        if (err == OYEZ_ERR_NOT_FOUND || (err == OYEZ_OK && record.index != tree->tree.size))
            err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: record %" PRIu64 " is not to be found",
                            journal->directory, tree->tree.size);
        if (err == OYEZ_OK)
            err = oyez_leaf_hash_record(tree->hasher, &record, hash.bytes);
        if (err == OYEZ_OK)
            err = oyez_journal_add_leaf(journal, &hash);
        report->hashed += err == OYEZ_OK;
        if (err != OYEZ_OK || !newest->found || tree->tree.size != newest->checkpoint.size)
            continue;
        err = oyez_tree_root(tree->hasher, &tree->tree, &hash);
        if (err == OYEZ_OK && memcmp(&hash, &newest->checkpoint.root, sizeof(hash)) != 0)
            err = changed(journal, newest->checkpoint.size);
    }
    oyez_journal_reader_close(&reader);
    return err;
}

static uint64_t segment_of(const struct oyez_segment_list *list, uint64_t index)
{
    uint64_t first = 0;

    for (size_t i = 0; i < list->count && list->first[i] <= index; i++)
        first = list->first[i];
    return first;
}

// How much of the hash files can be believed.
static uint64_t believe(oyez_journal *journal, const struct oyez_segment_list *list,
                        const struct newest *newest, bool clean)
{
    struct oyez_journal_tree *tree = &journal->tree;
    const struct oyez_checkpoint *checkpoint = &newest->checkpoint;
    oyez_tiles *tiles = NULL;
    uint64_t believed = 0;

    if (!newest->found || checkpoint->size == 0)
        return 0;
    if (oyez_tiles_open(&tiles, journal->directory, journal->disk) != OYEZ_OK)
        return 0;
    const struct oyez_tree_source source = {oyez_tiles_read, tiles, tree->hasher};
    if (oyez_tiles_check(tiles, tree->hasher, checkpoint->size, &checkpoint->root) == OYEZ_OK) {
        // They are made safe when a segment ends, and at a clean end.
        bool all = clean && checkpoint->size == journal->next_index;
        believed = all ? checkpoint->size : segment_of(list, checkpoint->size);
        if (oyez_tree_load(&source, believed, &tree->tree) != OYEZ_OK)
            believed = 0;
    }
    oyez_tiles_close(&tiles);
    return believed;
}

// The tree over the records that are gone, out of the only files that still tell of it.
static oyez_err begin_tree(oyez_journal *journal, uint64_t begin)
{
    struct oyez_journal_tree *tree = &journal->tree;
    oyez_tiles *tiles = NULL;
    oyez_err err = OYEZ_OK;

    tree->tree = (struct oyez_tree){0};
    if (begin > 0) {
        err = oyez_tiles_open(&tiles, journal->directory, journal->disk);
        const struct oyez_tree_source source = {oyez_tiles_read, tiles, tree->hasher};
        if (err == OYEZ_OK)
            err = oyez_tree_load(&source, begin, &tree->tree);
        oyez_tiles_close(&tiles);
    }
    return err == OYEZ_OK ? oyez_hash_files_begin_anew(&tree->files, begin) : err;
}

static oyez_err load_tree(oyez_journal *journal, const struct oyez_segment_list *list,
                          const struct newest *newest, struct oyez_journal_report *report)
{
    struct oyez_journal_tree *tree = &journal->tree;
    uint64_t begin = list->first[0];
    uint64_t believed = believe(journal, list, newest, report->clean);
    oyez_err err = OYEZ_OK;

    for (;;) {
        bool anew = believed <= begin;
        err = anew ? begin_tree(journal, begin) : oyez_hash_files_go_on(&tree->files, believed);
        if (err == OYEZ_OK)
            err = hash_records(journal, newest, report);
        // What was believed may be what is wrong.
        if (err != OYEZ_ERR_CORRUPT || anew)
            break;
        believed = 0;
    }
    if (err == OYEZ_ERR_CORRUPT && begin > 0)
        err = without_hashes(journal, begin);
    // The next segment begins behind what was hashed, and then counts as safe what is before it.
    return err == OYEZ_OK && report->hashed > 0 ? oyez_hash_files_sync(&tree->files) : err;
}

static oyez_err check_tree(oyez_journal *journal, const struct oyez_segment_list *list,
                           const struct oyez_journal_options *options, struct newest *newest,
                           struct oyez_journal_report *report)
{
    struct oyez_journal_tree *tree = &journal->tree;
    oyez_err err = load_newest(journal, newest);

    if (err != OYEZ_OK)
        return err;
    report->checkpointed = newest->found ? newest->checkpoint.size : 0;
    if (options->key == NULL)
        return OYEZ_OK;
    err = oyez_checkpoint_files_check(journal->disk, journal->directory);
    if (err != OYEZ_OK)
        return err;
    err = oyez_journal_load_key(journal, options, newest->found ? newest->note : NULL, newest->size,
                                report);
    if (err == OYEZ_OK)
        err = oyez_leaf_hasher_open(&tree->hasher);
    if (err != OYEZ_OK)
        return err;
    tree->kept = true;
    tree->checkpointed = options->checkpointed;
    tree->arg = options->arg;
    tree->has_checkpoint = newest->found;
    tree->newest = newest->checkpoint;
    oyez_hash_files_open(&tree->files, journal->disk, journal->directory);
    journal->hash_base = journal->next_index;
    return journal->next_index == 0 ? oyez_hash_files_go_on(&tree->files, 0)
                                    : load_tree(journal, list, newest, report);
}

oyez_err oyez_journal_check_tree(oyez_journal *journal, const struct oyez_segment_list *list,
                                 const struct oyez_journal_options *options,
                                 struct oyez_journal_report *report)
{
    struct newest *newest = calloc(1, sizeof(*newest));

    if (newest == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "newest checkpoint");
    oyez_err err = check_tree(journal, list, options, newest, report);
    free(newest);
    return err;
}
