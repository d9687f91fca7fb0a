// SPDX-License-Identifier: MIT
// Keys in files, as a rotation needs them.
#ifndef OYEZ_KEY_FILE_H
#define OYEZ_KEY_FILE_H

#include "oyez/key.h"

// oyez_key_save puts a key into a file, in the place of what is there, and makes it safe.
oyez_err oyez_key_save(const struct oyez_note_signer *signer, const char *path,
                       const struct oyez_disk *disk);

// oyez_key_next_path is where a key waits that is to follow the one at `path`: "PATH.next".
oyez_err oyez_key_next_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *path);

#endif
