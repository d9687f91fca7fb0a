// SPDX-License-Identifier: MIT
// The open journal, as its files see it: open and close, recovery, appending, tree and checkpoints.
#ifndef OYEZ_JOURNAL_STATE_H
#define OYEZ_JOURNAL_STATE_H

#include <pthread.h>

#include "checkpoint_files.h"
#include "hash_files.h"
#include "oyez/key.h"
#include "segments.h"
#include "unfinished.h"

// Zeros are written ahead of the frames up to a multiple of this: a sync that need not note a new
// file size costs half. docs/journal.md has the figures.
#define OYEZ_JOURNAL_FILL_STEP (256u * 1024u)

// The tree over the journal and what signs it. All of it under its lock, which is taken behind
// sync_lock and before the journal's lock.
struct oyez_journal_tree {
    bool kept; // the journal was opened with a key
    pthread_mutex_t lock;
    oyez_leaf_hasher *hasher;
    struct oyez_tree tree;
    uint64_t epoch, position; // reached by it
    struct oyez_hash_files files;
    struct oyez_checkpoint_files checkpoints;
    bool has_checkpoint;
    struct oyez_checkpoint newest;
    char key[OYEZ_JOURNAL_PATH_SIZE];
    struct oyez_note_signer signer;
    struct oyez_hash *taken; // leaf hashes on their way into the tree
    size_t taken_room;
    void (*checkpointed)(void *arg, const struct oyez_journal_checkpoint *checkpoint);
    void *arg;
};

struct oyez_journal {
    const struct oyez_disk *disk;
    char directory[OYEZ_JOURNAL_PATH_SIZE];
    uint64_t segment_size;
    uint64_t segment_age; // ns; 0 = no limit
    int lock_fd;
    // Behind an earlier close in the same segment something was written, and the lock says so: if that
    // is lost, the close is the last mark again.
    bool reopened, was_reopened;
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    oyez_leaf_hasher *hasher;

    // The writer's thread alone.
    uint64_t end;    // of the segment, behind the last mark
    uint64_t filled; // end of the file, zeros included
    bool closed;     // the last mark is a close
    uint32_t chain;  // with the group being made
    uint64_t next_index;
    uint64_t group_first;        // index of the group's first record
    uint64_t epoch, position;    // reached
    struct oyez_segment_map map; // of the open segment
    uint8_t *group;              // frames that wait
    size_t group_size, group_room;
    struct oyez_segments sealed; // opened when asked
    bool has_sealed;
    uint8_t *frame; // read back from the open segment
    size_t frame_room;
    struct oyez_hash *group_hashes; // of the group's leaves
    size_t group_hash_count, group_hash_room;

    struct oyez_journal_tree tree;

    pthread_mutex_t
        archive_lock; // held while a segment is compressed; nothing else of it is shared

    // Shared with the thread that syncs: sync_lock is held while a sync runs or the segment
    // changes, lock while these are read or written. Taken in this order.
    pthread_mutex_t sync_lock;
    pthread_mutex_t lock;
    struct oyez_segment segment;
    uint64_t written_end;                     // of the segment
    uint64_t written_index;                   // records written
    uint64_t synced_end;                      // of the segment
    uint64_t durable;                         // records safe
    uint64_t written_epoch, written_position; // reached by what was written
    uint64_t durable_epoch, durable_position; // by what is safe
    struct oyez_hash *hashes;                 // of leaves that are not in the tree yet
    size_t hash_count, hash_room;
    uint64_t hash_base; // index of the first of them
    oyez_err failed;    // OYEZ_OK = it works
    char failure[512];
};

// oyez_journal_fail makes the journal fail for good with the thread's last error and its detail.
oyez_err oyez_journal_fail(oyez_journal *journal, oyez_err err);

// oyez_journal_check_failed returns the error with which the journal failed, again with its
// detail.
oyez_err oyez_journal_check_failed(oyez_journal *journal);

// oyez_journal_reopen says in the lock, safe on disk, that what follows stands behind a close.
oyez_err oyez_journal_reopen(oyez_journal *journal);

// oyez_journal_begin_segment makes the next segment and makes it the open one.
oyez_err oyez_journal_begin_segment(oyez_journal *journal);

// oyez_journal_write_mark writes a close or a seal behind the last commit and syncs it.
oyez_err oyez_journal_write_mark(oyez_journal *journal, uint8_t kind, bool clean);

// journal_tree.c

// oyez_journal_hash_leaf hashes the leaf of the record that is appended next;
// oyez_journal_keep_hash keeps that hash when the record was taken.
oyez_err oyez_journal_hash_leaf(oyez_journal *journal, const struct oyez_journal_record *record);
void oyez_journal_keep_hash(oyez_journal *journal);

// oyez_journal_reserve_hashes makes room for the group's hashes; oyez_journal_hand_hashes_on, with
// the journal's lock held, puts them there.
oyez_err oyez_journal_reserve_hashes(oyez_journal *journal);
void oyez_journal_hand_hashes_on(oyez_journal *journal);

