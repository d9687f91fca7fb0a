// SPDX-License-Identifier: MIT
// Writes a file of pages that each have a checksum. docs/journal.md has the pages.
#ifndef OYEZ_INDEX_WRITER_H
#define OYEZ_INDEX_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/disk.h"
#include "oyez/error.h"

// Zero it, but for disk, fd and path, which are the caller's.
struct oyez_index_writer {
    const struct oyez_disk *disk;
    int fd;
    const char *path;
    uint8_t *buffer; // whole pages, and one that is being filled
    size_t filled;   // bytes of the buffer
    size_t carried;  // of the page that is being filled
    uint64_t page;   // its number
    uint64_t written;
    uint32_t first_sum;
};

// oyez_index_writer_put adds bytes, and oyez_index_writer_end ends the last page and frees what
// the writer holds, whatever `err` was before; it returns that or its own failure.
// OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE, OYEZ_ERR_NO_MEMORY.
oyez_err oyez_index_writer_put(struct oyez_index_writer *writer, const void *data, size_t size);
oyez_err oyez_index_writer_end(struct oyez_index_writer *writer, oyez_err err);

#endif
