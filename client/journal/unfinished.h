// SPDX-License-Identifier: MIT
// What an act of the journal promises, while it is not done yet: the file `unfinished` is there before
// the act is recorded, and goes when all that the act says is true. So an act that takes away is either
// not begun (the act is not in the journal: the file is dropped) or done (it is: what is left of it is
// carried out at the next opening). docs/journal.md has the file.
#ifndef OYEZ_UNFINISHED_H
#define OYEZ_UNFINISHED_H

#include "frame.h"
#include "segment.h"

#define OYEZ_UNFINISHED_FILE "unfinished"
#define OYEZ_UNFINISHED_BLANKS_MAX 16384u // of one act and those that stand in a group with it

enum oyez_unfinished_work {
    OYEZ_UNFINISHED_ERASE = 1,   // records are blanked
    OYEZ_UNFINISHED_ARCHIVE = 2, // a segment that was archived loses its plain file
    OYEZ_UNFINISHED_EXPIRE = 3,  // segments are removed
};

// A record that becomes a blank, and what takes the place of its body.
struct oyez_unfinished_blank {
    uint64_t index;
    uint8_t commitment[OYEZ_LEAF_HASH_SIZE];
};

struct oyez_unfinished {
    uint64_t act; // index of the act, or of the first of a group of them
    enum oyez_unfinished_work work;
    uint64_t segment; // archive: index of its first record; expire: all records below are removed
    struct oyez_unfinished_blank *blanks; // erase: ascending
    size_t count;
};

// oyez_unfinished_write makes the file, safely; the journal's group is empty, and the act is what is
// appended next. OYEZ_ERR_INVALID: there is one already; OYEZ_ERR_IO and its like.
oyez_err oyez_unfinished_write(const struct oyez_disk *disk, const char *directory,
                               const struct oyez_unfinished *unfinished);

// oyez_unfinished_load reads it. Free with oyez_unfinished_clear. OYEZ_ERR_NOT_FOUND: there is none.
// OYEZ_ERR_CORRUPT, OYEZ_ERR_VERSION; errors of reading.
oyez_err oyez_unfinished_load(const struct oyez_disk *disk, const char *directory,
                              struct oyez_unfinished *out);
void oyez_unfinished_clear(struct oyez_unfinished *unfinished);

// oyez_unfinished_remove takes it away, safely: all is done, or nothing was begun.
oyez_err oyez_unfinished_remove(const struct oyez_disk *disk, const char *directory);

// oyez_unfinished_find is the commitment of a record that is to become a blank; NULL: it is none.
const uint8_t *oyez_unfinished_find(const struct oyez_unfinished *unfinished, uint64_t index);

// oyez_unfinished_mend: the body of this frame of an event, in memory, is damaged. If it is being blanked, makes
// the blank of it there and returns true. No error is told: the damage is, then.
bool oyez_unfinished_mend(const struct oyez_disk *disk, const struct oyez_segment *segment,
                          uint8_t *bytes, const struct oyez_frame *frame);

#endif
