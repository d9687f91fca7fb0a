// SPDX-License-Identifier: MIT
// Ed25519 (RFC 8032) by libcrypto.
#ifndef OYEZ_ED25519_H
#define OYEZ_ED25519_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

#define OYEZ_ED25519_KEY_SIZE 32u // of a seed, and of a public key
#define OYEZ_ED25519_SIGNATURE_SIZE 64u

// oyez_ed25519_public is the public key of a seed. OYEZ_ERR_SYSTEM.
oyez_err oyez_ed25519_public(const uint8_t seed[OYEZ_ED25519_KEY_SIZE],
                             uint8_t out[OYEZ_ED25519_KEY_SIZE]);

// oyez_ed25519_sign: OYEZ_ERR_SYSTEM.
oyez_err oyez_ed25519_sign(const uint8_t seed[OYEZ_ED25519_KEY_SIZE], const void *text, size_t size,
                           uint8_t out[OYEZ_ED25519_SIGNATURE_SIZE]);

// oyez_ed25519_verify: OYEZ_ERR_CORRUPT: it is no signature of this text by this key, or the key
// is none. OYEZ_ERR_SYSTEM.
oyez_err oyez_ed25519_verify(const uint8_t public_key[OYEZ_ED25519_KEY_SIZE], const void *text,
                             size_t size, const uint8_t signature[OYEZ_ED25519_SIGNATURE_SIZE]);

#endif
