// SPDX-License-Identifier: MIT
#include "line_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE (64u * 1024u)
#define LINE_CAPACITY_MIN 4096u

oyez_err line_reader_open(struct line_reader *reader, int fd, int interrupt_fd, size_t limit)
{
    *reader = (struct line_reader){.fd = fd, .interrupt_fd = interrupt_fd, .limit = limit};
    reader->block = malloc(BLOCK_SIZE);
    reader->line = malloc(LINE_CAPACITY_MIN);
    reader->line_capacity = LINE_CAPACITY_MIN;
    if (reader->block == NULL || reader->line == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    return OYEZ_OK;
}

void line_reader_close(struct line_reader *reader)
{
    free(reader->block);
    free(reader->line);
    reader->block = NULL;
    reader->line = NULL;
}

// Fills the block. LINE_READ when it holds something.
static enum line_status fill(struct line_reader *reader)
{
    struct pollfd entries[2] = {{.fd = reader->fd, .events = POLLIN},
                                {.fd = reader->interrupt_fd, .events = POLLIN}};
    for (;;) {
        int ready = poll(entries, 2, -1);
        if (ready > 0 && (entries[1].revents & POLLIN) != 0) {
            return LINE_INTERRUPTED;
        }
        ssize_t size = ready > 0 ? read(reader->fd, reader->block, BLOCK_SIZE) : -1;
        if (size >= 0) {
            reader->block_at = 0;
            reader->block_size = (size_t)size;
            return size > 0 ? LINE_READ : LINE_END;
        }
        if (errno != EINTR && errno != EAGAIN) {
            return LINE_FAILED;
        }
    }
}

static bool keep(struct line_reader *reader, const char *part, size_t size)
{
    size_t needed = reader->line_size + size + 1;
    size_t capacity = reader->line_capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    if (capacity != reader->line_capacity) {
        char *larger = realloc(reader->line, capacity);
        if (larger == NULL) {
            errno = ENOMEM;
            return false;
        }
        reader->line = larger;
        reader->line_capacity = capacity;
    }
    memcpy(reader->line + reader->line_size, part, size);
    reader->line_size += size;
    return true;
}

static enum line_status finish(struct line_reader *reader, uint64_t total, const char **line,
                               uint64_t *size)
{
    reader->number++;
    *line = reader->line;
    *size = total;
    // One byte above the limit is kept, so that a CR at the very end does not count.
    if (total == reader->line_size && total > 0 && reader->line[total - 1] == '\r') {
        *size = --reader->line_size;
    }
    if (*size > reader->limit) {
        *line = NULL;
        return LINE_TOO_LONG;
    }
    reader->line[reader->line_size] = '\0';
    return LINE_READ;
}

enum line_status line_reader_next(struct line_reader *reader, const char **line, uint64_t *size)
{
    uint64_t total = 0;
    reader->line_size = 0;
    for (;;) {
        if (reader->block_at == reader->block_size) {
            enum line_status status = fill(reader);
            if (status == LINE_END && total > 0) {
                return finish(reader, total, line, size);
            }
            if (status != LINE_READ) {
                return status;
            }
        }
        const char *start = reader->block + reader->block_at;
        size_t left = reader->block_size - reader->block_at;
        const char *end = memchr(start, '\n', left);
        size_t part = end != NULL ? (size_t)(end - start) : left;
        size_t room = reader->limit + 1 - reader->line_size;
        if (!keep(reader, start, part < room ? part : room)) {
            return LINE_FAILED;
        }
        total += part;
        reader->block_at += part + (end != NULL ? 1 : 0);
        reader->offset += part + (end != NULL ? 1 : 0);
        if (end != NULL) {
            return finish(reader, total, line, size);
        }
    }
}
