// SPDX-License-Identifier: MIT
// The hash files of a journal that is repaired. Those of records that have expired cannot be made
// again: they are carried over.
#ifndef OYEZ_REPAIR_HASHES_H
#define OYEZ_REPAIR_HASHES_H

#include "repair_files.h"

// oyez_repair_prepare_hashes makes NAME.new of every hash file that has to hold something of the
// records before `begin`, out of their leaf hashes, and checks them against the newest checkpoint that
// covers no more than `end` records. None: they are taken as they are. For a journal that begins with
// record 0 it does nothing. OYEZ_ERR_CORRUPT: the hashes are missing or wrong, or a record behind them
// is; nothing was made then. Blocks for a time that grows with `end`.
oyez_err oyez_repair_prepare_hashes(const struct oyez_repair *repair, uint64_t begin, uint64_t end);

// oyez_repair_place_hashes moves the hash files aside, and puts what was prepared in their place.
oyez_err oyez_repair_place_hashes(const struct oyez_repair *repair, uint64_t begin);

#endif
