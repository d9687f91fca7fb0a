// SPDX-License-Identifier: MIT
// Every call of a kind fails in turn, once or for ever. The journal says so, acknowledges nothing
// more, and what was acknowledged is there at the next start: also where the power goes as well.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "campaign.h"

#define SEGMENT_SIZE 1500u

static const struct kind {
    enum fake_call call;
    const char *name;
} kinds[] = {
    {FAKE_WRITE, "write"},   {FAKE_SYNC, "fdatasync"},
    {FAKE_RENAME, "rename"}, {FAKE_SYNC_DIRECTORY, "fsync of a directory"},
    {FAKE_OPEN, "open"},     {FAKE_TRUNCATE, "ftruncate"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct errors {
    const struct budget *budget;
    fake_sync_called *skip;
    void *skip_arg;
    bool stop_at_first; // and only look behind power cuts
    // Of one row of the table.
    unsigned places, stopped, refused, went_on, cases, faults;
    const char *fault;
    char first[1200];
};

struct failure {
    const struct kind *kind;
    unsigned nth;
    int error;
    bool for_ever, keyless;
};

enum after {
    AFTER_START,     // started anew, everything as programs saw it
    AFTER_CUT,       // the power went
    AFTER_START_CUT, // started anew, something added, then the power went
    AFTER_IDLE_CUT,  // started anew, then the power went
    AFTER_ANYHOW,    // the power went, some of the unsynced arrived
    AFTERS,
};

static const char *const after_names[AFTERS] = {
    "started anew", "power cut", "started anew, added, then a power cut",
    "started anew, then a power cut", "power cut, some arrived"};

static void note_fault(struct errors *errors, const struct failure *failure, const char *after,
                       const char *wrong)
{
    errors->faults++;
    if (errors->fault != NULL)
        return;
    snprintf(errors->first, sizeof(errors->first), "%s number %u, errno %d%s, %s: %s",
             failure->kind->name, failure->nth, failure->error,
             failure->for_ever ? " for ever" : "", after, wrong);
    errors->fault = errors->first;
}

static const char *judge_after(struct story *story, enum after after, unsigned seed)
{
    if (after == AFTER_CUT)
        fake_disk_cut(story->fake, FAKE_CUT_ALL_LOST, 0);
    else if (after == AFTER_ANYHOW)
        fake_disk_cut_anyhow(story->fake, seed);
    else
        fake_disk_cut(story->fake, FAKE_CUT_NOTHING_LOST, 0);
    bool starts = after == AFTER_START_CUT || after == AFTER_IDLE_CUT;
    return starts ? judge_start_and_cut(story, after == AFTER_START_CUT) : judge_recovery(story);
}

static void try_afters(struct errors *errors, const struct story *before,
                       const struct failure *failure)
{
    struct story *story = malloc(sizeof(*story));

    if (story == NULL)
        abort();
    for (unsigned after = 0; after < AFTERS; after++) {
        if (errors->stop_at_first && (after == AFTER_START || after == AFTER_ANYHOW))
            continue;
        *story = *before;
        story->fake = fake_disk_copy(before->fake);
        fake_disk_on_sync(story->fake, errors->skip, errors->skip_arg);
        const char *wrong = judge_after(story, (enum after)after, failure->nth * 31 + after);
        errors->cases++;
        if (wrong != NULL)
            note_fault(errors, failure, after_names[after], wrong);
        fake_disk_free(story->fake);
    }
    free(story);
}

// The error has the name of its cause, and a journal that failed stays so.
static void judge_stop(struct errors *errors, const struct story *story, oyez_err err,
                       const struct failure *failure)
{
    oyez_err wanted = failure->error == ENOSPC ? OYEZ_ERR_NO_SPACE : OYEZ_ERR_IO;

    if (err == OYEZ_OK)
        errors->went_on++;
    else if (story->refused)
        errors->refused++;
    else
        errors->stopped++;
    // No disk is too full to open a file that is there.
    if (err != OYEZ_OK && err != wanted && failure->kind->call != FAKE_OPEN)
        note_fault(errors, failure, "at once", judge_fail("error %d", (int)err));
    if (story->acknowledged_later)
        note_fault(errors, failure, "at once", "acknowledged more after it had failed");
}

// False: the story has no such call any more.
static bool try_place(struct errors *errors, const struct failure *failure)
{
    struct story *story = calloc(1, sizeof(*story));

    if (story == NULL)
        abort();
    story->fake = fake_disk_new();
    story->segment_size = SEGMENT_SIZE;
    story->keyless = failure->keyless;
    fake_disk_on_sync(story->fake, errors->skip, errors->skip_arg);
    fake_disk_fail(story->fake, failure->kind->call, failure->nth, failure->error,
                   failure->for_ever);
    oyez_err err = story_play(story);
    bool happened = fake_disk_calls(story->fake, failure->kind->call) >= failure->nth;
    if (happened) {
        errors->places++;
        judge_stop(errors, story, err, failure);
        try_afters(errors, story, failure);
    }
    fake_disk_free(story->fake);
    free(story);
    return happened;
}

static bool is_over(const struct errors *errors)
{
    return (errors->stop_at_first && errors->fault != NULL) || budget_is_spent(errors->budget);
}

static void run_row(struct errors *errors, struct failure failure)
{
    for (failure.nth = 1; !is_over(errors) && try_place(errors, &failure); failure.nth++)
        ;
}

static void print_row(const struct errors *errors, const struct failure *failure)
{
    printf("%-22s %-7s %-9s %7u %8u %8u %8u %7u %7u\n", failure->kind->name,
           failure->error == EIO ? "EIO" : "ENOSPC", failure->for_ever ? "for ever" : "once",
           errors->places, errors->stopped, errors->refused, errors->went_on, errors->cases,
           errors->faults);
    if (errors->fault != NULL)
        printf("  %s\n", errors->fault);
}

int campaign_errors(double seconds)
{
    struct budget budget;
    unsigned faults = 0;
    double used = 0;

    printf("%-22s %-7s %-9s %7s %8s %8s %8s %7s %7s\n", "call", "errno", "", "places", "stopped",
           "refused", "went on", "cases", "faults");
    for (unsigned i = 0; i < 4 * KINDS; i++) {
        struct failure failure = {
            .kind = &kinds[i / 4], .error = i % 2 == 0 ? EIO : ENOSPC, .for_ever = i / 2 % 2 == 1};
        struct errors errors = {.budget = &budget};
        const size_t rows = 4 * KINDS;
        budget_begin(&budget, seconds / (double)rows);
        failure.keyless = true;
        run_row(&errors, failure);
        failure.keyless = false;
        run_row(&errors, failure);
        used += budget_used(&budget);
        faults += errors.faults;
        print_row(&errors, &failure);
    }
    printf("%u faults, %.1f s\n", faults, used);
    return faults > 0 ? 1 : 0;
}

const char *errors_find_fault(const struct budget *budget, fake_sync_called *skip, void *arg)
{
    static struct errors errors;
    struct failure failure = {.error = EIO};

    errors =
        (struct errors){.budget = budget, .skip = skip, .skip_arg = arg, .stop_at_first = true};
    failure.kind = &kinds[3];
    run_row(&errors, failure);
    failure.kind = &kinds[1];
    run_row(&errors, failure);
    return errors.fault;
}
