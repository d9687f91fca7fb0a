// SPDX-License-Identifier: MIT
// Event types change; recorded events do not. An upcaster makes the details of one version of a
// type those of a later one while they are read, so that handlers see only the newest shape.
// docs/versioning.md says when a new version is needed at all.
#ifndef OYEZ_VERSIONING_H
#define OYEZ_VERSIONING_H

#include <stdbool.h>

#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_UPCASTERS_MAX 1024u

// oyez_version_compare orders two semantic versions (Semantic Versioning 2.0.0, section 11; build
// metadata does not count): less than, equal to or greater than 0. *valid, when not NULL, tells
// whether both are versions at all; if not, the result is 0. Any thread.
OYEZ_EXPORT int oyez_version_compare(const char *a, const char *b, bool *valid);

// Returns the details of `event` in the shape of the upcaster's later version, as the text of one
// JSON object in memory from malloc; the library frees it. `details` is the event's, as JSON with a
// NUL, whatever form they were emitted in. Any error but OYEZ_OK stops the chain: the event is
// handed out as it was before this step. Called on the thread that reads; must not block.
typedef oyez_err oyez_upcaster(void *arg, const struct oyez_event *event, const char *details,
                               char **upcast);

// oyez_upcaster_register has events of that type and exactly that schema_version upcast wherever
// this process reads them: handlers, oyez_subscription_receive, oyez_query_next, oyez_client_get.
// Steps chain: 1.0.0 to 2.0.0 and 2.0.0 to 3.0.0 make 3.0.0 of 1.0.0. Register before you
// subscribe; `arg` must stay valid as long as the process reads. Details that were emitted as
// protobuf are made JSON by the catalog of their version: where only the record has that, call
// oyez_client_fetch_catalog before you read.
// OYEZ_ERR_INVALID (a version is none, or `to_version` is not the greater one; there is a step from
// that version already), OYEZ_ERR_FULL, OYEZ_ERR_NO_MEMORY. Any thread.
OYEZ_EXPORT oyez_err oyez_upcaster_register(const char *event_type, const char *from_version,
                                            const char *to_version, oyez_upcaster *upcaster,
                                            void *arg);

#ifdef __cplusplus
}
#endif

#endif
