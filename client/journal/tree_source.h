// SPDX-License-Identifier: MIT
// Inner nodes out of stored hashes.
#ifndef OYEZ_TREE_SOURCE_H
#define OYEZ_TREE_SOURCE_H

#include "oyez/tree.h"

// oyez_tree_perfect is the root of the 2^height leaves that begin at number * 2^height, all of which
// the source's tree has.
oyez_err oyez_tree_perfect(const struct oyez_tree_source *source, unsigned height, uint64_t number,
                           struct oyez_hash *out);

#endif
