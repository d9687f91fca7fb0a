// SPDX-License-Identifier: MIT
//  text \n   \n   — NAME BASE64 (key id, signature) \n   …
#include "oyez/note.h"

#include <string.h>

#include "ed25519.h"
#include "note_text.h"
#include "oyez/base64.h"

#define KEY_ID_SIZE 4u
#define SIGNATURE_SIZE (KEY_ID_SIZE + OYEZ_ED25519_SIGNATURE_SIZE)
#define DECODED_MAX 8192u // of any signature: the longest kinds have just below that

static const char dash[] = "\xE2\x80\x94 "; // before each signature

static void put_key_id(uint8_t out[KEY_ID_SIZE], uint32_t key_id)
{
    for (unsigned i = 0; i < KEY_ID_SIZE; i++)
        out[i] = (uint8_t)(key_id >> (24 - 8 * i));
}

static oyez_err add_signature(const void *text, size_t text_size,
                              const struct oyez_note_signer *signer, char *out, size_t room,
                              size_t *size)
{
    size_t name_size = strlen(signer->verifier.name);
    uint8_t signature[SIGNATURE_SIZE];

    if (*size + strlen(dash) + name_size + 1 + oyez_base64_size(SIGNATURE_SIZE) + 1 > room)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a note of more than %zu bytes", room);
    put_key_id(signature, signer->verifier.key_id);
    oyez_err err = oyez_ed25519_sign(signer->seed, text, text_size, signature + KEY_ID_SIZE);
    if (err != OYEZ_OK)
        return err;
    char *at = out + *size;
    memcpy(at, dash, strlen(dash));
    at += strlen(dash);
    memcpy(at, signer->verifier.name, name_size);
    at += name_size;
    *at++ = ' ';
    at += oyez_base64_encode(at, signature, sizeof(signature));
    *at++ = '\n';
    *size = (size_t)(at - out);
    return OYEZ_OK;
}

oyez_err oyez_note_sign(const void *text, size_t text_size, const struct oyez_note_signer *signers,
                        size_t signer_count, char *out, size_t room, size_t *size)
{
    oyez_err err = OYEZ_OK;

    if (text_size == 0 || ((const char *)text)[text_size - 1] != '\n' ||
        !oyez_note_text_is_valid(text, text_size))
        return oyez_fail(OYEZ_ERR_INVALID, "the text of a note is UTF-8 and ends with a newline");
    if (text_size + 1 > room)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "a note of more than %zu bytes", room);
    memcpy(out, text, text_size);
    out[text_size] = '\n';
    *size = text_size + 1;
    for (size_t i = 0; i < signer_count && err == OYEZ_OK; i++)
        err = add_signature(text, text_size, &signers[i], out, room, size);
    return err;
}

static oyez_err malformed(const char *what)
{
    return oyez_fail(OYEZ_ERR_MALFORMED, "signed note: %s", what);
}

static oyez_err parse_signature(struct oyez_note_signature *out, const char *line, size_t size)
{
    uint8_t decoded[DECODED_MAX];
    size_t decoded_size;

    if (size < strlen(dash) || memcmp(line, dash, strlen(dash)) != 0)
        return malformed("a signature line begins with a dash and a space");
    line += strlen(dash);
    size -= strlen(dash);
    const char *space = memchr(line, ' ', size);
    if (space == NULL || !oyez_note_name_is_valid(line, (size_t)(space - line)))
        return malformed("a signature without a good name");
    out->name = line;
    out->name_size = (size_t)(space - line);
    out->base64 = space + 1;
    out->base64_size = size - out->name_size - 1;
    if (!oyez_base64_decode(decoded, sizeof(decoded), &decoded_size, out->base64,
                            out->base64_size) ||
        decoded_size <= KEY_ID_SIZE)
        return malformed("a signature that is no base64, or too short or long");
    out->key_id = 0;
    for (unsigned i = 0; i < KEY_ID_SIZE; i++)
        out->key_id = out->key_id << 8 | decoded[i];
    return OYEZ_OK;
}

oyez_err oyez_note_parse(struct oyez_note *out, const void *bytes, size_t size)
{
    const char *note = bytes;
    size_t split = size;

    *out = (struct oyez_note){0};
    if (size > OYEZ_NOTE_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "signed note of %zu bytes, %u allowed", size,
                         OYEZ_NOTE_SIZE_MAX);
    if (!oyez_note_text_is_valid(note, size))
        return malformed("not UTF-8, or control characters in it");
    // The last empty line divides it.
    while (split > 1 && !(note[split - 1] == '\n' && note[split - 2] == '\n'))
        split--;
    if (split <= 1 || split == size || note[size - 1] != '\n')
        return malformed("no signatures behind an empty line");
    out->text = note;
    out->text_size = split - 1;
    for (size_t at = split; at < size;) {
        const char *end = memchr(note + at, '\n', size - at);
        size_t line = (size_t)(end - (note + at));
        if (out->signature_count == OYEZ_NOTE_SIGNATURES_MAX)
            return malformed("too many signatures");
        oyez_err err = parse_signature(&out->signatures[out->signature_count++], note + at, line);
        if (err != OYEZ_OK)
            return err;
        at += line + 1;
    }
    return OYEZ_OK;
}

static bool claims(const struct oyez_note_signature *signature,
                   const struct oyez_note_verifier *key)
{
    return signature->key_id == key->key_id && signature->name_size == strlen(key->name) &&
           memcmp(signature->name, key->name, signature->name_size) == 0;
}

static oyez_err verify_signature(const struct oyez_note *note,
                                 const struct oyez_note_signature *signature,
                                 const struct oyez_note_verifier *key)
{
    uint8_t decoded[SIGNATURE_SIZE];
    size_t size;
    oyez_err err = OYEZ_ERR_CORRUPT;

    if (oyez_base64_decode(decoded, sizeof(decoded), &size, signature->base64,
                           signature->base64_size) &&
        size == SIGNATURE_SIZE)
        err = oyez_ed25519_verify(key->public_key, note->text, note->text_size,
                                  decoded + KEY_ID_SIZE);
    return err == OYEZ_ERR_CORRUPT
               ? oyez_fail(err,
                           "the signature of %.60s is wrong: the text was changed, or the "
                           "key is another one",
                           key->name)
               : err;
}

oyez_err oyez_note_verify(const struct oyez_note *note, const struct oyez_note_verifier *keys,
                          size_t key_count, bool *verified)
{
    bool any = false;

    for (size_t k = 0; k < key_count; k++) {
        bool signed_by = false;
        for (size_t i = 0; i < note->signature_count; i++) {
            if (!claims(&note->signatures[i], &keys[k]))
                continue;
            oyez_err err = verify_signature(note, &note->signatures[i], &keys[k]);
            if (err != OYEZ_OK)
                return err;
            any = signed_by = true;
        }
        if (verified != NULL)
            verified[k] = signed_by;
    }
    return any ? OYEZ_OK : oyez_fail(OYEZ_ERR_NOT_FOUND, "not signed by a key that is known");
}
