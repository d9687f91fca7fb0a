// SPDX-License-Identifier: MIT
// Each position has one record or lies in one gap; an epoch ends before the next begins.
#include "record_kind.h"
#include "verify_state.h"

static const char *begin_epoch(struct oyez_verify_order *order,
                               const struct oyez_journal_record *record)
{
    const char *what = NULL;

    if (order->known && order->begun) {
        if (record->epoch < order->epoch)
            what = "epoch is lower than that of the record before it";
        else if (!order->ended)
            what = "a new epoch begins, and the one before it has not ended";
        else if (record->epoch != order->next_epoch)
            what = "epoch is not the one that the end of the one before it names";
    }
    order->begun = true;
    order->ended = false;
    order->epoch = record->epoch;
    order->position = 0;
    return what;
}

static const char *judge_position(const struct oyez_verify_order *order,
                                  const struct oyez_journal_record *record)
{
    uint64_t expected = order->position + 1;

    if (order->ended)
        return "stands behind the end of its epoch";
    if (record->kind == OYEZ_RECORD_EPOCH_END)
        return record->position == order->position
                   ? NULL
                   : "end of the epoch does not stand behind its last recorded position";
    if (record->position == expected)
        return NULL;
    return record->position < expected ? "position was recorded before"
                                       : "positions are missing before this record";
}

const char *oyez_verify_order_add(struct oyez_verify_order *order,
                                  const struct oyez_journal_record *record)
{
    const char *what = NULL;

    if (!oyez_record_has_position(record->kind))
        return NULL;
    bool same = order->begun && record->epoch == order->epoch;
    if (!same)
        what = begin_epoch(order, record);
    if (what == NULL && (order->known || !same))
        what = judge_position(order, record);
    if (!order->known && !same)
        what = NULL; // at the beginning, or behind damage: what was before may lie in it
    if (record->kind == OYEZ_RECORD_EPOCH_END) {
        order->ended = true;
        order->next_epoch = record->next_epoch;
    } else {
        order->position = oyez_record_reaches(record);
    }
    order->known = true;
    return what;
}
