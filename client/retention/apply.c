// SPDX-License-Identifier: MIT
#include "oyez/erase.h"
#include "oyez/retention.h"

// A portion of them: an archived segment is written anew, and recording waits meanwhile.
static oyez_err blank(oyez_journal *journal, struct oyez_retention_plan *plan, const char *by,
                      const char *why, struct oyez_retention_report *report)
{
    const struct oyez_erasure erasure = {.kind = OYEZ_RECORD_EXPIRED, .by = by, .why = why};
    struct oyez_erase_report done = {.erased = 0};
    const uint64_t *blanks = plan->blanks + plan->blanked;
    if (!oyez_retention_goes_on(plan))
        return OYEZ_OK;
    size_t count = oyez_journal_erase_portion(journal, blanks, plan->blank_count - plan->blanked);
    oyez_err err = oyez_journal_erase(journal, &erasure, blanks, count, &done);
    report->blanked += done.erased;
    if (err == OYEZ_OK)
        plan->blanked += count;
    return err;
}

// That is for somebody to look at; until then whole segments go all the same.
static void give_up_blanking(struct oyez_retention_plan *plan, struct oyez_retention_report *report)
{
    report->unblanked = plan->blank_count - plan->blanked;
    plan->blanked = plan->blank_count;
    // The same events would be found again and again.
    plan->more = plan->more && plan->expiry.before > plan->expiry.first;
}

static oyez_err expire(oyez_journal *journal, const struct oyez_retention_plan *plan,
                       const char *by, const char *why, struct oyez_retention_report *report)
{
    const struct oyez_expiry *expiry = &plan->expiry;
    report->begins = expiry->before;
    if (expiry->before == expiry->first)
        return OYEZ_OK;
    oyez_err err = oyez_journal_expire(journal, expiry, plan->carried, plan->carried_count, by, why,
                                       &report->first_copy);
    if (err != OYEZ_OK)
        return err;
    report->copied_catalogs = plan->carried_catalogs;
    report->records += expiry->before - expiry->first;
    report->events += expiry->events;
    report->segments += expiry->segments;
    report->bytes += expiry->bytes;
    return OYEZ_OK;
}

oyez_err oyez_retention_apply(oyez_journal *journal, struct oyez_retention_plan *plan,
                              const char *by, const char *why, struct oyez_retention_report *report)
{
    report->copied_catalogs = 0;
    report->unblanked = 0;
    oyez_err err = oyez_holds_look_on(journal, &plan->known);
    if (err == OYEZ_OK)
        err = blank(journal, plan, by, why, report);
    if (err == OYEZ_ERR_FORBIDDEN) {
        give_up_blanking(plan, report);
        err = OYEZ_OK;
    }
    return err == OYEZ_OK && !oyez_retention_goes_on(plan) ? expire(journal, plan, by, why, report)
                                                           : err;
}
