// SPDX-License-Identifier: MIT
// Erasure of events: what they hold goes, and every proof that was ever made stays true. An act of the
// journal names them, says who and why, and is there before anything is gone.
#ifndef OYEZ_ERASE_H
#define OYEZ_ERASE_H

#include "oyez/journal.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_ERASE_MAX 16384u    // events of one call
#define OYEZ_ERASE_BY_MAX 256u   // bytes
#define OYEZ_ERASE_WHY_MAX 1024u // bytes
#define OYEZ_JOURNAL_ERASING UINT64_MAX

struct oyez_erasure {
    // OYEZ_RECORD_ERASED: personal events alone, which lose salt, signature, header and details, and keep
    // event id, type and time. OYEZ_RECORD_EXPIRED: any event; an ordinary one keeps its header.
    enum oyez_record_kind kind;
    const char *by;  // who: a line, which everybody reads for as long as the journal is kept
    const char *why; // alike
    // Asked of each event before anything is done: what fails ends it all. NULL = all are allowed.
    oyez_err (*allow)(void *arg, const struct oyez_journal_record *record);
    void *arg;
    // Files named ….damaged, which a repair left and nobody reads, may hold what is to go.
    bool despite_damaged_files;
};

struct oyez_erase_report {
    uint64_t erased;
    uint64_t already; // were blanks before
    uint64_t acts;
    uint64_t first_act; // index
};

// oyez_journal_erase erases the events with these indexes, in any order, and makes a checkpoint over the
// acts where the journal has a key. What waits in the group is committed first. Nothing is begun after
// OYEZ_ERR_INVALID (no event, or not a personal one; a text that is no line), OYEZ_ERR_NOT_FOUND (no
// such record), OYEZ_ERR_TOO_LARGE, OYEZ_ERR_FORBIDDEN (files named ….damaged), or what `allow` gave.
// Behind its beginning a failure is the journal's: the next opening goes on to the end. *report may be
// NULL. The writer's thread, while no oyez_journal_sync is running. Blocks on the disk, and for ten
// seconds at most on whoever makes an index (OYEZ_ERR_LOCKED).
oyez_err oyez_journal_erase(oyez_journal *journal, const struct oyez_erasure *erasure,
                            const uint64_t *indexes, size_t count,
                            struct oyez_erase_report *report);

// oyez_journal_erase_portion: how many of these events, which ascend, one call is to take so that it does
// not last long: those of one archived segment, which is written anew, or of a few others. At least one,
// where there is one.
size_t oyez_journal_erase_portion(oyez_journal *journal, const uint64_t *indexes, size_t count);

// oyez_journal_erasures is a number that is another after each erasure: whoever keeps in memory what was
// read of a journal asks before it reads, and again before it trusts that. OYEZ_JOURNAL_ERASING: one is
// under way, or was cut short, and nothing is to be kept. disk NULL = oyez_disk_system. Any thread.
uint64_t oyez_journal_erasures(const char *directory, const struct oyez_disk *disk);

// oyez_journal_reader_erasures is what it was when the reader was opened or refreshed last.
uint64_t oyez_journal_reader_erasures(const oyez_journal_reader *reader);

// oyez_erasure_names_events: whether an act erases events one by one.
bool oyez_erasure_names_events(const struct oyez_journal_record *act);

// oyez_journal_follow_erasure appends such an act of another journal with the same records, as it is, and
// // erases what it names and is here. As oyez_journal_erase otherwise; OYEZ_ERR_CORRUPT: it contradicts
// itself.
oyez_err oyez_journal_follow_erasure(oyez_journal *journal, const struct oyez_journal_record *act);

// oyez_journal_find_damaged counts the files that a repair left: none of them is read, and any may hold
// what is to be erased. OYEZ_ERR_IO.
oyez_err oyez_journal_find_damaged(const char *directory, const struct oyez_disk *disk,
                                   size_t *count);

#ifdef __cplusplus
}
#endif

#endif
