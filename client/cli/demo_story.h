// SPDX-License-Identifier: MIT
// What the demo's stories are told with. A story emits through functions it is given, so that it
// can be told to a broker in real time, or to a test at once.
#ifndef OYEZ_DEMO_STORY_H
#define OYEZ_DEMO_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/error.h"
#include "oyez/event.h"

struct demo_emitter {
    // Takes an event as oyez_client_emit does, but waits for room. An error ends the story.
    oyez_err (*emit)(void *arg, const struct oyez_event *event, struct oyez_uuid *event_id);
    // Lets time pass; false as soon as the story is to end.
    bool (*wait)(void *arg, uint32_t milliseconds);
    int64_t (*now)(void *arg); // nanoseconds since 1970-01-01T00:00:00Z
    struct oyez_uuid (*new_id)(void *arg);
    void *arg;
};

struct story {
    struct demo_emitter emitter;
    uint64_t random;
    unsigned round;      // workflows told to their end
    unsigned turn;       // the same, but from a start that the seed chooses
    uint32_t gap_ms_min; // before each event
    uint32_t gap_ms_max;
    oyez_err err; // of the emit that failed
    bool over;    // nothing is emitted any more; a story runs on to its end without effect
};

// A workflow: its events have one correlation id, and each names the one that caused it.
struct story_flow {
    struct story *story;
    struct oyez_event event; // header of the events to come; what it points to must last
    struct oyez_uuid cause;  // of the next event: zero, or the event told last
    char correlation_id[OYEZ_UUID_TEXT_SIZE];
};

#define STORY_ID_SIZE 13u // 12 characters, which a terminal shows whole, and a NUL
#define STORY_HEX_SIZE 41u

// story_begin starts a workflow of its own. The story must outlive it.
void story_begin(struct story_flow *flow, struct story *story);

// story_tell waits for the story's gap and emits one event with the details of
// demo_details_format, which becomes the cause of the flow's next one. Returns its id, zero when
// the story is over.
struct oyez_uuid story_tell(struct story_flow *flow, const char *event_type, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

// story_pause lets a time between the two pass, in milliseconds.
void story_pause(struct story *story, uint32_t milliseconds_min, uint32_t milliseconds_max);

// story_act says who acts in the events to come. The texts must last.
void story_act(struct story_flow *flow, const char *type, const char *id, const char *name);

// story_tag sets a tag of the events to come; a key that is there gets the new value.
void story_tag(struct story_flow *flow, const char *key, const char *value);

// story_id makes an id that no other has, such as "p-1f09ac3"; the prefix has up to 4 letters.
void story_id(struct story *story, const char *prefix, char id[STORY_ID_SIZE]);

// story_uuid makes an id that no other has anywhere.
void story_uuid(struct story *story, char text[OYEZ_UUID_TEXT_SIZE]);

// story_time writes a time so many seconds from now, RFC 3339.
void story_time(struct story *story, int64_t seconds, char text[31]);

// Choices: the same for the same seed.
unsigned story_between(struct story *story, unsigned least, unsigned most);
double story_amount(struct story *story, double least, double most);
bool story_chance(struct story *story, unsigned percent);
// story_hex writes `digits` hexadecimal digits, at most 40, and a NUL.
void story_hex(struct story *story, size_t digits, char text[STORY_HEX_SIZE]);

#define STORY_COUNT(array) ((unsigned)(sizeof(array) / sizeof((array)[0])))
#define STORY_PICK(story, array) ((array)[story_between((story), 0, STORY_COUNT(array) - 1)])

#endif
