// SPDX-License-Identifier: MIT
// What other threads have done by the writer's thread, which owns the journal: between two groups, when
// all that was written is safe and nobody syncs. One at a time; recording waits meanwhile, so a duty is
// short: what is long is cut into several.
#ifndef OYEZ_RECORDER_DUTY_H
#define OYEZ_RECORDER_DUTY_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/error.h"

struct oyez_recorder;
struct recorder_writer;

// Its error, with the thread's detail, is handed to who asked. A journal that failed on the way says so
// again at its next call, and ends the recorder then.
typedef oyez_err recorder_duty_run(struct recorder_writer *writer, void *arg);

// The one that is asked for. Under the recorder's lock.
struct recorder_duty {
    recorder_duty_run *run; // NULL = none
    void *arg;
    bool running;
    bool done; // `err` and `detail` are there, until who asked has taken them
    oyez_err err;
    char detail[512];
};

// recorder_duty_do has the writer run it, waits for its end, and gives its result. OYEZ_ERR_CLOSED:
// it was not run, because the recorder is ending or has failed. Any thread but the writer's, without
// the recorder's lock. Blocks.
oyez_err recorder_duty_do(struct oyez_recorder *recorder, recorder_duty_run *run, void *arg);

// recorder_duty_waits: one waits for the writer. Under the recorder's lock.
static inline bool recorder_duty_waits(const struct recorder_duty *duty)
{
    return duty->run != NULL && !duty->done;
}

// recorder_duty_run_if_asked runs the one that waits. The writer's thread. An error is the recorder's
// end: what was recorded before could not be made safe.
oyez_err recorder_duty_run_if_asked(struct recorder_writer *writer);

// recorder_make_quiet writes the group that is open, and waits until all is safe and nobody syncs.
// recorder_tell_acts tells the others of records that were made safe in no group; a checkpoint covers
// them in time, also when no event comes. The writer's thread.
oyez_err recorder_make_quiet(struct recorder_writer *writer);
void recorder_tell_acts(struct recorder_writer *writer);

#endif
