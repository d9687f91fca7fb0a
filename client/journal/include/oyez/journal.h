// SPDX-License-Identifier: MIT
// The audit journal: bytes in, proofs out. No sockets, no protobuf: header and details are the
// emitter's bytes, kept as they came. docs/journal.md specifies the files and the leaf.
#ifndef OYEZ_JOURNAL_H
#define OYEZ_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oyez/disk.h"
#include "oyez/error.h"
#include "oyez/uuid.h"

#ifdef __cplusplus
extern "C" {
#endif

#define OYEZ_JOURNAL_ID_SIZE 16u
#define OYEZ_JOURNAL_SEGMENT_SIZE_DEFAULT (64u * 1024u * 1024u)
#define OYEZ_JOURNAL_GROUP_SIZE_DEFAULT (16u * 1024u * 1024u) // commit buffer, bytes

// The directory of archived segments, in the journal's, and how their names end behind the 20 digits.
#define OYEZ_JOURNAL_ARCHIVE "archive"
#define OYEZ_JOURNAL_ARCHIVE_SUFFIX ".seg.zst"

// Beyond all positions of an epoch: the journal reaches it with the epoch's end.
#define OYEZ_POSITION_EPOCH_END UINT64_MAX

#define OYEZ_LEAF_SIZE_MAX 65535u // an entry of a tiled log has a length of 16 bits
#define OYEZ_LEAF_HASH_SIZE 32u

// Kinds of records; those up to 6 stand in the stream's order, the rest are the journal's own acts.
enum oyez_record_kind {
    OYEZ_RECORD_EVENT = 1,
    OYEZ_RECORD_PERSONAL_EVENT = 2,
    OYEZ_RECORD_REPEAT = 3,
    OYEZ_RECORD_PERSONAL_REPEAT = 4,
    OYEZ_RECORD_GAP = 5,
    OYEZ_RECORD_EPOCH_END = 6,
    OYEZ_RECORD_ERASED = 16, // acts: 16 to 31
    OYEZ_RECORD_ARCHIVED = 17,
    OYEZ_RECORD_EXPIRED = 18,
    OYEZ_RECORD_KEY_ROTATED = 19,
    OYEZ_RECORD_CATALOG_ADDED = 20,
    OYEZ_RECORD_HELD = 21,
    OYEZ_RECORD_RELEASED = 22,
    OYEZ_RECORD_ACT_LAST = 31,
};

// Lane and flags, as in the leaf.
#define OYEZ_RECORD_FAST 1u     // lane: set = fast, clear = durable
#define OYEZ_RECORD_CONFLICT 2u // number or event id was recorded before with another content
#define OYEZ_RECORD_INVALID 4u  // breaks a rule, above all: personal without a salt of 16 bytes

enum oyez_gap_reason {
    OYEZ_GAP_OVERWRITTEN = 1, // the broker no longer held the events
    OYEZ_GAP_ABSENT = 2,      // the recorder was not there when they came
};

// A record to append, or a view of one that was read. Zero what a kind does not have.
struct oyez_journal_record {
    enum oyez_record_kind kind;
    uint8_t flags;  // OYEZ_RECORD_FAST, _CONFLICT, _INVALID
    bool erased;    // read only: salt, signature and details are gone (header too, if personal)
    uint64_t index; // read only

    uint64_t epoch;       // kinds 1 to 6
    uint64_t position;    // gap: first missing; epoch end: last recorded, 0 = none was
    uint64_t broker_time; // gap, epoch end: of the event behind it; acts: the recorder's time
    struct oyez_uuid emitter_id;
    uint64_t emitter_seq;
    uint64_t type_seq;

    // Events and repeats. In an ordinary one the event id stands somewhere in the header, if there
    // is one; event_type and occurred_at are then not read, and not told.
    struct oyez_uuid event_id;
    const char *event_type; // no NUL
    size_t event_type_size;
    int64_t occurred_at;

    const uint8_t *header;
    size_t header_size;
    const uint8_t *salt;
    size_t salt_size;
    const uint8_t *signature;
    size_t signature_size;
    const uint8_t *details; // an act's bytes too
    size_t details_size;
    uint8_t details_format; // enum oyez_details_format; 0 = no envelope could be read
    // Of a repeat, and of an event that was erased; else NULL. To append: NULL has a repeat's made
    // from its parts; given with an event, that is stored as erased (a mirror takes it so).
    const uint8_t *commitment;

    uint64_t first_index;        // repeat: the record that it repeats
    uint64_t last_position;      // gap: last missing
    enum oyez_gap_reason reason; // gap
    uint64_t highest_position;   // epoch end: highest heard of
    uint64_t next_epoch;         // epoch end: the next one recorded
    bool clean;                  // epoch end: the broker said that it ends, and where
};

// Leaves.

// Holds the hashing state of one thread.
typedef struct oyez_leaf_hasher oyez_leaf_hasher;

// oyez_leaf_hasher_open makes one. OYEZ_ERR_NO_MEMORY, OYEZ_ERR_SYSTEM (no SHA-256 to be had).
oyez_err oyez_leaf_hasher_open(oyez_leaf_hasher **out);
void oyez_leaf_hasher_close(oyez_leaf_hasher **hasher);

// oyez_leaf_commit makes the commitment of an event or a repeat from its salt, signature, header
// and details; where record->commitment is set, it is that. OYEZ_ERR_SYSTEM. Does not block.
oyez_err oyez_leaf_commit(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                          uint8_t out[OYEZ_LEAF_HASH_SIZE]);

// oyez_leaf_size is the size in bytes of a record's leaf.
size_t oyez_leaf_size(const struct oyez_journal_record *record);

// oyez_leaf_build writes the leaf of a record of any kind. `out` has room for oyez_leaf_size
// bytes. OYEZ_ERR_TOO_LARGE above OYEZ_LEAF_SIZE_MAX, OYEZ_ERR_INVALID for an unknown kind,
// OYEZ_ERR_SYSTEM.
oyez_err oyez_leaf_build(oyez_leaf_hasher *hasher, const struct oyez_journal_record *record,
                         uint8_t *out, size_t *size);

// oyez_leaf_hash is the leaf's hash in the tree: SHA-256 (0x00, leaf). OYEZ_ERR_SYSTEM.
oyez_err oyez_leaf_hash(oyez_leaf_hasher *hasher, const void *leaf, size_t size,
                        uint8_t out[OYEZ_LEAF_HASH_SIZE]);

// Writing.

typedef struct oyez_journal oyez_journal;

struct oyez_note_verifier; // oyez/note.h

// A checkpoint that has been made and is safe on disk.
struct oyez_journal_checkpoint {
    uint64_t records;  // that it covers
    uint64_t epoch;    // reached by the last of them that has one; 0 = none has
    uint64_t position; // OYEZ_POSITION_EPOCH_END: the epoch has ended
    const char *note;  // no NUL
    size_t note_size;
};

struct oyez_journal_options {
    uint64_t segment_size;        // bytes after which a new one begins; 0 = the default
    uint64_t segment_age_ms;      // the same by time; 0 = no limit
    size_t group_size;            // bytes of the commit buffer; 0 = the default
    const struct oyez_disk *disk; // NULL = oyez_disk_system
    const uint8_t *journal_id;    // of a new journal, OYEZ_JOURNAL_ID_SIZE bytes; NULL = random
    // Path of the key that signs checkpoints; made if it is not there and the journal has no
    // checkpoint yet. NULL = no checkpoints are made and hash files are not kept up: the next
    // opening with a key makes up for it.
    const char *key;
    const char *origin; // of a key that is made; NULL = one of its own. Another key's must be it
    // Each checkpoint, once it is safe; strings live for the call. Called by the thread that made
    // it; must not call the journal. May be NULL.
    void (*checkpointed)(void *arg, const struct oyez_journal_checkpoint *checkpoint);
    void *arg;
};

// What was found at opening.
struct oyez_journal_report {
    bool created;          // there was no journal
    bool clean;            // closed cleanly, or created
    uint64_t torn_bytes;   // cut behind the last commit
    uint64_t torn_records; // whole records in them, none of them ever acknowledged
    char torn_file[64];    // their segment; "" = none
    uint64_t records;      // in the journal: the next index
    uint64_t epoch;        // reached by the last record that has one; 0 = none has
    uint64_t position;     // OYEZ_POSITION_EPOCH_END: the epoch has ended
    uint8_t journal_id[OYEZ_JOURNAL_ID_SIZE];
    bool key_made;         // there was no key
    uint64_t checkpointed; // records that the newest checkpoint covers
    uint64_t hashed;       // records that were read again for their hashes
};

// oyez_journal_open opens a directory for writing, makes it if it is not there (not its parents),
// and recovers what a crash left: see docs/journal.md. Takes a time that does not grow with the
// journal, unless hash files are to be made anew. *report may be NULL. OYEZ_ERR_LOCKED (the detail
// names the holder), OYEZ_ERR_CORRUPT (nothing is changed; also where the journal is shorter than
// its newest checkpoint says, or another one), OYEZ_ERR_VERSION, OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE,
// OYEZ_ERR_NO_MEMORY; of the key OYEZ_ERR_FORBIDDEN, OYEZ_ERR_MALFORMED, and OYEZ_ERR_INVALID where
// it is not the one that signed the newest checkpoint. Blocks on the disk. One thread owns the
// journal; only oyez_journal_sync and oyez_journal_checkpoint are called from others.
oyez_err oyez_journal_open(oyez_journal **out, const char *directory,
                           const struct oyez_journal_options *options,
                           struct oyez_journal_report *report);

// oyez_journal_append puts a record into the group that is being made, in memory, and tells its
// index. The record is copied. OYEZ_ERR_FULL: the group is full, write it first. OYEZ_ERR_INVALID,
// OYEZ_ERR_TOO_LARGE: nothing is taken. Does not block.
oyez_err oyez_journal_append(oyez_journal *journal, const struct oyez_journal_record *record,
                             uint64_t *index);

// oyez_journal_write writes the group and its commit; nothing if the group is empty. Readers see
// it from then on, but it is not yet safe. Begins a new segment where one is due. Blocks.
// OYEZ_ERR_IO, OYEZ_ERR_NO_SPACE: the journal has failed. It is not tried again: every call
// returns the same, what was safe stays safe, and only opening anew goes on.
oyez_err oyez_journal_write(oyez_journal *journal);

// oyez_journal_sync makes all groups written before the call safe on disk, and tells how many
// records of the journal are: all with a lower index. Blocks; errors as oyez_journal_write.
// One thread at a time, which need not be the writer's.
oyez_err oyez_journal_sync(oyez_journal *journal, uint64_t *durable);

// oyez_journal_commit is oyez_journal_write and oyez_journal_sync.
oyez_err oyez_journal_commit(oyez_journal *journal, uint64_t *durable);

// oyez_journal_checkpoint makes a checkpoint over all records that are safe, signs it, and makes it
// safe itself before it is given out through options.checkpointed; nothing where the newest covers
// them. Rotation of segments and closing make one too. Blocks; errors as oyez_journal_write.
// OYEZ_ERR_INVALID: the journal was opened without a key. Any thread.
oyez_err oyez_journal_checkpoint(oyez_journal *journal);

// oyez_journal_extend_tree brings the leaves of all safe records into the tree, which a checkpoint
// would have to do otherwise: whoever writes much calls it now and then, off the critical path.
// Blocks; errors as oyez_journal_write. Any thread.
oyez_err oyez_journal_extend_tree(oyez_journal *journal);

// oyez_journal_rotate_key makes a new key in the place of the old: records the act, then makes a
// checkpoint over it that both sign; the next ones the new key signs alone. The act's bytes are the
// two verifier keys, the old one first, each with a newline. *key is the new one; may be NULL.
// Blocks; errors as oyez_journal_checkpoint. The writer's thread.
oyez_err oyez_journal_rotate_key(oyez_journal *journal, struct oyez_note_verifier *key);

// oyez_journal_verifier is the public part of the key that signs now. OYEZ_ERR_INVALID: there is
// none. Any thread.
oyez_err oyez_journal_verifier(oyez_journal *journal, struct oyez_note_verifier *key);

// oyez_journal_next_index is the index of the next record to be appended.
uint64_t oyez_journal_next_index(const oyez_journal *journal);

// oyez_journal_segment_first is the index of the first record of the segment that is written: it
// changes when the one before was sealed. The writer's thread.
uint64_t oyez_journal_segment_first(const oyez_journal *journal);

// oyez_journal_group_size is the bytes that wait for oyez_journal_write.
size_t oyez_journal_group_size(const oyez_journal *journal);

// oyez_journal_find_event_id finds the event with this id: not a repeat, not one in conflict.
// Records of the group being made are found too. OYEZ_ERR_NOT_FOUND; errors of reading.
oyez_err oyez_journal_find_event_id(oyez_journal *journal, struct oyez_uuid event_id,
                                    uint64_t *index);

// oyez_journal_read reads one record, of the group being made too. Valid until the next call that
// reads or appends.
// OYEZ_ERR_NOT_FOUND, OYEZ_ERR_CORRUPT, OYEZ_ERR_IO. Blocks.
oyez_err oyez_journal_read(oyez_journal *journal, uint64_t index,
                           struct oyez_journal_record *record);

// oyez_journal_close commits what waits, marks the journal as closed cleanly, makes the last
// checkpoint and frees it. The error says that one of these may be missing; *journal is NULL in any
// case. NULL-safe. Blocks. No oyez_journal_sync or oyez_journal_checkpoint may be running.
oyez_err oyez_journal_close(oyez_journal **journal);

// Reading.

typedef struct oyez_journal_reader oyez_journal_reader;

// oyez_journal_reader_open opens a directory for reading, also while another process writes it.
// The reader stands at the first record. disk NULL = oyez_disk_system. OYEZ_ERR_NO_JOURNAL,
// OYEZ_ERR_CORRUPT, OYEZ_ERR_VERSION, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY. Blocks. A reader belongs to
// one thread.
oyez_err oyez_journal_reader_open(oyez_journal_reader **out, const char *directory,
                                  const struct oyez_disk *disk);
void oyez_journal_reader_close(oyez_journal_reader **reader);

// oyez_journal_reader_next gives the next record; valid until the next call on this reader.
// OYEZ_ERR_NOT_FOUND: there is none yet behind the last commit; asking again later goes on
// (that is how to follow a live journal). OYEZ_ERR_CORRUPT names file, offset and what; it stays.
oyez_err oyez_journal_reader_next(oyez_journal_reader *reader, struct oyez_journal_record *record);

// The seeks place the reader so that _next gives the first record that is at or behind:
// an index; a cursor (the gap or epoch end that covers it counts); a broker time (of the first
// event or repeat with that time or a later one; where the clock stepped back between epochs the
// earliest place is taken). Behind the end is no error: _next waits there.
oyez_err oyez_journal_reader_seek_index(oyez_journal_reader *reader, uint64_t index);
oyez_err oyez_journal_reader_seek_cursor(oyez_journal_reader *reader, uint64_t epoch,
                                         uint64_t position);
oyez_err oyez_journal_reader_seek_time(oyez_journal_reader *reader, uint64_t broker_time);

// oyez_journal_reader_find_event_id as oyez_journal_find_event_id, up to the last commit.
// OYEZ_ERR_CORRUPT: it is not in what can be read, and damage hides the rest.
oyez_err oyez_journal_reader_find_event_id(oyez_journal_reader *reader, struct oyez_uuid event_id,
                                           uint64_t *index);

// oyez_journal_reader_read reads one record and leaves the reader where it stands.
// OYEZ_ERR_NOT_FOUND; OYEZ_ERR_CORRUPT: it is damaged, or would be behind damage. Valid until the
// next call on this reader.
oyez_err oyez_journal_reader_read(oyez_journal_reader *reader, uint64_t index,
                                  struct oyez_journal_record *record);

// A segment, as those see it who keep files of their own beside it.
struct oyez_journal_segment {
    uint64_t first_index;
    uint64_t records;    // committed; of the last segment as of this call
    bool sealed;         // nothing is added any more
    uint32_t header_sum; // checksum of its header, and
    uint32_t seal_chain; // chain of its seal: together they say which segment it is
    uint64_t time_min;   // broker times of its events and repeats; 0, 0 = it has none
    uint64_t time_max;
    uint64_t first_epoch; // cursors that its records reach; 0 = none has one
    uint64_t first_position;
    uint64_t last_epoch;
    uint64_t last_position;
};

// oyez_journal_reader_refresh looks for segments that were added or removed, and tells how many
// there are. Cheap where nothing was: no directory is read. The errors of reading.
oyez_err oyez_journal_reader_refresh(oyez_journal_reader *reader, size_t *segments);

// oyez_journal_reader_segment tells of segment `i`, from 0. OYEZ_ERR_NOT_FOUND; OYEZ_ERR_CORRUPT:
// damage hides what it holds. Leaves the reader where it stands. A sealed one is read once.
oyez_err oyez_journal_reader_segment(oyez_journal_reader *reader, size_t i,
                                     struct oyez_journal_segment *out);

// oyez_journal_reader_end is the number of records up to the last commit, read anew.
// OYEZ_ERR_CORRUPT: damage hides where that is. A torn tail does not: it lies behind it.
oyez_err oyez_journal_reader_end(oyez_journal_reader *reader, uint64_t *records);

// Verifying.

// What verification names.
struct oyez_journal_problem {
    const char *file; // name in the directory, or of a checkpoint that was given
    uint64_t offset;  // in it
    uint64_t index;   // of the record concerned, or the next one
    const char *what;
    bool derived; // in a file that is made again from the record: a notice, no problem
    // The history of checkpoints lacks some; no record is concerned. See
    // oyez_repair_rebuild_checkpoints.
    bool history;
};

// A checkpoint that was kept elsewhere.
struct oyez_journal_outside {
    const char *name; // for problems
    const char *note;
    size_t note_size;
};

struct oyez_journal_verify_options {
    const struct oyez_disk *disk; // NULL = oyez_disk_system
    // A key that signs the journal, or signed it before a rotation. NULL = signatures are not
    // checked.
    const struct oyez_note_verifier *key;
    const struct oyez_journal_outside *outside;
    size_t outside_count;
    unsigned threads; // that hash besides the caller's; 0 = as many as there are processors
    // Each problem, as it is found; strings live for the call. May be NULL.
    void (*problem)(void *arg, const struct oyez_journal_problem *problem);
    // Bytes done of all, now and then. May be NULL.
    void (*progress)(void *arg, uint64_t done, uint64_t all);
    void *arg;
};

struct oyez_journal_verdict {
    uint64_t problems; // 0 = all is as it should be
    uint64_t segments;
    uint64_t bytes;
    uint64_t records;
    uint64_t events; // without repeats
    uint64_t repeats;
    uint64_t gaps;
    uint64_t missing; // positions that lie in gaps
    uint64_t epoch_ends;
    uint64_t acts;
    uint64_t erased;       // blanks
    uint64_t being_erased; // by an act that is not carried out to its end: a notice, no problem
    uint64_t conflicts;
    uint64_t invalid;
    bool clean;            // closed cleanly; not so while a writer is at it
    uint64_t torn_bytes;   // behind the last commit: a notice, no problem
    uint64_t torn_records; // whole ones in them
    char torn_file[64];
    uint64_t derived; // notices of files that can be made again
    uint64_t expired; // records before the first, removed by an act; hash files have their leaves

    uint64_t unread; // records that cannot be read, for which the hash files stand in
    bool has_root;   // the leaf of every record is known
    uint8_t root[OYEZ_LEAF_HASH_SIZE];
    uint64_t checkpoints; // in the history
    uint64_t covered;     // records under the newest checkpoint whose root is that of the tree
    uint64_t signed_checkpoints; // of these, by a key that counted then
    uint64_t signed_records;     // records under the newest of these that the key's journal signed
    uint64_t outside;            // checkpoints from elsewhere that hold
    uint64_t outside_records;    // under the largest of them
    uint64_t rotations;          // of keys
    char origin[256];            // of the newest checkpoint; "" = there is none
};

// oyez_journal_verify reads the whole journal and judges frames, checksums, chain, indexes, the
// order of positions, numbers, repeats and commitments; makes the tree anew and holds hash files
// and every checkpoint against it, and signatures against the key and its rotations. A live
// directory is read up to a commit; where segments are removed from its beginning before they were
// read it begins anew, and may tell a problem again. OYEZ_OK: the verdict is complete, whatever it says.
// OYEZ_ERR_NO_JOURNAL, OYEZ_ERR_IO, OYEZ_ERR_NO_MEMORY: it is not. Changes nothing. Blocks.
oyez_err oyez_journal_verify(const char *directory,
                             const struct oyez_journal_verify_options *options,
                             struct oyez_journal_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
