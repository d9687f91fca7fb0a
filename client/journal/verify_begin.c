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

// A segment of which an act removed a part is kept until all of it may go. The writer may have removed
// what was read: what counts is what is there now.
static oyez_err tell_of_left(const struct oyez_verify_begin *begin, const char *directory,
                             const struct oyez_disk *disk, const struct oyez_verify_report *report)
{
    struct oyez_segment_list list = {0};
    char name[OYEZ_SEGMENT_NAME_SIZE];

    if (is_under_way(directory, disk))
        return OYEZ_OK;
    oyez_err err = oyez_segment_list_read(&list, disk, directory);
    if (err == OYEZ_OK && list.count > 1 && list.first[1] <= begin->before) {
        oyez_segment_name(name, list.first[0], ".seg");
        oyez_verify_tell(report, name, 0, list.first[0],
                         "an act of the journal says that the records before %" PRIu64
                         " were removed, and they are here",
                         begin->before);
    }
    free(list.first);
    return err;
}

oyez_err oyez_verify_begin_end(const struct oyez_verify_begin *begin, const char *directory,
                               const struct oyez_disk *disk,
                               const struct oyez_verify_report *report)
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
    return begin->before > 0 ? tell_of_left(begin, directory, disk, report) : OYEZ_OK;
}
