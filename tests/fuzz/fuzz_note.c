// SPDX-License-Identifier: MIT
// Signed notes, checkpoints and the text forms of keys: all of them come from strangers. What is
// read is written again and read as the same. tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "oyez/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct oyez_note_signer signer;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_checkpoint(const char *text, size_t size)
{
    struct oyez_checkpoint read, again;
    char written[OYEZ_CHECKPOINT_TEXT_SIZE];

    if (oyez_checkpoint_read(&read, text, size) != OYEZ_OK)
        return;
    require(strlen(read.origin) < sizeof(read.origin));
    size_t length = oyez_checkpoint_write(&read, written);
    // Extension lines may follow; what stands before them is in the only form there is.
    require(length <= size && memcmp(written, text, length) == 0);
    require(oyez_checkpoint_read(&again, written, length) == OYEZ_OK);
    require(again.size == read.size && strcmp(again.origin, read.origin) == 0);
}

// Whatever may be a text can be signed, and then verifies with that key and no other.
static void check_signing(const char *text, size_t size)
{
    char *out = malloc(OYEZ_NOTE_SIZE_MAX);
    struct oyez_note note;
    struct oyez_note_verifier other = signer.verifier;
    size_t length;

    require(out != NULL);
    if (oyez_note_sign(text, size, &signer, 1, out, OYEZ_NOTE_SIZE_MAX, &length) == OYEZ_OK) {
        require(oyez_note_parse(&note, out, length) == OYEZ_OK);
        require(note.text_size == size && memcmp(note.text, text, size) == 0);
        require(oyez_note_verify(&note, &signer.verifier, 1, NULL) == OYEZ_OK);
        other.public_key[0] ^= 1;
        require(oyez_note_verify(&note, &other, 1, NULL) != OYEZ_OK);
    }
    free(out);
}

static void check_keys(const char *text)
{
    struct oyez_note_verifier verifier, again;
    struct oyez_note_signer secret;
    char vkey[OYEZ_NOTE_VKEY_SIZE], skey[OYEZ_NOTE_SKEY_SIZE];

    if (oyez_note_verifier_read(&verifier, text) == OYEZ_OK) {
        oyez_note_verifier_write(&verifier, vkey);
        require(oyez_note_verifier_read(&again, vkey) == OYEZ_OK);
        require(oyez_note_verifier_equal(&verifier, &again));
    }
    if (oyez_note_signer_read(&secret, text) == OYEZ_OK) {
        oyez_note_signer_write(&secret, skey);
        require(oyez_note_signer_read(&secret, skey) == OYEZ_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    struct oyez_note note;

    require(copy != NULL);
    memcpy(copy, data, size);
    copy[size] = '\0';
    if (signer.verifier.name[0] == '\0')
        require(oyez_note_signer_make(&signer, "fuzz") == OYEZ_OK);
    if (oyez_note_parse(&note, copy, size) == OYEZ_OK) {
        require(note.text_size <= size && note.signature_count <= OYEZ_NOTE_SIGNATURES_MAX);
        require(oyez_note_verify(&note, &signer.verifier, 1, NULL) != OYEZ_OK);
        check_checkpoint(note.text, note.text_size);
        check_signing(note.text, note.text_size);
    }
    check_checkpoint(copy, size);
    check_keys(copy);
    free(copy);
    return 0;
}
