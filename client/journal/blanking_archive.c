// SPDX-License-Identifier: MIT
#include "blanking_archive.h"

#include <string.h>

#include "archive_file.h"

// What the new file is made from.
struct source {
    const struct oyez_disk *disk;
    const struct oyez_segment *segment;
    const struct oyez_blanking_patch *patches;
    size_t count;
};

// Bytes that were read, and where in the segment they lie.
struct window {
    uint8_t *bytes;
    uint64_t start, end;
};

struct oyez_blanking_patch oyez_blanking_patch_make(const struct oyez_frame *blank, uint64_t offset)
{
    struct oyez_blanking_patch patch = {
        .offset = offset, .size = blank->size, .kept_end = blank->kept_end};

    memcpy(patch.head, blank->bytes, sizeof(patch.head));
    memcpy(patch.commitment, blank->bytes + blank->kept_end, sizeof(patch.commitment));
    return patch;
}

// Puts bytes at their place in the segment, as far as the window shows it; NULL = zeros.
static void put(const struct window *window, uint64_t at, const uint8_t *bytes, size_t size)
{
    uint64_t from = at > window->start ? at : window->start;
    uint64_t to = at + size < window->end ? at + size : window->end;

    if (from >= to)
        return;
    if (bytes != NULL)
        memcpy(window->bytes + (from - window->start), bytes + (from - at), (size_t)(to - from));
    else
        memset(window->bytes + (from - window->start), 0, (size_t)(to - from));
}

static void apply(const struct window *window, const struct oyez_blanking_patch *patch)
{
    uint64_t body = patch->offset + patch->kept_end;
    size_t taken = sizeof(patch->commitment);

    put(window, patch->offset, patch->head, sizeof(patch->head));
    put(window, body, patch->commitment, taken);
    put(window, body + taken, NULL, patch->size - patch->kept_end - taken);
}

// The first patch that reaches beyond an offset.
static size_t find(const struct source *source, uint64_t offset)
{
    size_t low = 0, high = source->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (source->patches[middle].offset + source->patches[middle].size <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static oyez_err read_blanked(void *arg, void *data, size_t size, uint64_t offset, size_t *got)
{
    const struct source *source = arg;
    oyez_err err = oyez_segment_read(source->segment, source->disk, data, size, offset, got);

    if (err != OYEZ_OK)
        return err;
    const struct window window = {data, offset, offset + *got};
    for (size_t i = find(source, offset);
         i < source->count && source->patches[i].offset < window.end; i++)
        apply(&window, &source->patches[i]);
    return OYEZ_OK;
}

oyez_err oyez_blanking_rewrite(const struct oyez_disk *disk, const char *directory,
                               const struct oyez_segment *segment,
                               const struct oyez_blanking_patch *patches, size_t count)
{
    struct source source = {disk, segment, patches, count};
    uint64_t first = segment->header.first_index;
    oyez_err err = oyez_archive_write(disk, directory, first, read_blanked, &source,
                                      (uint64_t)oyez_segment_size(segment, disk), NULL);

    return err == OYEZ_OK ? oyez_archive_put(disk, directory, first) : err;
}
