// SPDX-License-Identifier: MIT
// What a verification remembers from record to record.
#ifndef OYEZ_VERIFY_STATE_H
#define OYEZ_VERIFY_STATE_H

#include "oyez/checkpoint.h"
#include "oyez/tiles.h"
#include "segments.h"

// Where problems go.
struct oyez_verify_report {
    const struct oyez_journal_verify_options *options;
    struct oyez_journal_verdict *verdict;
};

// oyez_verify_tell counts a problem and tells it.
void oyez_verify_tell(const struct oyez_verify_report *report, const char *file, uint64_t offset,
                      uint64_t index, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

// oyez_verify_tell_history counts one of the history of checkpoints itself.
void oyez_verify_tell_history(const struct oyez_verify_report *report, uint64_t index,
                              const char *format, ...) __attribute__((format(printf, 3, 4)));

// oyez_verify_tell_derived tells of a file that can be made again.
void oyez_verify_tell_derived(const struct oyez_verify_report *report, const char *file,
                              uint64_t offset, uint64_t index, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

// verify_order.c

// Where the stream stands.
struct oyez_verify_order {
    bool known; // false: at the beginning, or behind damage
    bool begun; // a record with a position was seen
    bool ended;
    uint64_t epoch;
    uint64_t position;
    uint64_t next_epoch;
};

// oyez_verify_order_add judges the next record. NULL, or what is wrong; static text.
const char *oyez_verify_order_add(struct oyez_verify_order *order,
                                  const struct oyez_journal_record *record);

// verify_numbers.c

struct oyez_verify_run {
    uint64_t first, last;
};

// The numbers of one emitter and lane that were seen, as runs: nearly always one.
struct oyez_verify_emitter {
    struct oyez_uuid id;
    bool fast;
    bool used;
    struct oyez_verify_run run;
    struct oyez_verify_run *more; // ascending, behind the first
    size_t more_count;
};

struct oyez_verify_numbers {
    struct oyez_verify_emitter *slots;
    size_t room; // a power of two
    size_t count;
};

// oyez_verify_numbers_add notes an event's number. *seen: it was there before.
// OYEZ_ERR_NO_MEMORY.
oyez_err oyez_verify_numbers_add(struct oyez_verify_numbers *numbers,
                                 const struct oyez_journal_record *record, bool *seen);
void oyez_verify_numbers_clear(struct oyez_verify_numbers *numbers);

// verify_hashes.c

// Leaf hashes of sealed segments, made by threads of their own a few segments ahead.
struct oyez_verify_hashes {
    struct oyez_hash *hashes; // from the segment's first record on
    uint8_t *known;           // of each: 0 = the record cannot be read
    size_t count;
    size_t room;
};

typedef struct oyez_verify_pool oyez_verify_pool;

// oyez_verify_pool_open starts on the segments that begin at these indexes; `first` is copied.
oyez_err oyez_verify_pool_open(oyez_verify_pool **out, const struct oyez_disk *disk,
                               const char *directory, const uint64_t *first, size_t count,
                               unsigned threads);
// oyez_verify_pool_take waits for segment `i`. To be called in their order; the hashes are valid
// until the next call. Errors of reading; OYEZ_ERR_CORRUPT: the segment's header cannot be read.
oyez_err oyez_verify_pool_take(oyez_verify_pool *pool, size_t i,
                               const struct oyez_verify_hashes **out);
void oyez_verify_pool_close(oyez_verify_pool **closing);

// verify_checkpoints.c

// A checkpoint that waits for the tree to grow to its size.
struct oyez_verify_awaited {
    struct oyez_checkpoint checkpoint;
    const char *file;
    uint64_t offset;
    bool outside;
};

struct oyez_verify_checkpoints {
    const struct oyez_verify_report *report;
    const char *directory;
    const struct oyez_disk *disk;
    oyez_checkpoint_history *history;
    uint64_t history_limit; // bytes when verification began
    struct oyez_verify_awaited next;
    bool has_next;
    struct oyez_verify_awaited *outside; // ascending
    size_t outside_count, outside_at;
    bool has_file; // `checkpoint`, read before the history
    struct oyez_checkpoint file;
    uint64_t before, last; // sizes of the last two of the history
    struct oyez_hash last_root;
    bool wrong;   // a root was another one: told
    uint64_t due; // the size at which something is to be compared
    uint64_t end; // index behind the last record that was read
};

oyez_err oyez_verify_checkpoints_open(struct oyez_verify_checkpoints *checkpoints,
                                      const struct oyez_verify_report *report,
                                      const char *directory, const struct oyez_disk *disk);
// oyez_verify_checkpoints_reach compares all that is due at the tree's size.
oyez_err oyez_verify_checkpoints_reach(struct oyez_verify_checkpoints *checkpoints,
                                       oyez_leaf_hasher *hasher, const struct oyez_tree *tree);
// oyez_verify_checkpoints_end tells of those that the tree never reached. `broken`: because a
// record before them is not known.
oyez_err oyez_verify_checkpoints_end(struct oyez_verify_checkpoints *checkpoints, uint64_t size,
                                     bool broken);
// oyez_verify_checkpoints_closed tells of records that no checkpoint covers, of a journal that was
// closed cleanly: closing makes one over all.
void oyez_verify_checkpoints_closed(struct oyez_verify_checkpoints *checkpoints, uint64_t size);
void oyez_verify_checkpoints_close(struct oyez_verify_checkpoints *checkpoints);

// verify_tree.c

// What the hash files say, a tile of each level at a time.
struct oyez_verify_level {
    struct oyez_hash tile[OYEZ_TREE_TILE_WIDTH];
    uint64_t first;  // number of the first hash in it
    size_t count;    // 0 = none was read
    uint64_t wrong;  // hashes that are another
    uint64_t begins; // number of the first of them
    bool missing;    // the file ends here: told once
};

struct oyez_verify_tree {
    const struct oyez_verify_report *report;
    oyez_leaf_hasher *hasher;
    struct oyez_tree tree;
    oyez_tiles *tiles;
    uint64_t kept;  // records whose hashes the files have to hold
    bool broken;    // the leaf of record tree.size is not known
    uint64_t begin; // index of the first record that is there: the files alone tell of those before
    uint64_t filled; // leaves that came out of the hash files, from `begin` on
    struct oyez_verify_level levels[OYEZ_TREE_TILE_LEVELS];
    struct oyez_verify_checkpoints checkpoints;
};

oyez_err oyez_verify_tree_open(struct oyez_verify_tree *tree,
                               const struct oyez_verify_report *report, const char *directory,
                               const struct oyez_disk *disk);
// oyez_verify_tree_add adds the leaf of a record. Where records before it are not known, what the
// hash files say stands in for them: a checkpoint over them tells whether it is true.
oyez_err oyez_verify_tree_add(struct oyez_verify_tree *tree, uint64_t index,
                              const struct oyez_hash *hash);
// oyez_verify_tree_end tells of hash files and checkpoints, and fills in the verdict. `records` is
// the index behind the last record.
oyez_err oyez_verify_tree_end(struct oyez_verify_tree *tree, uint64_t records);
void oyez_verify_tree_close(struct oyez_verify_tree *tree);

// verify_keys.c

struct oyez_verify_rotation {
    uint64_t index;
    struct oyez_note_verifier old, next;
    bool confirmed; // a checkpoint that both have signed
};

struct oyez_verify_keys {
    const struct oyez_verify_report *report;
    struct oyez_verify_rotation *rotations;
    size_t count;
};

// oyez_verify_keys_add notes an act that rotates the key.
oyez_err oyez_verify_keys_add(struct oyez_verify_keys *keys, const char *file, uint64_t offset,
                              const struct oyez_journal_record *act);
// oyez_verify_keys_add_gone notes one of an act that is gone, by what the act that removed it says.
oyez_err oyez_verify_keys_add_gone(struct oyez_verify_keys *keys, const char *line);
// oyez_verify_keys_judge checks the signatures of the history and of checkpoints from elsewhere.
oyez_err oyez_verify_keys_judge(struct oyez_verify_keys *keys,
                                const struct oyez_verify_checkpoints *checkpoints);
void oyez_verify_keys_clear(struct oyez_verify_keys *keys);

// verify_erased.c

struct oyez_verify_place {
    uint64_t epoch, position;
};

struct oyez_verify_blank {
    struct oyez_verify_place place;
    uint64_t index, offset, segment;
};

struct oyez_verify_erased {
    struct oyez_segments *segments; // to look records up in
    struct oyez_verify_blank *blanks;
    size_t blank_count, blank_room;
    struct oyez_verify_place *acts;
    size_t act_count, act_room;
};

// oyez_verify_erased_add notes a blank. OYEZ_ERR_NO_MEMORY.
oyez_err oyez_verify_erased_add(struct oyez_verify_erased *erased,
                                const struct oyez_journal_record *record, uint64_t segment,
                                uint64_t offset);
// oyez_verify_erased_act notes what an act says was erased. *good: false where it says nothing that
// can be understood.
oyez_err oyez_verify_erased_act(struct oyez_verify_erased *erased,
                                const struct oyez_journal_record *act, bool *good);
// oyez_verify_erased_end tells of blanks that no act covers, and of events that one names and that
// are still there, unless an erasure is under way. `records` were read.
oyez_err oyez_verify_erased_end(struct oyez_verify_erased *erased,
                                const struct oyez_verify_report *report, uint64_t records);
void oyez_verify_erased_clear(struct oyez_verify_erased *erased);

// verify_begin.c

// What acts say of records that are gone from the beginning.
struct oyez_verify_begin {
    uint64_t first;  // index of the first record that was read
    uint64_t before; // the highest that an act tells of
};

// oyez_verify_begin_act notes an act of the kind expired. *good: false where it says nothing that can
// be understood.
oyez_err oyez_verify_begin_act(struct oyez_verify_begin *begin, struct oyez_verify_erased *erased,
                               struct oyez_verify_keys *keys, const struct oyez_journal_record *act,
                               bool *good);
// oyez_verify_begin_end judges what is missing, and fills in the verdict. Errors of listing.
oyez_err oyez_verify_begin_end(const struct oyez_verify_begin *begin, const char *directory,
                               const struct oyez_disk *disk,
                               const struct oyez_verify_report *report);

#endif
