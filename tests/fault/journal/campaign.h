// SPDX-License-Identifier: MIT
// Campaigns against the journal, on a disk in memory: a story is played on it, faults happen, and
// a judge says whether what was promised still holds.
#ifndef OYEZ_CAMPAIGN_H
#define OYEZ_CAMPAIGN_H

#include <stdbool.h>

#include "oyez/checkpoint.h"
#include "oyez/journal.h"
#include "oyez/key.h"
#include "oyez/proof.h"
#include "oyez/tiles.h"
#include "tests/fault/fake_disk.h"

#define STORY_DIRECTORY "journal"
#define STORY_KEY "journal.key"
#define STORY_CHECKPOINTS_MAX 128u
#define STORY_KEYS_MAX 8u
#define STORY_RECORDS_MAX 1024u

// What was acknowledged or given out while the story was played.
struct ledger {
    uint64_t records;   // acknowledged
    uint64_t events;    // of them, and of what may follow them
    uint64_t shown;     // records under the newest checkpoint that an opening showed
    bool closed;        // the last thing done was a close that succeeded
    size_t count, keys; // of what follows
    struct oyez_checkpoint given[STORY_CHECKPOINTS_MAX];
    struct oyez_note_verifier key[STORY_KEYS_MAX];
};

struct story {
    struct fake_disk *fake;
    struct ledger ledger;
    uint64_t segment_size;
    bool is_long; // with more leaves than a tile has
    bool keyless; // without checkpoints, and without a key beside the directory
    // What an error did: only the new key was refused, or records were acknowledged behind it.
    bool refused, acknowledged_later;
};

// story_play plays it from the beginning to the end or to the first error, which is returned.
oyez_err story_play(struct story *story);

// story_open opens the journal as the story does.
oyez_err story_open(struct story *story, oyez_journal **journal,
                    struct oyez_journal_report *report);

// story_add appends so many events, in groups of so many, and commits each.
oyez_err story_add(struct story *story, oyez_journal *journal, unsigned count, unsigned group);

// judge_recovery opens the journal that a crash left, and says whether everything that the ledger
// knows of still holds; then it goes on writing, closes and opens once more. NULL, or what is wrong
// (static, until the next call).
const char *judge_recovery(struct story *story);

// judge_start_and_cut opens it, adds something or nothing, lets the power go, and judges what is left
// then: what the opening showed as recorded and as covered is so.
const char *judge_start_and_cut(struct story *story, bool adds);

// judge_records reads everything: each record is the one that was appended in its place, each
// checkpoint of the ledger is a beginning of them, and stands in the history.
const char *judge_records(struct story *story, uint64_t *records);

// judge_fail keeps a sentence and returns it.
const char *judge_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A campaign ends after so many seconds, if it has not come to its end before; 0 = never.
struct budget {
    double seconds;
    double began;
};

void budget_begin(struct budget *budget, double seconds);
bool budget_is_spent(const struct budget *budget);
double budget_used(const struct budget *budget);

// The campaigns: exit statuses, 0 = all is as promised. They print their tables.
int campaign_cuts(double seconds);
int campaign_errors(double seconds);
int campaign_syncs(double seconds);
int campaign_damage(double seconds);

// What campaign_syncs runs for each sync that it leaves out: what is wrong, or NULL. Most of it is
// found where everything unsynced is lost; `is_deep` tries all the rest.
const char *cuts_find_fault(const struct budget *budget, fake_sync_called *skip, void *arg,
                            bool is_deep);
const char *errors_find_fault(const struct budget *budget, fake_sync_called *skip, void *arg);

#endif
