// SPDX-License-Identifier: MIT
//  0 1 2       10        18      26         42 43     51       59           91
// +-+-+-------+---------+-------+----------+--+------+--------+------------+--------
// |v|k|epoch  |position |time   |emitter id|fl|number|type seq| commitment | header    1, 3
// +-+-+-------+---------+-------+----------+--+------+--------+----------+-+--------
//                                                    | event id | type | occurred at
//                                                    +----------+------+-- commitment  2, 4
#include "leaf.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/little_endian.h"
#include "record_kind.h"

#define GATHER_SIZE 1024u

struct oyez_leaf_hasher {
    EVP_MD_CTX *context;
    uint8_t leaf[1 + OYEZ_LEAF_SIZE_MAX]; // behind its prefix
};

// Fetching a method walks OpenSSL's providers, which costs more than hashing a small event.
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

oyez_err oyez_leaf_hasher_open(oyez_leaf_hasher **out)
{
    oyez_leaf_hasher *hasher;

    *out = NULL;
    pthread_once(&once, fetch);
    if (sha256 == NULL)
        return oyez_fail(OYEZ_ERR_SYSTEM, "libcrypto has no SHA-256");
    hasher = calloc(1, sizeof(*hasher));
    if (hasher != NULL)
        hasher->context = EVP_MD_CTX_new();
    if (hasher == NULL || hasher->context == NULL) {
        oyez_leaf_hasher_close(&hasher);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "state for SHA-256");
    }
    *out = hasher;
    return OYEZ_OK;
}

void oyez_leaf_hasher_close(oyez_leaf_hasher **hasher)
{
    if (*hasher == NULL)
        return;
    EVP_MD_CTX_free((*hasher)->context);
    free(*hasher);
    *hasher = NULL;
}

static bool begin(oyez_leaf_hasher *hasher)
{
    return EVP_DigestInit_ex2(hasher->context, sha256, NULL) == 1;
}

static bool add(oyez_leaf_hasher *hasher, const void *data, size_t size)
{
    return size == 0 || EVP_DigestUpdate(hasher->context, data, size) == 1;
}

// A length before each part: no two different events feed the same bytes.
static bool add_sized(oyez_leaf_hasher *hasher, const void *data, size_t size)
{
    uint8_t length[4];

    put_u32(length, (uint32_t)size);
    return add(hasher, length, sizeof(length)) && add(hasher, data, size);
}

static oyez_err finish(oyez_leaf_hasher *hasher, bool fed, uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    if (fed && EVP_DigestFinal_ex(hasher->context, out, NULL) == 1)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_SYSTEM, "SHA-256 failed in libcrypto");
}

oyez_err oyez_leaf_digest(oyez_leaf_hasher *hasher, const void *bytes, size_t size,
                          uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    return finish(hasher, begin(hasher) && add(hasher, bytes, size), out);
}

static uint8_t *put_sized(uint8_t *at, const void *data, size_t size)
{
    put_u32(at, (uint32_t)size);
    if (size > 0)
        memcpy(at + 4, data, size);
    return at + 4 + size;
}

// A call into libcrypto costs as much as hashing a block: what is small goes in one piece.
static oyez_err commit_small(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                             uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    uint8_t bytes[GATHER_SIZE], *at = bytes;

    *at++ = record->details_format;
    at = put_sized(at, record->salt, record->salt_size);
    at = put_sized(at, record->signature, record->signature_size);
    if (oyez_record_is_personal(record->kind))
        at = put_sized(at, record->header, record->header_size);
    at = put_sized(at, record->details, record->details_size);
    return oyez_leaf_digest(hasher, bytes, (size_t)(at - bytes), out);
}

oyez_err oyez_leaf_commit(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                          uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    if (record->commitment != NULL) {
        memcpy(out, record->commitment, OYEZ_LEAF_HASH_SIZE);
        return OYEZ_OK;
    }
    if (record->salt_size + record->signature_size + record->header_size + record->details_size <=
        GATHER_SIZE - 1 - 4 * 4)
        return commit_small(hasher, record, out);
    bool fed = begin(hasher) && add(hasher, &record->details_format, 1) &&
               add_sized(hasher, record->salt, record->salt_size) &&
               add_sized(hasher, record->signature, record->signature_size) &&
               (!oyez_record_is_personal(record->kind) ||
                add_sized(hasher, record->header, record->header_size)) &&
               add_sized(hasher, record->details, record->details_size);
    return finish(hasher, fed, out);
}

