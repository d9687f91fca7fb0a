// SPDX-License-Identifier: MIT
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "index_file.h"
#include "index_header.h"
#include "index_table_state.h"
#include "index_writer.h"
#include "oyez/bloom.h"
#include "oyez/erase.h"
#include "oyez/little_endian.h"
#include "wire/field.h"

#define DIGIT_BITS 11u
#define DIGITS 6u // of 64 bits
#define DIGIT_VALUES (1u << DIGIT_BITS)

// What a file is made of, while it is made.
struct making {
    const oyez_index_table *table;
    struct oyez_index_header header;
    struct oyez_index_entry *entries; // ascending by key
    uint8_t *lists;
    uint8_t *filter;
    struct oyez_index_writer writer;
};

static size_t digit_of(uint64_t key, unsigned digit)
{
    return (size_t)(key >> digit * DIGIT_BITS) & (DIGIT_VALUES - 1);
}

// By its lowest digit first: linear, whatever keys peers chose.
static void sort_by(struct oyez_index_entry *out, const struct oyez_index_entry *in, size_t count,
                    unsigned digit)
{
    size_t places[DIGIT_VALUES] = {0};
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        places[digit_of(in[i].key, digit)]++;
    for (size_t i = 0; i < DIGIT_VALUES; i++) {
        size_t here = places[i];
        places[i] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        out[places[digit_of(in[i].key, digit)]++] = in[i];
}

static_assert(DIGITS % 2 == 0, "the result is back where it began");

static bool collect_entries(struct making *making)
{
    const oyez_index_table *table = making->table;
    struct oyez_index_entry *spare = malloc((table->keys + 1) * sizeof *spare);
    making->entries = malloc((table->keys + 1) * sizeof *making->entries);
    size_t count = 0;
    if (spare != NULL && making->entries != NULL) {
        for (size_t i = 0; i >> table->slot_bits == 0; i++)
            if (table->slots[i].count > 0)
                making->entries[count++] = table->slots[i];
        for (unsigned digit = 0; digit < DIGITS; digit += 2) {
            sort_by(spare, making->entries, count, digit);
            sort_by(making->entries, spare, count, digit + 1);
        }
    }
    free(spare);
    return spare != NULL && making->entries != NULL;
}

// Also turns the values of the entries into those of the file.
static bool collect_lists(struct making *making)
{
    const struct oyez_postings *postings = &making->table->postings;
    size_t size = 0;
    making->lists = malloc(postings->size + postings->lists * OYEZ_VARINT32_SIZE_MAX + 1);
    for (size_t i = 0; making->lists != NULL && i < making->table->keys; i++) {
        struct oyez_index_entry *entry = &making->entries[i];
        if (entry->count == 1)
            continue;
        uint32_t list = entry->value;
        entry->value = (uint32_t)size | OYEZ_INDEX_LISTED;
        size = (size_t)(wire_write_varint(making->lists + size, entry->count) - making->lists);
        size += oyez_postings_copy(postings, list, making->lists + size);
    }
    making->header.lists_size = (uint32_t)size;
    return making->lists != NULL;
}

static bool make_filter(struct making *making)
{
    size_t size = oyez_index_filter_size(&making->header);
    making->filter = calloc(1, size);
    for (size_t i = 0; making->filter != NULL && i < making->table->keys; i++)
        oyez_bloom_add(making->filter, size, making->entries[i].key);
    return making->filter != NULL;
}

static void measure_counts(struct making *making)
{
    for (size_t by = 0; by < OYEZ_INDEX_COUNTS; by++) {
        const struct oyez_index_counts *counts = &making->table->counts[by];
        size_t size = counts->names_size;
        for (size_t i = 0; i < counts->count; i++)
            size += wire_varint_size(counts->groups[i].size) +
                    wire_varint_size(counts->groups[i].count);
        making->header.counts[by].groups =
            counts->over ? OYEZ_INDEX_UNCOUNTED : (uint32_t)counts->count;
        making->header.counts[by].size = (uint32_t)size;
    }
}

static oyez_err prepare(struct making *making, const struct oyez_journal_segment *segment)
{
    const oyez_index_table *table = making->table;
    size_t lists_max = table->postings.size + table->postings.lists * OYEZ_VARINT32_SIZE_MAX;
    if (table->keys >= UINT32_MAX || lists_max >= OYEZ_INDEX_LISTED)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "the segment is too large for an index");
    making->header = (struct oyez_index_header){
        .version = OYEZ_INDEX_VERSION,
        .header_sum = segment->header_sum,
        .seal_chain = segment->seal_chain,
        .records = table->records,
        .first_index = segment->first_index,
        .keys = (uint32_t)table->keys,
    };
    measure_counts(making);
    if (!collect_entries(making) || !collect_lists(making) || !make_filter(making))
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory to write an index");
    return OYEZ_OK;
}

