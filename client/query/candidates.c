// SPDX-License-Identifier: MIT
#include "candidates.h"

#include <string.h>

#define NONE SIZE_MAX

// Forwards many records are read as cheaply as they are picked out; backwards each is read singly.
#define SHARE_FORWARDS 4u
#define SHARE_BACKWARDS 2u

void oyez_candidates_open(struct oyez_candidates *candidates, oyez_journal_reader *reader,
                          oyez_index_set *set)
{
    *candidates = (struct oyez_candidates){.reader = reader, .set = set, .at = NONE};
}

void oyez_candidates_close(struct oyez_candidates *candidates)
{
    oyez_narrowing_free(&candidates->narrowing);
}

oyez_err oyez_candidates_begin(struct oyez_candidates *candidates, const oyez_v1_Query *query,
                               oyez_v1_Explain *explain)
{
    candidates->explain = explain;
    candidates->reverse = query->reverse;
    candidates->beyond = false;
    candidates->left = OYEZ_CANDIDATES_SEGMENTS_MAX;
    candidates->at = NONE;
    oyez_plan_make(&candidates->plan, query);
    return oyez_index_set_refresh(candidates->set, &candidates->count);
}

oyez_err oyez_candidates_segment(struct oyez_candidates *candidates, uint64_t index, size_t *i,
                                 struct oyez_journal_segment *out)
{
    size_t low = 0;
    size_t high = candidates->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        oyez_err err = oyez_journal_reader_segment(candidates->reader, middle, out);
        if (err != OYEZ_OK && err != OYEZ_ERR_NOT_FOUND) // they became fewer
            return err;
        if (err == OYEZ_OK && out->first_index <= index)
            low = middle;
        else
            high = middle;
    }
    *i = low;
    return oyez_journal_reader_segment(candidates->reader, low, out);
}

void oyez_candidates_pass(struct oyez_candidates *candidates, uint64_t index)
{
    struct oyez_journal_segment segment;
    size_t i;
    if (oyez_candidates_segment(candidates, index, &i, &segment) == OYEZ_OK)
        candidates->explain->skipped_by_range += (uint32_t)i;
}

static uint64_t end_of(const struct oyez_journal_segment *segment)
{
    return segment->first_index + segment->records;
}

static bool is_before(uint64_t epoch, uint64_t position, uint64_t than_epoch,
                      uint64_t than_position)
{
    return epoch != than_epoch ? epoch < than_epoch : position < than_position;
}

static bool begins_beyond(const oyez_v1_Query *query, const struct oyez_journal_segment *segment)
{
    return query->to_epoch != 0 && segment->first_epoch != 0 &&
           is_before(query->to_epoch, query->to_position, segment->first_epoch,
                     segment->first_position);
}

// Marks stand at a time too, but are told whatever that is.
static bool is_out_of_time(const oyez_v1_Query *query, const struct oyez_journal_segment *segment)
{
    return !query->marks && (segment->time_max < query->since ||
                             (query->until != 0 && segment->time_min >= query->until));
}

static bool is_out_of_range(const oyez_v1_Query *query, const struct oyez_journal_segment *segment)
{
    bool ends_before = query->from_epoch != 0 && segment->last_epoch != 0 &&
                       is_before(segment->last_epoch, segment->last_position, query->from_epoch,
                                 query->from_position);
    return ends_before || begins_beyond(query, segment) || is_out_of_time(query, segment);
}

// Says of the whole segment that no index tells anything, or that nothing is to be looked at.
static void decide(struct oyez_candidates *candidates, bool wanted)
{
    candidates->narrowing.list.count = 0;
    candidates->known = wanted ? candidates->segment.first_index : end_of(&candidates->segment);
}

// Of the next page it is no news.
static void explain(struct oyez_candidates *candidates, const struct oyez_index_source *source,
                    enum oyez_narrowed how)
{
    const struct oyez_record_list *list = &candidates->narrowing.list;
    bool whole = source->known == source->segment.records;
    if (how == OYEZ_NARROWED_TO_NONE && whole && list->count == 0) {
        candidates->explain->skipped_by_filter++;
        return;
    }
    candidates->explain->looked_at++;
    candidates->explain->without_index += !whole;
    candidates->explain->candidates += how == OYEZ_NARROWED_NOT ? 0 : list->count;
}

static oyez_err narrow(struct oyez_candidates *candidates, size_t i, bool anew)
{
    struct oyez_index_source source;
    enum oyez_narrowed how = OYEZ_NARROWED_NOT;
    const oyez_v1_Query *query = candidates->plan.query;
    oyez_err err = oyez_index_set_use(candidates->set, i, &source);
    candidates->moved = candidates->moved || source.moved; // also by what failed then
    if (err != OYEZ_OK)
        return err;
    candidates->segment = source.segment;
    candidates->explain->indexes_made += source.made;
    uint64_t worthwhile = source.known / (query->reverse ? SHARE_BACKWARDS : SHARE_FORWARDS);
    if (source.known > 0)
        err = oyez_narrow(&candidates->narrowing, &candidates->plan, &source, query->marks,
                          worthwhile, &how);
    if (err != OYEZ_OK)
        return err;
    if (how == OYEZ_NARROWED_NOT)
        decide(candidates, true);
    else
        candidates->known = source.segment.first_index + source.known;
    if (anew)
        explain(candidates, &source, how);
    return OYEZ_OK;
}

