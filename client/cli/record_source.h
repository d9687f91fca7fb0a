// SPDX-License-Identifier: MIT
// Where a command's answers come from: the server, or with --dir a journal directory. The same
// questions and the same answers.
#ifndef OYEZ_RECORD_SOURCE_H
#define OYEZ_RECORD_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "oyez/query.h"
#include "oyez/query_engine.h"

#define RECORD_SOURCE_TIMEOUT_MS 5000u

struct record_source {
    const char *endpoint;
    const char *directory; // NULL = the server
    uint32_t timeout_ms;   // for the broker at first, and for each page
    oyez_client *client;
    oyez_query_engine *engine;
};

// record_source_open connects, or opens the directory. Returns EXIT_DONE, or the exit code with
// the reason printed. record_source_close either way.
int record_source_open(struct record_source *source, const struct arguments *arguments,
                       const char *directory, uint32_t timeout_ms);
void record_source_close(struct record_source *source);

// As oyez_query_open, oyez_client_get and oyez_client_stats.
oyez_err record_source_query(struct record_source *source, oyez_query **query,
                             const struct oyez_query_options *options);
oyez_err record_source_get(struct record_source *source, struct oyez_uuid event_id,
                           struct oyez_event **event);
oyez_err record_source_stats(struct record_source *source, const struct oyez_stats_options *options,
                             struct oyez_stats_group **groups, size_t *count);

// record_source_get_bytes finds the Event message of an id as it was emitted. *bytes is the
// caller's: free(). The errors of record_source_get.
oyez_err record_source_get_bytes(struct record_source *source, struct oyez_uuid event_id,
                                 uint8_t **bytes, size_t *size);

// record_source_learn asks the server for the catalog of an event that is to be shown, where this
// process does not know it. Without one the event is shown as it is.
void record_source_learn(struct record_source *source, const struct oyez_event *event);

// record_source_fail prints what the last failing call found and where; the exit code of `err`.
int record_source_fail(const struct record_source *source, oyez_err err);

#endif