static oyez_err write_entries(struct making *making)
{
    uint8_t bytes[OYEZ_INDEX_ENTRY_SIZE * 256];
    size_t count = making->table->keys;
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < count;) {
        size_t size = 0;
        for (; i < count && size < sizeof bytes; i++, size += OYEZ_INDEX_ENTRY_SIZE) {
            put_u64(bytes + size, making->entries[i].key);
            put_u32(bytes + size + 8, making->entries[i].value);
        }
        err = oyez_index_writer_put(&making->writer, bytes, size);
    }
    return err;
}

static oyez_err write_counts(struct making *making, const struct oyez_index_counts *counts)
{
    uint8_t bytes[OYEZ_GROUP_NAME_MAX + 20];
    oyez_err err = OYEZ_OK;
    for (size_t i = 0; err == OYEZ_OK && i < counts->count; i++) {
        const struct oyez_index_group *group = &counts->groups[i];
        uint8_t *end = wire_write_varint(bytes, group->size);
        memcpy(end, counts->names + group->name, group->size);
        end = wire_write_varint(end + group->size, group->count);
        err = oyez_index_writer_put(&making->writer, bytes, (size_t)(end - bytes));
    }
    return err;
}

static oyez_err write_parts(struct making *making)
{
    uint8_t bytes[OYEZ_INDEX_HEADER_SIZE];
    struct oyez_index_writer *writer = &making->writer;
    oyez_index_header_encode(bytes, &making->header);
    oyez_err err = oyez_index_writer_put(writer, bytes, sizeof bytes);
    if (err == OYEZ_OK)
        err = write_entries(making);
    if (err == OYEZ_OK)
        err =
            oyez_index_writer_put(writer, making->filter, oyez_index_filter_size(&making->header));
    if (err == OYEZ_OK)
        err = oyez_index_writer_put(writer, making->lists, making->header.lists_size);
    for (size_t by = 0; err == OYEZ_OK && by < OYEZ_INDEX_COUNTS; by++)
        err = write_counts(making, &making->table->counts[by]);
    return oyez_index_writer_end(writer, err);
}

static oyez_err fail_io(const char *path)
{
    return oyez_fail(errno == ENOSPC || errno == EDQUOT ? OYEZ_ERR_NO_SPACE : OYEZ_ERR_IO, "%s: %s",
                     path, strerror(errno));
}

