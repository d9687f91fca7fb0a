// SPDX-License-Identifier: MIT
// What a group commit decided, on its way: from the writer (written) over the thread that syncs
// (safe) to control (confirmed). Each part is absolute, so two can become one.
#ifndef OYEZ_RECORDER_COMMITS_H
#define OYEZ_RECORDER_COMMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorded_emitters.h"
#include "wire/control.h"

// Entries that may wait for a broker that does not read. Beyond it everything is told anew.
#define RECORDER_DECIDED_MAX 131072u
#define RECORDER_TOLD_MAX 65536u

struct recorder_commit {
    bool any;
    bool incomplete; // entries are missing: the emitters of the epoch are to be told anew
    bool all;        // every emitter of the epoch has an entry, here or in what went before
    uint64_t epoch;
    uint64_t position; // decided through
    oyez_v1_Decided *decided;
    size_t decided_count, decided_room;
    oyez_v1_Told *told;
    size_t told_count, told_room;
    uint8_t *state; // emitters.state, to be saved when the commit is safe; NULL = none
    size_t state_size;
};

// recorder_commit_decide adds what an emitter's numbers came to in this epoch.
void recorder_commit_decide(struct recorder_commit *commit, const struct recorder_emitter *emitter);

// recorder_commit_tell adds a run of a batch that asked to be told.
void recorder_commit_tell(struct recorder_commit *commit, const oyez_v1_Told *told);

// recorder_commit_merge adds a later commit to one, and leaves `from` empty. What was decided in an
// epoch before `from`'s is dropped: no broker waits for it.
void recorder_commit_merge(struct recorder_commit *into, struct recorder_commit *from);

void recorder_commit_clear(struct recorder_commit *commit); // keeps the room
void recorder_commit_free(struct recorder_commit *commit);

#endif
