// SPDX-License-Identifier: MIT
// The file of an index: a directory may come from anywhere. Checksums are made to fit, or nothing
// would ever be looked at behind them. tests/fuzz/run runs it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/query/index_file.h"
#include "client/query/index_header.h"
#include "client/query/index_pages.h"
#include "oyez/little_endian.h"

#define KEYS_ASKED 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory_file {
    uint8_t *bytes;
    size_t size;
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static int open_memory(void *context, const char *path, int flags, mode_t mode)
{
    (void)context, (void)path, (void)flags, (void)mode;
    return 3;
}

static int close_memory(void *context, int fd)
{
    (void)context, (void)fd;
    return 0;
}

static off_t size_of_memory(void *context, int fd)
{
    (void)fd;
    return (off_t)((struct memory_file *)context)->size;
}

static ssize_t read_memory(void *context, int fd, void *data, size_t size, off_t offset)
{
    const struct memory_file *file = context;
    (void)fd;
    require(offset >= 0);
    if ((size_t)offset >= file->size)
        return 0;
    size_t part = size < file->size - (size_t)offset ? size : file->size - (size_t)offset;
    memcpy(data, file->bytes + offset, part);
    return (ssize_t)part;
}

// What the pages carry becomes pages.
static bool make_pages(struct memory_file *file, const uint8_t *data, size_t size)
{
    size_t pages = (size + OYEZ_INDEX_PAYLOAD_SIZE - 1) / OYEZ_INDEX_PAYLOAD_SIZE, done = 0;
    uint32_t first_sum = 0;
    file->bytes = malloc(size + pages * OYEZ_INDEX_SUM_SIZE + 1);
    file->size = 0;
    require(file->bytes != NULL);
    for (size_t n = 0; n < pages; n++) {
        size_t part = size - done < OYEZ_INDEX_PAYLOAD_SIZE ? size - done : OYEZ_INDEX_PAYLOAD_SIZE;
        uint32_t sum = oyez_index_page_sum(first_sum, n, data + done, part);
        if (n == 0)
            first_sum = sum;
        memcpy(file->bytes + file->size, data + done, part);
        put_u32(file->bytes + file->size + part, sum);
        file->size += part + OYEZ_INDEX_SUM_SIZE;
        done += part;
    }
    return pages > 0;
}

static bool hear(void *arg, const char *name, size_t size, uint64_t count)
{
    uint64_t *sum = arg;
    uint8_t all = 0;
    for (size_t i = 0; i < size; i++)
        all ^= (uint8_t)name[i];
    require(size <= 256);
    *sum += count + (all > 255);
    return true;
}

static void check_key(oyez_index_file *file, uint64_t key, uint32_t records, bool is_there)
{
    struct oyez_record_list list = {0};
    bool has = false;
    uint32_t count = 0;
    oyez_err err = oyez_index_file_has(file, key, &has);
    oyez_err count_err = oyez_index_file_count(file, key, &count);
    oyez_err find_err = oyez_index_file_find(file, key, &list);
    require(err == OYEZ_OK && (!is_there || (has && count > 0 && find_err == OYEZ_OK)));
    require(find_err == OYEZ_OK || list.count == 0);
    if (find_err == OYEZ_OK)
        require(count_err == OYEZ_OK && list.count == count);
    for (size_t i = 0; i < list.count; i++)
        require(list.items[i] < records && (i == 0 || list.items[i] > list.items[i - 1]));
    free(list.items);
}

static void check_file(oyez_index_file *file, const struct oyez_index_header *header,
                       const uint8_t *data)
{
    bool is_good = oyez_index_file_check(file) == OYEZ_OK;
    for (uint64_t n = 0; n < header->keys && n < KEYS_ASKED; n++) {
        uint64_t key = get_u64(data + oyez_index_entry_at(n));
        check_key(file, key, header->records, is_good);
        check_key(file, key + 1, header->records, false);
    }
    check_key(file, 0, header->records, false);
    check_key(file, UINT64_MAX, header->records, false);
    for (unsigned by = 0; by < OYEZ_INDEX_COUNTS; by++) {
        uint64_t sum = 0;
        oyez_err err = oyez_index_file_tell(file, by, hear, &sum);
        require(sum <= header->records);
        require(!is_good || err == OYEZ_OK || err == OYEZ_ERR_TOO_LARGE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_file memory;
    struct oyez_index_header header;
    const struct oyez_disk disk = {.context = &memory,
                                   .open = open_memory,
                                   .close = close_memory,
                                   .size = size_of_memory,
                                   .pread = read_memory};
    if (size < OYEZ_INDEX_HEADER_SIZE || !oyez_index_header_decode(&header, data))
        return 0;
    const struct oyez_journal_segment segment = {.first_index = header.first_index,
                                                 .records = header.records,
                                                 .sealed = true,
                                                 .header_sum = header.header_sum,
                                                 .seal_chain = header.seal_chain};
    if (make_pages(&memory, data, size)) {
        oyez_index_file *file = NULL;
        for (size_t filter_max = 0; filter_max <= 4096; filter_max += 4096) {
            if (oyez_index_file_open(&file, &disk, "d", &segment, filter_max) == OYEZ_OK)
                check_file(file, &header, data);
            oyez_index_file_close(&file);
        }
    }
    free(memory.bytes);
    return 0;
}
