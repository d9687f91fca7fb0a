// SPDX-License-Identifier: MIT
//  0         8     12    16       20     24      28      32  64
// +---------+-----+-----+--------+------+-------+-------+---+-------------------------- page 0
// |OYEZIDS\0|vers.| sum |segment |chain |records|entries| 0 | content
// +---------+-----+-----+--------+------+-------+-------+---+--------------------------
//  0    4       8      64                                             4096
// +----+-------+------+----------------------------------------------+ each other page
// |sum |number |  0   | content                                      |
// +----+-------+------+----------------------------------------------+
// Content: filter, zeros up to a multiple of 96, entries (fingerprint, record), places. 4,032 bytes
// of it in a page, so none of their blocks of 32, 12 and 4 bytes lies in two.
#ifndef OYEZ_EVENT_IDS_PAGES_H
#define OYEZ_EVENT_IDS_PAGES_H

#include "crc32c.h"
#include "event_ids.h"
#include "oyez/bloom.h"
#include "oyez/little_endian.h"

#define OYEZ_IDS_MAGIC "OYEZIDS"
#define OYEZ_IDS_VERSION 2u
#define OYEZ_IDS_PAGE 4096u
#define OYEZ_IDS_HEAD 64u
#define OYEZ_IDS_CONTENT (OYEZ_IDS_PAGE - OYEZ_IDS_HEAD)
#define OYEZ_IDS_ENTRY 12u
#define OYEZ_IDS_PLACE 4u
#define OYEZ_IDS_UNIT 96u // all three divide it, and it divides the content of a page

static inline uint64_t ids_entries_at(uint32_t entries)
{
    return (oyez_bloom_size(entries) + OYEZ_IDS_UNIT - 1) / OYEZ_IDS_UNIT * OYEZ_IDS_UNIT;
}

static inline uint64_t ids_places_at(uint32_t entries)
{
    return ids_entries_at(entries) + (uint64_t)entries * OYEZ_IDS_ENTRY;
}

// The place in the file of a byte of the content.
static inline uint64_t ids_place(uint64_t at)
{
    return at / OYEZ_IDS_CONTENT * OYEZ_IDS_PAGE + OYEZ_IDS_HEAD + at % OYEZ_IDS_CONTENT;
}

static inline uint64_t ids_file_size(uint32_t records, uint32_t entries)
{
    return ids_place(ids_places_at(entries) + (uint64_t)records * OYEZ_IDS_PLACE - 1) + 1;
}

static inline uint32_t ids_first_page_sum(const uint8_t *page, size_t size)
{
    return oyez_journal_crc32c(oyez_journal_crc32c(0, page, 12), page + 16, size - 16);
}

static inline uint32_t ids_page_sum(const uint8_t *page, size_t size, uint32_t first_page_sum)
{
    return oyez_journal_crc32c(first_page_sum, page + 4, size - 4);
}

#endif
