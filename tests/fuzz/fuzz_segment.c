// SPDX-License-Identifier: MIT
// The reader of frames: a journal may come from anywhere. Checksums are made to fit, or nothing
// would ever be looked at behind them. tests/fuzz/run runs it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/journal/frame.h"
#include "client/journal/mark.h"

#define SEED 0x01020304u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static oyez_leaf_hasher *hasher;
static volatile uint8_t sink;

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void touch(const void *bytes, size_t size)
{
    uint8_t all = 0;

    for (size_t i = 0; i < size; i++)
        all ^= ((const uint8_t *)bytes)[i];
    sink = all;
}

static void check_record(const struct oyez_frame *frame)
{
    struct oyez_journal_record record;
    size_t size;

    oyez_frame_record(frame, &record);
    touch(record.header, record.header_size);
    touch(record.salt, record.salt_size);
    touch(record.signature, record.signature_size);
    touch(record.details, record.details_size);
    touch(record.event_type, record.event_type_size);
    if (record.commitment != NULL)
        touch(record.commitment, OYEZ_LEAF_HASH_SIZE);
    uint8_t *leaf = malloc(oyez_leaf_size(&record));
    if (leaf != NULL && oyez_leaf_size(&record) <= OYEZ_LEAF_SIZE_MAX)
        require(oyez_leaf_build(hasher, &record, leaf, &size) == OYEZ_OK);
    free(leaf);
    // What the writer would take, it writes back byte for byte; sizes of what is gone are lost.
    if (record.commitment != NULL || oyez_frame_check(&record) != OYEZ_OK)
        return;
    uint8_t *again = malloc(oyez_frame_measure(&record));
    require(again != NULL && oyez_frame_measure(&record) == frame->size);
    oyez_frame_encode(again, &record, frame->index, SEED);
    require(memcmp(again + 88, frame->bytes + 88, frame->size - 88) == 0);
    free(again);
}

static size_t check_frame(uint8_t *bytes, size_t size)
{
    struct oyez_frame frame;
    struct oyez_mark mark;
    enum oyez_frame_fault fault = oyez_frame_parse(&frame, bytes, size, SEED);

    if (fault == OYEZ_FRAME_HEAD_SUM) {
        oyez_frame_seal(bytes, frame.size, frame.kept_end, SEED);
        fault = oyez_frame_parse(&frame, bytes, size, SEED);
        require(fault == OYEZ_FRAME_OK || fault == OYEZ_FRAME_VERSION);
    }
    if (fault != OYEZ_FRAME_OK)
        return 0;
    require(frame.size <= size && frame.kept_end <= frame.size);
    if (oyez_frame_check_body(&frame, SEED) == OYEZ_FRAME_OK) {
        if (oyez_mark_is_kind(frame.kind))
            (void)oyez_mark_decode(&mark, &frame, frame.index);
        else
            check_record(&frame);
    }
    return frame.size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    size_t at = 0;

    if (hasher == NULL)
        require(oyez_leaf_hasher_open(&hasher) == OYEZ_OK);
    require(copy != NULL);
    memcpy(copy, data, size);
    while (at < size) {
        size_t step = check_frame(copy + at, size - at);
        at += step > 0 ? step : 8;
    }
    free(copy);
    return 0;
}
