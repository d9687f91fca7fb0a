// SPDX-License-Identifier: MIT
// What may go by rules of retention goes: looked through on the thread that asks, carried out by the
// writer, a few segments at a time, so that recording waits shortly.
#ifndef OYEZ_RECORDER_RETAINING_H
#define OYEZ_RECORDER_RETAINING_H

#include "oyez/retention.h"

struct oyez_recorder;

// What holds kept of what would have gone.
struct recorder_held {
    uint64_t from, until; // records; from UINT64_MAX = no segments
    uint64_t events;      // single ones
    bool more;            // the steps were ended before all was gone
    char hold[OYEZ_HOLD_NAME_SIZE_MAX + 1];
};

// Asked before each step; false: enough.
typedef bool recorder_retain_go_on(void *arg);

// recorder_retain lets go what the rules let go now. *report and *held are filled in also after an
// error. The errors of oyez_retention_survey and oyez_retention_apply; OYEZ_ERR_CLOSED: the recorder is
// ending. Any thread but the writer's. Blocks for long.
oyez_err recorder_retain(struct oyez_recorder *recorder, const struct oyez_retention_rules *rules,
                         const char *by, const char *why, recorder_retain_go_on *go_on, void *arg,
                         struct oyez_retention_report *report, struct recorder_held *held);

#endif