// An index that fails while it is used is given up; its segment can be read all the same.
static oyez_err narrow_or_not(struct oyez_candidates *candidates, size_t i, bool anew)
{
    oyez_err err = narrow(candidates, i, anew);
    for (unsigned tries = 0; tries < 2 && (err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_IO);
         tries++) {
        oyez_index_set_drop(candidates->set, i, oyez_error_detail());
        err = narrow(candidates, i, anew);
    }
    if (err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_IO) {
        decide(candidates, true);
        err = OYEZ_OK;
    }
    return err;
}

static oyez_err enter(struct oyez_candidates *candidates, size_t i, uint64_t at)
{
    const oyez_v1_Query *query = candidates->plan.query;
    const struct oyez_journal_segment *segment = &candidates->segment;
    bool anew =
        query->next_index == 0 || at == (query->reverse ? end_of(segment) : segment->first_index);
    if (candidates->left == 0)
        return OYEZ_ERR_FULL;
    candidates->left--;
    candidates->at = NONE;
    oyez_err err = OYEZ_OK;
    if (is_out_of_range(query, segment)) {
        candidates->beyond = candidates->beyond || begins_beyond(query, segment);
        candidates->explain->skipped_by_range += anew;
        decide(candidates, false);
    } else if (candidates->plan.count == 0) {
        candidates->explain->looked_at += anew;
        decide(candidates, true);
    } else {
        err = narrow_or_not(candidates, i, anew);
    }
    candidates->at = err == OYEZ_OK ? i : NONE;
    candidates->first = candidates->segment.first_index;
    candidates->next = candidates->reverse ? candidates->narrowing.list.count : 0;
    return err;
}

static uint64_t record_at(const struct oyez_candidates *candidates, size_t i)
{
    return candidates->segment.first_index + candidates->narrowing.list.items[i];
}

// What is left of the segment, forwards. False: nothing.
static bool give_next(struct oyez_candidates *candidates, uint64_t at, struct oyez_stretch *out)
{
    const struct oyez_record_list *list = &candidates->narrowing.list;
    size_t *next = &candidates->next;
    while (*next < list->count && record_at(candidates, *next) < at)
        ++*next;
    *out = (struct oyez_stretch){.scanned = *next == list->count};
    if (out->scanned) {
        bool open = candidates->at + 1 == candidates->count && !candidates->segment.sealed;
        out->from = at > candidates->known ? at : candidates->known;
        out->to = open ? UINT64_MAX : end_of(&candidates->segment);
        return candidates->known < end_of(&candidates->segment) && out->from < out->to;
    }
    out->from = record_at(candidates, *next);
    out->to = out->from + 1;
    while (++*next < list->count && record_at(candidates, *next) == out->to)
        out->to++;
    return true;
}

static bool give_previous(struct oyez_candidates *candidates, uint64_t at, struct oyez_stretch *out)
{
    size_t *next = &candidates->next;
    *out = (struct oyez_stretch){.from = candidates->known, .to = at, .scanned = true};
    if (candidates->known < at)
        return true;
    while (*next > 0 && record_at(candidates, *next - 1) >= at)
        --*next;
    if (*next == 0)
        return false;
    out->scanned = false;
    out->to = record_at(candidates, --*next) + 1;
    out->from = out->to - 1;
    while (*next > 0 && record_at(candidates, *next - 1) + 1 == out->from) {
        out->from--;
        --*next;
    }
    return true;
}

static bool is_in(const struct oyez_journal_segment *segment, uint64_t index)
{
    return index >= segment->first_index && index < end_of(segment);
}

// The segment of the next record: mostly the one at hand, or its neighbour.
static oyez_err locate(struct oyez_candidates *candidates, uint64_t at, size_t *i)
{
    uint64_t index = candidates->reverse ? at - 1 : at;
    size_t here = candidates->at;
    *i = here;
    if (here != NONE && is_in(&candidates->segment, index))
        return OYEZ_OK;
    size_t next = candidates->reverse ? here - 1 : here + 1;
    if (here != NONE && next < candidates->count) {
        *i = next;
        oyez_err err = oyez_journal_reader_segment(candidates->reader, next, &candidates->segment);
        if (err != OYEZ_ERR_NOT_FOUND && (err != OYEZ_OK || is_in(&candidates->segment, index)))
            return err;
    }
    return oyez_candidates_segment(candidates, index, i, &candidates->segment);
}

oyez_err oyez_candidates_find(struct oyez_candidates *candidates, uint64_t *at,
                              struct oyez_stretch *out)
{
    bool reverse = candidates->reverse;
    for (;;) {
        size_t i;
        if (reverse && *at == 0)
            return OYEZ_ERR_NOT_FOUND;
        oyez_err err = locate(candidates, *at, &i);
        if (err == OYEZ_ERR_CORRUPT) {
            *out = reverse ? (struct oyez_stretch){0, *at, true}
                           : (struct oyez_stretch){*at, UINT64_MAX, true};
            return OYEZ_OK;
        }
        // Where older segments went another one has the number.
        if (err == OYEZ_OK &&
            (i != candidates->at || candidates->segment.first_index != candidates->first))
            err = enter(candidates, i, *at);
        if (err != OYEZ_OK)
            return err;
        if (reverse ? give_previous(candidates, *at, out) : give_next(candidates, *at, out))
            return OYEZ_OK;
        // The first segment need not begin with the first record: older ones may be gone.
        bool last = reverse ? i == 0
                            : i + 1 == candidates->count || candidates->beyond ||
                                  *at >= end_of(&candidates->segment);
        if (!reverse && *at < end_of(&candidates->segment))
            *at = end_of(&candidates->segment);
        if (reverse)
            *at = candidates->segment.first_index;
        if (last)
            return OYEZ_ERR_NOT_FOUND;
    }
}
