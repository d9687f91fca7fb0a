// SPDX-License-Identifier: MIT
// Records may be missing from the beginning of a journal where an act says so. Then the hash files are
// all that is left of them, and the roots of all checkpoints tell whether they are right.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expired.h"
#include "unfinished.h"
#include "verify_state.h"

static oyez_err take_rotations(struct oyez_verify_keys *keys, const struct oyez_journal_record *act)
{
    char line[OYEZ_EXPIRED_LINE_MAX];
    size_t at = 0;
    oyez_err err = OYEZ_OK;

    while (err == OYEZ_OK && oyez_expired_next_line(act, &at, line))
        if (strncmp(line, "rotated ", strlen("rotated ")) == 0)
            err = oyez_verify_keys_add_gone(keys, line + strlen("rotated "));
    return err;
}

oyez_err oyez_verify_begin_act(struct oyez_verify_begin *begin, struct oyez_verify_erased *erased,
                               struct oyez_verify_keys *keys, const struct oyez_journal_record *act,
                               bool *good)
{
    struct oyez_expired expired;

    // An act of retention by type names the events that it blanked.
    if (!oyez_expired_read(&expired, act))
        return oyez_verify_erased_act(erased, act, good);
    *good = true;
    if (expired.before > begin->before)
        begin->before = expired.before;
    return take_rotations(keys, act);
}

static bool is_under_way(const char *directory, const struct oyez_disk *disk)
{
    struct oyez_unfinished unfinished;
    oyez_err err = oyez_unfinished_load(disk, directory, &unfinished);
    bool expires = err == OYEZ_OK && unfinished.work == OYEZ_UNFINISHED_EXPIRE;

    oyez_unfinished_clear(&unfinished);
    return expires;
}

void oyez_verify_begin_end(const struct oyez_verify_begin *begin, const char *directory,
                           const struct oyez_disk *disk, const struct oyez_verify_report *report)
{
    char name[OYEZ_SEGMENT_NAME_SIZE];

    oyez_segment_name(name, begin->first, ".seg");
    if (begin->first <= begin->before)
        report->verdict->expired = begin->first;
    else
        oyez_verify_tell(report, name, 0, begin->first,
                         "the records 0 to %" PRIu64
                         " before it are missing, and no act of the journal removed them",
                         begin->first - 1);
    // A segment of which an act removed a part is kept until all of it may go.
    if (begin->second <= begin->before && !is_under_way(directory, disk))
        oyez_verify_tell(report, name, 0, begin->first,
                         "an act of the journal says that the records before %" PRIu64
                         " were removed, and they are here",
                         begin->before);
}
