// SPDX-License-Identifier: MIT
// What the jobs share: the thread's model and source, and walking over recorded events.
#ifndef OYEZ_ASKER_WORK_H
#define OYEZ_ASKER_WORK_H

#include <stdatomic.h>

#include "asker.h"

struct asker_work {
    struct model *model;
    struct source *source;
    atomic_bool *closing;
};

// Told of one event after the other; false ends the walk.
typedef bool asker_visit(void *arg, const struct oyez_event *event);

// asker_walk asks for events that match the filter `text`, besides what `options` says. OYEZ_OK at the
// end of the record and where the visitor ended it. Blocks; ends soon when the thread is to end.
oyez_err asker_walk(struct asker_work *work, const char *text, struct oyez_query_options *options,
                    asker_visit *visit, void *arg);

// The jobs.
void asker_before(struct asker_work *work, const struct job *job);
void asker_behind(struct asker_work *work, const struct job *job);
void asker_jump(struct asker_work *work, const struct job *job);
void asker_refill(struct asker_work *work, const struct job *job);
void asker_search(struct asker_work *work, const struct job *job);
void asker_trace(struct asker_work *work, const struct job *job);
void asker_prove(struct asker_work *work, const struct job *job);
void asker_export(struct asker_work *work, const struct job *job);
void asker_open_event(struct asker_work *work, const struct job *job);
void asker_settle(struct asker_work *work, const struct job *job);

#endif
