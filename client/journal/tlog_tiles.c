// SPDX-License-Identifier: MIT
//  checkpoint
//  tile/<level>/<number>[.p/<width>]      hashes, 32 bytes each
//  tile/entries/<number>[.p/<width>]      (u16 big-endian size, leaf)*
#include "oyez/tlog_tiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "leaf.h"
#include "oyez/disk.h"
#include "oyez/expire.h"
#include "oyez/tiles.h"

#define NAME_SIZE 64u // of a tile, below its level
#define PROGRESS_STEP 4096u

struct level {
    struct oyez_hash hashes[OYEZ_TREE_TILE_WIDTH];
    size_t count;
    uint64_t number; // of the tile
};

struct tile_export {
    uint64_t first_entry; // index
    const char *out;
    oyez_leaf_hasher *hasher;
    oyez_journal_reader *reader;
    struct oyez_tree tree;
    struct level levels[OYEZ_TREE_TILE_LEVELS];
    uint8_t *entries; // of the bundle that is being made
    size_t size, room;
    char note[OYEZ_NOTE_SIZE_MAX];
    size_t note_size;
    struct oyez_checkpoint checkpoint;
    uint8_t leaf[OYEZ_LEAF_SIZE_MAX];
};

// 1234067 is x001/x234/067; a tile that is not full gets .p/WIDTH behind it.
static void write_name(char out[NAME_SIZE], uint64_t number, size_t width)
{
    char groups[8][8];
    size_t count = 0, at = 0;

    do {
        snprintf(groups[count++], sizeof(groups[0]), "%03" PRIu64, number % 1000);
        number /= 1000;
    } while (number > 0);
    while (count > 0) {
        count--;
        at += (size_t)snprintf(out + at, NAME_SIZE - at, count > 0 ? "x%s/" : "%s", groups[count]);
    }
    if (width < OYEZ_TREE_TILE_WIDTH)
        snprintf(out + at, NAME_SIZE - at, ".p/%zu", width);
}

// All directories on the way to a file.
static oyez_err make_way(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int made = mkdir(path, 0777);
        oyez_err err = made != 0 && errno != EEXIST ? oyez_disk_fail(path, "making") : OYEZ_OK;
        *slash = '/';
        if (err != OYEZ_OK)
            return err;
    }
    return OYEZ_OK;
}

static oyez_err write_file(const struct tile_export *export, const char *name, const void *bytes,
                           size_t size)
{
    const struct oyez_disk *disk = oyez_disk_system();
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_disk_path(path, export->out, name);
    int fd = -1;

    // Of this path only the last directories are ever new, and most often none is.
    if (err == OYEZ_OK) {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
        if (fd < 0 && errno == ENOENT) {
            err = make_way(path);
            fd = err == OYEZ_OK ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444) : -1;
        }
    }
    if (err == OYEZ_OK && fd < 0)
        err = oyez_disk_fail(path, "making");
    if (err == OYEZ_OK)
        err = oyez_disk_write(disk, fd, path, bytes, size, 0);
    if (fd >= 0)
        close(fd);
    return err;
}

static oyez_err write_tile(struct tile_export *export, unsigned number)
{
    struct level *level = &export->levels[number];
    char name[2 * NAME_SIZE], tile[NAME_SIZE];

    write_name(tile, level->number, level->count);
    snprintf(name, sizeof(name), "tile/%u/%s", number, tile);
    oyez_err err = write_file(export, name, level->hashes, level->count * sizeof(level->hashes[0]));
    level->number++;
    level->count = 0;
    return err;
}

static oyez_err write_entries(struct tile_export *export, size_t width)
{
    char name[2 * NAME_SIZE], tile[NAME_SIZE];

    write_name(tile, (export->tree.size - 1) / OYEZ_TREE_TILE_WIDTH, width);
    snprintf(name, sizeof(name), "tile/entries/%s", tile);
    oyez_err err = write_file(export, name, export->entries, export->size);
    export->size = 0;
    return err;
}

static oyez_err add_entry(struct tile_export *export, size_t leaf_size)
{
    if (export->room - export->size < leaf_size + 2) {
        size_t room = 2 * export->room + leaf_size + 2;
        uint8_t *grown = realloc(export->entries, room);
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "bundle of entries");
        export->entries = grown;
        export->room = room;
    }
    export->entries[export->size++] = (uint8_t)(leaf_size >> 8);
    export->entries[export->size++] = (uint8_t)leaf_size;
    memcpy(export->entries + export->size, export->leaf, leaf_size);
    export->size += leaf_size;
    return OYEZ_OK;
}

static oyez_err add_hash(struct tile_export *export, const struct oyez_hash *hash)
{
    struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS];
    unsigned count = 0;
    oyez_err err = oyez_tree_append(export->hasher, &export->tree, hash, stored, &count);

    for (unsigned i = 0; i < count && err == OYEZ_OK; i++) {
        struct level *level = &export->levels[i];
        level->hashes[level->count++] = stored[i];
        if (level->count == OYEZ_TREE_TILE_WIDTH)
            err = write_tile(export, i);
    }
    return err;
}

