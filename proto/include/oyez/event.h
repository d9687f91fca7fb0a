// SPDX-License-Identifier: MIT
// The event as C sees it: plain data with borrowed pointers. For emitting, fill what you know and
// leave the rest zero; what you receive has the same form, with its stamp filled in.
#ifndef OYEZ_EVENT_H
#define OYEZ_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/limits.h"
#include "oyez/uuid.h"

#ifdef __cplusplus
extern "C" {
#endif

enum oyez_details_format {
    OYEZ_DETAILS_JSON = 1,     // UTF-8 text of one JSON object
    OYEZ_DETAILS_PROTOBUF = 2, // the catalog's message for the event type
};

enum oyez_lane {
    OYEZ_LANE_DURABLE = 0, // kept by the emitter and sent again until it is safe
    OYEZ_LANE_FAST = 1,    // sent once; what is lost on the way is counted
};

// How safe an emitted event is. Each level includes those before it.
enum oyez_level {
    OYEZ_LEVEL_SENT = 1,         // the broker has stamped it
    OYEZ_LEVEL_RECORDED = 2,     // the recorder has it on disk, fdatasync done
    OYEZ_LEVEL_CHECKPOINTED = 3, // a signed checkpoint covers it
};

struct oyez_tag {
    const char *key;
    const char *value;
};

// What the broker gave the event, and who emitted it. All zero in an event not yet stamped.
struct oyez_stamp {
    uint64_t epoch;       // microseconds: the broker's start
    uint64_t position;    // dense in the epoch, from 1; 0 = takes no place in the order
    uint64_t type_seq;    // dense per event type in the epoch, from 1
    uint64_t broker_time; // nanoseconds since 1970-01-01T00:00:00Z
    uint64_t emitter_seq; // dense per emitter and lane, from 1
    struct oyez_uuid emitter_id;
    uint32_t flags; // the batch's, docs/wire.md
    enum oyez_lane lane;
    uint64_t index; // journal index + 1; 0 = not recorded, or not known to be
};

// Strings are UTF-8 with a NUL; NULL = absent. Pointers belong to whoever filled the event.
struct oyez_event {
    struct oyez_uuid event_id; // given by the caller it is an idempotency key; zero = made at emit
    const char *event_type;
    int64_t occurred_at;        // nanoseconds since 1970-01-01T00:00:00Z; 0 = the time of the emit
    const char *schema_version; // NULL = the catalog's version of the type
    const char *correlation_id;
    const char *causation_id;
    const char *step_id;
    const char *actor_type;
    const char *actor_id;
    const char *actor_name;
    const char *plan_id;
    const char *root_plan_id;
    const char *phase;
    const char *state;
    const char *session_id;
    const char *project_name;
    const char *run_id;
    const char *thread_id;
    const char *user_id;
    const char *aggregate_id;
    const char *aggregate_type;
    uint64_t aggregate_version;
    bool has_aggregate_version; // set it with aggregate_version: 0 is a version too
    const char *source;
    const char *app_version;
    const char *environment;
    const char *traceparent;
    struct oyez_tag tags[OYEZ_TAGS_MAX]; // ends at the first NULL key

    enum oyez_details_format details_format; // 0 = JSON
    const void *details;                     // NULL = {} as JSON, an empty message as protobuf
    size_t details_size;                     // bytes; 0 with details set as JSON = ends at its NUL

    const uint8_t *salt; // OYEZ_SALT_SIZE bytes or NULL; made at emit where a type is personal
    const uint8_t *signature;
    size_t signature_size;

    struct oyez_stamp stamp;
};

#ifdef __cplusplus
}
#endif

#endif
