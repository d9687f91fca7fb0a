// SPDX-License-Identifier: MIT
// The broker core: stamps events and fans them out. Holds no files, handles no signals, never
// exits and never prints; oyez-broker and `oyez serve` are programs around it.
#ifndef OYEZ_BROKER_H
#define OYEZ_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/limits.h"
#include "oyez/settings.h"
#include "oyez/severity.h"

typedef struct oyez_broker oyez_broker;

enum oyez_broker_recorder {
    OYEZ_BROKER_RECORDER_NONE = 0, // by policy: durable events are released at the accept mark
    OYEZ_BROKER_RECORDER_WAIT = 1, // durable events wait for a recorder's receipt
};

struct oyez_broker_options {
    const char *listen;    // NULL = OYEZ_ENDPOINT_DEFAULT; tcp port * or 0 = any three free ports
    const char *advertise; // "CONTROL,INGRESS,EGRESS" told to clients instead; NULL = none
    bool insecure_listen;  // allow an address that others can reach
    enum oyez_broker_recorder recorder;
    uint32_t hold_max_ms;  // how long intake may wait for a recorder; 0 = for ever
    size_t ring_bytes;     // 0 = OYEZ_RING_BYTES_DEFAULT
    uint32_t heartbeat_ms; // 0 = OYEZ_HEARTBEAT_MS
    void *zmq_context;     // borrowed, for inproc; NULL = the broker's own
    // Diagnostics: one line without newline, from the broker's thread; must not block. NULL = none.
    void (*on_log)(void *arg, enum oyez_severity severity, const char *line);
    void *on_log_arg;
};

// oyez_broker_open binds the three sockets and starts the broker's thread; when it returns
// clients can connect. Returns OYEZ_ERR_INVALID (an endpoint), OYEZ_ERR_IN_USE (which address),
// OYEZ_ERR_FORBIDDEN (not loopback without insecure_listen), OYEZ_ERR_SYSTEM, OYEZ_ERR_NO_MEMORY;
// oyez_error_detail names the address. Any thread. The caller owns *out.
oyez_err oyez_broker_open(oyez_broker **out, const struct oyez_broker_options *options);

// oyez_broker_endpoint: the control endpoint as bound, port filled in. Text of the broker.
const char *oyez_broker_endpoint(const oyez_broker *broker);

// oyez_broker_rounds is how often the broker's thread has gone round: it grows several times a second
// as long as that thread lives. Any thread.
uint64_t oyez_broker_rounds(const oyez_broker *broker);

// oyez_broker_set_hold_max changes hold_max_ms while the broker runs. Any thread.
void oyez_broker_set_hold_max(oyez_broker *broker, uint32_t hold_max_ms);

// oyez_broker_options_read fills what settings say of a broker; texts are those of the settings, the
// other fields stay. oyez_broker_reload puts into force what can change while it runs. Any thread.
void oyez_broker_options_read(struct oyez_broker_options *options, const oyez_settings *settings);
void oyez_broker_reload(oyez_broker *broker, const oyez_settings *settings);

// A counter of the broker: what it did, and what it dropped and why.
struct oyez_broker_counter {
    const char *name; // static text, snake_case
    uint64_t value;
};

// oyez_broker_counters copies up to `capacity` counters and returns how many there are.
// Any thread; values are of slightly different moments.
size_t oyez_broker_counters(const oyez_broker *broker, struct oyez_broker_counter *out,
                            size_t capacity);

// oyez_broker_close drains (what has arrived is stamped and passed on, a last heartbeat tells the
// heads and that the epoch ends), waits up to OYEZ_FINAL_CONFIRM_MS for an attached recorder to
// confirm all of it, stops the thread and frees. Blocks up to OYEZ_DRAIN_MS besides. NULL-safe,
// sets NULL.
void oyez_broker_close(oyez_broker **broker);

#endif