size_t oyez_leaf_size(const struct oyez_journal_record *record)
{
    switch (record->kind) {
    case OYEZ_RECORD_EVENT:
    case OYEZ_RECORD_REPEAT:
        return OYEZ_LEAF_STAMP_SIZE + OYEZ_LEAF_HASH_SIZE + record->header_size;
    case OYEZ_RECORD_PERSONAL_EVENT:
    case OYEZ_RECORD_PERSONAL_REPEAT:
        return OYEZ_LEAF_STAMP_SIZE + OYEZ_UUID_SIZE + record->event_type_size + 8 +
               OYEZ_LEAF_HASH_SIZE;
    case OYEZ_RECORD_GAP:
        return OYEZ_LEAF_PREFIX_SIZE + 9;
    case OYEZ_RECORD_EPOCH_END:
        return OYEZ_LEAF_PREFIX_SIZE + 17;
    default:
        return OYEZ_LEAF_PREFIX_SIZE + record->details_size;
    }
}

void oyez_leaf_put_stamp(uint8_t out[OYEZ_LEAF_STAMP_SIZE],
                         const struct oyez_journal_record *record)
{
    out[0] = OYEZ_LEAF_VERSION;
    out[1] = (uint8_t)record->kind;
    put_u64(out + 2, record->epoch);
    put_u64(out + 10, record->position);
    put_u64(out + 18, record->broker_time);
    memcpy(out + 26, record->emitter_id.bytes, OYEZ_UUID_SIZE);
    out[42] = record->flags;
    put_u64(out + 43, record->emitter_seq);
    put_u64(out + 51, record->type_seq);
}

size_t oyez_leaf_put_personal(uint8_t *out, const struct oyez_journal_record *record)
{
    memcpy(out, record->event_id.bytes, OYEZ_UUID_SIZE);
    if (record->event_type_size > 0)
        memcpy(out + OYEZ_UUID_SIZE, record->event_type, record->event_type_size);
    put_u64(out + OYEZ_UUID_SIZE + record->event_type_size, (uint64_t)record->occurred_at);
    return OYEZ_UUID_SIZE + record->event_type_size + 8;
}

void oyez_leaf_put_gap(uint8_t out[9], const struct oyez_journal_record *record)
{
    put_u64(out, record->last_position);
    out[8] = (uint8_t)record->reason;
}

void oyez_leaf_put_epoch_end(uint8_t out[17], const struct oyez_journal_record *record)
{
    put_u64(out, record->highest_position);
    put_u64(out + 8, record->next_epoch);
    out[16] = record->clean ? 1 : 0;
}

static oyez_err build_event(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                            uint8_t *at)
{
    if (oyez_record_is_personal(record->kind)) {
        at += oyez_leaf_put_personal(at, record);
        return oyez_leaf_commit(hasher, record, at);
    }
    if (record->header_size > 0)
        memcpy(at + OYEZ_LEAF_HASH_SIZE, record->header, record->header_size);
    return oyez_leaf_commit(hasher, record, at);
}

oyez_err oyez_leaf_build(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                         uint8_t *out, size_t *size)
{
    uint8_t stamp[OYEZ_LEAF_STAMP_SIZE];

    if (!oyez_record_kind_is_known(record->kind))
        return oyez_fail(OYEZ_ERR_INVALID, "record of unknown kind %d", (int)record->kind);
    *size = oyez_leaf_size(record);
    if (*size > OYEZ_LEAF_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "leaf of %zu bytes, %u allowed", *size,
                         OYEZ_LEAF_SIZE_MAX);
    oyez_leaf_put_stamp(stamp, record);
    if (oyez_record_is_event(record->kind)) {
        memcpy(out, stamp, OYEZ_LEAF_STAMP_SIZE);
        return build_event(hasher, record, out + OYEZ_LEAF_STAMP_SIZE);
    }
    memcpy(out, stamp, OYEZ_LEAF_PREFIX_SIZE);
    out += OYEZ_LEAF_PREFIX_SIZE;
    if (record->kind == OYEZ_RECORD_GAP)
        oyez_leaf_put_gap(out, record);
    else if (record->kind == OYEZ_RECORD_EPOCH_END)
        oyez_leaf_put_epoch_end(out, record);
    else if (record->details_size > 0)
        memcpy(out, record->details, record->details_size);
    return OYEZ_OK;
}

oyez_err oyez_leaf_hash(oyez_leaf_hasher *hasher, const void *leaf, size_t size,
                        uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    static const uint8_t leaf_prefix; // 0x00, where an inner node has 0x01

    return finish(hasher, begin(hasher) && add(hasher, &leaf_prefix, 1) && add(hasher, leaf, size),
                  out);
}

oyez_err oyez_leaf_hash_record(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                               uint8_t out[OYEZ_LEAF_HASH_SIZE])
{
    size_t size;
    oyez_err err = oyez_leaf_build(hasher, record, hasher->leaf + 1, &size);

    return err == OYEZ_OK ? oyez_leaf_digest(hasher, hasher->leaf, 1 + size, out) : err;
}
