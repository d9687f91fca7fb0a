// SPDX-License-Identifier: MIT
// Keys of notes and their text forms.
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "ed25519.h"
#include "note_text.h"
#include "oyez/base64.h"
#include "oyez/note.h"

#define TYPE_ED25519 1u
#define KEY_SIZE (1u + OYEZ_ED25519_KEY_SIZE) // behind its type
#define SECRET_PREFIX "PRIVATE+KEY+"

_Static_assert(OYEZ_NOTE_SKEY_SIZE > OYEZ_NOTE_NAME_SIZE + sizeof(SECRET_PREFIX) + 9 + 44,
               "room for a signing key");

oyez_err oyez_note_name_check(const char *name)
{
    if (oyez_note_name_is_valid(name, strlen(name)))
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_INVALID,
                     "\"%.60s\": the name of a key has no spaces, no '+', and 1 to %u bytes", name,
                     OYEZ_NOTE_NAME_SIZE - 1);
}

// The first four bytes of SHA-256 (name, newline, type, public key).
static oyez_err make_key_id(struct oyez_note_verifier *verifier)
{
    uint8_t bytes[OYEZ_NOTE_NAME_SIZE + 1 + KEY_SIZE], hash[EVP_MAX_MD_SIZE];
    size_t size = strlen(verifier->name);

    memcpy(bytes, verifier->name, size);
    bytes[size++] = '\n';
    bytes[size++] = TYPE_ED25519;
    memcpy(bytes + size, verifier->public_key, OYEZ_ED25519_KEY_SIZE);
    size += OYEZ_ED25519_KEY_SIZE;
    if (EVP_Digest(bytes, size, hash, NULL, EVP_sha256(), NULL) != 1)
        return oyez_fail(OYEZ_ERR_SYSTEM, "SHA-256 failed in libcrypto");
    verifier->key_id =
        (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return OYEZ_OK;
}

static oyez_err complete_signer(struct oyez_note_signer *signer)
{
    oyez_err err = oyez_ed25519_public(signer->seed, signer->verifier.public_key);

    return err == OYEZ_OK ? make_key_id(&signer->verifier) : err;
}

oyez_err oyez_note_signer_make(struct oyez_note_signer *out, const char *name)
{
    oyez_err err = oyez_note_name_check(name);

    *out = (struct oyez_note_signer){0};
    if (err != OYEZ_OK)
        return err;
    memcpy(out->verifier.name, name, strlen(name) + 1);
    if (getrandom(out->seed, sizeof(out->seed), 0) != (ssize_t)sizeof(out->seed))
        return oyez_fail(OYEZ_ERR_SYSTEM, "no random bytes for a key");
    return complete_signer(out);
}

void oyez_note_signer_wipe(struct oyez_note_signer *signer)
{
    OPENSSL_cleanse(signer, sizeof(*signer));
}

static bool read_key_id(const char *text, size_t size, uint32_t *key_id)
{
    *key_id = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                                                : 16u;
        if (digit > 15)
            return false;
        *key_id = *key_id << 4 | digit;
    }
    return size == 8;
}

// NAME+HEX+BASE64 of either kind of key.
static oyez_err read_parts(const char *text, char name[OYEZ_NOTE_NAME_SIZE], uint32_t *key_id,
                           uint8_t key[KEY_SIZE])
{
    size_t name_size = strcspn(text, "+"), size = 0;

    if (text[name_size] != '+' || !oyez_note_name_is_valid(text, name_size))
        return oyez_fail(OYEZ_ERR_MALFORMED,
                         "a key is NAME+HASH+BASE64, and its name no such name");
    memcpy(name, text, name_size);
    name[name_size] = '\0';
    text += name_size + 1;
    size_t id_size = strcspn(text, "+");
    if (text[id_size] != '+' || !read_key_id(text, id_size, key_id))
        return oyez_fail(OYEZ_ERR_MALFORMED, "key of %.60s: its hash is not 8 hexadecimal digits",
                         name);
    text += id_size + 1;
    if (!oyez_base64_decode(key, KEY_SIZE, &size, text, strlen(text)) || size != KEY_SIZE)
        return oyez_fail(OYEZ_ERR_MALFORMED, "key of %.60s: not the base64 of %u bytes", name,
                         KEY_SIZE);
    if (key[0] != TYPE_ED25519)
        return oyez_fail(OYEZ_ERR_MALFORMED, "key of %.60s: of type %u, Ed25519 is %u", name,
                         key[0], TYPE_ED25519);
    return OYEZ_OK;
}

