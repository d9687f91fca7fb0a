// SPDX-License-Identifier: MIT
// The file with the key that signs a journal's checkpoints: one line, the signing key's text form.
// It lies outside the journal's directory and is its owner's alone (mode 0600).
#ifndef OYEZ_KEY_H
#define OYEZ_KEY_H

#include "oyez/disk.h"
#include "oyez/journal.h"
#include "oyez/note.h"

#ifdef __cplusplus
extern "C" {
#endif

// oyez_key_default_path is the key beside a directory: "DIR.key". OYEZ_ERR_INVALID: too long.
oyez_err oyez_key_default_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory);

// oyez_key_load reads a key. OYEZ_ERR_NOT_FOUND: no such file. OYEZ_ERR_FORBIDDEN: others than its
// owner may read or write it. OYEZ_ERR_MALFORMED, OYEZ_ERR_IO. disk NULL = oyez_disk_system.
// Blocks.
oyez_err oyez_key_load(struct oyez_note_signer *out, const char *path,
                       const struct oyez_disk *disk);

// oyez_key_make makes a new key and its file. origin NULL = one of its own, "oyez/" and 32 random
// hexadecimal digits. OYEZ_ERR_IN_USE: there is a file of that name. OYEZ_ERR_INVALID (origin),
// OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE, OYEZ_ERR_SYSTEM. Blocks.
oyez_err oyez_key_make(struct oyez_note_signer *out, const char *path, const char *origin,
                       const struct oyez_disk *disk);

#ifdef __cplusplus
}
#endif

#endif
