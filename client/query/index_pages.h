// SPDX-License-Identifier: MIT
// A file of pages that each have a checksum: bytes behind one another for who reads and writes it.
// docs/journal.md has the pages.
#ifndef OYEZ_INDEX_PAGES_H
#define OYEZ_INDEX_PAGES_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/disk.h"
#include "oyez/error.h"

#define OYEZ_INDEX_PAGE_SIZE 4096u
#define OYEZ_INDEX_SUM_SIZE 4u
#define OYEZ_INDEX_PAYLOAD_SIZE (OYEZ_INDEX_PAGE_SIZE - OYEZ_INDEX_SUM_SIZE)

// oyez_index_page_sum is the checksum of a page; that of the first page is part of all others', so
// that none fits in another place or in another file.
uint32_t oyez_index_page_sum(uint32_t first_sum, uint64_t number, const uint8_t *bytes,
                             size_t size);

struct oyez_index_page {
    uint64_t number; // UINT64_MAX = none
    size_t size;     // of what it carries
    uint8_t bytes[OYEZ_INDEX_PAGE_SIZE];
};

// Offsets and sizes are of what the pages carry.
struct oyez_index_pages {
    const struct oyez_disk *disk;
    int fd; // -1 = not open
    char *path;
    uint64_t size;
    uint32_t first_sum; // checksum of the first page: those of the others begin with it
    struct oyez_index_page kept[2];
    unsigned oldest; // of the kept ones
};

// oyez_index_pages_open opens a file and checks its first page. OYEZ_ERR_NOT_FOUND,
// OYEZ_ERR_CORRUPT, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY. Close it in any case.
oyez_err oyez_index_pages_open(struct oyez_index_pages *out, const struct oyez_disk *disk,
                               const char *path);
void oyez_index_pages_close(struct oyez_index_pages *pages);

// oyez_index_pages_get gives a page, checked, valid until the second next call. `number` is below
// the number of pages. OYEZ_ERR_CORRUPT: the checksum does not fit, or the file ends before it.
// OYEZ_ERR_IO.
oyez_err oyez_index_pages_get(struct oyez_index_pages *pages, uint64_t number,
                              const struct oyez_index_page **page);

// oyez_index_pages_read copies bytes. Those behind the end are OYEZ_ERR_CORRUPT.
oyez_err oyez_index_pages_read(struct oyez_index_pages *pages, uint64_t offset, void *out,
                               size_t size);

// oyez_index_pages_fail names the file and a place in it: always OYEZ_ERR_CORRUPT.
oyez_err oyez_index_pages_fail(const struct oyez_index_pages *pages, uint64_t offset,
                               const char *what);

// Reads bytes one after the other.
struct oyez_index_bytes {
    struct oyez_index_pages *pages;
    uint64_t offset;
    uint64_t end;
    const uint8_t *at; // within a page
    size_t left;       // in it
};

// oyez_index_bytes_begin reads from one offset up to another.
void oyez_index_bytes_begin(struct oyez_index_bytes *bytes, struct oyez_index_pages *pages,
                            uint64_t offset, uint64_t end);

// oyez_index_bytes_varint reads a number of at most `max`, written in as few bytes as can be;
// oyez_index_bytes_copy reads bytes. OYEZ_ERR_CORRUPT, OYEZ_ERR_IO.
oyez_err oyez_index_bytes_varint(struct oyez_index_bytes *bytes, uint64_t max, uint64_t *value);
oyez_err oyez_index_bytes_copy(struct oyez_index_bytes *bytes, void *out, size_t size);

#endif
