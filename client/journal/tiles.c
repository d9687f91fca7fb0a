// SPDX-License-Identifier: MIT
#include "oyez/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hash_files.h"
#include "oyez/disk.h"

struct oyez_tiles {
    const struct oyez_disk *disk;
    char directory[OYEZ_JOURNAL_PATH_SIZE];
    int fd[OYEZ_TREE_TILE_LEVELS]; // -1 = not open
};

oyez_err oyez_tiles_open(oyez_tiles **out, const char *directory, const struct oyez_disk *disk)
{
    oyez_tiles *tiles;

    *out = NULL;
    if (strlen(directory) >= sizeof(tiles->directory))
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    tiles = calloc(1, sizeof(*tiles));
    if (tiles == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "hash files");
    tiles->disk = disk != NULL ? disk : oyez_disk_system();
    memcpy(tiles->directory, directory, strlen(directory) + 1);
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++)
        tiles->fd[level] = -1;
    *out = tiles;
    return OYEZ_OK;
}

void oyez_tiles_close(oyez_tiles **tiles)
{
    if (*tiles == NULL)
        return;
    for (unsigned level = 0; level < OYEZ_TREE_TILE_LEVELS; level++)
        if ((*tiles)->fd[level] >= 0)
            (*tiles)->disk->close((*tiles)->disk->context, (*tiles)->fd[level]);
    free(*tiles);
    *tiles = NULL;
}

static oyez_err open_level(oyez_tiles *tiles, unsigned level, const char *path)
{
    if (tiles->fd[level] < 0)
        tiles->fd[level] = tiles->disk->open(tiles->disk->context, path, O_RDONLY, 0);
    if (tiles->fd[level] >= 0)
        return OYEZ_OK;
    if (errno == ENOENT)
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: no such file", path);
    return oyez_disk_fail(path, "opening");
}

oyez_err oyez_tiles_read(void *arg, unsigned level, uint64_t first, size_t count,
                         struct oyez_hash *out)
{
    oyez_tiles *tiles = arg;
    char name[OYEZ_HASH_FILE_NAME_SIZE], path[OYEZ_JOURNAL_PATH_SIZE];
    size_t got = 0;

    oyez_hash_file_name(name, level);
    oyez_err err = oyez_disk_path(path, tiles->directory, name);
    if (err == OYEZ_OK)
        err = open_level(tiles, level, path);
    if (err == OYEZ_OK)
        err = oyez_disk_read(tiles->disk, tiles->fd[level], path, out, count * sizeof(*out),
                             first * sizeof(*out), &got);
    if (err == OYEZ_OK && got < count * sizeof(*out))
        err = oyez_fail(OYEZ_ERR_CORRUPT, "%s: hash %" PRIu64 " is missing", path,
                        first + got / sizeof(*out));
    return err;
}

oyez_err oyez_tiles_check(oyez_tiles *tiles, oyez_leaf_hasher *hasher, uint64_t size,
                          const struct oyez_hash *root)
{
    const struct oyez_tree_source source = {oyez_tiles_read, tiles, hasher};
    struct oyez_tree tree;
    struct oyez_hash made;
    oyez_err err = oyez_tree_load(&source, size, &tree);

    if (err == OYEZ_OK)
        err = oyez_tree_root(hasher, &tree, &made);
    if (err == OYEZ_OK && memcmp(&made, root, sizeof(made)) != 0)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "%s: the hash files give another root for %" PRIu64 " records",
                        tiles->directory, size);
    return err;
}
