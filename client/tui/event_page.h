// SPDX-License-Identifier: MIT
// One event, whole: where it stands and how safe it is, its header, its details as a tree with their
// types, and its JSON.
#ifndef OYEZ_EVENT_PAGE_H
#define OYEZ_EVENT_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/event.h"
#include "text_lines.h"

// What the record says of an event beyond what it says itself.
struct event_facts {
    bool asked;            // the record was asked; before that nothing is known
    bool recorded;         // it is there
    uint64_t index;        // journal index + 1
    bool has_checkpoint;   // a checkpoint was read
    uint64_t checkpointed; // records that it covers
    char key[300];         // the name of the key that signed it
    char proof[200];       // what checking the proof said; "" = it was not asked for
    bool proof_holds;
    char failure[200]; // why the record could not be asked; "" = it could
};

// event_page_build writes the lines; long JSON is broken into pieces of `width` columns.
void event_page_build(struct text_lines *out, const struct oyez_event *event,
                      const struct event_facts *facts, unsigned width);

#endif
