// SPDX-License-Identifier: MIT
// The hash files as the writer keeps them: hashes wait in memory until there are many, or until
// somebody needs them on disk. Made from the segments, so nothing of them has to be safe.
#ifndef OYEZ_HASH_FILES_H
#define OYEZ_HASH_FILES_H

#include "oyez/tree.h"

#define OYEZ_HASH_FILE_NAME_SIZE 16u

struct oyez_hash_file {
    int fd;           // -1 = not open
    bool dirty;       // written since the last sync
    uint64_t written; // hashes in the file
    struct oyez_hash *waiting;
    size_t waiting_count, waiting_room;
};

struct oyez_hash_files {
    const struct oyez_disk *disk;
    const char *directory;
    bool made;     // a name that the directory was not synced for
    bool in_order; // no level has on disk what the one below it has not
    struct oyez_hash_file levels[OYEZ_TREE_TILE_LEVELS];
};

// oyez_hash_file_name is the name of a level's file.
void oyez_hash_file_name(char out[OYEZ_HASH_FILE_NAME_SIZE], unsigned level);

// oyez_hash_files_open opens none of them yet. `directory` outlives the files.
void oyez_hash_files_open(struct oyez_hash_files *files, const struct oyez_disk *disk,
                          const char *directory);
void oyez_hash_files_close(struct oyez_hash_files *files);

// oyez_hash_files_go_on cuts the files to what a tree of `size` leaves stores: the next hashes
// stand behind it. OYEZ_ERR_IO and its like.
oyez_err oyez_hash_files_go_on(struct oyez_hash_files *files, uint64_t size);

// oyez_hash_files_begin_anew cuts the files, safely, to what a tree of `size` leaves stores; the rest
// is made again. Until the next sync each level is made safe
// before anything is written above it: a crash must not leave a good right edge, which is all that
// is looked at, over a hole. OYEZ_ERR_IO and its like.
oyez_err oyez_hash_files_begin_anew(struct oyez_hash_files *files, uint64_t size);

// oyez_hash_files_add adds the next hash of a level. Blocks when many wait.
oyez_err oyez_hash_files_add(struct oyez_hash_files *files, unsigned level,
                             const struct oyez_hash *hash);

// oyez_hash_files_write writes what waits: readers see it from then on.
oyez_err oyez_hash_files_write(struct oyez_hash_files *files);

// oyez_hash_files_sync makes safe what was written, so that less has to be made again.
oyez_err oyez_hash_files_sync(struct oyez_hash_files *files);

// oyez_hash_files_read is an oyez_tree_read of what was written; its arg is the files.
oyez_err oyez_hash_files_read(void *files, unsigned level, uint64_t first, size_t count,
                              struct oyez_hash *out);

#endif
