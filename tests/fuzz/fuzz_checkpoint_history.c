// SPDX-License-Identifier: MIT
// The history of checkpoints: a journal may come from anywhere. Checksums are made to fit, or nothing
// would ever be looked at behind them. tests/fuzz/run runs it.
#include <stdlib.h>
#include <string.h>

#include "client/journal/checkpoint_history.h"
#include "client/journal/crc32c.h"
#include "oyez/little_endian.h"

#define SEED 0x01020304u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void seal(uint8_t *bytes, size_t available)
{
    size_t size = available >= OYEZ_HISTORY_ENTRY_SIZE ? get_u32(bytes) : 0;

    if (size >= OYEZ_HISTORY_ENTRY_SIZE && size <= available)
        put_u32(bytes + 4,
                oyez_journal_crc32c(oyez_journal_crc32c(SEED, bytes, 4), bytes + 8, size - 8));
}

static size_t check_entry(uint8_t *bytes, size_t available, uint64_t offset)
{
    struct oyez_checkpoint_entry entry;

    seal(bytes, available);
    size_t size = oyez_history_entry_decode(&entry, bytes, available, offset, SEED);
    if (size == 0)
        return 0;
    require(size <= available && size <= OYEZ_HISTORY_ENTRY_MAX);
    uint8_t *again = malloc(OYEZ_HISTORY_ENTRY_MAX);
    require(again != NULL);
    require(oyez_history_entry_encode(again, &entry, SEED) == size);
    require(memcmp(again, bytes, size) == 0);
    free(again);
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    struct oyez_history_header header;

    require(copy != NULL);
    memcpy(copy, data, size);
    (void)oyez_history_header_decode(&header, copy, size);
    for (size_t at = 0; at < size;) {
        size_t step = check_entry(copy + at, size - at, at);
        at += step > 0 ? step : 8;
    }
    free(copy);
    return 0;
}
