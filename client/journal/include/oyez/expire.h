// SPDX-License-Identifier: MIT
// A journal that does not begin with record 0 any more: what retention took from its beginning.
#ifndef OYEZ_EXPIRE_H
#define OYEZ_EXPIRE_H

#include "oyez/journal.h"

#ifdef __cplusplus
extern "C" {
#endif

// What an act says of the records that it removed.
struct oyez_expired {
    uint64_t index;      // of the act
    uint64_t before;     // records with a lower index are gone
    uint64_t epoch;      // reached by the last of them that has one; 0 = none has
    uint64_t position;   // OYEZ_POSITION_EPOCH_END: the epoch had ended
    uint64_t next_epoch; // of an epoch that had ended: the next one recorded
};

// oyez_expired_read takes an act of the kind expired apart. False: it removed nothing from the
// beginning (it names single events), or cannot be understood.
bool oyez_expired_read(struct oyez_expired *out, const struct oyez_journal_record *act);

// Where a journal begins.
struct oyez_journal_begin {
    uint64_t index; // of the first record that is there
    // Reached by what is gone; 0, 0: nothing is, or nothing that has a place in the stream.
    uint64_t epoch;
    uint64_t position;
};

// oyez_journal_reader_begin tells where the journal begins, as of the last refresh. Leaves the reader
// where it stands. Cheap but for the first time. Errors of reading. Blocks.
oyez_err oyez_journal_reader_begin(oyez_journal_reader *reader, struct oyez_journal_begin *out);

// What may go: whole sealed segments, the oldest first.
struct oyez_expiry {
    uint64_t first;  // of the records that would go
    uint64_t before; // index behind the last of them; `first` = nothing would go
    size_t segments;
    uint64_t bytes; // of their files
    uint64_t events;
    uint64_t epoch; // reached by them, as in oyez_expired
    uint64_t position;
    uint64_t next_epoch;
    uint64_t time_first; // broker times of their events; 0, 0 = there is none
    uint64_t time_last;
    uint64_t *acts; // indexes of their acts that added a catalog, or set or released a hold
    size_t act_count, act_room;
    char *rotations; // lines of the act: the rotations of keys among them
    size_t rotations_size;
};

// Whether a record has to stay; then its segment does, and all behind it.
typedef bool oyez_expiry_keep(void *arg, const struct oyez_journal_record *record);

// How far to go.
struct oyez_expiry_limits {
    uint64_t before;        // no record with this index or a higher one
    size_t segments;        // no more; 0 = any number
    oyez_expiry_keep *keep; // may be NULL
    void *arg;
};

// oyez_expiry_survey reads what would go, and holds the hash files, which have to stand for it from
// then on, against it. While another process or thread writes. OYEZ_ERR_CORRUPT: the journal is
// damaged, or the hash files are not those of the records. Errors of reading. Free it in any case.
// disk NULL = oyez_disk_system. Blocks.
oyez_err oyez_expiry_survey(struct oyez_expiry *out, const char *directory,
                            const struct oyez_disk *disk, const struct oyez_expiry_limits *limits);
void oyez_expiry_free(struct oyez_expiry *expiry);

// oyez_journal_expire removes what was surveyed: copies the acts of `carried` to the end (*first_copy
// is the index of the first copy; may be NULL), records the act, and then removes segments and what was
// made from them. by and why are a line each. OYEZ_ERR_INVALID: no key, a line break, or the journal
// does not begin where the survey did. Otherwise as oyez_journal_commit: the journal has failed, and
// the next opening goes on with it. The group being made is empty, and all that was written is safe.
// The writer's thread. Blocks.
oyez_err oyez_journal_expire(oyez_journal *journal, const struct oyez_expiry *expiry,
                             const uint64_t *carried, size_t carried_count, const char *by,
                             const char *why, uint64_t *first_copy);

// oyez_journal_copy_expiry records the act of another journal, of which this is a mirror, and removes
// the segments that lie in what it removed. As oyez_journal_expire.
oyez_err oyez_journal_copy_expiry(oyez_journal *journal, const struct oyez_journal_record *act);

#ifdef __cplusplus
}
#endif

#endif
