// SPDX-License-Identifier: MIT
// Marks: the frames between records. docs/journal.md has the bytes.
#ifndef OYEZ_MARK_H
#define OYEZ_MARK_H

#include "frame.h"

#define OYEZ_MARK_COMMIT 64u
#define OYEZ_MARK_CLOSE 65u
#define OYEZ_MARK_SEAL 66u
#define OYEZ_MARK_SIZE 56u
#define OYEZ_MARK_SEAL_SIZE 104u

// What the records of a segment span: for seeking without reading them.
struct oyez_journal_span {
    uint64_t first_epoch, first_position;
    uint64_t last_epoch, last_position;
    uint64_t time_min, time_max; // 0 = no event
};

struct oyez_mark {
    uint8_t kind;
    bool clean;     // seal
    uint64_t index; // of the next record
    uint32_t records;
    uint64_t group_start;
    uint64_t synced;
    uint32_t chain;
    struct oyez_journal_span span; // seal
};

static inline bool oyez_mark_is_kind(unsigned kind)
{
    return kind >= OYEZ_MARK_COMMIT && kind <= OYEZ_MARK_SEAL;
}

// oyez_mark_size is the size in bytes of a mark of this kind.
size_t oyez_mark_size(unsigned kind);

// oyez_mark_encode writes a mark. Returns bytes written.
size_t oyez_mark_encode(uint8_t *out, const struct oyez_mark *mark, uint32_t seed);

// oyez_mark_decode reads a parsed frame of one of these kinds, whose body was checked. False: its
// fields contradict each other, or where it stands.
bool oyez_mark_decode(struct oyez_mark *out, const struct oyez_frame *frame, uint64_t offset);

// oyez_journal_span_add widens the span by a record.
void oyez_journal_span_add(struct oyez_journal_span *span,
                           const struct oyez_journal_record *record);

#endif