static oyez_err write_file(struct making *making, const struct oyez_disk *disk, const char *path,
                           const char *final)
{
    making->writer = (struct oyez_index_writer){.disk = disk, .path = path};
    making->writer.fd = disk->open(disk->context, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (making->writer.fd < 0)
        return fail_io(path);
    oyez_err err = write_parts(making);
    disk->close(disk->context, making->writer.fd);
    if (err == OYEZ_OK && disk->rename(disk->context, path, final) != 0)
        err = fail_io(path);
    if (err)
        (void)disk->unlink(disk->context, path);
    return err;
}

static oyez_err open_segment(const struct oyez_disk *disk, const char *directory,
                             uint64_t first_index, char path[OYEZ_JOURNAL_PATH_SIZE], int *fd)
{
    char archive[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = oyez_index_path(path, directory, first_index, ".seg");

    if (err != OYEZ_OK)
        return err;
    *fd = disk->open(disk->context, path, O_RDONLY, 0);
    if (*fd >= 0 || errno != ENOENT)
        return *fd >= 0 ? OYEZ_OK : fail_io(path);
    err = oyez_disk_path(archive, directory, OYEZ_JOURNAL_ARCHIVE);
    if (err == OYEZ_OK)
        err = oyez_index_path(path, archive, first_index, OYEZ_JOURNAL_ARCHIVE_SUFFIX);
    if (err != OYEZ_OK)
        return err;
    *fd = disk->open(disk->context, path, O_RDONLY, 0);
    return *fd >= 0 ? OYEZ_OK : fail_io(path);
}

// Whoever makes the index of a segment holds a lock on the segment's file: so the new file has one
// name, and what a killed maker left of it is written over by the next one.
static oyez_err lock_segment(const struct oyez_disk *disk, const char *directory,
                             uint64_t first_index, int *fd)
{
    char path[OYEZ_JOURNAL_PATH_SIZE];
    oyez_err err = open_segment(disk, directory, first_index, path, fd);

    if (err != OYEZ_OK)
        return err;
    if (disk->flock(disk->context, *fd, LOCK_EX | LOCK_NB) == 0)
        return OYEZ_OK;
    return errno == EWOULDBLOCK
               ? oyez_fail(OYEZ_ERR_LOCKED, "%s: its index is being made by another", path)
               : fail_io(path);
}

// Who erases waits for the lock, and removes what is there then: it must not come back.
static oyez_err check_erasures(const struct oyez_disk *disk, const char *directory,
                               uint64_t erasures)
{
    if (erasures != OYEZ_JOURNAL_ERASING && oyez_journal_erasures(directory, disk) == erasures)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_BUSY, "%s: something was erased meanwhile", directory);
}

static void free_making(struct making *making)
{
    free(making->entries);
    free(making->lists);
    free(making->filter);
}

oyez_err oyez_index_file_write(const struct oyez_disk *disk, const char *directory,
                               const struct oyez_journal_segment *segment,
                               const oyez_index_table *table, uint64_t erasures)
{
    char path[OYEZ_JOURNAL_PATH_SIZE], final[OYEZ_JOURNAL_PATH_SIZE];
    struct making making = {.table = table};
    int lock = -1;
    assert(segment->sealed && segment->records == table->records);
    oyez_err err = lock_segment(disk, directory, segment->first_index, &lock);
    if (err == OYEZ_OK)
        err = check_erasures(disk, directory, erasures);
    if (err == OYEZ_OK)
        err = oyez_index_path(path, directory, segment->first_index, OYEZ_INDEX_SUFFIX ".new");
    if (err == OYEZ_OK)
        err = oyez_index_path(final, directory, segment->first_index, OYEZ_INDEX_SUFFIX);
    if (err == OYEZ_OK)
        err = prepare(&making, segment);
    if (err == OYEZ_OK)
        err = write_file(&making, disk, path, final);
    if (lock >= 0)
        disk->close(disk->context, lock);
    free_making(&making);
    return err;
}

void oyez_index_file_sweep(const struct oyez_disk *disk, const char *directory,
                           const struct oyez_journal_segment *segment)
{
    char left[OYEZ_JOURNAL_PATH_SIZE];
    int lock = -1;
    if (oyez_index_path(left, directory, segment->first_index, OYEZ_INDEX_SUFFIX ".new") ==
            OYEZ_OK &&
        lock_segment(disk, directory, segment->first_index, &lock) == OYEZ_OK)
        (void)disk->unlink(disk->context, left);
    if (lock >= 0)
        disk->close(disk->context, lock);
}
