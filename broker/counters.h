// SPDX-License-Identifier: MIT
// What the broker did, and what it dropped and why: one table of names. The broker's thread
// writes, any thread reads.
#ifndef OYEZ_BROKER_COUNTERS_H
#define OYEZ_BROKER_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

// The frame faults stand in the order of enum oyez_batch_fault and carry its names.
#define OYEZ_COUNTERS(X)                                                                           \
    X(EVENTS, events)       /* stamped */                                                          \
    X(BATCHES, batches)     /* stamped */                                                          \
    X(BYTES_IN, bytes_in)   /* all frames on ingress */                                            \
    X(SYNCS, syncs)         /* sync batches answered */                                            \
    X(TOO_LARGE, too_large) /* frames dropped: walk faults */                                      \
    X(NO_NUL, no_nul)                                                                              \
    X(BAD_TYPE, bad_type)                                                                          \
    X(BAD_STAMP, bad_stamp)                                                                        \
    X(BAD_EMITTER, bad_emitter)                                                                    \
    X(REPEATED, repeated)                                                                          \
    X(UNKNOWN_FIELD, unknown_field)                                                                \
    X(TRUNCATED, truncated)                                                                        \
    X(TOO_MANY, too_many)                                                                          \
    X(MULTIPART, multipart)               /* messages of several frames on ingress */              \
    X(FORGED_STAMP, forged_stamp)         /* batches dropped: already stamped */                   \
    X(RESERVED_TYPE, reserved_type)       /* under oyez. */                                        \
    X(NO_EVENTS, no_events)               /* empty, and no sync */                                 \
    X(NO_HELLO, no_hello)                 /* of an emitter without a session in this epoch */      \
    X(BAD_NUMBER, bad_number)             /* emitter_seq 0, or beyond 64 bits */                   \
    X(DUPLICATE, duplicate)               /* numbers taken before */                               \
    X(HALF_OVERLAP, half_overlap)         /* begins before and ends after the expected number */   \
    X(OUT_OF_ORDER, out_of_order)         /* durable, after a jump */                              \
    X(FAST_LOST, fast_lost)               /* fast events that never arrived */                     \
    X(REPLAYED, replayed)                 /* recorded events passed on once more, unstamped */     \
    X(REFUSED_TYPES, refused_types)       /* events of a type that the full table does not take */ \
    X(REFUSED_SESSIONS, refused_sessions) /* hellos */                                             \
    X(REFUSED_EMITTERS, refused_emitters)                                                          \
    X(REFUSED_ROLES, refused_roles)                                                                \
    X(REFUSED_IN_USE, refused_in_use)                                                              \
    X(BAD_CONTROL, bad_control) /* control messages dropped */                                     \
    X(WRONG_VERSION, wrong_version)                                                                \
    X(BAD_EPOCH, bad_epoch) /* hellos that told an epoch beyond clock + 1 day */                   \
    X(HELLOS, hellos)       /* answered with a welcome */                                          \
    X(GOODBYES, goodbyes)                                                                          \
    X(TAKEOVERS, takeovers) /* sessions moved to a new connection */                               \
    X(TIMEOUTS, timeouts)   /* sessions dropped for silence */                                     \
    X(ROLLOVERS, rollovers)                                                                        \
    X(MARKS, marks)                       /* sent */                                               \
    X(NACKS, nacks)                       /* sent */                                               \
    X(TELLS_DROPPED, tells_dropped)       /* places that no mark or receipt will tell: too many */ \
    X(REFUSALS_DROPPED, refusals_dropped) /* not told, only counted in the marks */                \
    X(CONTROL_UNSENT, control_unsent)     /* answers for which a peer had no room, or was gone */  \
    X(CONFIRMS, confirms)                 /* of the recorder */                                    \
    X(CONFIRMS_IGNORED, confirms_ignored) /* of another epoch */                                   \
    X(RECORDED_POSITION, recorded_position) /* the recorded mark */                                \
    X(INVALID_EVENTS, invalid_events)       /* recorded though they break a rule */                \
    X(RECEIPTS, receipts)                   /* sent */                                             \
    X(UNRECORDED, unrecorded) /* durable events lost before the recorder, and told */              \
    X(REPAIRS, repairs)       /* requests answered */                                              \
    X(REPAIR_FRAMES, repair_frames)                                                                \
    X(HOLDS, holds)                 /* times that intake began to wait for the recorder */         \
    X(HOLD_OVERRUNS, hold_overruns) /* of these, those that went on without it */                  \
    X(HELD_MS, held_ms)                                                                            \
    X(ASKS, asks)                       /* passed on to the recorder */                            \
    X(ASKS_REFUSED, asks_refused)       /* no recorder */                                          \
    X(ASKS_DROPPED, asks_dropped)       /* a second one before the answer to the first */          \
    X(ANSWERS, answers)                 /* passed on to who asked */                               \
    X(ANSWERS_DROPPED, answers_dropped) /* nobody waits for it, or there was no room */            \
    X(HEARTBEATS, heartbeats)                                                                      \
    X(BEACONS, beacons)                                                                            \
    X(RECORDED_MARKS, recorded_marks)   /* published */                                            \
    X(BEACONS_DROPPED, beacons_dropped) /* asked for beyond what one round takes */                \
    X(SUBSCRIPTIONS, subscriptions)     /* notices read */                                         \
    X(BAD_SUBSCRIPTION, bad_subscription)                                                          \
    X(EGRESS_SEND_FAILED, egress_send_failed)                                                      \
    X(EGRESS_LARGE_DROPPED, egress_large_dropped) /* frames not published for want of room */      \
    X(EGRESS_LARGE_BYTES, egress_large_bytes)     /* waiting now */                                \
    X(SESSIONS, sessions)                         /* now */                                        \
    X(EMITTERS, emitters)                         /* now */                                        \
    X(EMITTERS_EVICTED, emitters_evicted)                                                          \
    X(TYPES, types)                             /* this epoch */                                   \
    X(RING_FIRST_POSITION, ring_first_position) /* oldest in the ring; 0 = empty */                \
    X(REPORTS, reports)                         /* of metrics, taken */

enum oyez_counter {
#define OYEZ_COUNTER_ENUM(name, text) OYEZ_COUNT_##name,
    OYEZ_COUNTERS(OYEZ_COUNTER_ENUM)
#undef OYEZ_COUNTER_ENUM
        OYEZ_COUNTER_COUNT
};

struct oyez_counters {
    _Atomic uint64_t values[OYEZ_COUNTER_COUNT];
};

// oyez_counter_name: snake_case, static text.
const char *oyez_counter_name(enum oyez_counter counter);

static inline uint64_t oyez_counter_get(const struct oyez_counters *counters,
                                        enum oyez_counter counter)
{
    return atomic_load_explicit(&counters->values[counter], memory_order_relaxed);
}

static inline void oyez_counter_set(struct oyez_counters *counters, enum oyez_counter counter,
                                    uint64_t value)
{
    atomic_store_explicit(&counters->values[counter], value, memory_order_relaxed);
}

// Only the broker's thread adds, so no locked instruction is needed.
static inline void oyez_counter_add(struct oyez_counters *counters, enum oyez_counter counter,
                                    uint64_t value)
{
    oyez_counter_set(counters, counter, oyez_counter_get(counters, counter) + value);
}

#endif
