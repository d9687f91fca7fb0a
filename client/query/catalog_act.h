// SPDX-License-Identifier: MIT
// The bytes of an act that holds a catalog, or a part of one.
//
//   0      1        2      2+n        3+n       3+n+m    +32    +36      +40
//   +------+--------+------+----------+---------+--------+------+--------+------
//   | form | name n | name | version m| version | digest | size | offset | part
//   +------+--------+------+----------+---------+--------+------+--------+------
#ifndef OYEZ_CATALOG_ACT_H
#define OYEZ_CATALOG_ACT_H

#include "oyez/journal_catalogs.h"

#define OYEZ_CATALOG_ACT_FORM 1u
// Of a whole set: what liboyez loads.
#define OYEZ_CATALOG_SET_SIZE_MAX (4u * 1024u * 1024u)

// An act as it was read; pointers lead into it.
struct oyez_catalog_part {
    const char *name; // no NUL
    size_t name_size;
    const char *version;
    size_t version_size;
    const uint8_t *digest; // of the whole set
    uint32_t size;         // the same
    uint32_t offset;       // of the part in it
    const uint8_t *bytes;
    size_t part_size;
};

// oyez_catalog_part_read: false when the act is of a form that is not known here, or broken.
bool oyez_catalog_part_read(struct oyez_catalog_part *out, const uint8_t *act, size_t size);

// oyez_catalog_digest is SHA-256. False: libcrypto failed.
bool oyez_catalog_digest(uint8_t out[OYEZ_CATALOG_DIGEST_SIZE], const void *bytes, size_t size);

// Little-endian numbers of `size` bytes.
static inline uint8_t *put_number(uint8_t *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> (8 * i));
    return out + size;
}

static inline uint64_t get_number(const uint8_t *in, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)in[i] << (8 * i);
    return value;
}

#endif
