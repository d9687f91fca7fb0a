// SPDX-License-Identifier: MIT
// One record of each kind, for the journal's tests: the same bytes every time.
#ifndef OYEZ_JOURNAL_SAMPLES_H
#define OYEZ_JOURNAL_SAMPLES_H

#include <string.h>

#include "oyez/journal.h"

#define SAMPLE_EPOCH UINT64_C(1763629200000000)
#define SAMPLE_TIME UINT64_C(1763629201000000000)

// A header as liboyez encodes it: event_id, event_type "plan.created", occurred_at.
#define SAMPLE_HEADER                                                                              \
    "\x0a\x10"                                                                                     \
    "\x01\x90\x00\x00\x00\x01\x70\x00\x80\x00\x00\x00\x00\x00\x00\x07"                             \
    "\x12\x0c"                                                                                     \
    "plan.created"                                                                                 \
    "\x19\x00\x10\x5e\x5f\x5b\x5b\x79\x18"
#define SAMPLE_HEADER_SIZE (sizeof(SAMPLE_HEADER) - 1)

static inline struct oyez_journal_record sample_event(uint64_t number)
{
    struct oyez_journal_record record = {
        .kind = OYEZ_RECORD_EVENT,
        .epoch = SAMPLE_EPOCH,
        .position = number,
        .broker_time = SAMPLE_TIME + number * 1000,
        .emitter_seq = number,
        .type_seq = number,
        .header = (const uint8_t *)SAMPLE_HEADER,
        .header_size = SAMPLE_HEADER_SIZE,
        .details = (const uint8_t *)"{\"plan\":\"p-1\",\"steps\":3,\"note\":\"an ordinary event\"}",
        .details_format = 1,
    };

    for (unsigned i = 0; i < OYEZ_UUID_SIZE; i++)
        record.emitter_id.bytes[i] = (uint8_t)(0xE0 + i);
    memcpy(record.event_id.bytes, record.header + 2, OYEZ_UUID_SIZE);
    record.details_size = strlen((const char *)record.details);
    return record;
}

static inline struct oyez_journal_record sample_personal(uint64_t number)
{
    struct oyez_journal_record record = sample_event(number);

    record.kind = OYEZ_RECORD_PERSONAL_EVENT;
    record.event_type = "plan.created";
    record.event_type_size = 12;
    record.occurred_at = INT64_C(1763629200500000000);
    record.salt = (const uint8_t *)"0123456789abcdef";
    record.salt_size = 16;
    record.signature = (const uint8_t *)"signed!";
    record.signature_size = 7;
    return record;
}

static inline struct oyez_journal_record sample_gap(uint64_t from, uint64_t to)
{
    return (struct oyez_journal_record){.kind = OYEZ_RECORD_GAP,
                                        .epoch = SAMPLE_EPOCH,
                                        .position = from,
                                        .last_position = to,
                                        .broker_time = SAMPLE_TIME,
                                        .reason = OYEZ_GAP_OVERWRITTEN};
}

static inline struct oyez_journal_record sample_epoch_end(uint64_t last)
{
    return (struct oyez_journal_record){.kind = OYEZ_RECORD_EPOCH_END,
                                        .epoch = SAMPLE_EPOCH,
                                        .position = last,
                                        .highest_position = last + 2,
                                        .next_epoch = SAMPLE_EPOCH + 1000000,
                                        .broker_time = SAMPLE_TIME};
}

static inline struct oyez_journal_record sample_act(void)
{
    return (struct oyez_journal_record){.kind = OYEZ_RECORD_CATALOG_ADDED,
                                        .broker_time = SAMPLE_TIME,
                                        .details = (const uint8_t *)"catalog: shop",
                                        .details_size = 13};
}

// An ordinary event with an id of its own in a header of its own; `header` holds it.
static inline struct oyez_journal_record sample_numbered(uint64_t number,
                                                         uint8_t header[SAMPLE_HEADER_SIZE])
{
    struct oyez_journal_record record = sample_event(number);

    memcpy(header, SAMPLE_HEADER, SAMPLE_HEADER_SIZE);
    for (unsigned i = 0; i < 8; i++)
        header[17 - i] = (uint8_t)(number >> 8 * i);
    header[10] = 0x80;
    record.header = header;
    memcpy(record.event_id.bytes, header + 2, OYEZ_UUID_SIZE);
    return record;
}

#endif
