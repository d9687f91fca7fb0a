// SPDX-License-Identifier: MIT
//  0         8     12      16    20      24     32   36    40              64    72
// +---------+-----+-------+-----+-------+------+----+-----+---------------+------+
// |OYEZIDX\0|vers.|segment|chain|records|first |keys|lists|3 × (groups,  |  0   |
// |         |     |       |     |       |index |    |size |    size)      |      |
// +---------+-----+-------+-----+-------+------+----+-----+---------------+------+
#include "index_header.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "oyez/bloom.h"
#include "oyez/little_endian.h"

static const uint8_t magic[8] = "OYEZIDX";

void oyez_index_header_encode(uint8_t out[OYEZ_INDEX_HEADER_SIZE],
                              const struct oyez_index_header *header)
{
    memset(out, 0, OYEZ_INDEX_HEADER_SIZE);
    memcpy(out, magic, sizeof magic);
    put_u32(out + 8, header->version);
    put_u32(out + 12, header->header_sum);
    put_u32(out + 16, header->seal_chain);
    put_u32(out + 20, header->records);
    put_u64(out + 24, header->first_index);
    put_u32(out + 32, header->keys);
    put_u32(out + 36, header->lists_size);
    for (size_t i = 0; i < OYEZ_INDEX_COUNTS; i++) {
        put_u32(out + 40 + 8 * i, header->counts[i].groups);
        put_u32(out + 44 + 8 * i, header->counts[i].size);
    }
}

bool oyez_index_header_decode(struct oyez_index_header *out,
                              const uint8_t bytes[OYEZ_INDEX_HEADER_SIZE])
{
    if (memcmp(bytes, magic, sizeof magic) != 0)
        return false;
    out->version = get_u32(bytes + 8);
    out->header_sum = get_u32(bytes + 12);
    out->seal_chain = get_u32(bytes + 16);
    out->records = get_u32(bytes + 20);
    out->first_index = get_u64(bytes + 24);
    out->keys = get_u32(bytes + 32);
    out->lists_size = get_u32(bytes + 36);
    for (size_t i = 0; i < OYEZ_INDEX_COUNTS; i++) {
        out->counts[i].groups = get_u32(bytes + 40 + 8 * i);
        out->counts[i].size = get_u32(bytes + 44 + 8 * i);
    }
    return true;
}

uint64_t oyez_index_entry_at(uint64_t number)
{
    return OYEZ_INDEX_HEADER_SIZE + number * OYEZ_INDEX_ENTRY_SIZE;
}

uint64_t oyez_index_filter_at(const struct oyez_index_header *header)
{
    return oyez_index_entry_at(header->keys);
}

size_t oyez_index_filter_size(const struct oyez_index_header *header)
{
    return oyez_bloom_size(header->keys);
}

uint64_t oyez_index_lists_at(const struct oyez_index_header *header)
{
    return oyez_index_filter_at(header) + oyez_index_filter_size(header);
}

uint64_t oyez_index_counts_at(const struct oyez_index_header *header, size_t by)
{
    uint64_t offset = oyez_index_lists_at(header) + header->lists_size;
    for (size_t i = 0; i < by; i++)
        offset += header->counts[i].size;
    return offset;
}

oyez_err oyez_index_path(char out[OYEZ_JOURNAL_PATH_SIZE], const char *directory,
                         uint64_t first_index, const char *suffix)
{
    int size = snprintf(out, OYEZ_JOURNAL_PATH_SIZE, "%s/%020" PRIu64 "%s", directory, first_index,
                        suffix);
    if (size < 0 || (size_t)size >= OYEZ_JOURNAL_PATH_SIZE)
        return oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    return OYEZ_OK;
}
