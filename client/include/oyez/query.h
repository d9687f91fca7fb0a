// SPDX-License-Identifier: MIT
// Asking the record: events by pattern, condition, time and cursor; one event by its id; counts.
// Questions go over the client's control connection; the broker relays them to its recorder.
#ifndef OYEZ_QUERY_H
#define OYEZ_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/client.h"
#include "oyez/error.h"
#include "oyez/event.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oyez_query oyez_query;

struct oyez_query_options {
    const char *const *patterns; // as of a subscription; count 0 = everything
    size_t pattern_count;
    const char *const *conditions; // as of oyez_filter_open; all must hold
    size_t condition_count;
    int64_t since;       // broker time, nanoseconds since 1970; 0 = from the first
    int64_t until;       // exclusive; 0 = to the last
    uint64_t from_epoch; // at or behind this cursor; 0 = from the first
    uint64_t from_position;
    uint64_t limit; // events; 0 = all
    bool reverse;   // newest first
    // Only events that break a rule of their catalog, or of every event (oyez_event_judge says
    // which): of peers that emitted without judging.
    bool invalid;
    bool explain;  // oyez_query_explain will be asked
    bool no_index; // look at every record, as if there were no index: to compare, and to time
};

// What answering took, added up over the pages so far.
struct oyez_query_explanation {
    uint32_t segments;          // of the journal
    uint32_t skipped_by_range;  // outside the times and cursors that were asked for
    uint32_t skipped_by_filter; // that lack a key, by the filter of their index
    uint32_t looked_at;         // in which records were looked at or counts were taken
    uint32_t without_index;     // of those: had no index, or one that knows a part
    uint32_t indexes_made;      // that were missing or bad
    uint64_t candidates;        // records that an index led to
    uint64_t records_read;
    uint64_t events;
    char plan[513]; // conditions that the index answers, the most selective first; "" = none
};

// oyez_query_open prepares a query; nothing is asked yet. OYEZ_ERR_INVALID (a pattern or a
// condition), OYEZ_ERR_TOO_LARGE, OYEZ_ERR_NO_MEMORY. The caller owns *out. A query belongs to one
// thread; a client answers one page at a time, whoever asks.
OYEZ_EXPORT oyez_err oyez_query_open(oyez_query **out, oyez_client *client,
                                     const struct oyez_query_options *options);

// oyez_query_next gives the next event, valid until the next call, waiting up to `timeout_ms` for
// a page. stamp.index is set. OYEZ_ERR_NOT_FOUND: there are no more, as of the moment of the last
// page. OYEZ_ERR_NO_RECORDER, OYEZ_ERR_UNREACHABLE, OYEZ_ERR_TIMEOUT (call again: it goes on where
// it was), OYEZ_ERR_CORRUPT, OYEZ_ERR_IO, OYEZ_ERR_REFUSED; OYEZ_ERR_MALFORMED: an answer, or the
// event whose index is in the detail, cannot be read (call again: it goes on behind that event).
// Blocks.
OYEZ_EXPORT oyez_err oyez_query_next(oyez_query *query, const struct oyez_event **event,
                                     uint32_t timeout_ms);

// oyez_query_complete tells the cursor up to which the last page looked (in reverse: where it
// began). 0, 0 before the first and in an empty record; position UINT64_MAX: all of an epoch that
// has ended.
OYEZ_EXPORT void oyez_query_complete(const oyez_query *query, uint64_t *epoch, uint64_t *position);

// oyez_query_explain tells what the pages so far took. False: options.explain was not set, or no
// page has come yet.
OYEZ_EXPORT bool oyez_query_explain(const oyez_query *query, struct oyez_query_explanation *out);

// oyez_query_close frees. NULL-safe, sets NULL.
OYEZ_EXPORT void oyez_query_close(oyez_query **query);

// oyez_client_get finds the recorded event of an id. *event is the caller's: oyez_event_free.
// OYEZ_ERR_NOT_FOUND, and the errors of oyez_query_next. Blocks.
OYEZ_EXPORT oyez_err oyez_client_get(oyez_client *client, struct oyez_uuid event_id,
                                     struct oyez_event **event, uint32_t timeout_ms);

// oyez_client_fetch_catalog asks the recorder for the catalog of a recorded event, where this process
// does not know that version of the type, and adds it for reading (origin "bus"). OYEZ_OK: it is
// known now. OYEZ_ERR_NOT_FOUND: the recorder does not know it either, or was asked before in
// vain: a client asks once. `schema_version` may be NULL. Otherwise the errors of oyez_query_next and
// oyez_catalog_add. Blocks; not from a handler of this client: it would keep other events waiting.
OYEZ_EXPORT oyez_err oyez_client_fetch_catalog(oyez_client *client, const char *event_type,
                                               const char *schema_version, uint32_t timeout_ms);

enum oyez_stats_by {
    OYEZ_STATS_BY_TYPE = 0,
    OYEZ_STATS_BY_DOMAIN = 1,
    OYEZ_STATS_BY_CATALOG = 2,
    OYEZ_STATS_BY_ACTOR = 3,
    OYEZ_STATS_BY_HOUR = 4, // of broker time, UTC: 2026-11-20T08
};

struct oyez_stats_group {
    char key[257];
    uint64_t count;
};

struct oyez_stats_options {
    enum oyez_stats_by by;
    const char *const *patterns; // as of a subscription; count 0 = everything
    size_t pattern_count;
    int64_t since; // broker time, nanoseconds since 1970; 0 = from the first
    int64_t until; // exclusive; 0 = to the last
    bool no_index; // as of a query
    struct oyez_query_explanation *explanation; // filled in where it is not NULL
};

// oyez_client_stats counts the recorded events by what they have in common, largest group first;
// exactly, and without reading all of them: indexes have the counts of whole segments. *groups is
// the caller's: free(). The errors of oyez_query_next; OYEZ_ERR_TOO_LARGE above 262,144 groups;
// OYEZ_ERR_INVALID. `timeout_ms` for each page. Blocks.
OYEZ_EXPORT oyez_err oyez_client_stats(oyez_client *client,
                                       const struct oyez_stats_options *options,
                                       struct oyez_stats_group **groups, size_t *count,
                                       uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
