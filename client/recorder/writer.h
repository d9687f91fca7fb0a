// SPDX-License-Identifier: MIT
// The writer: what its files share. One thread.
#ifndef OYEZ_RECORDER_WRITER_H
#define OYEZ_RECORDER_WRITER_H

#include "arrival.h"
#include "recorder_state.h"

struct recorder_writer {
    struct oyez_recorder *recorder;
    oyez_journal *journal;
    struct recorder_emitters *emitters;
    oyez_leaf_hasher *hasher;
    struct recorder_arrivals arrivals;
    struct recorder_run run; // of the queue, being read
    struct recorder_place place;
    struct recorder_heard over;   // of an epoch that will not go on
    struct recorder_commit group; // of the group being made
    oyez_v1_Told told;            // run of the batch being written; count 0 = none
    bool group_open;
    uint64_t group_since_ms;
    uint64_t state_records;                // that emitters.state tells of
    struct recorder_copying *copying;      // a mirror's; else NULL
    struct oyez_recorder_counters counted; // in the group being made
};

// group_commit.c

// recorder_group_append appends a record; a full group is written first.
oyez_err recorder_group_append(struct recorder_writer *writer,
                               const struct oyez_journal_record *record, uint64_t *index);

// recorder_group_tell adds the run of places in writer->told to the group, and ends the run.
void recorder_group_tell(struct recorder_writer *writer);

// recorder_group_close writes the group and hands what it decided to the thread that syncs.
oyez_err recorder_group_close(struct recorder_writer *writer);

// recorder_group_close_if_due closes it if a sync can begin now, or it has been open for long.
oyez_err recorder_group_close_if_due(struct recorder_writer *writer);

// writing.c

// recorder_write_item records what one item of the queue says.
oyez_err recorder_write_item(struct recorder_writer *writer, const struct recorder_item *item);

// epoch_ends.c

// recorder_epoch_over keeps what was heard of an epoch that will not go on.
oyez_err recorder_epoch_over(struct recorder_writer *writer, const struct recorder_item *item);

// recorder_epoch_begin goes over to the epoch of the record that is to be written next, whose
// broker time is `time`: the one before gets its end.
oyez_err recorder_epoch_begin(struct recorder_writer *writer, uint64_t epoch, uint64_t time);

#endif
