// SPDX-License-Identifier: MIT
// The open journal, as its three files see it: open and close, recovery, appending.
#ifndef OYEZ_JOURNAL_STATE_H
#define OYEZ_JOURNAL_STATE_H

#include <pthread.h>

#include "segments.h"

// Zeros are written ahead of the frames up to a multiple of this: a sync that need not note a new
// file size costs half. docs/journal.md has the figures.
#define OYEZ_JOURNAL_FILL_STEP (256u * 1024u)

struct oyez_journal {
    const struct oyez_disk *disk;
    char directory[OYEZ_JOURNAL_PATH_SIZE];
    uint64_t segment_size;
    uint64_t segment_age; // ns; 0 = no limit
    int lock_fd;
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

    // Shared with the thread that syncs: sync_lock is held while a sync runs or the segment
    // changes, lock while these are read or written. Taken in this order.
    pthread_mutex_t sync_lock;
    pthread_mutex_t lock;
    struct oyez_segment segment;
    uint64_t written_end;   // of the segment
    uint64_t written_index; // records written
    uint64_t synced_end;    // of the segment
    uint64_t durable;       // records safe
    oyez_err failed;        // OYEZ_OK = it works
    char failure[512];
};

// oyez_journal_fail makes the journal fail for good with the thread's last error and its detail.
oyez_err oyez_journal_fail(oyez_journal *journal, oyez_err err);

// oyez_journal_check_failed returns the error with which the journal failed, again with its
// detail.
oyez_err oyez_journal_check_failed(oyez_journal *journal);

// oyez_journal_begin_segment makes the next segment and makes it the open one.
oyez_err oyez_journal_begin_segment(oyez_journal *journal);

// oyez_journal_write_mark writes a close or a seal behind the last commit and syncs it.
oyez_err oyez_journal_write_mark(oyez_journal *journal, uint8_t kind, bool clean);

// oyez_journal_recover opens the last of the segments, repairs what a crash left, and makes the
// segment that is written next the open one.
oyez_err oyez_journal_recover(oyez_journal *journal, const struct oyez_segment_list *list,
                              struct oyez_journal_report *report);

#endif
