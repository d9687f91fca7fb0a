// SPDX-License-Identifier: MIT
// The catalogs of what is recorded, in the journal before the first event that needs them; and
// events judged whose emitters did not. The writer's thread.
#ifndef OYEZ_RECORDER_CATALOGS_H
#define OYEZ_RECORDER_CATALOGS_H

#include "oyez/event.h"
#include "writer.h"

struct recorder_catalogs;

// recorder_catalogs_open reads what the journal has. The errors of reading it; OYEZ_ERR_NO_MEMORY.
oyez_err recorder_catalogs_open(struct recorder_catalogs **out,
                                const struct oyez_recorder *recorder);
void recorder_catalogs_close(struct recorder_catalogs **catalogs);

// recorder_catalogs_before appends the acts with the catalog of an event that is to be recorded
// next, where the journal has it not. What no catalog here knows is logged once a type. Errors of
// appending.
oyez_err recorder_catalogs_before(struct recorder_writer *writer, const struct oyez_event *event,
                                  uint64_t time);

// recorder_catalogs_copied notes an act that a mirror took from its primary. OYEZ_ERR_NO_MEMORY.
oyez_err recorder_catalogs_copied(struct recorder_writer *writer, uint64_t index);

// recorder_catalogs_judge judges an event whose emitter did not say that it had. True: it breaks a
// rule of its catalog. The first of each type is logged.
bool recorder_catalogs_judge(struct recorder_writer *writer, const struct oyez_event *event);

// recorder_catalogs_written keeps catalogs.state up to date, after a group has been written.
void recorder_catalogs_written(struct recorder_writer *writer);

// recorder_catalogs_save writes catalogs.state if it does not tell of all records. The journal's
// group is empty. What goes wrong is logged: the file can be made again.
void recorder_catalogs_save(struct oyez_recorder *recorder, oyez_leaf_hasher *hasher);

#endif