static oyez_err check_key_id(const struct oyez_note_verifier *verifier, uint32_t told)
{
    if (verifier->key_id == told)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_MALFORMED, "key of %.60s: its hash is %08" PRIx32 ", not %08" PRIx32,
                     verifier->name, verifier->key_id, told);
}

oyez_err oyez_note_verifier_read(struct oyez_note_verifier *out, const char *vkey)
{
    uint8_t key[KEY_SIZE];
    uint32_t told;

    *out = (struct oyez_note_verifier){0};
    if (strncmp(vkey, SECRET_PREFIX, strlen(SECRET_PREFIX)) == 0)
        return oyez_fail(OYEZ_ERR_MALFORMED, "this is a signing key: keep it secret, and give the "
                                             "verifier key");
    oyez_err err = read_parts(vkey, out->name, &told, key);
    if (err != OYEZ_OK)
        return err;
    memcpy(out->public_key, key + 1, sizeof(out->public_key));
    err = make_key_id(out);
    return err == OYEZ_OK ? check_key_id(out, told) : err;
}

oyez_err oyez_note_signer_read(struct oyez_note_signer *out, const char *skey)
{
    uint8_t key[KEY_SIZE];
    uint32_t told = 0;

    *out = (struct oyez_note_signer){0};
    if (strncmp(skey, SECRET_PREFIX, strlen(SECRET_PREFIX)) != 0)
        return oyez_fail(OYEZ_ERR_MALFORMED, "not a signing key: it begins with " SECRET_PREFIX);
    oyez_err err = read_parts(skey + strlen(SECRET_PREFIX), out->verifier.name, &told, key);
    if (err == OYEZ_OK) {
        memcpy(out->seed, key + 1, sizeof(out->seed));
        err = complete_signer(out);
    }
    if (err == OYEZ_OK)
        err = check_key_id(&out->verifier, told);
    OPENSSL_cleanse(key, sizeof(key));
    if (err != OYEZ_OK)
        oyez_note_signer_wipe(out);
    return err;
}

static void write_parts(const struct oyez_note_verifier *verifier,
                        const uint8_t bytes[OYEZ_ED25519_KEY_SIZE], char *out, size_t room)
{
    uint8_t key[KEY_SIZE] = {TYPE_ED25519};
    char base64[64] = "";

    memcpy(key + 1, bytes, OYEZ_ED25519_KEY_SIZE);
    base64[oyez_base64_encode(base64, key, sizeof(key))] = '\0';
    snprintf(out, room, "%s+%08" PRIx32 "+%s", verifier->name, verifier->key_id, base64);
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(base64, sizeof(base64));
}

void oyez_note_verifier_write(const struct oyez_note_verifier *verifier,
                              char out[OYEZ_NOTE_VKEY_SIZE])
{
    write_parts(verifier, verifier->public_key, out, OYEZ_NOTE_VKEY_SIZE);
}

void oyez_note_signer_write(const struct oyez_note_signer *signer, char out[OYEZ_NOTE_SKEY_SIZE])
{
    size_t size = strlen(SECRET_PREFIX);

    memcpy(out, SECRET_PREFIX, size);
    write_parts(&signer->verifier, signer->seed, out + size, OYEZ_NOTE_SKEY_SIZE - size);
}

bool oyez_note_verifier_equal(const struct oyez_note_verifier *a,
                              const struct oyez_note_verifier *b)
{
    return strcmp(a->name, b->name) == 0 &&
           memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0;
}
