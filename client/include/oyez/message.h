// SPDX-License-Identifier: MIT
// Details as the nanopb struct of their event type, written and read.
//
// The build makes <oyez/catalog/NAME.h> of each built-in catalog: a struct for each event type,
// oyez_catalogs_NAME_MESSAGE, and its descriptor, which nanopb calls ..._fields. A user's own
// catalog gives the same with
//     nanopb_generator.py -s fallback_type:FT_POINTER my.proto
// Numbers and bools stand in the struct, each with a has_ flag; strings, lists, maps and messages
// in a list are pointers, NULL = absent. This header and those need nanopb's <pb.h>; nothing else
// of the library does.
#ifndef OYEZ_MESSAGE_H
#define OYEZ_MESSAGE_H

#include <pb.h>

#include "oyez/client.h"

#ifdef __cplusplus
extern "C" {
#endif

// oyez_client_emit_message emits an event with a message as its details; what `event` itself says
// of details does not count. The message stays the caller's. Returns as oyez_client_emit does;
// OYEZ_ERR_INVALID also when nanopb can not write the message, OYEZ_ERR_TOO_LARGE above
// OYEZ_DETAILS_SIZE_MAX. That the message is the type's own is for the caller to see to: what
// comes of it is judged as any bytes are. Any thread, also inside handlers. Up to 2 KiB of details
// cost no allocation.
OYEZ_EXPORT oyez_err oyez_client_emit_message(oyez_client *client, const struct oyez_event *event,
                                              const pb_msgdesc_t *fields, const void *message,
                                              struct oyez_uuid *event_id);

// oyez_client_emit_message_wait does so as oyez_client_emit_wait. Blocks.
OYEZ_EXPORT oyez_err oyez_client_emit_message_wait(oyez_client *client,
                                                   const struct oyez_event *event,
                                                   const pb_msgdesc_t *fields, const void *message,
                                                   enum oyez_level level, uint32_t timeout_ms,
                                                   struct oyez_receipt *receipt);

// oyez_event_message reads an event's details into a message, also those that were emitted as JSON.
// `message` is overwritten, whatever it held; oyez_message_release ends it. Fields that the
// descriptor does not know are left out. On an error the message is empty and needs no release.
// OYEZ_ERR_UNKNOWN_TYPE (JSON details of a type that no known catalog has, or of an open one),
// OYEZ_ERR_MALFORMED (not such a message; a list of more than 65,535), OYEZ_ERR_NO_MEMORY. Any
// thread.
OYEZ_EXPORT oyez_err oyez_event_message(const struct oyez_event *event, const pb_msgdesc_t *fields,
                                        void *message);

// oyez_message_release frees what oyez_event_message allocated inside the message, and empties it.
OYEZ_EXPORT void oyez_message_release(const pb_msgdesc_t *fields, void *message);

#ifdef __cplusplus
}
#endif

#endif
