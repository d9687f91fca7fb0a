// SPDX-License-Identifier: MIT
// A journal on a disk in memory, small enough to look at each of its bytes.
#ifndef OYEZ_JOURNAL_DIRECTORY_H
#define OYEZ_JOURNAL_DIRECTORY_H

#include "journal_samples.h"
#include "tests/fault/fake_disk.h"

#define FIRST_SEGMENT "00000000000000000000.seg"

static inline struct oyez_journal_options small_journal(struct fake_disk *fake)
{
    return (struct oyez_journal_options){.segment_size = 4096,
                                         .group_size = 4096,
                                         .disk = fake_disk_table(fake),
                                         .journal_id = (const uint8_t *)"journal-id-bytes"};
}

static inline oyez_journal *open_small(struct fake_disk *fake, struct oyez_journal_report *report)
{
    struct oyez_journal_options options = small_journal(fake);
    oyez_journal *journal = NULL;

    assert_int_equal(oyez_journal_open(&journal, "journal", &options, report), OYEZ_OK);
    return journal;
}

// The writer is gone without a word; what it had written is there.
static inline void abandon(struct fake_disk *fake, oyez_journal **journal)
{
    fake_disk_stop_after(fake, 0);
    (void)oyez_journal_close(journal);
    fake_disk_cut(fake, FAKE_CUT_NOTHING_LOST, 0);
}

// Appends events with the numbers from..to, each a group of its own.
static inline void commit_events(oyez_journal *journal, uint64_t from, uint64_t to)
{
    uint8_t header[SAMPLE_HEADER_SIZE];
    uint64_t index, durable;

    for (uint64_t number = from; number <= to; number++) {
        struct oyez_journal_record record = sample_numbered(number, header);
        assert_int_equal(oyez_journal_append(journal, &record, &index), OYEZ_OK);
        assert_int_equal(index, number - 1);
        assert_int_equal(oyez_journal_commit(journal, &durable), OYEZ_OK);
        assert_int_equal(durable, number);
    }
}

// Counts the records that a reader gives, in order; their numbers are index + 1.
static inline uint64_t count_records(struct fake_disk *fake, oyez_err *end)
{
    oyez_journal_reader *reader = NULL;
    struct oyez_journal_record record;
    uint64_t count = 0;

    *end = oyez_journal_reader_open(&reader, "journal", fake_disk_table(fake));
    while (*end == OYEZ_OK) {
        *end = oyez_journal_reader_next(reader, &record);
        if (*end != OYEZ_OK)
            break;
        assert_int_equal(record.index, count);
        assert_int_equal(record.position, count + 1);
        assert_int_equal(record.header_size, SAMPLE_HEADER_SIZE);
        count++;
    }
    oyez_journal_reader_close(&reader);
    return count;
}

#endif
