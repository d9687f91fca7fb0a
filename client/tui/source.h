// SPDX-License-Identifier: MIT
// Where answers about the record come from: a server, or a journal directory. One thread each.
#ifndef OYEZ_SOURCE_H
#define OYEZ_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "oyez/query.h"
#include "oyez/query_engine.h"

#define SOURCE_TIMEOUT_MS 2000u // of one page of an answer

struct source {
    const char *endpoint;
    const char *directory; // NULL = the server
    const char *key;       // a verifier key's text; NULL = signatures are not checked
    oyez_client *client;
    oyez_query_engine *engine;
};

// source_open opens a directory, or a client that connects when its server is there. The errors of
// oyez_client_open with timeout 0 and oyez_query_engine_open; OYEZ_ERR_MALFORMED: the key. The texts
// are borrowed. Blocks on the disk.
oyez_err source_open(struct source *source, const char *endpoint, const char *directory,
                     const char *key);
void source_close(struct source *source);

// As oyez_query_open, oyez_client_get and oyez_client_stats.
oyez_err source_query(struct source *source, oyez_query **query,
                      const struct oyez_query_options *options);
oyez_err source_get(struct source *source, struct oyez_uuid event_id, struct oyez_event **event);
oyez_err source_stats(struct source *source, const struct oyez_stats_options *options,
                      struct oyez_stats_group **groups, size_t *count);

// source_learn asks the server for the catalog of an event where this process lacks it.
void source_learn(struct source *source, const struct oyez_event *event);

// The newest checkpoint: how many records it covers and the key that signed it.
struct source_checkpoint {
    uint64_t size;
    char key[300];
};

// source_checkpoint reads it, not verified. OYEZ_ERR_NOT_FOUND: there is none. Of a server it is a fresh
// one. Blocks.
oyez_err source_checkpoint(struct source *source, struct source_checkpoint *out);

// source_prove gets the proof of an event and checks it: that this event's place is what the leaf
// says, that the leaf is in the tree of the checkpoint and, with a key, that the key has signed it.
// *size: records under the checkpoint. OYEZ_ERR_CORRUPT and other errors say what does not hold;
// OYEZ_ERR_NOT_FOUND: no checkpoint covers it yet. Blocks.
oyez_err source_prove(struct source *source, const struct oyez_event *event, uint64_t *size);

#endif
