// SPDX-License-Identifier: MIT
#include "select.h"

oyez_err oyez_selection_open(struct oyez_selection *out, const oyez_v1_Query *query)
{
    const char *conditions[sizeof query->conditions / sizeof query->conditions[0]];
    *out = (struct oyez_selection){.query = query};
    for (size_t i = 0; i < query->patterns_count; i++) {
        oyez_err err = oyez_pattern_check(query->patterns[i]);
        if (err)
            return err;
    }
    if (query->conditions_count == 0)
        return OYEZ_OK;
    for (size_t i = 0; i < query->conditions_count; i++)
        conditions[i] = query->conditions[i];
    return oyez_filter_open(&out->filter, conditions, query->conditions_count);
}

void oyez_selection_close(struct oyez_selection *selection)
{
    oyez_filter_close(&selection->filter);
}

// A cursor is two numbers and compares as such.
static bool is_behind(const oyez_v1_Query *query, const struct oyez_stamp *stamp)
{
    if (stamp->epoch != query->from_epoch)
        return stamp->epoch > query->from_epoch;
    return stamp->position >= query->from_position;
}

static bool is_before_end(const oyez_v1_Query *query, const struct oyez_stamp *stamp)
{
    if (query->to_epoch == 0)
        return true;
    if (stamp->epoch != query->to_epoch)
        return stamp->epoch < query->to_epoch;
    return stamp->position <= query->to_position;
}

static bool is_in_time(const oyez_v1_Query *query, const struct oyez_stamp *stamp)
{
    return stamp->broker_time >= query->since &&
           (query->until == 0 || stamp->broker_time < query->until);
}

static bool has_type(const oyez_v1_Query *query, const char *event_type)
{
    for (size_t i = 0; i < query->patterns_count; i++)
        if (oyez_pattern_matches(query->patterns[i], event_type))
            return true;
    return query->patterns_count == 0;
}

bool oyez_selection_has(const struct oyez_selection *selection, const struct oyez_event *event)
{
    const oyez_v1_Query *query = selection->query;
    return is_in_time(query, &event->stamp) && is_behind(query, &event->stamp) &&
           is_before_end(query, &event->stamp) && has_type(query, event->event_type) &&
           (selection->filter == NULL || oyez_filter_matches(selection->filter, event));
}
