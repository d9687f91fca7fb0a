// SPDX-License-Identifier: MIT
#include "oyez/erase.h"
#include "oyez/retention.h"

static oyez_err blank(oyez_journal *journal, const struct oyez_retention_plan *plan, const char *by,
                      const char *why, struct oyez_retention_report *report)
{
    const struct oyez_erasure erasure = {.kind = OYEZ_RECORD_EXPIRED, .by = by, .why = why};
    struct oyez_erase_report done = {.erased = 0};
    if (plan->blank_count == 0)
        return OYEZ_OK;
    oyez_err err = oyez_journal_erase(journal, &erasure, plan->blanks, plan->blank_count, &done);
    report->blanked += done.erased;
    return err;
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

oyez_err oyez_retention_apply(oyez_journal *journal, const struct oyez_retention_plan *plan,
                              const char *by, const char *why, struct oyez_retention_report *report)
{
    uint64_t known = plan->known;
    report->copied_catalogs = 0;
    oyez_err err = oyez_holds_look_on(journal, &known);
    if (err == OYEZ_OK)
        err = blank(journal, plan, by, why, report);
    return err == OYEZ_OK ? expire(journal, plan, by, why, report) : err;
}
