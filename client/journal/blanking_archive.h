// SPDX-License-Identifier: MIT
// An archived segment loses what some of its records hold: it is written anew, with blanks in their
// place, and takes its own place.
#ifndef OYEZ_BLANKING_ARCHIVE_H
#define OYEZ_BLANKING_ARCHIVE_H

#include "segment.h"

// A record's frame that is to become a blank.
struct oyez_blanking_patch {
    uint64_t offset; // of its frame
    uint32_t size, kept_end;
    uint8_t head[16]; // of the blank, up to the index
    uint8_t commitment[OYEZ_LEAF_HASH_SIZE];
};

// oyez_blanking_patch_make is the blank that lies in memory.
struct oyez_blanking_patch oyez_blanking_patch_make(const struct oyez_frame *blank,
                                                    uint64_t offset);

// oyez_blanking_rewrite writes the open archived segment anew, safely, with the patches, which ascend.
// The open file is the old one still. Errors of reading and writing. Blocks for long.
oyez_err oyez_blanking_rewrite(const struct oyez_disk *disk, const char *directory,
                               const struct oyez_segment *segment,
                               const struct oyez_blanking_patch *patches, size_t count);

#endif
