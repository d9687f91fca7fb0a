// SPDX-License-Identifier: MIT
// What may leave a journal by its rules of retention, and its leaving. Legal holds (oyez/holds.h) keep
// what they cover.
#ifndef OYEZ_RETENTION_H
#define OYEZ_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/expire.h"
#include "oyez/holds.h"

#define OYEZ_RETENTION_TYPES_MAX 64u
#define OYEZ_RETENTION_PATTERN_SIZE 256u // with NUL
#define OYEZ_RETENTION_BLANKS_MAX 4096u  // events of one plan: recording waits for them

struct oyez_retention_type {
    char pattern[OYEZ_RETENTION_PATTERN_SIZE];
    uint64_t keep_for; // ns of broker time
};

// All of them hold side by side: what one of them lets go goes.
struct oyez_retention_rules {
    uint64_t keep_for;  // ns of broker time: older segments go; 0 = for ever
    uint64_t keep_size; // bytes of sealed segments, archived ones as they are; 0 = no limit
    struct oyez_retention_type types[OYEZ_RETENTION_TYPES_MAX]; // older events of these are blanked
    size_t type_count;
};

// oyez_age_read reads 90s, 15m, 12h or 30d. OYEZ_ERR_INVALID.
oyez_err oyez_age_read(uint64_t *ns, const char *text);

// oyez_retention_add_type adds a rule PATTERN=AGE. OYEZ_ERR_INVALID says what is wrong with it;
// OYEZ_ERR_TOO_LARGE: too many.
oyez_err oyez_retention_add_type(struct oyez_retention_rules *rules, const char *text);

static inline bool oyez_retention_has_rules(const struct oyez_retention_rules *rules)
{
    return rules->keep_for > 0 || rules->keep_size > 0 || rules->type_count > 0;
}

// What would go now.
struct oyez_retention_plan {
    struct oyez_expiry expiry;
    uint64_t *carried; // indexes of acts that are recorded once more: catalogs, then holds
    size_t carried_count;
    size_t carried_catalogs;
    uint64_t *blanks; // indexes of events, ascending, behind what expires
    size_t blank_count;
    size_t blanked; // so many of them are done
    uint64_t known; // records in which holds were looked for
    bool more;      // it is not all: apply it, and survey again

    // What a hold keeps: whole segments from `held_from` on (UINT64_MAX = none), or single events.
    uint64_t held_from;
    uint64_t held_until; // records from held_from to here would have gone
    uint64_t held_events;
    char hold[OYEZ_HOLD_NAME_SIZE_MAX + 1]; // one of them; "" = none
};

struct oyez_retention_limits {
    size_t segments; // of one plan; 0 = any number
    size_t blanks;   // at most OYEZ_RETENTION_BLANKS_MAX; 0 = so many
};

// oyez_retention_survey looks through a directory, also while it is written. `now` is the time that ages
// count from, ns. disk NULL = oyez_disk_system. Errors of oyez_holds_load, oyez_expiry_survey and of
// asking a journal. Free it in any case. Blocks for long.
oyez_err oyez_retention_survey(struct oyez_retention_plan *out, const char *directory,
                               const struct oyez_disk *disk,
                               const struct oyez_retention_rules *rules, uint64_t now,
                               const struct oyez_retention_limits *limits);
void oyez_retention_plan_free(struct oyez_retention_plan *plan);

// What was done, over several plans.
struct oyez_retention_report {
    uint64_t records; // removed with their segments
    uint64_t events;  // among them
    size_t segments;
    uint64_t bytes;
    uint64_t blanked;    // events
    uint64_t unblanked;  // of the last plan: events that stay, because a repair set files aside
    uint64_t begins;     // index of the first record that is there now
    uint64_t first_copy; // of the last plan: index of the first act that was recorded once more
    size_t copied_catalogs;
};

// oyez_retention_goes_on: whether a plan has events that are not blanked yet.
static inline bool oyez_retention_goes_on(const struct oyez_retention_plan *plan)
{
    return plan->blanked < plan->blank_count;
}

// oyez_retention_apply carries a step of a plan out and adds to the report: call it until the plan does
// not go on. One step blanks no more than oyez_journal_erase_portion; the segments go with the last one,
// also where files that a repair set aside (….seg.damaged) keep single events from being blanked: that
// is no error, and `unblanked` tells. OYEZ_ERR_BUSY: a hold was set or
// released since the survey: survey again. Errors of oyez_journal_erase and oyez_journal_expire. The
// writer's thread; nothing waits to be written, and all that was written is safe. Blocks.
oyez_err oyez_retention_apply(oyez_journal *journal, struct oyez_retention_plan *plan,
                              const char *by, const char *why,
                              struct oyez_retention_report *report);

#endif
