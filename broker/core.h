// SPDX-License-Identifier: MIT
// The broker's insides, shared by its loop and its control side. Everything but the counters, the
// wake-up and what is fixed at open belongs to the broker's thread.
#ifndef OYEZ_BROKER_CORE_H
#define OYEZ_BROKER_CORE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "counters.h"
#include "egress.h"
#include "heartbeat.h"
#include "hold.h"
#include "ingress.h"
#include "oyez/broker.h"
#include "recording.h"
#include "relay.h"
#include "sessions.h"
#include "sockets.h"

// Limits that tests make small. 0 = that of oyez/limits.h.
struct oyez_broker_limits {
    uint32_t sessions;
    uint32_t emitters;
    uint32_t types;
    uint32_t session_timeout_ms;
    uint32_t drain_ms;
    uint32_t recorder_wait_ms;
    uint32_t final_confirm_ms;
    uint32_t ask_timeout_ms;
    size_t egress_large_bytes;
};

struct oyez_broker {
    struct oyez_broker_limits limits;
    struct oyez_recording recording;
    struct oyez_hold hold;
    struct oyez_relay relay;
    struct oyez_sockets sockets;
    struct oyez_endpoints told; // to clients: as bound, or as advertised
    bool is_advertised;
    uint32_t heartbeat_ms;
    uint64_t started_ns;
    void (*on_log)(void *arg, enum oyez_severity severity, const char *line);
    void *on_log_arg;

    struct oyez_counters counters;
    struct oyez_ingress ingress;
    struct oyez_egress egress;
    struct oyez_heartbeat heartbeat;
    struct oyez_sessions sessions;

    uint64_t now_ms;     // of this round
    uint64_t session_ms; // stands still while the broker itself is stopped
    uint64_t heartbeat_due_ms;
    bool mark_waits;          // the recorded mark has moved; it is published when its time has come
    oyez_v1_ToBroker request; // too large for the stack
    oyez_v1_FromBroker answer;
    uint8_t answer_bytes[OYEZ_CONTROL_SIZE_MAX];

    _Atomic uint64_t rounds; // that its thread has begun
    int wake_fd;             // readable = stop
    pthread_t thread;
};

// oyez_broker_open_limited is oyez_broker_open with other limits; NULL = none.
oyez_err oyez_broker_open_limited(oyez_broker **out, const struct oyez_broker_options *options,
                                  const struct oyez_broker_limits *limits);

// oyez_broker_log hands a line to the owner.
void oyez_broker_log(const struct oyez_broker *broker, enum oyez_severity severity,
                     const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
