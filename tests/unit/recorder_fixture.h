// SPDX-License-Identifier: MIT
// A recorder with its journal in a fresh directory, and a broker that the test plays for it.
#ifndef OYEZ_RECORDER_FIXTURE_H
#define OYEZ_RECORDER_FIXTURE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_broker.h"
#include "oyez/disk.h"
#include "oyez/recorder.h"

// The clock of the recorder's disk.
#define FIXTURE_NOW UINT64_C(77)

// A batch to publish. What is zero is filled in: type "plan.created", details {}, count 1, salt as
// the flags ask, ids from emitter and number, broker time 100 + position.
struct recorder_batch {
    uint64_t position;
    uint64_t emitter; // its id's last byte
    uint64_t seq;
    unsigned count;
    uint32_t flags;
    const char *type;
    const char *header_type;
    const char *details;
    struct oyez_uuid event_id; // of the first event
    bool no_salt;
    bool rubbish; // an event that cannot be read
};

struct recorder_fixture {
    struct fake_broker broker;
    struct oyez_disk disk; // the system's, but for what is wished here
    char directory[64];
    struct oyez_recorder_options options;
    oyez_recorder *recorder;
    oyez_v1_ToBroker heard; // the last thing heard on control
    oyez_v1_Confirm told;   // all Confirms heard: entries in their order, the last position

    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool hold_sync; // syncs wait, but for let_syncs of them
    unsigned let_syncs;
    unsigned syncs;              // begun, since the recorder was opened
    int write_error, sync_error; // errno of all of them from now on
    unsigned failures;           // calls of on_failed
    oyez_err failed;
    char failure[512];
    char log[4096]; // lines, each with its newline
};

// cmocka set-up and tear-down. No recorder is open yet.
int recorder_fixture_open(void **state);
int recorder_fixture_close(void **state);

// Removes the directory of a journal and the files in it.
void recorder_remove_directory(const char *path);

// Opens the recorder.
void recorder_start(struct recorder_fixture *fixture);
// Closes it as its owner would, while the broker looks on; *recorder is NULL afterwards.
void recorder_stop(struct recorder_fixture *fixture);
// The recorder is gone without a word, as if killed, and its journal is as it was written.
void recorder_kill(struct recorder_fixture *fixture);

// Waits for a hello and welcomes it at this position of broker.epoch; proves the subscription.
void recorder_attach(struct recorder_fixture *fixture, uint64_t position);
void recorder_welcome(struct recorder_fixture *fixture, uint64_t position);
// Welcomes a hello that was heard already.
void recorder_answer_hello(struct recorder_fixture *fixture, uint64_t request_id,
                           uint64_t position);
void recorder_beacon(struct recorder_fixture *fixture, uint64_t position);
// Start, and attach at position 0.
void recorder_begin(struct recorder_fixture *fixture);

// Writes a frame of broker.epoch; `out` has room for 4096 bytes. Returns its size.
size_t recorder_frame(struct recorder_fixture *fixture, const struct recorder_batch *batch,
                      uint8_t *out);
void recorder_publish(struct recorder_fixture *fixture, const struct recorder_batch *batch);
// `count` batches of one event of emitter 1, from this position, with numbers equal to positions.
void recorder_publish_run(struct recorder_fixture *fixture, uint64_t position, unsigned count);
void recorder_heartbeat(struct recorder_fixture *fixture, uint64_t position, bool ending);

// Waits for a repair request and checks its range.
void recorder_expect_repair(struct recorder_fixture *fixture, uint64_t from, uint64_t to);
// Answers the last one; `frames` batches follow.
void recorder_repair(struct recorder_fixture *fixture, uint64_t through, uint64_t oldest,
                     uint64_t head, const struct recorder_batch *batches, size_t frames);

// Reads Confirms until one has this position of broker.epoch.
void recorder_await_confirm(struct recorder_fixture *fixture, uint64_t position);
// The last entry of an emitter in `told`; fails if there is none.
const oyez_v1_Decided *recorder_decided(const struct recorder_fixture *fixture, uint64_t emitter);
// How many syncs have begun.
unsigned recorder_syncs(struct recorder_fixture *fixture);
// Waits until as many syncs have begun.
void recorder_await_syncs(struct recorder_fixture *fixture, unsigned syncs);
void recorder_await_failure(struct recorder_fixture *fixture);
void recorder_hold_syncs(struct recorder_fixture *fixture, bool hold);
// Lets one of them go while they are held.
void recorder_let_one_sync(struct recorder_fixture *fixture);

// Compares the journal with lines such as these, each with its newline:
//   event 1000:1 1#1          kind, cursor, emitter#number; then fast, conflict, invalid
//   repeat 1000:2 1#1 of 0
//   gap 1000:3-5 absent @105
//   end 1000:5 highest 7 clean next 2000 @101
void recorder_expect_journal(struct recorder_fixture *fixture, const char *lines);

struct oyez_uuid recorder_emitter_id(uint64_t emitter);
struct oyez_uuid recorder_event_id(uint64_t emitter, uint64_t seq);

#endif
