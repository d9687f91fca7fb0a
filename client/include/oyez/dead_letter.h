// SPDX-License-Identifier: MIT
// Dead letters: what handlers (oyez/handler.h) have failed for good. Each is an event of the reserved
// catalog, oyez.dead_letter, that names the event and the handler; it never copies the event. So it
// is recorded as all events are, and is resolved by a second one, oyez.dead_letter_resolved.
#ifndef OYEZ_DEAD_LETTER_H
#define OYEZ_DEAD_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_DEAD_LETTER_TYPE "oyez.dead_letter"
#define OYEZ_DEAD_LETTER_RESOLVED_TYPE "oyez.dead_letter_resolved"

struct oyez_dead_letter {
    struct oyez_uuid letter_id; // of the letter itself
    int64_t failed_at;          // nanoseconds since 1970-01-01T00:00:00Z
    struct oyez_uuid event_id;  // of the event that was not handled
    char event_type[OYEZ_EVENT_TYPE_SIZE_MAX + 1];
    uint64_t epoch; // where that event stands; 0, 0 = it was handled before it was stamped
    uint64_t position;
    char handler[65];
    uint32_t attempts;
    bool timed_out;
    char error[65];       // the last one, in a few words
    char error_text[257]; // what the handler said of it; "" = nothing
    char process[97];     // whose handler it was, for people
};

// oyez_client_dead_letters lists those that are not resolved, oldest first, as the record has them.
// *letters is the caller's: free(). OYEZ_ERR_NO_RECORDER, OYEZ_ERR_UNREACHABLE, OYEZ_ERR_TIMEOUT
// (of each page), OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY. Blocks.
OYEZ_EXPORT oyez_err oyez_client_dead_letters(oyez_client *client,
                                              struct oyez_dead_letter **letters, size_t *count,
                                              uint32_t timeout_ms);

// oyez_client_retry_dead_letter has the event handled again: by every handler of the letter's name, in
// whatever process that is connected, in order with its other events. Waits up to `timeout_ms` for
// the outcome. OYEZ_OK: it is handled, and the letter resolved. OYEZ_ERR_REFUSED: it has failed
// again; there is a new letter, and the old one is resolved. OYEZ_ERR_TIMEOUT: nobody has answered; it
// may still be handled. OYEZ_ERR_NOT_FOUND: no such letter, or resolved before. The errors above.
// Blocks.
OYEZ_EXPORT oyez_err oyez_client_retry_dead_letter(oyez_client *client, struct oyez_uuid letter_id,
                                                   uint32_t timeout_ms);

// oyez_client_discard_dead_letter resolves a letter without handling its event. `reason`, at most
// 256 bytes, is recorded; NULL = none. Returns once it is recorded. OYEZ_ERR_NOT_FOUND as above,
// OYEZ_ERR_INVALID (reason), the errors above. Blocks.
OYEZ_EXPORT oyez_err oyez_client_discard_dead_letter(oyez_client *client,
                                                     struct oyez_uuid letter_id, const char *reason,
                                                     uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
