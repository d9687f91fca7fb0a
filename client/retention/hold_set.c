// SPDX-License-Identifier: MIT
// Setting and releasing holds.
#include <string.h>

#include "hold_act.h"
#include "oyez/pattern.h"

static oyez_err check_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t size = name != NULL ? strlen(name) : 0;
    if (size == 0 || size > OYEZ_HOLD_NAME_SIZE_MAX || strspn(name, allowed) != size)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "hold %.80s: a name is 1 to %u of letters, digits, '.', '_' and '-'",
                         name != NULL ? name : "", OYEZ_HOLD_NAME_SIZE_MAX);
    return OYEZ_OK;
}

static oyez_err check_texts(const struct oyez_legal_hold *hold)
{
    if (hold->by == NULL || hold->why == NULL || hold->why[0] == '\0')
        return oyez_fail(OYEZ_ERR_INVALID, "hold %s: the reason is missing", hold->name);
    return OYEZ_OK;
}

oyez_err oyez_holds_check(const struct oyez_legal_hold *hold)
{
    uint8_t bytes[OYEZ_HOLD_ACT_SIZE_MAX];
    size_t size;
    oyez_filter *filter = NULL;
    oyez_err err = check_name(hold->name);
    if (err == OYEZ_OK)
        err = check_texts(hold);
    for (size_t i = 0; err == OYEZ_OK && i < hold->pattern_count; i++)
        err = oyez_pattern_check(hold->patterns[i]);
    if (err == OYEZ_OK && hold->condition_count > 0)
        err = oyez_filter_open(&filter, hold->conditions, hold->condition_count);
    oyez_filter_close(&filter);
    return err == OYEZ_OK ? oyez_hold_act_write(hold, bytes, &size) : err;
}

static oyez_err append(oyez_journal *journal, enum oyez_record_kind kind,
                       const struct oyez_legal_hold *hold, uint64_t now)
{
    uint8_t bytes[OYEZ_HOLD_ACT_SIZE_MAX];
    struct oyez_journal_record act = {.kind = kind, .broker_time = now, .details = bytes};
    oyez_err err = oyez_hold_act_write(hold, bytes, &act.details_size);
    if (err == OYEZ_OK)
        err = oyez_journal_append(journal, &act, NULL);
    return err == OYEZ_OK ? oyez_journal_commit(journal, NULL) : err;
}

oyez_err oyez_holds_look_on(oyez_journal *journal, uint64_t *known)
{
    struct oyez_journal_record record;
    oyez_err err = OYEZ_OK;
    for (; err == OYEZ_OK && *known < oyez_journal_next_index(journal); ++*known) {
        err = oyez_journal_read(journal, *known, &record);
        if (err == OYEZ_OK &&
            (record.kind == OYEZ_RECORD_HELD || record.kind == OYEZ_RECORD_RELEASED))
            err = oyez_fail(OYEZ_ERR_BUSY, "a hold was set or released meanwhile");
    }
    return err;
}

oyez_err oyez_holds_set(oyez_journal *journal, const oyez_holds *holds,
                        const struct oyez_legal_hold *hold, uint64_t now)
{
    oyez_err err = oyez_holds_check(hold);
    if (err == OYEZ_OK && oyez_holds_find(holds, hold->name) != NULL)
        err = oyez_fail(OYEZ_ERR_IN_USE, "there is a hold of the name %s", hold->name);
    return err == OYEZ_OK ? append(journal, OYEZ_RECORD_HELD, hold, now) : err;
}

oyez_err oyez_holds_release(oyez_journal *journal, const oyez_holds *holds, const char *name,
                            const char *by, const char *why, uint64_t now)
{
    const struct oyez_legal_hold hold = {.name = name, .by = by, .why = why};
    oyez_err err = check_name(name);
    if (err == OYEZ_OK)
        err = check_texts(&hold);
    if (err == OYEZ_OK && oyez_holds_find(holds, name) == NULL)
        err = oyez_fail(OYEZ_ERR_NOT_FOUND, "there is no hold of the name %s", name);
    return err == OYEZ_OK ? append(journal, OYEZ_RECORD_RELEASED, &hold, now) : err;
}