static oyez_err add_record(struct tile_export *export, const struct oyez_journal_record *record)
{
    struct oyez_hash hash = {0};
    size_t size;
    oyez_err err = oyez_leaf_build(export->hasher, record, export->leaf, &size);

    if (err == OYEZ_OK)
        err = oyez_leaf_hash(export->hasher, export->leaf, size, hash.bytes);
    if (err == OYEZ_OK && record->index >= export->first_entry)
        err = add_entry(export, size);
    if (err == OYEZ_OK)
        err = add_hash(export, &hash);
    if (err == OYEZ_OK && export->size > 0 && export->tree.size % OYEZ_TREE_TILE_WIDTH == 0)
        err = write_entries(export, OYEZ_TREE_TILE_WIDTH);
    return err;
}

// Of what expired the hash files have the leaves, but nobody has what they were made of: the log is
// pruned, and its entries begin with the first full bundle.
static oyez_err add_expired(struct tile_export *export, const char *directory)
{
    struct oyez_journal_begin begin = {.index = 0};
    oyez_tiles *tiles = NULL;
    struct oyez_hash hash;
    oyez_err err = oyez_journal_reader_begin(export->reader, &begin);

    if (err != OYEZ_OK || begin.index == 0)
        return err;
    export->first_entry =
        (begin.index + OYEZ_TREE_TILE_WIDTH - 1) / OYEZ_TREE_TILE_WIDTH * OYEZ_TREE_TILE_WIDTH;
    err = oyez_tiles_open(&tiles, directory, NULL);
    while (err == OYEZ_OK && export->tree.size < begin.index) {
        err = oyez_tiles_read(tiles, 0, export->tree.size, 1, &hash);
        if (err == OYEZ_OK)
            err = add_hash(export, &hash);
    }
    oyez_tiles_close(&tiles);
    return err;
}

static oyez_err write_rest(struct tile_export *export)
{
    struct oyez_hash root;
    oyez_err err = oyez_tree_root(export->hasher, &export->tree, &root);

    if (err == OYEZ_OK && memcmp(&root, &export->checkpoint.root, sizeof(root)) != 0)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "the records are not those that the checkpoint covers: verify says more");
    for (unsigned i = 0; i < OYEZ_TREE_TILE_LEVELS && err == OYEZ_OK; i++)
        if (export->levels[i].count > 0)
            err = write_tile(export, i);
    if (err == OYEZ_OK && export->size > 0)
        err = write_entries(export, export->tree.size % OYEZ_TREE_TILE_WIDTH);
    return err == OYEZ_OK
               ? write_file(export, OYEZ_CHECKPOINT_FILE, export->note, export->note_size)
               : err;
}

static oyez_err check_empty(const char *out)
{
    struct dirent *entry;
    oyez_err err = OYEZ_OK;

    if (mkdir(out, 0777) == 0)
        return OYEZ_OK;
    if (errno != EEXIST)
        return oyez_disk_fail(out, "making");
    DIR *directory = opendir(out);
    if (directory == NULL)
        return oyez_disk_fail(out, "opening");
    while (err == OYEZ_OK && (entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            err = oyez_fail(OYEZ_ERR_IN_USE, "%s: is not empty", out);
    closedir(directory);
    return err;
}

static oyez_err load_checkpoint(struct tile_export *export, const char *directory)
{
    struct oyez_note note;
    oyez_err err = oyez_checkpoint_load(directory, NULL, export->note, &export->note_size);

    if (err == OYEZ_OK)
        err = oyez_note_parse(&note, export->note, export->note_size);
    return err == OYEZ_OK ? oyez_checkpoint_read(&export->checkpoint, note.text, note.text_size)
                          : err;
}

static oyez_err write_all(struct tile_export *export,
                          void (*progress)(void *arg, uint64_t done, uint64_t all), void *arg)
{
    struct oyez_journal_record record;
    uint64_t size = export->checkpoint.size;
    oyez_err err = OYEZ_OK;

    while (err == OYEZ_OK && export->tree.size < size) {
        err = oyez_journal_reader_next(export->reader, &record);
        if (err == OYEZ_ERR_NOT_FOUND)
            err = oyez_fail(OYEZ_ERR_CORRUPT,
                            "the journal holds fewer records than its checkpoint covers");
        if (err == OYEZ_OK)
            err = add_record(export, &record);
        if (progress != NULL && export->tree.size % PROGRESS_STEP == 0)
            progress(arg, export->tree.size, size);
    }
    return err == OYEZ_OK ? write_rest(export) : err;
}

oyez_err oyez_tlog_tiles_export(const char *directory, const char *out,
                                void (*progress)(void *arg, uint64_t done, uint64_t all), void *arg,
                                struct oyez_checkpoint *checkpoint)
{
    struct tile_export *export = calloc(1, sizeof(*export));

    if (export == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "export");
    export->out = out;
    oyez_err err = oyez_journal_reader_open(&export->reader, directory, NULL);
    if (err == OYEZ_OK)
        err = load_checkpoint(export, directory);
    if (err == OYEZ_OK)
        err = oyez_leaf_hasher_open(&export->hasher);
    if (err == OYEZ_OK)
        err = check_empty(out);
    if (err == OYEZ_OK)
        err = add_expired(export, directory);
    if (err == OYEZ_OK)
        err = write_all(export, progress, arg);
    if (err == OYEZ_OK && checkpoint != NULL)
        *checkpoint = export->checkpoint;
    oyez_journal_reader_close(&export->reader);
    oyez_leaf_hasher_close(&export->hasher);
    free(export->entries);
    free(export);
    return err;
}
