// SPDX-License-Identifier: MIT
#include "index_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "index_pages.h"
#include "oyez/little_endian.h"

#define BUFFER_SIZE (64u * OYEZ_INDEX_PAGE_SIZE)

static oyez_err flush(struct oyez_index_writer *writer)
{
    size_t done = 0;
    while (done < writer->filled) {
        ssize_t put = writer->disk->pwrite(writer->disk->context, writer->fd, writer->buffer + done,
                                           writer->filled - done, (off_t)(writer->written + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put == 0)
            errno = EIO;
        if (put <= 0)
            return oyez_fail(errno == ENOSPC || errno == EDQUOT ? OYEZ_ERR_NO_SPACE : OYEZ_ERR_IO,
                             "%s: writing: %s", writer->path, strerror(errno));
        done += (size_t)put;
    }
    writer->written += writer->filled;
    writer->filled = 0;
    return OYEZ_OK;
}

static oyez_err end_page(struct oyez_index_writer *writer)
{
    uint8_t *sum_at = writer->buffer + writer->filled;
    uint32_t sum = oyez_index_page_sum(writer->first_sum, writer->page, sum_at - writer->carried,
                                       writer->carried);
    if (writer->page == 0)
        writer->first_sum = sum;
    put_u32(sum_at, sum);
    writer->filled += OYEZ_INDEX_SUM_SIZE;
    writer->carried = 0;
    writer->page++;
    return writer->filled == BUFFER_SIZE ? flush(writer) : OYEZ_OK;
}

oyez_err oyez_index_writer_put(struct oyez_index_writer *writer, const void *data, size_t size)
{
    if (writer->buffer == NULL && (writer->buffer = malloc(BUFFER_SIZE)) == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to write it", writer->path);
    for (size_t done = 0; done < size;) {
        size_t room = OYEZ_INDEX_PAYLOAD_SIZE - writer->carried;
        size_t part = size - done < room ? size - done : room;
        memcpy(writer->buffer + writer->filled, (const uint8_t *)data + done, part);
        writer->filled += part;
        writer->carried += part;
        done += part;
        oyez_err err = part == room ? end_page(writer) : OYEZ_OK;
        if (err)
            return err;
    }
    return OYEZ_OK;
}

oyez_err oyez_index_writer_end(struct oyez_index_writer *writer, oyez_err err)
{
    if (err == OYEZ_OK && writer->carried > 0)
        err = end_page(writer);
    if (err == OYEZ_OK && writer->filled > 0)
        err = flush(writer);
    free(writer->buffer);
    writer->buffer = NULL;
    return err;
}
