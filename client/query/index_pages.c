// SPDX-License-Identifier: MIT
#include "index_pages.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oyez/crc32c.h"
#include "oyez/little_endian.h"

uint32_t oyez_index_page_sum(uint32_t first_sum, uint64_t number, const uint8_t *bytes, size_t size)
{
    uint8_t place[8];
    if (number == 0)
        return oyez_journal_crc32c(0, bytes, size);
    put_u64(place, number);
    return oyez_journal_crc32c(oyez_journal_crc32c(first_sum, place, sizeof place), bytes, size);
}

oyez_err oyez_index_pages_fail(const struct oyez_index_pages *pages, uint64_t offset,
                               const char *what)
{
    uint64_t sums = offset / OYEZ_INDEX_PAYLOAD_SIZE * OYEZ_INDEX_SUM_SIZE;
    return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": %s", pages->path, offset + sums,
                     what);
}

static oyez_err read_page(const struct oyez_index_pages *pages, struct oyez_index_page *page,
                          size_t size)
{
    size_t done = 0;
    while (done < size) {
        off_t offset = (off_t)(page->number * OYEZ_INDEX_PAGE_SIZE + done);
        ssize_t got = pages->disk->pread(pages->disk->context, pages->fd, page->bytes + done,
                                         size - done, offset);
        if (got == 0)
            return oyez_index_pages_fail(pages, page->number * OYEZ_INDEX_PAYLOAD_SIZE,
                                         "the file ends within a page");
        if (got < 0 && errno != EINTR)
            return oyez_fail(OYEZ_ERR_IO, "%s: reading: %s", pages->path, strerror(errno));
        done += got > 0 ? (size_t)got : 0;
    }
    return OYEZ_OK;
}

static oyez_err check_page(struct oyez_index_pages *pages, struct oyez_index_page *page)
{
    uint64_t offset = page->number * OYEZ_INDEX_PAYLOAD_SIZE;
    uint64_t left = pages->size - offset;
    page->size = left < OYEZ_INDEX_PAYLOAD_SIZE ? (size_t)left : OYEZ_INDEX_PAYLOAD_SIZE;
    oyez_err err = read_page(pages, page, page->size + OYEZ_INDEX_SUM_SIZE);
    if (err)
        return err;
    uint32_t sum = oyez_index_page_sum(pages->first_sum, page->number, page->bytes, page->size);
    if (sum != get_u32(page->bytes + page->size))
        return oyez_index_pages_fail(pages, offset, "the checksum of a page does not fit");
    if (page->number == 0)
        pages->first_sum = sum;
    return OYEZ_OK;
}

oyez_err oyez_index_pages_get(struct oyez_index_pages *pages, uint64_t number,
                              const struct oyez_index_page **page)
{
    assert(number * OYEZ_INDEX_PAYLOAD_SIZE < pages->size);
    for (unsigned i = 0; i < 2; i++) {
        if (pages->kept[i].number == number) {
            pages->oldest = 1 - i;
            *page = &pages->kept[i];
            return OYEZ_OK;
        }
    }
    struct oyez_index_page *kept = &pages->kept[pages->oldest];
    kept->number = number;
    oyez_err err = check_page(pages, kept);
    if (err) {
        kept->number = UINT64_MAX;
        return err;
    }
    pages->oldest = 1 - pages->oldest;
    *page = kept;
    return OYEZ_OK;
}

static oyez_err find_size(struct oyez_index_pages *pages)
{
    off_t size = pages->disk->size(pages->disk->context, pages->fd);
    if (size < 0)
        return oyez_fail(OYEZ_ERR_IO, "%s: %s", pages->path, strerror(errno));
    uint64_t whole = (uint64_t)size / OYEZ_INDEX_PAGE_SIZE;
    uint64_t rest = (uint64_t)size % OYEZ_INDEX_PAGE_SIZE;
    if (size == 0 || (rest > 0 && rest <= OYEZ_INDEX_SUM_SIZE))
        return oyez_fail(OYEZ_ERR_CORRUPT, "%s: offset %" PRIu64 ": the file ends within a page",
                         pages->path, whole * OYEZ_INDEX_PAGE_SIZE);
    pages->size = (uint64_t)size - (whole + (rest > 0)) * OYEZ_INDEX_SUM_SIZE;
    return OYEZ_OK;
}

