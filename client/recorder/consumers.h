// SPDX-License-Identifier: MIT
// Named durable consumers: where each stands, what it reads, and who holds it. Memory alone; what
// is to outlast a restart goes through consumers_file.h. No locks of its own.
#ifndef OYEZ_RECORDER_CONSUMERS_H
#define OYEZ_RECORDER_CONSUMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/uuid.h"
#include "query.pb.h"

#define RECORDER_CONSUMERS_MAX 4096u
// The texts of one consumer's patterns together, with a NUL each: bounds memory and file.
#define RECORDER_CONSUMER_PATTERNS_SIZE_MAX 4096u
#define RECORDER_LEASE_MS_DEFAULT 5000u
#define RECORDER_LEASE_MS_MIN 100u
#define RECORDER_LEASE_MS_MAX 3600000u

struct recorder_consumer {
    char name[sizeof((oyez_v1_Consumer *)0)->name];
    char holder_name[sizeof((oyez_v1_Consumer *)0)->holder_name];
    uint8_t holder[OYEZ_UUID_SIZE]; // zero = nobody
    uint32_t lease_ms;
    uint64_t lease_end_ms; // of the monotonic clock; who is there first afterwards takes over
    uint64_t epoch;        // handled through this cursor
    uint64_t position;
    uint64_t last_seen; // nanoseconds since 1970-01-01T00:00:00Z
    char *patterns;     // each with its NUL, one behind the other; at least one
    size_t patterns_size;
};

struct recorder_consumers {
    struct recorder_consumer *sorted[RECORDER_CONSUMERS_MAX]; // by name
    size_t count;
    uint8_t deleted_by[OYEZ_UUID_SIZE]; // the last one: a question may come twice
};

// What became of a question. `told` is for the answer; of an open its patterns are those before it,
// none where the consumer is new.
struct recorder_consumers_verdict {
    oyez_v1_QueryFault fault;
    char text[256];
    bool has_told;
    oyez_v1_Consumer told;
    // What must be on disk before the answer goes out.
    const struct recorder_consumer *changed; // NULL = nothing
    bool deleted;                            // the one that the question names
};

// recorder_consumers_apply does what a question asks for: all verbs but list. `now_ms` is monotonic,
// `time` nanoseconds since 1970. False: no memory, and nothing was done.
bool recorder_consumers_apply(struct recorder_consumers *consumers,
                              const oyez_v1_ConsumerRequest *request, uint64_t now_ms,
                              uint64_t time, struct recorder_consumers_verdict *out);

// recorder_consumers_put makes an entry as it was read from the file, in place of an older one of
// its name; copies it. False: no memory, or no room.
bool recorder_consumers_put(struct recorder_consumers *consumers,
                            const struct recorder_consumer *entry);
void recorder_consumers_remove(struct recorder_consumers *consumers, const char *name);

// recorder_consumers_behind is the number of the first one whose name sorts behind this one.
size_t recorder_consumers_behind(const struct recorder_consumers *consumers, const char *name);

// recorder_consumers_tell writes down what an answer says of one.
void recorder_consumers_tell(const struct recorder_consumer *consumer, uint64_t now_ms,
                             oyez_v1_Consumer *out);

// recorder_consumers_is_name: 1 to 64 bytes of [A-Za-z0-9._-].
bool recorder_consumers_is_name(const char *name);

void recorder_consumers_free(struct recorder_consumers *consumers);

#endif
