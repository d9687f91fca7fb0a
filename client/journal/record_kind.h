// SPDX-License-Identifier: MIT
// The classes of record kinds.
#ifndef OYEZ_RECORD_KIND_H
#define OYEZ_RECORD_KIND_H

#include "oyez/journal.h"

static inline bool oyez_record_is_event(unsigned kind) // or a repeat of one
{
    return kind >= OYEZ_RECORD_EVENT && kind <= OYEZ_RECORD_PERSONAL_REPEAT;
}

static inline bool oyez_record_is_repeat(unsigned kind)
{
    return kind == OYEZ_RECORD_REPEAT || kind == OYEZ_RECORD_PERSONAL_REPEAT;
}

static inline bool oyez_record_is_personal(unsigned kind)
{
    return kind == OYEZ_RECORD_PERSONAL_EVENT || kind == OYEZ_RECORD_PERSONAL_REPEAT;
}

static inline bool oyez_record_has_position(unsigned kind)
{
    return kind >= OYEZ_RECORD_EVENT && kind <= OYEZ_RECORD_EPOCH_END;
}

static inline bool oyez_record_is_act(unsigned kind)
{
    return kind >= OYEZ_RECORD_ERASED && kind <= OYEZ_RECORD_ACT_LAST;
}

static inline bool oyez_record_kind_is_known(unsigned kind)
{
    return oyez_record_has_position(kind) || oyez_record_is_act(kind);
}

// The position up to which the stream is decided once this record is there.
static inline uint64_t oyez_record_reaches(const struct oyez_journal_record *record)
{
    if (record->kind == OYEZ_RECORD_EPOCH_END)
        return OYEZ_POSITION_EPOCH_END;
    return record->kind == OYEZ_RECORD_GAP ? record->last_position : record->position;
}

#endif
