// SPDX-License-Identifier: MIT
// Checkpoints: a signed note whose text is origin, size and root (C2SP tlog-checkpoint). The
// directory's file `checkpoint` is the newest, `checkpoints` holds every one that ever left the
// journal, in order. docs/journal.md has the bytes.
#ifndef OYEZ_CHECKPOINT_H
#define OYEZ_CHECKPOINT_H

#include "oyez/disk.h"
#include "oyez/note.h"
#include "oyez/tree.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_CHECKPOINT_FILE "checkpoint"
#define OYEZ_CHECKPOINT_HISTORY_FILE "checkpoints"
#define OYEZ_CHECKPOINT_TEXT_SIZE 384u  // of a text that is made: origin, size, root
#define OYEZ_CHECKPOINT_NOTE_SIZE 1280u // of a note that is made, NUL included

struct oyez_checkpoint {
    char origin[OYEZ_NOTE_NAME_SIZE];
    uint64_t size; // records that it covers
    struct oyez_hash root;
};

// oyez_checkpoint_write makes the text. Returns its size.
size_t oyez_checkpoint_write(const struct oyez_checkpoint *checkpoint,
                             char out[OYEZ_CHECKPOINT_TEXT_SIZE]);

// oyez_checkpoint_read reads a text; extension lines behind the root are skipped.
// OYEZ_ERR_MALFORMED.
oyez_err oyez_checkpoint_read(struct oyez_checkpoint *out, const char *text, size_t size);

// oyez_checkpoint_open reads a note and verifies it with any of these keys; *key, which may be
// NULL, is the number of the first that signed it. OYEZ_ERR_MALFORMED, OYEZ_ERR_TOO_LARGE, errors
// of oyez_note_verify; OYEZ_ERR_CORRUPT too where the origin is not that key's name.
oyez_err oyez_checkpoint_open(struct oyez_checkpoint *out, const void *note, size_t size,
                              const struct oyez_note_verifier *keys, size_t key_count, size_t *key);

// oyez_checkpoint_load reads the directory's newest checkpoint, not verified: the one in
// `checkpoint`, or the last of `checkpoints` where that covers more or the other is not to be read.
// `note` gets a NUL. OYEZ_ERR_NOT_FOUND: there is none. OYEZ_ERR_CORRUPT, OYEZ_ERR_IO. Blocks.
oyez_err oyez_checkpoint_load(const char *directory, const struct oyez_disk *disk,
                              char note[OYEZ_NOTE_SIZE_MAX], size_t *size);

// The history, from the first to the last.
typedef struct oyez_checkpoint_history oyez_checkpoint_history;

struct oyez_checkpoint_entry {
    uint64_t offset;  // in the file
    uint64_t time;    // of signing by this machine's clock, ns since 1970-01-01T00:00:00Z
    const char *note; // no NUL
    size_t note_size;
};

// oyez_checkpoint_history_open: OYEZ_ERR_NOT_FOUND: the directory has none. OYEZ_ERR_CORRUPT (the
// header), OYEZ_ERR_VERSION, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY. disk NULL = oyez_disk_system.
oyez_err oyez_checkpoint_history_open(oyez_checkpoint_history **out, const char *directory,
                                      const struct oyez_disk *disk);
void oyez_checkpoint_history_close(oyez_checkpoint_history **history);

// oyez_checkpoint_history_next: OYEZ_ERR_NOT_FOUND: the last was read, and *torn tells how many
// bytes that are no entry follow it (a crash may leave some; they are cut at the next opening for
// writing). OYEZ_ERR_CORRUPT: bytes that are no entry, and good ones behind them; it stays. *entry
// until the next call.
oyez_err oyez_checkpoint_history_next(oyez_checkpoint_history *history,
                                      struct oyez_checkpoint_entry *entry, uint64_t *torn);

#ifdef __cplusplus
}
#endif

#endif
