// SPDX-License-Identifier: MIT
#include "oyez/holds.h"

#include <stdlib.h>
#include <string.h>

#include "event_view.h"
#include "hold_act.h"
#include "oyez/act_list.h"
#include "oyez/pattern.h"

static const struct oyez_act_file file = {"holds.state", "OYEZHLD1",
                                          OYEZ_ACT_KIND(OYEZ_RECORD_HELD) |
                                              OYEZ_ACT_KIND(OYEZ_RECORD_RELEASED)};

struct standing {
    struct oyez_hold_act act;
    oyez_filter *filter; // NULL = no conditions
    bool all;            // it cannot be understood, or has neither pattern nor condition
};

struct oyez_holds {
    struct standing *items;
    size_t count, room;
    struct oyez_act_list acts;
    struct oyez_event_view view;
    const struct oyez_disk *disk;
    char directory[OYEZ_JOURNAL_PATH_SIZE];
};

static void clear(struct standing *standing)
{
    oyez_filter_close(&standing->filter);
    oyez_hold_act_free(&standing->act);
}

static void drop(oyez_holds *holds, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < holds->count; i++) {
        if (strcmp(holds->items[i].act.hold.name, name) == 0)
            clear(&holds->items[i]);
        else
            holds->items[kept++] = holds->items[i];
    }
    holds->count = kept;
}

static bool patterns_are_known(const struct oyez_legal_hold *hold)
{
    for (size_t i = 0; i < hold->pattern_count; i++)
        if (oyez_pattern_check(hold->patterns[i]) != OYEZ_OK)
            return false;
    return true;
}

static oyez_err make_ready(struct standing *standing)
{
    const struct oyez_legal_hold *hold = &standing->act.hold;
    oyez_err err = OYEZ_OK;
    if (hold->condition_count > 0)
        err = oyez_filter_open(&standing->filter, hold->conditions, hold->condition_count);
    if (err == OYEZ_ERR_NO_MEMORY)
        return err;
    standing->all = err != OYEZ_OK || !standing->act.understood || !patterns_are_known(hold) ||
                    (hold->pattern_count == 0 && hold->condition_count == 0);
    return OYEZ_OK;
}

static oyez_err add(oyez_holds *holds, struct oyez_hold_act *act)
{
    struct standing standing = {.act = *act};
    if (holds->count == holds->room) {
        size_t room = holds->room == 0 ? 16 : 2 * holds->room;
        struct standing *grown = realloc(holds->items, room * sizeof *grown);
        if (grown == NULL)
            return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu holds", room);
        holds->items = grown;
        holds->room = room;
    }
    oyez_err err = make_ready(&standing);
    if (err != OYEZ_OK)
        return err;
    *act = (struct oyez_hold_act){.text = NULL};
    drop(holds, standing.act.hold.name);
    holds->items[holds->count++] = standing;
    return OYEZ_OK;
}

static oyez_err take(void *arg, const struct oyez_journal_record *record)
{
    oyez_holds *holds = arg;
    struct oyez_hold_act act;
    oyez_err err = oyez_hold_act_read(&act, record);
    if (err == OYEZ_OK && record->kind == OYEZ_RECORD_RELEASED)
        drop(holds, act.hold.name);
    else if (err == OYEZ_OK)
        err = add(holds, &act);
    oyez_hold_act_free(&act);
    return err == OYEZ_ERR_MALFORMED ? OYEZ_OK : err;
}

oyez_err oyez_holds_load(oyez_holds **out, oyez_journal_reader *reader, const char *directory,
                         const struct oyez_disk *disk)
{
    oyez_holds *holds = calloc(1, sizeof *holds);
    *out = NULL;
    if (holds == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the holds of %s", directory);
    holds->disk = disk != NULL ? disk : oyez_disk_system();
    oyez_err err = OYEZ_OK;
    if (strlen(directory) >= sizeof holds->directory)
        err = oyez_fail(OYEZ_ERR_INVALID, "path too long: %.200s", directory);
    else
        memcpy(holds->directory, directory, strlen(directory) + 1);
    if (err == OYEZ_OK)
        err = oyez_act_list_read(&holds->acts, &file, reader, directory, holds->disk, take, holds);
    // A hold that nobody knows of protects nothing.
    if (err == OYEZ_OK && holds->acts.damaged)
        err = oyez_fail(OYEZ_ERR_CORRUPT,
                        "%s: damage hides whether there are more holds: verify "
                        "names it",
                        directory);
    if (err != OYEZ_OK) {
        oyez_holds_close(&holds);
        return err;
    }
    *out = holds;
    return OYEZ_OK;
}

void oyez_holds_close(oyez_holds **holds)
{
    if (holds == NULL || *holds == NULL)
        return;
    for (size_t i = 0; i < (*holds)->count; i++)
        clear(&(*holds)->items[i]);
    oyez_act_list_free(&(*holds)->acts);
    free((*holds)->items);
    free(*holds);
    *holds = NULL;
}

oyez_err oyez_holds_save(const oyez_holds *holds)
{
    if (!holds->acts.stale)
        return OYEZ_OK;
    return oyez_act_list_save(&holds->acts, &file, holds->directory, holds->disk);
}

size_t oyez_holds_count(const oyez_holds *holds)
{
    return holds->count;
}

const struct oyez_legal_hold *oyez_holds_at(const oyez_holds *holds, size_t i)
{
    return &holds->items[i].act.hold;
}

const struct oyez_legal_hold *oyez_holds_find(const oyez_holds *holds, const char *name)
{
    for (size_t i = 0; i < holds->count; i++)
        if (strcmp(holds->items[i].act.hold.name, name) == 0)
            return &holds->items[i].act.hold;
    return NULL;
}

static bool has_type(const struct oyez_legal_hold *hold, const char *event_type)
{
    for (size_t i = 0; i < hold->pattern_count; i++)
        if (oyez_pattern_matches(hold->patterns[i], event_type))
            return true;
    return hold->pattern_count == 0;
}

static bool covers(struct standing *standing, const struct oyez_event *event)
{
    if (standing->all || event == NULL)
        return true;
    return has_type(&standing->act.hold, event->event_type) &&
           (standing->filter == NULL || oyez_filter_matches(standing->filter, event));
}

bool oyez_holds_cover(oyez_holds *holds, const struct oyez_journal_record *record,
                      const char **name)
{
    bool is_event =
        (record->kind == OYEZ_RECORD_EVENT || record->kind == OYEZ_RECORD_PERSONAL_EVENT) &&
        !record->erased;
    if (!is_event || holds->count == 0)
        return false;
    const struct oyez_event *event =
        oyez_event_view_read(&holds->view, record) ? &holds->view.event : NULL;
    for (size_t i = 0; i < holds->count; i++) {
        if (!covers(&holds->items[i], event))
            continue;
        if (name != NULL)
            *name = holds->items[i].act.hold.name;
        return true;
    }
    return false;
}