// oyez_journal_add_leaf adds a leaf's hash to the tree and to the hash files.
oyez_err oyez_journal_add_leaf(oyez_journal *journal, const struct oyez_hash *hash);

// oyez_journal_take_hashes brings all safe leaves into the tree. With the tree's lock held.
oyez_err oyez_journal_take_hashes(oyez_journal *journal);

void oyez_journal_free_tree(oyez_journal *journal);

// journal_tree_open.c

// oyez_journal_check_tree compares the newest checkpoint with what was found, before anything is
// changed, and loads the tree: from the hash files where they are right, else from the records.
oyez_err oyez_journal_check_tree(oyez_journal *journal, const struct oyez_segment_list *list,
                                 const struct oyez_journal_options *options,
                                 struct oyez_journal_report *report);

// journal_key.c

// oyez_journal_load_key loads the key, or makes it where no checkpoint (note NULL) needs the old.
oyez_err oyez_journal_load_key(oyez_journal *journal, const struct oyez_journal_options *options,
                               const char *note, size_t note_size,
                               struct oyez_journal_report *report);

// oyez_journal_end_rotation ends a rotation of keys that a crash has cut short.
oyez_err oyez_journal_end_rotation(oyez_journal *journal);

// journal_checkpoint.c

// oyez_journal_begin_checkpoints opens the files of checkpoints behind the recovery, and makes the
// checkpoint that is missing.
oyez_err oyez_journal_begin_checkpoints(oyez_journal *journal, struct oyez_journal_report *report);

// oyez_journal_make_checkpoint makes one over the whole tree, which a key that is to follow signs
// too, unless that is NULL. With the tree's lock held.
oyez_err oyez_journal_make_checkpoint(oyez_journal *journal,
                                      const struct oyez_note_signer *successor);

// oyez_journal_settle makes a checkpoint and makes the hash files safe: behind it nothing of them
// has to be made again.
oyez_err oyez_journal_settle(oyez_journal *journal);

// unfinished_work.c

// oyez_journal_do_act does what takes away, so that a crash leaves it not begun or done: makes the file
// `unfinished`, records the acts in one group of their own, makes a checkpoint over them (where there
// is a key), carries the work out, and removes the file. Fills in unfinished->act, and the acts' time. The
// group being made is empty, and all that was written is safe. Blocks. Where it fails behind its
// beginning, the journal has failed: the next opening finishes it.
oyez_err oyez_journal_do_act(oyez_journal *journal, struct oyez_unfinished *unfinished,
                             struct oyez_journal_record *acts, size_t count);

// oyez_journal_end_unfinished ends an act that a crash has cut short: drops it, or finishes it.
oyez_err oyez_journal_end_unfinished(oyez_journal *journal);

// What unfinished work is: each may find some of it done already, or all.

// oyez_journal_blank erases records where they lie, and removes the indexes of their segments.
oyez_err oyez_journal_blank(oyez_journal *journal, const struct oyez_unfinished *unfinished);
// oyez_journal_drop_plain removes the plain file of a segment that was archived whole.
oyez_err oyez_journal_drop_plain(oyez_journal *journal, uint64_t segment);
// oyez_journal_sweep_archive removes what a crash left there. Behind oyez_journal_end_unfinished.
oyez_err oyez_journal_sweep_archive(oyez_journal *journal);
// oyez_journal_forget_copies removes what archiving may have left of a segment that has its plain file:
// before anything of it is erased.
oyez_err oyez_journal_forget_copies(oyez_journal *journal, uint64_t first_index);
// oyez_journal_drop_expired removes all segments below an index, and what was made from them, for the
// act with the index `act`. Waits for whoever makes an index of one; OYEZ_ERR_LOCKED as below.
oyez_err oyez_journal_drop_expired(oyez_journal *journal, uint64_t before, uint64_t act);
// oyez_journal_drop_archived: the act is not in the journal. Removes the archived file if the plain one
// is there.
oyez_err oyez_journal_drop_archived(oyez_journal *journal, uint64_t segment);

// blanking.c

// oyez_journal_lock_index waits for the lock that whoever makes a segment's index holds; it goes when
// the file is closed. OYEZ_ERR_LOCKED: not in ten seconds.
oyez_err oyez_journal_lock_index(const struct oyez_disk *disk, const struct oyez_segment *segment);

// journal_find.c

// oyez_journal_locate tells in which segment a record lies that was written, and where.
oyez_err oyez_journal_locate(oyez_journal *journal, uint64_t index, uint64_t *segment,
                             uint64_t *offset);

// recovery.c

// oyez_journal_recover opens the last of the segments, repairs what a crash left, and makes the
// segment that is written next the open one.
oyez_err oyez_journal_recover(oyez_journal *journal, const struct oyez_segment_list *list,
                              const struct oyez_journal_options *options,
                              struct oyez_journal_report *report);

#endif
