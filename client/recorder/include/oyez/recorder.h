// SPDX-License-Identifier: MIT
// The recorder core: a subscriber to everything that writes the journal, confirms, and answers
// questions. Handles no signals, never exits, never prints; oyez-recorder and `oyez serve` are
// programs around it.
#ifndef OYEZ_RECORDER_H
#define OYEZ_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/limits.h"
#include "oyez/retention.h"
#include "oyez/settings.h"
#include "oyez/severity.h"

typedef struct oyez_recorder oyez_recorder;

struct oyez_recorder_options {
    const char *endpoint;  // of the broker; NULL = OYEZ_ENDPOINT, else OYEZ_ENDPOINT_DEFAULT
    const char *directory; // of the journal; made if it is not there
    // Keeps the journal of the broker's primary: the same records at the same indexes. Makes none of
    // its own, confirms nothing, answers nothing. OYEZ_ERR_CORRUPT through on_failed: the primary's
    // journal is another one, or contradicts what came over the bus.
    bool mirror;
    uint64_t segment_size; // as oyez_journal_options; 0 = its default
    uint64_t segment_age_ms;
    const char *key;        // path of the key that signs checkpoints; NULL = beside the directory
    const char *origin;     // of a key that is made; NULL = one of its own
    uint32_t checkpoint_ms; // from the first record not covered to a checkpoint; 0 = 900
    struct oyez_retention_rules keep; // all zero = everything is kept; a mirror follows its primary
    uint64_t archive_after;           // ns: segments whose events are all older; 0 = on request
    uint32_t life_interval_ms;        // how often both are looked after; 0 = 3,600,000
    void *zmq_context;                // borrowed, for inproc; NULL = own
    const void *disk;                 // const struct oyez_disk *, for tests; NULL = the system's
    // Diagnostics: one line without newline, from the recorder's threads; must not block.
    void (*on_log)(void *arg, enum oyez_severity severity, const char *line);
    // The journal has failed (disk full, input or output error): nothing is acknowledged from here
    // on. The line says which file and why. Called once, from a recorder's thread.
    void (*on_failed)(void *arg, oyez_err err, const char *line);
    void *arg;
};

// oyez_recorder_open opens the journal (recovering what a crash left, and saying so through
// on_log) and starts the recorder, which attaches to the broker as soon as it is there. Returns the
// errors of oyez_journal_open, OYEZ_ERR_INVALID (endpoint), OYEZ_ERR_SYSTEM. The caller owns *out.
oyez_err oyez_recorder_open(oyez_recorder **out, const struct oyez_recorder_options *options);

// oyez_recorder_wait waits until the recorder is attached and has caught up with the broker.
// OYEZ_ERR_TIMEOUT, OYEZ_ERR_REFUSED (the broker has a primary), OYEZ_ERR_IO (failed). Any thread.
oyez_err oyez_recorder_wait(oyez_recorder *recorder, uint32_t timeout_ms);

struct oyez_recorder_counters {
    uint64_t events;
    uint64_t repeats;
    uint64_t gaps;
    uint64_t missing; // positions in gaps
    uint64_t epoch_ends;
    uint64_t conflicts;
    uint64_t invalid;        // break a rule of every event, and are flagged
    uint64_t invalid_events; // break a rule of their catalog: of emitters that do not judge
    uint64_t repaired;       // events that came out of the broker's ring
    uint64_t commits;
    uint64_t index;     // next
    uint64_t copied;    // of a mirror: records taken from its primary
    uint64_t witnessed; // of a mirror: events among them that it saw on the bus as well
    uint64_t checkpoints;
    uint64_t checkpointed; // records that the newest covers
    uint64_t epoch;        // decided through
    uint64_t position;
    bool attached;
    bool failed;
};

void oyez_recorder_get_counters(oyez_recorder *recorder, struct oyez_recorder_counters *out);

// oyez_recorder_options_read fills what settings say of a recorder; texts are those of the settings,
// the other fields stay; oyez_retention_rules_read the rules of retention alone. OYEZ_ERR_INVALID: an age,
// or such a rule. oyez_recorder_reload puts into force what can change while it runs. Any
// thread.
oyez_err oyez_retention_rules_read(struct oyez_retention_rules *rules,
                                   const oyez_settings *settings);
oyez_err oyez_recorder_options_read(struct oyez_recorder_options *options,
                                    const oyez_settings *settings);
void oyez_recorder_reload(oyez_recorder *recorder, const oyez_settings *settings);

// oyez_recorder_set_checkpoint_interval changes checkpoint_ms while the recorder runs. Any thread.
void oyez_recorder_set_checkpoint_interval(oyez_recorder *recorder, uint32_t checkpoint_ms);

// oyez_recorder_close records what has arrived, confirms it, detaches cleanly, closes the journal
// cleanly and frees. Blocks up to some seconds. NULL-safe, sets NULL.
void oyez_recorder_close(oyez_recorder **recorder);

#endif
