// SPDX-License-Identifier: MIT
// Signed notes (C2SP signed-note) with Ed25519, and the text forms of keys. Bytes only; nothing
// here blocks. Texts may be hostile.
#ifndef OYEZ_NOTE_H
#define OYEZ_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_NOTE_SIZE_MAX 65536u    // of a note that is read
#define OYEZ_NOTE_SIGNATURES_MAX 32u // in it
#define OYEZ_NOTE_NAME_SIZE 256u     // of a key's name, with NUL
#define OYEZ_NOTE_VKEY_SIZE 320u     // of a verifier key's text, with NUL
#define OYEZ_NOTE_SKEY_SIZE 336u     // of a signing key's text, with NUL
#define OYEZ_NOTE_LINE_SIZE 400u     // of a signature line at most
#define OYEZ_NOTE_PUBLIC_KEY_SIZE 32u
#define OYEZ_NOTE_SEED_SIZE 32u

// A public key: NAME+HEX+BASE64 as text.
struct oyez_note_verifier {
    char name[OYEZ_NOTE_NAME_SIZE];
    uint32_t key_id;
    uint8_t public_key[OYEZ_NOTE_PUBLIC_KEY_SIZE];
};

// A private key: PRIVATE+KEY+NAME+HEX+BASE64 as text. Wipe it with oyez_note_signer_wipe.
struct oyez_note_signer {
    struct oyez_note_verifier verifier;
    uint8_t seed[OYEZ_NOTE_SEED_SIZE];
};

// oyez_note_name_check: OYEZ_ERR_INVALID unless it may be a key's name: not empty, UTF-8, no
// spaces or control characters, no '+', shorter than OYEZ_NOTE_NAME_SIZE.
oyez_err oyez_note_name_check(const char *name);

// oyez_note_signer_make makes a new key from random bytes. OYEZ_ERR_INVALID (name),
// OYEZ_ERR_SYSTEM.
oyez_err oyez_note_signer_make(struct oyez_note_signer *out, const char *name);
void oyez_note_signer_wipe(struct oyez_note_signer *signer);

// Text forms, without newline. Reading: OYEZ_ERR_MALFORMED says what is wrong, never a secret;
// OYEZ_ERR_SYSTEM.
oyez_err oyez_note_verifier_read(struct oyez_note_verifier *out, const char *vkey);
void oyez_note_verifier_write(const struct oyez_note_verifier *verifier,
                              char out[OYEZ_NOTE_VKEY_SIZE]);
oyez_err oyez_note_signer_read(struct oyez_note_signer *out, const char *skey);
void oyez_note_signer_write(const struct oyez_note_signer *signer, char out[OYEZ_NOTE_SKEY_SIZE]);

// oyez_note_verifier_equal: the same name and key.
bool oyez_note_verifier_equal(const struct oyez_note_verifier *a,
                              const struct oyez_note_verifier *b);

// oyez_note_sign writes the note of a text, with one signature line per signer. The text ends with
// a newline. OYEZ_ERR_INVALID (text), OYEZ_ERR_TOO_LARGE (does not fit `room`), OYEZ_ERR_SYSTEM.
oyez_err oyez_note_sign(const void *text, size_t text_size, const struct oyez_note_signer *signers,
                        size_t signer_count, char *out, size_t room, size_t *size);

// A signature line, as it stands.
struct oyez_note_signature {
    const char *name; // no NUL
    size_t name_size;
    uint32_t key_id;
    const char *base64; // key id and signature
    size_t base64_size;
};

// A note that was read; pointers lead into its bytes.
struct oyez_note {
    const char *text; // with its last newline
    size_t text_size;
    struct oyez_note_signature signatures[OYEZ_NOTE_SIGNATURES_MAX];
    size_t signature_count;
};

// oyez_note_parse takes a note apart; nothing is verified. OYEZ_ERR_MALFORMED,
// OYEZ_ERR_TOO_LARGE.
oyez_err oyez_note_parse(struct oyez_note *out, const void *bytes, size_t size);

// oyez_note_verify: at least one of the keys has signed it, and none of those that claim to have is
// wrong. Signatures of other keys do not matter. verified, which may be NULL, tells of each key
// whether it signed. OYEZ_ERR_CORRUPT (a wrong signature), OYEZ_ERR_NOT_FOUND (none of these keys
// signed), OYEZ_ERR_SYSTEM.
oyez_err oyez_note_verify(const struct oyez_note *note, const struct oyez_note_verifier *keys,
                          size_t key_count, bool *verified);

#ifdef __cplusplus
}
#endif

#endif
