// SPDX-License-Identifier: MIT
#include "ed25519.h"

#include <openssl/evp.h>
#include <stdbool.h>

static oyez_err failed(const char *doing)
{
    return oyez_fail(OYEZ_ERR_SYSTEM, "Ed25519: %s failed in libcrypto", doing);
}

oyez_err oyez_ed25519_public(const uint8_t seed[OYEZ_ED25519_KEY_SIZE],
                             uint8_t out[OYEZ_ED25519_KEY_SIZE])
{
    size_t size = OYEZ_ED25519_KEY_SIZE;
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, OYEZ_ED25519_KEY_SIZE);
    bool made = key != NULL && EVP_PKEY_get_raw_public_key(key, out, &size) == 1 &&
                size == OYEZ_ED25519_KEY_SIZE;

    EVP_PKEY_free(key);
    return made ? OYEZ_OK : failed("making a public key");
}

oyez_err oyez_ed25519_sign(const uint8_t seed[OYEZ_ED25519_KEY_SIZE], const void *text, size_t size,
                           uint8_t out[OYEZ_ED25519_SIGNATURE_SIZE])
{
    size_t written = OYEZ_ED25519_SIGNATURE_SIZE;
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, OYEZ_ED25519_KEY_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = key != NULL && context != NULL &&
                EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, out, &written, text, size) == 1 &&
                written == OYEZ_ED25519_SIGNATURE_SIZE;

    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return made ? OYEZ_OK : failed("signing");
}

oyez_err oyez_ed25519_verify(const uint8_t public_key[OYEZ_ED25519_KEY_SIZE], const void *text,
                             size_t size, const uint8_t signature[OYEZ_ED25519_SIGNATURE_SIZE])
{
    oyez_err err = OYEZ_OK;
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, OYEZ_ED25519_KEY_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (key == NULL || context == NULL || EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) != 1)
        err = failed("verifying");
    else if (EVP_DigestVerify(context, signature, OYEZ_ED25519_SIGNATURE_SIZE, text, size) != 1)
        err = oyez_fail(OYEZ_ERR_CORRUPT, "the signature is wrong");
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return err;
}
