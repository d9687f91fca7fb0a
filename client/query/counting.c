// SPDX-License-Identifier: MIT
#include "counting.h"

#include <string.h>

#include "groups.h"

// Whether the request counts the same as the one before: then what was tallied still holds.
static bool is_same(const struct oyez_counting *counting, const oyez_v1_StatsRequest *request)
{
    if (counting->by != request->by || counting->query.patterns_count != request->patterns_count)
        return false;
    for (size_t i = 0; i < request->patterns_count; i++)
        if (strcmp(counting->query.patterns[i], request->patterns[i]) != 0)
            return false;
    return true;
}

static void take(struct oyez_counting *counting, const oyez_v1_StatsRequest *request)
{
    oyez_v1_Query *query = &counting->query;
    if (!is_same(counting, request))
        counting->tallied = 0;
    counting->by = request->by;
    counting->at = request->next_index > 0 ? request->next_index - 1 : 0;
    counting->group = request->next_group;
    counting->left = OYEZ_CANDIDATES_SEGMENTS_MAX;
    query->patterns_count = request->patterns_count;
    for (size_t i = 0; i < request->patterns_count; i++)
        memcpy(query->patterns[i], request->patterns[i], sizeof request->patterns[i]);
    query->since = request->since;
    query->until = request->until;
    query->next_index = request->next_index;
    query->no_index = request->no_index;
}

oyez_err oyez_counting_begin(struct oyez_counting *counting, const oyez_v1_StatsRequest *request)
{
    if (request->by > _oyez_v1_StatsBy_MAX)
        return oyez_fail(OYEZ_ERR_INVALID, "stats: this recorder cannot count by that");
    take(counting, request);
    const oyez_v1_Query *query = &counting->query;
    oyez_err err = oyez_selection_open(&counting->selection, query);
    if (err == OYEZ_OK)
        err = oyez_candidates_begin(counting->candidates, query, &counting->answer->explain);
    const struct oyez_walk_start start = {
        .time = query->since,
        .next_index = query->next_index,
        .candidates = query->no_index ? NULL : counting->candidates,
    };
    if (err == OYEZ_OK)
        err = oyez_walk_begin(counting->walk, &start);
    if (counting->at < counting->walk->begin.index)
        counting->at = counting->walk->begin.index;
    return err;
}

void oyez_counting_end(struct oyez_counting *counting)
{
    oyez_selection_close(&counting->selection);
}

void oyez_counting_free(struct oyez_counting *counting)
{
    oyez_tally_free(&counting->tally);
}

// One event after the other, up to the walk's end.
static oyez_err count_events(struct oyez_counting *counting)
{
    struct oyez_journal_record record;
    oyez_err err;
    while ((err = oyez_walk_next(counting->walk, &record)) == OYEZ_OK) {
        if (oyez_event_view_read(counting->view, &record) &&
            oyez_selection_has(&counting->selection, &counting->view->event) &&
            !oyez_groups_count(counting->answer, counting->by, &counting->view->event)) {
            oyez_walk_put_back(counting->walk, &record);
            err = OYEZ_ERR_FULL;
            break;
        }
    }
    counting->at = counting->walk->at;
    return err;
}

static uint64_t end_of(const struct oyez_journal_segment *segment)
{
    return segment->first_index + segment->records;
}

// Whether all events of a segment count, or all of some of its types: then its summary tells.
static bool is_whole(const struct oyez_counting *counting,
                     const struct oyez_journal_segment *segment)
{
    const oyez_v1_Query *query = &counting->query;
    bool by_type = counting->by != oyez_v1_StatsBy_STATS_BY_ACTOR &&
                   counting->by != oyez_v1_StatsBy_STATS_BY_HOUR;
    return counting->at == segment->first_index && segment->time_min >= query->since &&
           (query->until == 0 || segment->time_max < query->until) &&
           (query->patterns_count == 0 || by_type);
}

static bool is_out_of_time(const struct oyez_counting *counting,
                           const struct oyez_journal_segment *segment)
{
    const oyez_v1_Query *query = &counting->query;
    return segment->time_max < query->since ||
           (query->until != 0 && segment->time_min >= query->until);
}

