// SPDX-License-Identifier: MIT
// The reader of archived segments: an archive may come from anywhere. tests/fuzz/run runs it.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/journal/archive_file.h"
#include "client/journal/archive_table.h"

#define PIECE 65536u
#define READ_MAX (4u * 1024u * 1024u) // of one input

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct file {
    const uint8_t *bytes;
    size_t size;
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static ssize_t read_at(void *context, int fd, void *data, size_t size, off_t offset)
{
    const struct file *file = context;

    (void)fd;
    require(offset >= 0);
    if ((size_t)offset >= file->size)
        return 0;
    size_t left = file->size - (size_t)offset;
    size = size < left ? size : left;
    memcpy(data, file->bytes + offset, size);
    return (ssize_t)size;
}

static off_t file_size(void *context, int fd)
{
    const struct file *file = context;

    (void)fd;
    return (off_t)file->size;
}

static void read_all(struct oyez_archive *archive)
{
    uint64_t size = oyez_archive_size(archive);
    uint8_t *piece = malloc(PIECE);
    size_t got;

    require(piece != NULL);
    for (uint64_t at = 0; at < size && at < READ_MAX; at += PIECE - 7) {
        oyez_err err = oyez_archive_read(archive, piece, PIECE, at, &got);
        require(err == OYEZ_OK || err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_NO_MEMORY);
        require(got <= PIECE);
        if (err == OYEZ_OK)
            require(got == (size - at < PIECE ? size - at : PIECE));
    }
    require(oyez_archive_read(archive, piece, PIECE, size, &got) == OYEZ_OK && got == 0);
    free(piece);
}

// What is decoded is encoded to the same bytes again, but for the bits that are not used.
static void check_table(const uint8_t *data, size_t size)
{
    struct oyez_archive_table table;
    size_t table_size;

    if (size < OYEZ_ARCHIVE_FOOTER_SIZE ||
        !oyez_archive_table_read_footer(data + size - OYEZ_ARCHIVE_FOOTER_SIZE, size, &table_size))
        return;
    require(table_size < size);
    const uint8_t *bytes = data + size - table_size;
    if (oyez_archive_table_decode(&table, bytes, table_size, size)) {
        uint8_t *again = malloc(table_size);
        require(again != NULL && oyez_archive_table_measure(table.count) == table_size);
        oyez_archive_table_encode(&table, again);
        again[table_size - 5] = bytes[table_size - 5];
        require(memcmp(again, bytes, table_size) == 0);
        free(again);
    }
    oyez_archive_table_clear(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file file = {data, size};
    const struct oyez_disk disk = {.context = &file, .pread = read_at, .size = file_size};
    struct oyez_archive *archive = NULL;

    check_table(data, size);
    oyez_err err = oyez_archive_open(&archive, &disk, 0, "archive");
    require((err == OYEZ_OK) == (archive != NULL));
    if (archive != NULL)
        read_all(archive);
    oyez_archive_close(&archive);
    return 0;
}
