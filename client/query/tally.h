// SPDX-License-Identifier: MIT
// The groups of one segment, from the summary in its index: sorted, so that a page which takes only
// some of them tells where the next one goes on.
#ifndef OYEZ_TALLY_H
#define OYEZ_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index_set.h"
#include "oyez/error.h"
#include "plan.h"
#include "query.pb.h"

struct oyez_tally_group {
    size_t name; // offset in the names
    uint32_t size;
    uint64_t count;
};

// Zero it to begin with.
struct oyez_tally {
    struct oyez_tally_group *groups;
    size_t count;
    size_t room;
    char *names;
    size_t names_size;
    size_t names_room;
};

// oyez_tally_fill makes it that of a segment, of the types that the plan's patterns match.
// OYEZ_ERR_TOO_LARGE: the index does not have these counts. OYEZ_ERR_CORRUPT, OYEZ_ERR_IO (of the
// index), OYEZ_ERR_NO_MEMORY.
oyez_err oyez_tally_fill(struct oyez_tally *tally, const struct oyez_index_source *source,
                         oyez_v1_StatsBy by, const struct oyez_plan *plan);
void oyez_tally_free(struct oyez_tally *tally);

// oyez_tally_give counts the groups from number `from` on into the answer, as many as it has room
// for; returns the number of the first that was not.
size_t oyez_tally_give(const struct oyez_tally *tally, size_t from, oyez_v1_QueryAnswer *answer);

#endif
