// SPDX-License-Identifier: MIT
// What the threads of a recorder share. Eight of them:
//   intake    owns the sockets: the stream in order, repair, control, confirms and answers out
//   writer    owns the journal: decides what each event is, appends, writes groups
//   syncing   makes groups safe, then hands them on to be confirmed
//   answering asks the query engine
//   admin     answers the operator's socket; not there where that cannot be made
//   checkpointing brings what is safe into the tree, and signs checkpoints over it; looks at the disk
//   indexing  makes the indexes of sealed segments
//   life      archives and removes what is old enough; not there without rules for it
// Intake never waits for the others: what has no room stays in the broker.
#ifndef OYEZ_RECORDER_STATE_H
#define OYEZ_RECORDER_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "asks.h"
#include "commits.h"
#include "duty.h"
#include "emitters_file.h"
#include "oyez/journal.h"
#include "oyez/note.h"
#include "oyez/recorder.h"
#include "queue.h"
#include "wire/histogram.h"

#define RECORDER_QUEUE_SIZE (4u * 1024u * 1024u) // bytes; the writer reads another one
#define RECORDER_GROUP_MS 5u                     // a group is not held open for longer
// From the first record that no checkpoint covers to the next one: with that, well within a second.
#define RECORDER_CHECKPOINT_MS 900u
#define RECORDER_LOOK_MS 1000u // at the disk's space
#define RECORDER_TREE_MS 100u  // hashes wait for the tree no longer than that

// A checkpoint covers everything up to here, in any epoch.
struct recorder_covered {
    uint64_t epoch;
    uint64_t position;
};

struct recorder_catalogs;
struct recorder_admin;
struct recorder_life;

struct oyez_recorder {
    // Set at opening.
    char endpoint[OYEZ_ENDPOINT_SIZE_MAX];
    char directory[OYEZ_JOURNAL_PATH_SIZE];
    bool mirror;
    const struct oyez_disk *disk;
    void (*on_log)(void *arg, enum oyez_severity severity, const char *line);
    void (*on_failed)(void *arg, oyez_err err, const char *line);
    void *arg;
    struct oyez_uuid client_id;
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    struct recorder_place place; // of the journal: at opening, and when the writer has ended
    struct recorder_heard over;  // the same, of an epoch that will not go on
    void *zmq_context;
    bool owns_context;
    int wake_fd;                 // wakes intake
    uint64_t started_ns;         // since 1970
    struct oyez_histogram syncs; // how long each took; any thread

    // The writer's; oyez_journal_sync is the syncing thread's.
    oyez_journal *journal;
    struct recorder_emitters *emitters;
    struct recorder_catalogs *catalogs;

    pthread_t intake_thread, writer_thread, syncing_thread, answering_thread;
    pthread_t checkpointing_thread, indexing_thread;
    unsigned thread_count;
    struct recorder_admin *admin; // NULL = nobody listens
    struct recorder_life *life;   // NULL = nothing goes by itself

    pthread_mutex_t archiving; // held from a segment's compressing until it is in its place

    pthread_mutex_t lock;
    pthread_cond_t changed;        // counters, refused, failed, caught_up; CLOCK_MONOTONIC
    pthread_cond_t for_write;      // the queue, the commits, confirm_all; CLOCK_MONOTONIC
    pthread_cond_t for_sync;       // written
    pthread_cond_t for_checkpoint; // uncovered_since_ms, syncing_ended; CLOCK_MONOTONIC
    pthread_cond_t for_index;      // sealed_before, indexing_over
    // Under lock.
    uint32_t checkpoint_ms; // from the first record not covered to a checkpoint
    struct recorder_queue queue;
    bool intake_waits;              // for room in the queue
    bool queue_ended;               // nothing more will be put
    bool confirm_all;               // the broker is to be told of all emitters of the epoch
    bool syncing;                   // a sync is running
    bool writing_ended;             // nothing more will be written
    bool syncing_ended;             // all that is ever safe is in `safe`
    bool stopping;                  // intake is to end
    bool indexing_over;             // no index is made any more
    uint64_t sealed_before;         // records before this one are in sealed segments
    struct recorder_heard heard;    // of the epoch that intake is in
    struct recorder_commit written; // not yet safe
    struct recorder_commit safe;    // not yet confirmed
    uint64_t safe_records;          // of the journal: what a mirror may be given
    uint64_t uncovered_since_ms;    // of the first safe record that no checkpoint covers; 0 = none
    struct recorder_covered covered;
    struct recorder_asks asks;
    struct recorder_duty duty;
    struct oyez_recorder_counters counters;
    uint64_t disk_free, disk_size; // bytes; 0, 0 = not known
    bool caught_up;
    bool refused;
    char refusal[256];
    oyez_err failed; // OYEZ_OK = it works
    char failure[512];
};

// recorder_fail ends all recording, once: tells the user through on_failed, and every thread.
void recorder_fail(struct oyez_recorder *recorder, oyez_err err, const char *detail);

// recorder_has_failed: nothing is recorded or confirmed any more. Takes the lock.
bool recorder_has_failed(struct oyez_recorder *recorder);

// recorder_tell_sealed tells the indexing thread that records before this one are in sealed segments.
// Under lock.
void recorder_tell_sealed(struct oyez_recorder *recorder, uint64_t before);

// recorder_wake makes intake look at what is new. Any thread.
void recorder_wake(struct oyez_recorder *recorder);

void recorder_log(const struct oyez_recorder *recorder, enum oyez_severity severity,
                  const char *format, ...) __attribute__((format(printf, 3, 4)));

// The threads' functions.
void *recorder_intake_run(void *arg);
void *recorder_writer_run(void *arg);
void *recorder_syncing_run(void *arg);
void *recorder_answering_run(void *arg);
void *recorder_checkpointing_run(void *arg);
void *recorder_indexing_run(void *arg);

// recorder_look_at_disk notes how much space is left. May block as long as the disk does.
void recorder_look_at_disk(struct oyez_recorder *recorder);

// recorder_checkpoint makes one now; a failure is told. Any thread.
void recorder_checkpoint(struct oyez_recorder *recorder);

// recorder_take_checkpoint is the journal's options.checkpointed.
void recorder_take_checkpoint(void *arg, const struct oyez_journal_checkpoint *checkpoint);

#endif
