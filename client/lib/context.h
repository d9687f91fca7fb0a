// SPDX-License-Identifier: MIT
// The context of an event that a handler handles: a frame on the dispatcher's stack, because an
// allocation for every event handed out would cost more than handing it out.
#ifndef OYEZ_CONTEXT_STATE_H
#define OYEZ_CONTEXT_STATE_H

#include "oyez/context.h"

struct context_frame {
    struct context_frame *outer;
    const struct oyez_event *fields; // borrowed
    bool cause;                      // `fields` is an event that is being handled
    bool owned;                      // pushed by the application: popped and freed by it
};

// context_enter makes `frame` the thread's innermost context, context_leave ends it. The event
// must outlive the frame. Contexts that the handler forgot to pop end with it.
void context_enter(struct context_frame *frame, const struct oyez_event *event);
void context_leave(struct context_frame *frame);

// context_trim ends those contexts alone that were begun behind `frame` and forgotten.
void context_trim(const struct context_frame *frame);

#endif