// OYEZ_ERR_NOT_FOUND: there is no summary of the whole segment.
static oyez_err tally(struct oyez_counting *counting, size_t i,
                      struct oyez_journal_segment *segment)
{
    struct oyez_index_source source;
    if (segment->sealed && counting->tallied == segment->first_index + 1)
        return OYEZ_OK;
    counting->tallied = 0;
    oyez_err err = oyez_index_set_use(counting->candidates->set, i, &source);
    counting->candidates->moved = counting->candidates->moved || source.moved;
    if (err != OYEZ_OK)
        return err;
    counting->answer->explain.indexes_made += source.made;
    *segment = source.segment;
    // An open segment may have grown out of the times since it was looked at.
    if (source.known < segment->records || !is_whole(counting, segment))
        return OYEZ_ERR_NOT_FOUND;
    err = oyez_tally_fill(&counting->tally, &source, counting->by, &counting->candidates->plan);
    if (err == OYEZ_ERR_TOO_LARGE)
        err = OYEZ_ERR_NOT_FOUND;
    if (err == OYEZ_OK && segment->sealed)
        counting->tallied = segment->first_index + 1;
    return err;
}

static oyez_err tally_or_not(struct oyez_counting *counting, size_t i,
                             struct oyez_journal_segment *segment)
{
    oyez_err err = tally(counting, i, segment);
    if (err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_IO) {
        oyez_index_set_drop(counting->candidates->set, i, oyez_error_detail());
        err = tally(counting, i, segment);
    }
    return err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_IO ? OYEZ_ERR_NOT_FOUND : err;
}

// Gives the tally's groups from the one on that is next. An open segment grows, and its groups
// with it: they are given all at once, or not at all. OYEZ_ERR_NOT_FOUND: not at all.
static oyez_err give(struct oyez_counting *counting, const struct oyez_journal_segment *segment)
{
    oyez_v1_QueryAnswer *answer = counting->answer;
    size_t room = sizeof answer->groups / sizeof answer->groups[0] - answer->groups_count;
    if (!segment->sealed && counting->tally.count > room)
        return answer->groups_count > 0 ? OYEZ_ERR_FULL : OYEZ_ERR_NOT_FOUND;
    answer->explain.looked_at += counting->group == 0;
    counting->group = oyez_tally_give(&counting->tally, (size_t)counting->group, answer);
    if (counting->group < counting->tally.count)
        return OYEZ_ERR_FULL;
    counting->group = 0;
    counting->at = end_of(segment);
    return OYEZ_OK;
}

static oyez_err count_segment(struct oyez_counting *counting, size_t i,
                              struct oyez_journal_segment *segment)
{
    oyez_err err = OYEZ_ERR_NOT_FOUND;
    if (is_whole(counting, segment)) {
        err = tally_or_not(counting, i, segment);
        if (err == OYEZ_OK)
            err = give(counting, segment);
    }
    if (err != OYEZ_ERR_NOT_FOUND)
        return err;
    if (counting->group > 0)
        return oyez_fail(OYEZ_ERR_IO, "an index was lost while its groups were told: ask again");
    oyez_walk_go(counting->walk, counting->at, end_of(segment));
    err = count_events(counting);
    return err == OYEZ_ERR_NOT_FOUND && counting->at >= end_of(segment) ? OYEZ_OK : err;
}

oyez_err oyez_counting_go_on(struct oyez_counting *counting)
{
    const oyez_v1_Query *query = &counting->query;
    struct oyez_journal_segment segment;
    size_t i;
    oyez_err err = OYEZ_OK;
    if (query->no_index)
        return count_events(counting);
    while (err == OYEZ_OK) {
        err = oyez_candidates_segment(counting->candidates, counting->at, &i, &segment);
        if (err == OYEZ_ERR_CORRUPT) { // it is met where it is
            oyez_walk_go(counting->walk, counting->at, 0);
            return count_events(counting);
        }
        if (err != OYEZ_OK)
            return err;
        if (counting->at >= end_of(&segment))
            return OYEZ_ERR_NOT_FOUND;
        if (counting->left-- == 0)
            return OYEZ_ERR_FULL;
        if (is_out_of_time(counting, &segment)) {
            counting->answer->explain.skipped_by_range +=
                query->next_index == 0 || counting->at == segment.first_index;
            counting->at = end_of(&segment);
        } else {
            err = count_segment(counting, i, &segment);
        }
    }
    return err;
}
