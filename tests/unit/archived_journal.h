// SPDX-License-Identifier: MIT
// Segments of the journal on the disk in memory, moved to its archive.
#ifndef OYEZ_ARCHIVED_JOURNAL_H
#define OYEZ_ARCHIVED_JOURNAL_H

#include <stdlib.h>

#include "client/journal/archive_file.h"
#include "client/journal/segment.h"
#include "journal_directory.h"

#define FIRST_ARCHIVED "00000000000000000000.seg.zst"

struct plain_segment {
    const struct oyez_disk *disk;
    struct oyez_segment segment;
};

static inline oyez_err read_segment(void *arg, void *data, size_t size, uint64_t offset,
                                    size_t *got)
{
    struct plain_segment *plain = arg;

    return oyez_segment_read(&plain->segment, plain->disk, data, size, offset, got);
}

// Compresses a segment, and takes its plain file away.
static inline void move_to_archive(struct fake_disk *fake, uint64_t first_index)
{
    struct plain_segment plain = {.disk = fake_disk_table(fake)};
    char name[OYEZ_SEGMENT_NAME_SIZE];

    assert_int_equal(oyez_segment_open(&plain.segment, plain.disk, "journal", first_index, 0),
                     OYEZ_OK);
    uint64_t size = (uint64_t)oyez_segment_size(&plain.segment, plain.disk);
    assert_int_equal(
        oyez_archive_write(plain.disk, "journal", first_index, read_segment, &plain, size, NULL),
        OYEZ_OK);
    assert_int_equal(oyez_archive_put(plain.disk, "journal", first_index), OYEZ_OK);
    oyez_segment_close(&plain.segment, plain.disk);
    oyez_segment_name(name, first_index, ".seg");
    fake_disk_remove(fake, name);
}

// All but the last.
static inline unsigned move_sealed_to_archive(struct fake_disk *fake)
{
    struct oyez_segment_list list;

    assert_int_equal(oyez_segment_list_read(&list, fake_disk_table(fake), "journal"), OYEZ_OK);
    for (size_t i = 0; i + 1 < list.count; i++)
        move_to_archive(fake, list.first[i]);
    unsigned moved = (unsigned)list.count - 1;
    free(list.first);
    return moved;
}

#endif
