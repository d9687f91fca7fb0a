// SPDX-License-Identifier: MIT
// The three events about dead letters: their details written and read.
#ifndef OYEZ_DEAD_LETTER_EVENT_H
#define OYEZ_DEAD_LETTER_EVENT_H

#include <stdbool.h>

#include "oyez/dead_letter.h"

#define DEAD_LETTER_RETRY_TYPE "oyez.dead_letter_retry"
#define DEAD_LETTER_CORRELATION_SIZE 129

struct letter_failure {
    oyez_err err;
    bool timed_out;
    char text[sizeof((struct oyez_dead_letter *)0)->error_text];
};

// A letter that waits to be emitted: dead, or that one is settled.
struct letter {
    struct oyez_handler *handler; // that is counted for
    bool resolves;                // a letter that came before: `outcome`
    struct oyez_uuid letter_id;   // of that one
    const char *outcome;          // static
    struct oyez_dead_letter dead; // else this; letter_id and failed_at are of no meaning
    char correlation_id[DEAD_LETTER_CORRELATION_SIZE]; // of the event; "" = none, or too long
};

// letter_failure_set_text copies as much of a text as there is room for, whole characters.
void letter_failure_set_text(struct letter_failure *failure, const char *text);

// letter_process names this process for people: the client's name and the process id.
void letter_process(char out[97], const char *client_name);

// letter_emit emits a letter's event. The errors of oyez_client_emit.
oyez_err letter_emit(struct oyez_client *client, const struct letter *letter);

// letter_emit_wish emits that somebody wants a dead letter's event handled again.
oyez_err letter_emit_wish(struct oyez_client *client, const struct oyez_dead_letter *dead);

// letter_emit_discard emits that a letter is discarded, and waits until that is recorded.
oyez_err letter_emit_discard(struct oyez_client *client, struct oyez_uuid letter_id,
                             const char *reason, uint32_t timeout_ms);

// letter_read reads a dead letter's event. False: it is none.
bool letter_read(struct oyez_dead_letter *dead, const struct oyez_event *event);

// letter_read_wish and letter_read_resolved read the other two. False: it is none. `handler` has
// room for 65 bytes, `outcome` for 17.
bool letter_read_wish(const struct oyez_event *event, struct oyez_uuid *letter_id,
                      struct oyez_uuid *event_id, char *handler);
bool letter_read_resolved(const struct oyez_event *event, struct oyez_uuid *letter_id,
                          char *outcome);

#endif
