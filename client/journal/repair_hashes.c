// SPDX-License-Identifier: MIT
#include "repair_hashes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash_files.h"
#include "leaf.h"
#include "oyez/checkpoint.h"
#include "oyez/tiles.h"

struct carrying {
    const struct oyez_repair *repair;
    uint64_t begin;
    oyez_leaf_hasher *hasher;
    oyez_tiles *tiles;
    oyez_journal_reader *reader;
    struct oyez_tree tree;
    bool has_checkpoint;
    struct oyez_checkpoint checkpoint;
    FILE *files[OYEZ_TREE_TILE_LEVELS];
    char note[OYEZ_NOTE_SIZE_MAX];
};

static oyez_err new_path(const struct oyez_repair *repair, unsigned level,
                         char path[OYEZ_JOURNAL_PATH_SIZE])
{
    char name[OYEZ_HASH_FILE_NAME_SIZE], fresh[OYEZ_HASH_FILE_NAME_SIZE + 4];

    oyez_hash_file_name(name, level);
    snprintf(fresh, sizeof(fresh), "%s.new", name);
    return oyez_disk_path(path, repair->directory, fresh);
}

static bool read_note(struct oyez_checkpoint *out, const char *bytes, size_t size)
{
    struct oyez_note note;

    return oyez_note_parse(&note, bytes, size) == OYEZ_OK &&
           oyez_checkpoint_read(out, note.text, note.text_size) == OYEZ_OK;
}

static void take_checkpoint(struct carrying *carrying, const char *note, size_t size, uint64_t end)
{
    struct oyez_checkpoint found;

    if (!read_note(&found, note, size) || found.size > end || found.size < carrying->begin ||
        (carrying->has_checkpoint && found.size < carrying->checkpoint.size))
        return;
    carrying->checkpoint = found;
    carrying->has_checkpoint = true;
}

// A history that is damaged has its own repair: what can be read of it serves.
static void find_checkpoint(struct carrying *carrying, uint64_t end)
{
    const char *directory = carrying->repair->directory;
    oyez_checkpoint_history *history = NULL;
    struct oyez_checkpoint_entry entry;
    uint64_t torn;
    size_t size;

    if (oyez_checkpoint_load(directory, NULL, carrying->note, &size) == OYEZ_OK)
        take_checkpoint(carrying, carrying->note, size, end);
    if (carrying->has_checkpoint ||
        oyez_checkpoint_history_open(&history, directory, NULL) != OYEZ_OK)
        return;
    while (oyez_checkpoint_history_next(history, &entry, &torn) == OYEZ_OK)
        take_checkpoint(carrying, entry.note, entry.note_size, end);
    oyez_checkpoint_history_close(&history);
}

static oyez_err open_files(struct carrying *carrying)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = OYEZ_OK;

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; level++) {
        if (oyez_tree_stored(carrying->begin, level) == 0)
            break;
        err = new_path(carrying->repair, level, path);
        if (err == OYEZ_OK && (carrying->files[level] = fopen(path, "we")) == NULL)
            err = oyez_disk_fail(path, "making");
    }
    return err;
}

static oyez_err add(struct carrying *carrying, const struct oyez_hash *hash, bool kept)
{
    struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS];
    unsigned count;
    oyez_err err = oyez_tree_append(carrying->hasher, &carrying->tree, hash, stored, &count);

    for (unsigned level = 0; kept && err == OYEZ_OK && level < count; level++)
        if (fwrite(&stored[level], sizeof(stored[level]), 1, carrying->files[level]) != 1)
            err = oyez_disk_fail(carrying->repair->directory, "writing the hash files");
    return err;
}

// The levels above are made of the leaves' again.
static oyez_err carry_over(struct carrying *carrying)
{
    struct oyez_hash hashes[OYEZ_TREE_TILE_WIDTH];
    oyez_err err = OYEZ_OK;

    while (err == OYEZ_OK && carrying->tree.size < carrying->begin) {
        uint64_t rest = carrying->begin - carrying->tree.size;
        size_t count = rest < OYEZ_TREE_TILE_WIDTH ? (size_t)rest : OYEZ_TREE_TILE_WIDTH;
        err = oyez_tiles_read(carrying->tiles, 0, carrying->tree.size, count, hashes);
        for (size_t i = 0; err == OYEZ_OK && i < count; i++)
            err = add(carrying, &hashes[i], true);
    }
    if (err == OYEZ_ERR_CORRUPT)
        err = oyez_fail(err,
                        "%s: hash.L0 lacks hashes of the records before %" PRIu64
                        ", which have expired, and nothing makes them again; nothing was changed: "
                        "put the file back from a backup, a copy or a mirror first",
                        carrying->repair->directory, carrying->begin);
    return err;
}

