// SPDX-License-Identifier: MIT
// The key that signatures are checked with: what was given, or what lies beside the journal.
#ifndef OYEZ_VERIFYING_KEY_H
#define OYEZ_VERIFYING_KEY_H

#include <stdbool.h>

#include "oyez/note.h"

struct verifying_key {
    bool found;
    bool outside; // a public key that was handed over, not the signer's own file
    struct oyez_note_verifier verifier;
    const char *file; // where it came from; NULL = the command line
};

// verifying_key_read reads what --key says: a verifier key as text, or a file that holds one, or
// the file of a signing key. Without one, the key beside the directory; that there is none, or that
// it may not be read, is no failure: found stays false. Returns EXIT_DONE, or the exit code with the
// reason printed. `file` stays valid until the next call.
int verifying_key_read(struct verifying_key *key, const char *given, const char *directory);

#endif
