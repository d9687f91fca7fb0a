// SPDX-License-Identifier: MIT
// The thread that asks the record for what the view wants to show: one job after the other. Answers
// go into the model.
#ifndef OYEZ_ASKER_H
#define OYEZ_ASKER_H

#include "model.h"
#include "source.h"

#define JOB_TEXT_SIZE 1024u

enum job_kind {
    JOB_NONE,
    JOB_BEFORE, // more of the window, older
    JOB_BEHIND, // more of the window, newer
    JOB_JUMP,   // a window at `time`, or at epoch:position where `by_cursor`; INT64_MAX = the end
    JOB_REFILL, // what matched a new filter before it was set
    JOB_SEARCH, // the next event that contains `text`, from `at` of the window on
    JOB_TRACE,  // the workflow `text`
    JOB_PROVE,  // the proof of `id`
    JOB_EXPORT, // what is shown, to the file `text`
    JOB_LEARN,  // the catalog of the event of `id`
    JOB_OPEN,   // the event `id`, for the page of one event
    JOB_RETRY,  // the dead letter `id`
    JOB_DISCARD,
};

struct job {
    enum job_kind kind;
    uint64_t generation; // what it is for: of the window, the search, the filter or the event
    char filter[FILTER_TEXT_SIZE];
    char text[JOB_TEXT_SIZE];
    bool by_cursor;
    bool newer; // JOB_SEARCH: in which direction
    int64_t time;
    uint64_t epoch;
    uint64_t position;
    uint64_t at;
    struct oyez_uuid id;
};

struct asker_thread;

// asker_open starts the thread. The source is the thread's from then on, until asker_close.
// OYEZ_ERR_NO_MEMORY, OYEZ_ERR_SYSTEM.
oyez_err asker_open(struct asker_thread **out, struct model *model, struct source *source);

// asker_put hands over a job. One of the same kind that waits is replaced. Never blocks.
void asker_put(struct asker_thread *asker, const struct job *job);

// asker_close ends the job under way and the thread. NULL-safe, sets NULL.
void asker_close(struct asker_thread **out);

#endif
