// SPDX-License-Identifier: MIT
// Intake: what its files share. One thread, which owns the sockets.
#ifndef OYEZ_RECORDER_INTAKE_H
#define OYEZ_RECORDER_INTAKE_H

#include "asking.h"
#include "recorder_state.h"
#include "wire/batch.h"
#include "wire/metric_set.h"
#include "wire/topic.h"

struct recorder_intake {
    struct oyez_recorder *recorder;
    void *control;
    void *egress;             // NULL until the first welcome
    uint64_t egress_heard_ms; // the last frame, or when it was not read
    char egress_endpoint[OYEZ_ENDPOINT_SIZE_MAX];

    // The session: attaching.c.
    bool open; // welcomed, and answered since
    bool version_told, silence_told;
    uint64_t epoch, instance;
    uint64_t highest_told;            // epoch to tell in the hello, if it is above what was seen
    uint64_t hello_first, hello_last; // request ids that a welcome may answer
    uint64_t hello_epoch;             // where we stood at the first of these hellos
    uint64_t hello_position;
    uint64_t hello_due_ms, ping_due_ms, heard_ms, ticked_ms;

    // The stream in order: stream.c. `next` is the position that is to be put next.
    uint64_t stream_epoch, next;
    uint64_t highest;                      // position heard of in this epoch
    bool ended;                            // the broker said that `highest` is the last
    uint64_t absent_epoch, absent_through; // came before this recorder was there
    size_t room;                           // bytes of frames that the queue takes for sure
    char nonce_topic[sizeof OYEZ_TOPIC_BEACON_PREFIX + OYEZ_BEACON_NONCE_SIZE];
    bool beacon_wanted, beacon_pending, beacon_seen;
    uint64_t beacon_due_ms, beacon_position;

    // Repair: repairing.c. While `repairing`, egress is not read: what waits there comes next.
    bool repairing;
    uint64_t repair_through;
    uint64_t repair_due_ms;  // ask, or ask again
    uint64_t repair_wait_ms; // for an answer, before the question is asked again
    bool repair_broken;      // of the answer being read: the rest of it is of no use
    uint64_t gap_through;    // of the answer being read: a gap that waits for its time; 0 = none

    struct recorder_asking asking; // a mirror's

    // Metrics: reporting.c.
    bool reports_wanted; // this broker takes them
    uint64_t report_due_ms;
    struct oyez_metric_sets report, report_told; // told: to this session

    // On their way out.
    struct recorder_commit confirming;
    size_t decided_sent, told_sent;
    struct recorder_place told_through;   // as the last confirm said
    struct recorder_covered told_covered; // to this session
    bool named_all;                       // this session has heard of every emitter of the epoch
    uint8_t out[OYEZ_CONTROL_SIZE_MAX];
    oyez_v1_ToBroker to_broker;
    oyez_v1_FromBroker from_broker;
};

// attaching.c

// recorder_control_open makes the control socket. OYEZ_ERR_SYSTEM, OYEZ_ERR_INVALID (endpoint).
oyez_err recorder_control_open(struct recorder_intake *intake);
// recorder_control_tick says hello and ping when they are due.
void recorder_control_tick(struct recorder_intake *intake, uint64_t now_ms);
void recorder_control_read(struct recorder_intake *intake, uint64_t now_ms);
// recorder_control_say sends intake->to_broker; `more`: further frames follow. False: not now.
bool recorder_control_say(struct recorder_intake *intake, bool more);
void recorder_control_hello_again(struct recorder_intake *intake);
void recorder_control_goodbye(struct recorder_intake *intake);
// recorder_control_due is when the next tick has something to do.
uint64_t recorder_control_due(const struct recorder_intake *intake);

// stream.c

// recorder_stream_take takes a frame from egress.
void recorder_stream_take(struct recorder_intake *intake, const void *frame, size_t size);

enum recorder_put { RECORDER_PUT, RECORDER_PUT_OLD, RECORDER_PUT_AHEAD, RECORDER_PUT_FULL };

// recorder_stream_put puts a walked frame of this epoch into the queue, if it is the next.
enum recorder_put recorder_stream_put(struct recorder_intake *intake,
                                      const struct oyez_batch *batch, const void *frame,
                                      size_t size);
// recorder_stream_put_gap puts what is missing from `next` through `last`.
void recorder_stream_put_gap(struct recorder_intake *intake, uint64_t last, uint64_t time);
// recorder_stream_put_records puts a page of the primary's records; there is room for it.
void recorder_stream_put_records(struct recorder_intake *intake, const void *bytes, size_t size);
// recorder_stream_ask_beacon asks for a beacon, if one is wanted or did not come.
void recorder_stream_ask_beacon(struct recorder_intake *intake, uint64_t now_ms);
void recorder_stream_refresh_room(struct recorder_intake *intake);

// repairing.c

// recorder_repair_want: positions up to `through` were published and did not come.
void recorder_repair_want(struct recorder_intake *intake, uint64_t through);
void recorder_repair_tick(struct recorder_intake *intake, uint64_t now_ms);
// One answer: begin, its frames, end.
void recorder_repair_begin(struct recorder_intake *intake, const oyez_v1_Repair *repair);
void recorder_repair_frame(struct recorder_intake *intake, const void *frame, size_t size);
void recorder_repair_end(struct recorder_intake *intake, uint64_t now_ms);

// reporting.c

// recorder_report_tick tells the broker how the recorder does, when it is due.
void recorder_report_tick(struct recorder_intake *intake, uint64_t now_ms);

// confirming.c

// recorder_confirm tells the broker what has become safe.
void recorder_confirm(struct recorder_intake *intake);

// answering.c

// recorder_send_answer sends the answer that waits, if one does.
void recorder_send_answer(struct recorder_intake *intake);

#endif
