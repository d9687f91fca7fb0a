// SPDX-License-Identifier: MIT
// Lines of a file in constant memory: a line above the limit is counted and skipped, not kept.
#ifndef OYEZ_LINE_READER_H
#define OYEZ_LINE_READER_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"

enum line_status {
    LINE_READ,
    LINE_TOO_LONG,    // size says how long it is; there is no text
    LINE_END,         // of the file
    LINE_INTERRUPTED, // interrupt_pending; lines may follow
    LINE_FAILED,      // reading failed: errno
};

struct line_reader {
    int fd;
    int interrupt_fd; // wakes a waiting read; -1 = none
    size_t limit;     // longest line, bytes
    uint64_t number;  // of the last line, from 1
    uint64_t offset;  // bytes consumed
    char *line;
    size_t line_size;
    size_t line_capacity;
    char *block;
    size_t block_at;
    size_t block_size;
};

// line_reader_open borrows the descriptor. OYEZ_ERR_NO_MEMORY. line_reader_close either way.
oyez_err line_reader_open(struct line_reader *reader, int fd, int interrupt_fd, size_t limit);
void line_reader_close(struct line_reader *reader);

// line_reader_next reads a line without its LF or CRLF. *line ends with a NUL that *size does not
// count, and is valid until the next call.
enum line_status line_reader_next(struct line_reader *reader, const char **line, uint64_t *size);

#endif
