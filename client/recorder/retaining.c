// SPDX-License-Identifier: MIT
#include "retaining.h"

#include <string.h>

#include "catalogs.h"
#include "duty.h"
#include "writer.h"

#define SEGMENTS_MAX 4u // of one step: each is some milliseconds of the writer's time
#define TRIES_MAX 8u    // where holds are set again and again

struct step {
    struct oyez_retention_plan *plan;
    const char *by, *why;
    struct oyez_retention_report *report;
};

static oyez_err carry_out(struct recorder_writer *writer, void *arg)
{
    const struct step *step = arg;
    struct oyez_retention_report *report = step->report;
    oyez_err err = oyez_retention_apply(writer->journal, step->plan, step->by, step->why, report);
    for (size_t i = 0; err == OYEZ_OK && i < report->copied_catalogs; i++)
        err = recorder_catalogs_copied(writer, report->first_copy + i);
    return err;
}

static void note_held(struct recorder_held *held, const struct oyez_retention_plan *plan)
{
    held->from = plan->held_from;
    held->until = plan->held_until;
    held->events = plan->held_events;
    memcpy(held->hold, plan->hold, sizeof held->hold);
}

static bool has_work(const struct oyez_retention_plan *plan)
{
    return plan->blank_count > 0 || plan->expiry.before > plan->expiry.first;
}

oyez_err recorder_retain(struct oyez_recorder *recorder, const struct oyez_retention_rules *rules,
                         const char *by, const char *why, recorder_retain_go_on *go_on, void *arg,
                         struct oyez_retention_report *report, struct recorder_held *held)
{
    static const struct oyez_retention_limits limits = {.segments = SEGMENTS_MAX};
    const struct oyez_disk *disk = recorder->disk;
    oyez_err err = OYEZ_OK;
    unsigned tries = 0;
    bool more = true;
    *report = (struct oyez_retention_report){.records = 0};
    *held = (struct recorder_held){.from = UINT64_MAX};
    for (; err == OYEZ_OK && more && go_on(arg); held->more = more) {
        struct oyez_retention_plan plan;
        struct step step = {&plan, by, why, report};
        err = oyez_retention_survey(&plan, recorder->directory, disk, rules,
                                    disk->now(disk->context), &limits);
        bool works = err == OYEZ_OK && has_work(&plan);
        if (err == OYEZ_OK && works)
            err = recorder_duty_do(recorder, carry_out, &step);
        // Between two steps others have their turn.
        while (err == OYEZ_OK && oyez_retention_goes_on(&plan) && go_on(arg))
            err = recorder_duty_do(recorder, carry_out, &step);
        more = err == OYEZ_OK && works && (plan.more || oyez_retention_goes_on(&plan));
        if (err == OYEZ_ERR_BUSY && tries++ < TRIES_MAX) {
            err = OYEZ_OK;
            more = true;
        }
        note_held(held, &plan);
        oyez_retention_plan_free(&plan);
    }
    return err;
}
