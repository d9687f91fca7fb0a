// SPDX-License-Identifier: MIT
#include "commits.h"

#include <stdlib.h>
#include <string.h>

// The list with room for one more; NULL: there is none to be had.
static void *with_room(void *list, size_t count, size_t *room, size_t size, size_t limit)
{
    if (count < *room)
        return list;
    size_t wanted = *room == 0 ? 16 : *room * 2;
    void *grown = count >= limit ? NULL : realloc(list, wanted * size);
    if (grown != NULL)
        *room = wanted;
    return grown;
}

static void add_decided(struct recorder_commit *commit, const oyez_v1_Decided *decided)
{
    oyez_v1_Decided *list = with_room(commit->decided, commit->decided_count, &commit->decided_room,
                                      sizeof *list, RECORDER_DECIDED_MAX);
    if (list == NULL) {
        commit->incomplete = true;
        return;
    }
    commit->decided = list;
    list[commit->decided_count++] = *decided;
}

void recorder_commit_decide(struct recorder_commit *commit, const struct recorder_emitter *emitter)
{
    const size_t lost_max = sizeof(((oyez_v1_Decided *)NULL)->lost) / sizeof(oyez_v1_Range);
    oyez_v1_Decided decided = {.first = emitter->first};
    memcpy(decided.emitter_id, emitter->id.bytes, OYEZ_UUID_SIZE);
    for (uint32_t i = 0; i < emitter->hole_count; i++) {
        const struct recorder_range *hole = &emitter->holes[i];
        if (hole->last < emitter->first || hole->first > emitter->epoch_through)
            continue;
        // What does not fit goes on in another entry: each is true up to its own end.
        if (decided.lost_count == lost_max) {
            decided.through = hole->first - 1;
            add_decided(commit, &decided);
            decided.lost_count = 0;
        }
        decided.lost[decided.lost_count++] = (oyez_v1_Range){hole->first, hole->last};
    }
    decided.through = emitter->epoch_through;
    add_decided(commit, &decided);
}

void recorder_commit_tell(struct recorder_commit *commit, const oyez_v1_Told *told)
{
    oyez_v1_Told *list = with_room(commit->told, commit->told_count, &commit->told_room,
                                   sizeof *list, RECORDER_TOLD_MAX);
    if (list == NULL)
        return;
    commit->told = list;
    list[commit->told_count++] = *told;
}

static void take_state(struct recorder_commit *into, struct recorder_commit *from)
{
    if (from->state == NULL)
        return;
    free(into->state);
    into->state = from->state;
    into->state_size = from->state_size;
    from->state = NULL;
}

void recorder_commit_merge(struct recorder_commit *into, struct recorder_commit *from)
{
    if (!from->any)
        return;
    take_state(into, from);
    if (!into->any || into->epoch != from->epoch) {
        uint8_t *state = into->state;
        size_t state_size = into->state_size;
        struct recorder_commit room = *into;
        // Nothing of the later epoch was decided before the earlier commit.
        from->all = from->all || into->all;
        *into = *from;
        *from = room;
        into->state = state;
        into->state_size = state_size;
        from->state = NULL;
        recorder_commit_clear(from);
        return;
    }
    into->position = from->position;
    into->incomplete = into->incomplete || from->incomplete;
    into->all = into->all || from->all;
    for (size_t i = 0; i < from->decided_count; i++)
        add_decided(into, &from->decided[i]);
    for (size_t i = 0; i < from->told_count; i++)
        recorder_commit_tell(into, &from->told[i]);
    recorder_commit_clear(from);
}

void recorder_commit_clear(struct recorder_commit *commit)
{
    free(commit->state);
    commit->state = NULL;
    commit->any = commit->incomplete = commit->all = false;
    commit->decided_count = commit->told_count = 0;
}

void recorder_commit_free(struct recorder_commit *commit)
{
    free(commit->decided);
    free(commit->told);
    free(commit->state);
    *commit = (struct recorder_commit){0};
}
