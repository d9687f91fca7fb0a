// SPDX-License-Identifier: MIT
// Context: header fields that every event emitted on this thread inherits, so that code deep in a
// call chain need not be told which plan, run or trace it works for. Contexts nest; each thread
// has its own. What an event gives itself always wins, then the innermost context, then the outer
// ones, then the client's defaults.
//
// While a handler runs, the event that it handles is a context of its own: what the handler emits
// has that event's id as causation_id, its correlation_id (the event's id, where it has none), and
// belongs to the same plan, root plan, session, project, run, thread and trace. Actor, phase, state
// and step are not taken over: they are the handler's own affair.
#ifndef OYEZ_CONTEXT_H
#define OYEZ_CONTEXT_H

#include <stdbool.h>

#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_CONTEXT_DEPTH_MAX 64u
#define OYEZ_CONTEXT_TEXT_SIZE_MAX 8192u // of OYEZ_CONTEXT, bytes

// oyez_context_push begins a context on this thread with the header texts and tags of `fields`;
// what is NULL is inherited from outside. event_id, event_type, occurred_at, schema_version,
// aggregate_version, details and stamp of it are ignored. Copied. OYEZ_ERR_NO_MEMORY,
// OYEZ_ERR_TOO_LARGE (more than OYEZ_CONTEXT_DEPTH_MAX): then none is begun, and none must be
// popped. Any thread; does not block.
OYEZ_EXPORT oyez_err oyez_context_push(const struct oyez_event *fields);

// oyez_context_push_cause begins the context of an event that is being handled outside of a
// handler (pulled, or read from the record), as described above. Copied. Errors as above.
OYEZ_EXPORT oyez_err oyez_context_push_cause(const struct oyez_event *cause);

// oyez_context_pop ends the innermost context that this thread pushed. Not more often than pushed:
// that is the caller's bug. A handler must pop what it pushes before it returns.
OYEZ_EXPORT void oyez_context_pop(void);

// oyez_context_apply fills in what the event lacks, as emit does: for programs that show or check
// an event before they emit it. Texts it sets live until the context they come from ends;
// `causation` is the caller's room for an id.
OYEZ_EXPORT void oyez_context_apply(struct oyez_event *event,
                                    char causation[2 * OYEZ_UUID_TEXT_SIZE]);

// Into another process and back: two environment variables, TRACEPARENT (W3C Trace Context) and
// OYEZ_CONTEXT (a JSON object of header fields by their JSON names, and "tags").

struct oyez_context_environment {
    char *context;     // "OYEZ_CONTEXT={...}"; NULL when there is nothing to say
    char *traceparent; // "TRACEPARENT=00-..."; the same
};

// oyez_context_to_environment writes what this thread's events inherit, for envp or putenv. The
// caller frees both texts. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_TOO_LARGE.
OYEZ_EXPORT oyez_err oyez_context_to_environment(struct oyez_context_environment *out);

// oyez_context_from_environment pushes what the environment of this process says, if it says
// anything; *pushed tells whether there is one to pop. OYEZ_ERR_INVALID (the detail names the
// variable and the field), OYEZ_ERR_TOO_LARGE, OYEZ_ERR_NO_MEMORY: nothing is pushed.
OYEZ_EXPORT oyez_err oyez_context_from_environment(bool *pushed);

// oyez_correlation_id_new makes an id for a new workflow: a UUID as text.
OYEZ_EXPORT void oyez_correlation_id_new(char text[OYEZ_UUID_TEXT_SIZE]);

// oyez_traceparent_new makes a new trace, or with `parent` (a valid traceparent, else NULL) a new
// span of that trace with its flags. Random; does not block. OYEZ_ERR_SYSTEM.
#define OYEZ_TRACEPARENT_SIZE 56
OYEZ_EXPORT oyez_err oyez_traceparent_new(char text[OYEZ_TRACEPARENT_SIZE], const char *parent);

#ifdef __cplusplus
}
#endif

#endif
