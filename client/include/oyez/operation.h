// SPDX-License-Identifier: MIT
// A function that tells what became of it: an event when it succeeds, or three of a catalog (started;
// completed or failed), with how long it took. What it emits while it runs has the started event as
// its cause (oyez/context.h).
//
//     oyez_err update_deal(oyez_client *client, const struct deal *deal)
//     {
//         OYEZ_OPERATION(update, client, .completed = "deal.updated");
//         if (!save(deal))
//             return OYEZ_ERR_IO; // ends it here: not completed, so nothing is emitted
//         return oyez_operation_complete(&update, "{\"deal_id\": \"…\"}");
//     }
#ifndef OYEZ_OPERATION_H
#define OYEZ_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

// Event types; NULL = no event there. All texts must live until the operation ends.
struct oyez_operation_options {
    const char *started;
    const char *completed;
    const char *failed;
    const char *started_details; // JSON text; NULL = {}
    // Of the failed event, where its own are not told; error_message is added, as below.
    const char *failed_details;
    // Header fields of all of them, and of what is emitted inside; NULL = none. event_id,
    // event_type, occurred_at and details of it are ignored.
    const struct oyez_event *fields;
};

// An operation under way, on the caller's stack. Its fields are the library's own.
struct oyez_operation {
    oyez_client *client;
    struct oyez_operation_options options;
    uint64_t started_ms;
    oyez_err err; // what came of the last event that it emitted, or could not emit
    bool open;
    bool context;
};

// oyez_operation_begin emits the started event and begins its context; on this thread, on which the
// operation must also end, and in the reverse order of beginning where several are open. Returns as
// oyez_client_emit and oyez_context_push: the operation is open all the same, and its events tell
// what they can. OYEZ_ERR_INVALID for an argument, or without any event type: it is not open, and
// ends without an event.
OYEZ_EXPORT oyez_err oyez_operation_begin(struct oyez_operation *operation, oyez_client *client,
                                          const struct oyez_operation_options *options);

// oyez_operation_complete ends it well: emits the completed event with `details` (JSON text of one
// object; NULL = {}), to which it adds the milliseconds it took where the type has a field
// duration_ms or execution_time_ms and `details` does not fill it; where it has none, a tag
// duration_ms. (A type that an open prefix covers has any field.) Returns as oyez_client_emit;
// OYEZ_OK without a completed type. OYEZ_ERR_CLOSED: it has ended before, and nothing is emitted.
OYEZ_EXPORT oyez_err oyez_operation_complete(struct oyez_operation *operation, const char *details);

// oyez_operation_fail ends it badly: emits the failed event in the same way. `details` NULL = those
// of the options. `message`, when not NULL, becomes error_message where the type has that field and
// the details do not fill it.
OYEZ_EXPORT oyez_err oyez_operation_fail(struct oyez_operation *operation, const char *message,
                                         const char *details);

// oyez_operation_end ends one that neither of the two has ended: it has failed. What then cannot be
// emitted is told by OYEZ_NOTICE_NOT_EMITTED. OYEZ_OPERATION calls it wherever its scope is left.
OYEZ_EXPORT void oyez_operation_end(struct oyez_operation *operation);

// OYEZ_OPERATION declares an operation that ends with the scope it stands in, early returns
// included.
#define OYEZ_OPERATION(name, client_of_it, ...)                                                    \
    __attribute__((cleanup(oyez_operation_end))) struct oyez_operation name;                       \
    oyez_operation_begin(&(name), (client_of_it), &(struct oyez_operation_options){__VA_ARGS__})

#ifdef __cplusplus
}
#endif

#endif