oyez_err oyez_index_pages_open(struct oyez_index_pages *out, const struct oyez_disk *disk,
                               const char *path)
{
    const struct oyez_index_page *page;
    out->disk = disk;
    out->fd = -1;
    out->oldest = 0;
    out->kept[0].number = UINT64_MAX;
    out->kept[1].number = UINT64_MAX;
    out->path = strdup(path);
    if (out->path == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "%s: no memory to open it", path);
    out->fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (out->fd < 0)
        return oyez_fail(errno == ENOENT ? OYEZ_ERR_NOT_FOUND : OYEZ_ERR_IO, "%s: %s", path,
                         strerror(errno));
    oyez_err err = find_size(out);
    return err ? err : oyez_index_pages_get(out, 0, &page);
}

void oyez_index_pages_close(struct oyez_index_pages *pages)
{
    if (pages->fd >= 0)
        pages->disk->close(pages->disk->context, pages->fd);
    pages->fd = -1;
    free(pages->path);
    pages->path = NULL;
}

oyez_err oyez_index_pages_read(struct oyez_index_pages *pages, uint64_t offset, void *out,
                               size_t size)
{
    struct oyez_index_bytes bytes;
    if (offset > pages->size || size > pages->size - offset)
        return oyez_index_pages_fail(pages, offset, "the file ends too early");
    oyez_index_bytes_begin(&bytes, pages, offset, offset + size);
    return oyez_index_bytes_copy(&bytes, out, size);
}

void oyez_index_bytes_begin(struct oyez_index_bytes *bytes, struct oyez_index_pages *pages,
                            uint64_t offset, uint64_t end)
{
    *bytes = (struct oyez_index_bytes){.pages = pages, .offset = offset, .end = end};
}

static oyez_err next_page(struct oyez_index_bytes *bytes)
{
    const struct oyez_index_page *page;
    if (bytes->offset >= bytes->end || bytes->offset >= bytes->pages->size)
        return oyez_index_pages_fail(bytes->pages, bytes->offset, "a part ends too early");
    oyez_err err =
        oyez_index_pages_get(bytes->pages, bytes->offset / OYEZ_INDEX_PAYLOAD_SIZE, &page);
    if (err)
        return err;
    size_t skipped = (size_t)(bytes->offset % OYEZ_INDEX_PAYLOAD_SIZE);
    uint64_t wanted = bytes->end - bytes->offset;
    bytes->at = page->bytes + skipped;
    bytes->left = page->size - skipped < wanted ? page->size - skipped : (size_t)wanted;
    return OYEZ_OK;
}

oyez_err oyez_index_bytes_varint(struct oyez_index_bytes *bytes, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (bytes->left == 0) {
            oyez_err err = next_page(bytes);
            if (err)
                return err;
        }
        uint8_t byte = *bytes->at++;
        bytes->left--;
        bytes->offset++;
        if (shift == 63 && byte > 1)
            break;
        sum |= (uint64_t)(byte & 0x7F) << shift;
        if (byte >= 0x80)
            continue;
        if (sum > max || (byte == 0 && shift > 0))
            break;
        *value = sum;
        return OYEZ_OK;
    }
    return oyez_index_pages_fail(bytes->pages, bytes->offset - 1, "a number that cannot be");
}

oyez_err oyez_index_bytes_copy(struct oyez_index_bytes *bytes, void *out, size_t size)
{
    for (size_t done = 0; done < size;) {
        oyez_err err = bytes->left == 0 ? next_page(bytes) : OYEZ_OK;
        if (err)
            return err;
        size_t part = size - done < bytes->left ? size - done : bytes->left;
        memcpy((uint8_t *)out + done, bytes->at, part);
        bytes->at += part;
        bytes->left -= part;
        bytes->offset += part;
        done += part;
    }
    return OYEZ_OK;
}
