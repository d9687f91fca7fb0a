// SPDX-License-Identifier: MIT
// A small journal with a key, on a disk in memory; and every checkpoint that it ever gave out.
#ifndef OYEZ_CHECKPOINTED_JOURNAL_H
#define OYEZ_CHECKPOINTED_JOURNAL_H

#include <stdlib.h>

#include "journal_directory.h"
#include "oyez/checkpoint.h"
#include "oyez/key.h"

#define KEY "journal.key"
#define LEDGER_MAX 64

struct ledger {
    struct oyez_checkpoint given[LEDGER_MAX];
    struct oyez_journal_checkpoint last;
    size_t count;
};

static inline void take_checkpoint(void *arg, const struct oyez_journal_checkpoint *checkpoint)
{
    struct ledger *ledger = arg;
    struct oyez_note note;

    assert_true(ledger->count < LEDGER_MAX);
    assert_int_equal(oyez_note_parse(&note, checkpoint->note, checkpoint->note_size), OYEZ_OK);
    assert_int_equal(oyez_checkpoint_read(&ledger->given[ledger->count], note.text, note.text_size),
                     OYEZ_OK);
    assert_int_equal(ledger->given[ledger->count].size, checkpoint->records);
    ledger->count++;
    ledger->last = *checkpoint;
}

static inline struct oyez_journal_options keyed_journal(struct fake_disk *fake,
                                                        struct ledger *ledger)
{
    struct oyez_journal_options options = small_journal(fake);

    options.key = KEY;
    options.checkpointed = ledger != NULL ? take_checkpoint : NULL;
    options.arg = ledger;
    return options;
}

static inline oyez_journal *open_keyed(struct fake_disk *fake, struct ledger *ledger,
                                       struct oyez_journal_report *report)
{
    struct oyez_journal_options options = keyed_journal(fake, ledger);
    oyez_journal *journal = NULL;
    oyez_err err = oyez_journal_open(&journal, "journal", &options, report);

    if (err != OYEZ_OK)
        fail_msg("%s", oyez_error_detail());
    return journal;
}

// The roots of the first 0, 1, 2, … records of a directory, from the records alone. Free them.
static inline struct oyez_hash *roots_of(const struct oyez_disk *disk, uint64_t *records)
{
    oyez_journal_reader *reader = NULL;
    oyez_leaf_hasher *hasher = NULL;
    struct oyez_journal_record record;
    struct oyez_tree tree = {0};
    struct oyez_hash leaf_hash = {0}, stored[OYEZ_TREE_TILE_LEVELS];
    struct oyez_hash *roots = calloc(4096, sizeof(*roots));
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);
    size_t size;
    unsigned count;

    assert_true(roots != NULL && leaf != NULL);
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_journal_reader_open(&reader, "journal", disk), OYEZ_OK);
    assert_int_equal(oyez_tree_root(hasher, &tree, &roots[0]), OYEZ_OK);
    while (oyez_journal_reader_next(reader, &record) == OYEZ_OK) {
        assert_true(tree.size < 4095);
        assert_int_equal(oyez_leaf_build(hasher, &record, leaf, &size), OYEZ_OK);
        assert_int_equal(oyez_leaf_hash(hasher, leaf, size, leaf_hash.bytes), OYEZ_OK);
        assert_int_equal(oyez_tree_append(hasher, &tree, &leaf_hash, stored, &count), OYEZ_OK);
        assert_int_equal(oyez_tree_root(hasher, &tree, &roots[tree.size]), OYEZ_OK);
    }
    *records = tree.size;
    oyez_journal_reader_close(&reader);
    oyez_leaf_hasher_close(&hasher);
    free(leaf);
    return roots;
}

// Everything that was ever given out is a beginning of what is there.
static inline void check_ledger(const struct oyez_disk *disk, const struct ledger *ledger)
{
    uint64_t records;
    struct oyez_hash *roots = roots_of(disk, &records);

    for (size_t i = 0; i < ledger->count; i++) {
        assert_true(ledger->given[i].size <= records);
        assert_memory_equal(&ledger->given[i].root, &roots[ledger->given[i].size], sizeof(*roots));
    }
    free(roots);
}

// Everything that was ever given out stands in the history, in order, and the history ends well.
static inline void check_history(const struct oyez_disk *disk, const struct ledger *ledger)
{
    oyez_checkpoint_history *history = NULL;
    struct oyez_checkpoint_entry entry;
    struct oyez_checkpoint checkpoint;
    struct oyez_note note;
    uint64_t torn;
    size_t found = 0;
    oyez_err err = oyez_checkpoint_history_open(&history, "journal", disk);

    while (err == OYEZ_OK) {
        err = oyez_checkpoint_history_next(history, &entry, &torn);
        if (err != OYEZ_OK)
            break;
        assert_int_equal(oyez_note_parse(&note, entry.note, entry.note_size), OYEZ_OK);
        assert_int_equal(oyez_checkpoint_read(&checkpoint, note.text, note.text_size), OYEZ_OK);
        if (found < ledger->count && ledger->given[found].size == checkpoint.size)
            found++;
    }
    oyez_checkpoint_history_close(&history);
    assert_int_equal(err, OYEZ_ERR_NOT_FOUND);
    assert_int_equal(torn, 0);
    assert_int_equal(found, ledger->count);
}

// The directory's newest checkpoint, verified with the key that is there.
static inline struct oyez_checkpoint newest_of(const struct oyez_disk *disk)
{
    struct oyez_note_signer signer;
    struct oyez_checkpoint checkpoint = {.size = 0};
    char note[OYEZ_NOTE_SIZE_MAX];
    size_t size;

    assert_int_equal(oyez_key_load(&signer, KEY, disk), OYEZ_OK);
    assert_int_equal(oyez_checkpoint_load("journal", disk, note, &size), OYEZ_OK);
    assert_int_equal(oyez_checkpoint_open(&checkpoint, note, size, &signer.verifier, 1, NULL),
                     OYEZ_OK);
    return checkpoint;
}

#endif