static oyez_err hash_records(struct carrying *carrying)
{
    struct oyez_journal_record record;
    struct oyez_hash hash;
    oyez_err err = oyez_journal_reader_seek_index(carrying->reader, carrying->begin);

    while (err == OYEZ_OK && carrying->tree.size < carrying->checkpoint.size) {
        err = oyez_journal_reader_next(carrying->reader, &record);
        if (err == OYEZ_ERR_NOT_FOUND || (err == OYEZ_OK && record.index != carrying->tree.size))
            err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: record %" PRIu64 " is not to be found",
                            carrying->repair->directory, carrying->tree.size);
        if (err == OYEZ_OK)
            err = oyez_leaf_hash_record(carrying->hasher, &record, hash.bytes);
        if (err == OYEZ_OK)
            err = add(carrying, &hash, false);
    }
    return err;
}

static oyez_err check(struct carrying *carrying)
{
    struct oyez_hash root;

    if (!carrying->has_checkpoint)
        return OYEZ_OK;
    oyez_err err = hash_records(carrying);
    if (err == OYEZ_OK)
        err = oyez_tree_root(carrying->hasher, &carrying->tree, &root);
    if (err == OYEZ_OK && memcmp(&root, &carrying->checkpoint.root, sizeof(root)) != 0)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "%s: the hashes of the records before %" PRIu64
                        ", which have expired, or the records behind them, are not what the "
                        "checkpoint over %" PRIu64 " records covers; nothing was changed: put "
                        "hash.L0 back from a backup, a copy or a mirror first",
                        carrying->repair->directory, carrying->begin, carrying->checkpoint.size);
    return err;
}

static oyez_err close_files(struct carrying *carrying)
{
    oyez_err err = OYEZ_OK;

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++) {
        FILE *file = carrying->files[level];
        if (file == NULL)
            continue;
        if (fflush(file) != 0 || fsync(fileno(file)) != 0)
            err = oyez_disk_fail(carrying->repair->directory, "writing the hash files");
        if (fclose(file) != 0 && err == OYEZ_OK)
            err = oyez_disk_fail(carrying->repair->directory, "writing the hash files");
    }
    return err;
}

static void remove_files(const struct carrying *carrying)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];

    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++)
        if (carrying->files[level] != NULL && new_path(carrying->repair, level, path) == OYEZ_OK)
            (void)unlink(path);
}

static oyez_err prepare(struct carrying *carrying, uint64_t end)
{
    const char *directory = carrying->repair->directory;
    oyez_err err = oyez_leaf_hasher_open(&carrying->hasher);

    if (err == OYEZ_OK)
        err = oyez_tiles_open(&carrying->tiles, directory, NULL);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_open(&carrying->reader, directory, NULL);
    if (err == OYEZ_OK)
        err = open_files(carrying);
    if (err == OYEZ_OK)
        err = carry_over(carrying);
    if (err == OYEZ_OK) {
        find_checkpoint(carrying, end);
        err = check(carrying);
    }
    oyez_err closed = close_files(carrying);
    err = err == OYEZ_OK ? closed : err;
    if (err != OYEZ_OK)
        remove_files(carrying);
    oyez_journal_reader_close(&carrying->reader);
    oyez_tiles_close(&carrying->tiles);
    oyez_leaf_hasher_close(&carrying->hasher);
    return err;
}

oyez_err oyez_repair_prepare_hashes(const struct oyez_repair *repair, uint64_t begin, uint64_t end)
{
    if (begin == 0)
        return OYEZ_OK;
    struct carrying *carrying = calloc(1, sizeof(*carrying));
    if (carrying == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "hashes to carry over");
    carrying->repair = repair;
    carrying->begin = begin;
    oyez_err err = prepare(carrying, end);
    free(carrying);
    return err;
}

oyez_err oyez_repair_place_hashes(const struct oyez_repair *repair, uint64_t begin)
{
    char name[OYEZ_HASH_FILE_NAME_SIZE];
    oyez_err err = OYEZ_OK;

    // The highest first: a cut between two leaves none over a hole.
    for (unsigned level = OYEZ_TREE_TILE_LEVELS; level-- > 0 && err == OYEZ_OK;) {
        oyez_hash_file_name(name, level);
        err = oyez_tree_stored(begin, level) > 0 ? oyez_repair_replace(repair, name)
                                                 : oyez_repair_move_name(repair, name);
    }
    return err;
}
