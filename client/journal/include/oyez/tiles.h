// SPDX-License-Identifier: MIT
// The hash files of a journal, to read: hash.L0, hash.L1, … hold the stored hashes of each level
// one behind the other, so bytes 8192 * N to 8192 * (N + 1) of hash.L<L> are tile L/N of a C2SP
// tiled log, and a file's last bytes its partial tile. They are made from the segments and prove
// nothing by themselves: check what is made of them against a checkpoint.
#ifndef OYEZ_TILES_H
#define OYEZ_TILES_H

#include "oyez/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_tiles oyez_tiles;

// oyez_tiles_open opens a directory's hash files, also while another process writes them: they hold
// at least what the newest checkpoint covers. disk NULL = oyez_disk_system. OYEZ_ERR_IO,
// OYEZ_ERR_NO_MEMORY. Files that are not there are no error until they are read. One thread.
oyez_err oyez_tiles_open(oyez_tiles **out, const char *directory, const struct oyez_disk *disk);
void oyez_tiles_close(oyez_tiles **tiles);

// oyez_tiles_read is an oyez_tree_read; its arg is an oyez_tiles. OYEZ_ERR_CORRUPT: the file is
// missing or too short. OYEZ_ERR_IO. Blocks.
oyez_err oyez_tiles_read(void *arg, unsigned level, uint64_t first, size_t count,
                         struct oyez_hash *out);

// oyez_tiles_check says whether the hash files give this root for the first `size` leaves. It reads
// the right edge alone. OYEZ_OK, OYEZ_ERR_CORRUPT, OYEZ_ERR_IO, OYEZ_ERR_SYSTEM.
oyez_err oyez_tiles_check(oyez_tiles *tiles, oyez_leaf_hasher *hasher, uint64_t size,
                          const struct oyez_hash *root);

#ifdef __cplusplus
}
#endif

#endif
