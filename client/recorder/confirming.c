// SPDX-License-Identifier: MIT
// Confirms: what is safe on disk, told to the broker. Nothing gets here before its sync returned.
#include <string.h>

#include "intake.h"

#define DECIDED_A_CONFIRM (sizeof(((oyez_v1_Confirm *)NULL)->decided) / sizeof(oyez_v1_Decided))
#define TOLD_A_CONFIRM (sizeof(((oyez_v1_Confirm *)NULL)->told) / sizeof(oyez_v1_Told))

// Takes what has become safe behind what still waits to be sent.
static bool take_safe(struct recorder_intake *intake)
{
    struct oyez_recorder *recorder = intake->recorder;
    pthread_mutex_lock(&recorder->lock);
    bool failed = recorder->failed != OYEZ_OK;
    if (!intake->confirming.any && recorder->safe.any) {
        recorder_commit_merge(&intake->confirming, &recorder->safe);
        intake->decided_sent = intake->told_sent = 0;
        recorder->confirm_all = recorder->confirm_all || intake->confirming.incomplete;
        if (intake->confirming.incomplete)
            pthread_cond_signal(&recorder->for_write);
    }
    pthread_mutex_unlock(&recorder->lock);
    const struct recorder_commit *commit = &intake->confirming;
    if (commit->any && commit->incomplete)
        intake->named_all = false;
    else if (commit->any && commit->all && intake->open)
        intake->named_all = true; // with the last of its parts
    return commit->any && !failed;
}

static struct recorder_covered read_covered(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    struct recorder_covered covered = recorder->covered;
    pthread_mutex_unlock(&recorder->lock);
    return covered;
}

static uint64_t read_invalid(struct oyez_recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    uint64_t invalid = recorder->counters.invalid_events;
    pthread_mutex_unlock(&recorder->lock);
    return invalid;
}

static void begin_confirm(struct recorder_intake *intake, uint64_t epoch)
{
    struct recorder_covered covered = read_covered(intake->recorder);
    memset(&intake->to_broker, 0, offsetof(oyez_v1_ToBroker, body));
    intake->to_broker.which_body = oyez_v1_ToBroker_confirm_tag;
    oyez_v1_Confirm *confirm = &intake->to_broker.body.confirm;
    memset(confirm, 0, offsetof(oyez_v1_Confirm, decided));
    confirm->epoch = epoch;
    confirm->decided_count = confirm->told_count = 0;
    confirm->complete = false;
    confirm->checkpointed_epoch = covered.epoch;
    confirm->checkpointed_position = covered.position;
    confirm->invalid_events = read_invalid(intake->recorder);
}

static bool say_confirm(struct recorder_intake *intake)
{
    const oyez_v1_Confirm *confirm = &intake->to_broker.body.confirm;
    if (!recorder_control_say(intake, false))
        return false;
    intake->told_through = (struct recorder_place){confirm->epoch, confirm->position};
    intake->told_covered =
        (struct recorder_covered){confirm->checkpointed_epoch, confirm->checkpointed_position};
    return true;
}

// A checkpoint covers more than the broker was told; nothing else may be new. Not before it has
// heard of the emitters: what is covered of those is their first question.
static void confirm_checkpoint(struct recorder_intake *intake)
{
    struct oyez_recorder *recorder = intake->recorder;
    struct recorder_covered covered = read_covered(recorder);
    const struct recorder_covered *told = &intake->told_covered;
    if (recorder->mirror || !intake->open || !intake->named_all ||
        (covered.epoch == told->epoch && covered.position == told->position))
        return;
    begin_confirm(intake, intake->epoch);
    if (intake->told_through.epoch == intake->epoch)
        intake->to_broker.body.confirm.position = intake->told_through.position;
    (void)say_confirm(intake); // else with the next turn
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

// One message of what is left; false: the socket does not take it now.
static bool send_some(struct recorder_intake *intake)
{
    const struct recorder_commit *commit = &intake->confirming;
    size_t told = smaller(commit->told_count - intake->told_sent, TOLD_A_CONFIRM);
    size_t decided = smaller(commit->decided_count - intake->decided_sent, DECIDED_A_CONFIRM);
    // Whoever waits for its numbers to be decided goes on then: by that time it has its places.
    if (intake->told_sent + told < commit->told_count)
        decided = 0;
    begin_confirm(intake, commit->epoch);
    oyez_v1_Confirm *confirm = &intake->to_broker.body.confirm;
    confirm->position = commit->position;
    confirm->decided_count = (pb_size_t)decided;
    confirm->told_count = (pb_size_t)told;
    confirm->complete = intake->named_all &&
                        intake->decided_sent + decided == commit->decided_count &&
                        intake->told_sent + told == commit->told_count;
    if (decided > 0)
        memcpy(confirm->decided, commit->decided + intake->decided_sent,
               decided * sizeof *commit->decided);
    if (told > 0)
        memcpy(confirm->told, commit->told + intake->told_sent, told * sizeof *commit->told);
    if (!say_confirm(intake))
        return false;
    intake->decided_sent += decided;
    intake->told_sent += told;
    return true;
}

void recorder_confirm(struct recorder_intake *intake)
{
    struct recorder_commit *commit = &intake->confirming;
    while (take_safe(intake)) {
        // A session that opens later in this epoch is told everything anew.
        bool wanted = !intake->recorder->mirror && intake->open && intake->epoch == commit->epoch;
        bool done = !wanted;
        while (!done) {
            if (!send_some(intake))
                return;
            done = intake->decided_sent == commit->decided_count &&
                   intake->told_sent == commit->told_count;
        }
        recorder_commit_clear(commit);
    }
    confirm_checkpoint(intake);
}
