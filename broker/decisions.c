// SPDX-License-Identifier: MIT
#include "decisions.h"

#include <stdlib.h>
#include <string.h>

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint32_t *after(struct oyez_decisions *decisions, uint32_t emitter)
{
    return emitter == OYEZ_NONE ? &decisions->first
                                : &decisions->emitters->entries[emitter].awaits_after;
}

static uint32_t *before(struct oyez_decisions *decisions, uint32_t emitter)
{
    return emitter == OYEZ_NONE ? &decisions->last
                                : &decisions->emitters->entries[emitter].awaits_before;
}

static void leave_list(struct oyez_decisions *decisions, uint32_t emitter)
{
    struct oyez_emitter *entry = &decisions->emitters->entries[emitter];
    if (!entry->awaits_receipt)
        return;
    *after(decisions, entry->awaits_before) = entry->awaits_after;
    *before(decisions, entry->awaits_after) = entry->awaits_before;
    entry->awaits_before = entry->awaits_after = OYEZ_NONE;
    entry->awaits_receipt = false;
}

static void join_list(struct oyez_decisions *decisions, uint32_t emitter)
{
    struct oyez_emitter *entry = &decisions->emitters->entries[emitter];
    entry->awaits_before = decisions->last;
    *after(decisions, decisions->last) = emitter;
    decisions->last = emitter;
    entry->awaits_receipt = true;
}

void oyez_decisions_init(struct oyez_decisions *decisions, struct oyez_emitters *emitters,
                         struct oyez_debts *debts, struct oyez_counters *counters)
{
    *decisions = (struct oyez_decisions){.emitters = emitters,
                                         .debts = debts,
                                         .counters = counters,
                                         .first = OYEZ_NONE,
                                         .last = OYEZ_NONE};
}

void oyez_decisions_clear(struct oyez_decisions *decisions)
{
    decisions->first = decisions->last = OYEZ_NONE;
}

void oyez_decisions_accept(struct oyez_decisions *decisions, uint32_t emitter, uint64_t position)
{
    if (!decisions->is_on)
        return;
    decisions->emitters->entries[emitter].accepted_position = position;
    if (decisions->last == emitter)
        return;
    leave_list(decisions, emitter);
    join_list(decisions, emitter);
}

void oyez_decisions_greet(struct oyez_decisions *decisions, uint32_t emitter,
                          uint64_t durable_floor)
{
    struct oyez_emitter *entry = &decisions->emitters->entries[emitter];
    if (!decisions->is_on)
        return;
    if (durable_floor > 0)
        entry->receipted_through = higher(entry->receipted_through, durable_floor - 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < entry->lost_count; i++)
        if (entry->lost[i].last >= durable_floor)
            entry->lost[kept++] = entry->lost[i];
    entry->lost_count = kept;
    entry->lost_told = 0;
    if (entry->receipted_through >= higher(durable_floor, 1))
        oyez_debts_receipt(decisions->debts, emitter);
    if (durable_floor > 1)
        oyez_debts_greet(decisions->debts, emitter);
}

void oyez_decisions_forget(struct oyez_decisions *decisions, uint32_t emitter)
{
    leave_list(decisions, emitter);
}

// Notes a range of lost numbers behind those noted before. There is always room: the oldest that
// was told goes, or the last one grows, so that rather more is named as lost than less. False when
// there is no memory.
static bool lose(struct oyez_decisions *decisions, struct oyez_emitter *entry, uint64_t first,
                 uint64_t last)
{
    if (entry->lost == NULL)
        entry->lost = malloc(OYEZ_LOST_MAX * sizeof *entry->lost);
    if (entry->lost == NULL)
        return false;
    oyez_counter_add(decisions->counters, OYEZ_COUNT_UNRECORDED, last - first + 1);
    if (entry->lost_count == OYEZ_LOST_MAX && entry->lost_told > 0) {
        entry->lost_told--;
        entry->lost_count--;
        memmove(entry->lost, entry->lost + 1, entry->lost_count * sizeof *entry->lost);
    }
    bool is_full = entry->lost_count == OYEZ_LOST_MAX;
    bool is_next = entry->lost_count > entry->lost_told &&
                   entry->lost[entry->lost_count - 1].last + 1 == first;
    if (is_full || is_next)
        entry->lost[entry->lost_count - 1].last = last;
    else
        entry->lost[entry->lost_count++] = (struct oyez_lost){first, last};
    return true;
}

static void settle_through(struct oyez_decisions *decisions, uint32_t emitter, uint64_t through)
{
    decisions->emitters->entries[emitter].receipted_through = through;
    oyez_debts_receipt(decisions->debts, emitter);
}

// The lost ranges of an entry, as far as they say something new. False when there is no memory.
static bool lose_ranges(struct oyez_decisions *decisions, struct oyez_emitter *entry,
                        const oyez_v1_Decided *decided, uint64_t through)
{
    uint64_t from = entry->receipted_through + 1;
    if (decided->first > from && !lose(decisions, entry, from, lower(decided->first - 1, through)))
        return false;
    for (pb_size_t i = 0; i < decided->lost_count; i++) {
        uint64_t first = higher(decided->lost[i].first, from);
        uint64_t last = lower(decided->lost[i].last, through);
        if (first <= last && !lose(decisions, entry, first, last))
            return false;
    }
    return true;
}

bool oyez_decisions_decide(struct oyez_decisions *decisions, const oyez_v1_Decided *decided)
{
    if (decided->first == 0 || decided->through < decided->first)
        return false;
    uint32_t emitter = oyez_emitters_find(decisions->emitters, decided->emitter_id);
    if (emitter == OYEZ_NONE)
        return true;
    struct oyez_emitter *entry = &decisions->emitters->entries[emitter];
    entry->decided_through = higher(entry->decided_through, decided->through);
    // An entry that was forgotten and made anew has accepted less than the recorder knows.
    uint64_t through = lower(decided->through, entry->durable_expected - 1);
    if (through > entry->receipted_through && lose_ranges(decisions, entry, decided, through))
        settle_through(decisions, emitter, through);
    return true;
}

bool oyez_decisions_told(struct oyez_decisions *decisions, const oyez_v1_Told *told)
{
    if (told->emitter_id.size != OYEZ_UUID_SIZE || told->count == 0)
        return false;
    uint32_t emitter = oyez_emitters_find(decisions->emitters, told->emitter_id.bytes);
    if (emitter == OYEZ_NONE)
        return true;
    const struct oyez_tell tell = {.emitter_seq = told->emitter_seq,
                                   .count = told->count,
                                   .position = told->position,
                                   .index = told->index,
                                   .duplicate = told->duplicate,
                                   .broker_time = told->broker_time};
    oyez_debts_record(decisions->debts, emitter, &tell);
    return true;
}

void oyez_decisions_settle(struct oyez_decisions *decisions, uint64_t position)
{
    while (decisions->first != OYEZ_NONE) {
        uint32_t emitter = decisions->first;
        struct oyez_emitter *entry = &decisions->emitters->entries[emitter];
        if (entry->accepted_position > position)
            return;
        uint64_t accepted = entry->durable_expected - 1;
        uint64_t known = higher(entry->receipted_through, lower(entry->decided_through, accepted));
        if (known < accepted && !lose(decisions, entry, known + 1, accepted))
            return; // the next confirm tries again
        leave_list(decisions, emitter);
        if (accepted > entry->receipted_through)
            settle_through(decisions, emitter, accepted);
    }
}
