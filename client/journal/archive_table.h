// SPDX-License-Identifier: MIT
// The seek table at the end of an archived segment: which zstd frame holds which bytes.
#ifndef OYEZ_ARCHIVE_TABLE_H
#define OYEZ_ARCHIVE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

#define OYEZ_ARCHIVE_FOOTER_SIZE 9u
#define OYEZ_ARCHIVE_FRAME_MAX (1024u * 1024u) // bytes in one frame, of any file that is read
#define OYEZ_ARCHIVE_FRAMES_MAX (1024u * 1024u)

struct oyez_archive_frame {
    uint64_t at;     // in the file
    uint64_t offset; // of its bytes in the segment
    uint32_t packed; // bytes in the file
    uint32_t size;   // bytes in the segment
    uint32_t sum;    // lower half of their XXH64
};

struct oyez_archive_table {
    struct oyez_archive_frame *frames;
    size_t count, room;
    uint64_t packed; // of all frames
    uint64_t size;
    uint32_t largest; // size and packed size of a frame
    uint32_t largest_packed;
};

// oyez_archive_table_add adds the next frame. OYEZ_ERR_NO_MEMORY; OYEZ_ERR_TOO_LARGE: too many
// frames, or too large a one.
oyez_err oyez_archive_table_add(struct oyez_archive_table *table, uint32_t packed, uint32_t size,
                                uint32_t sum);
void oyez_archive_table_clear(struct oyez_archive_table *table);

// oyez_archive_table_measure is the size of the table in the file.
size_t oyez_archive_table_measure(size_t frames);
void oyez_archive_table_encode(const struct oyez_archive_table *table, uint8_t *out);

// oyez_archive_table_read_footer tells from the last OYEZ_ARCHIVE_FOOTER_SIZE bytes of a file how
// long the table is that ends with them. False: there is none, or one that is not for us.
bool oyez_archive_table_read_footer(const uint8_t *footer, uint64_t file_size, size_t *table_size);

// oyez_archive_table_decode reads the table of a file of `file_size` bytes. False: it contradicts
// itself or the file, or there is no memory. Clear it in any case.
bool oyez_archive_table_decode(struct oyez_archive_table *table, const uint8_t *bytes, size_t size,
                               uint64_t file_size);

// oyez_archive_table_find is the frame with the byte at `offset` < table->size.
size_t oyez_archive_table_find(const struct oyez_archive_table *table, uint64_t offset);

#endif
