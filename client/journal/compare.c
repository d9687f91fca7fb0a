// SPDX-License-Identifier: MIT
#include "oyez/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leaf.h"
#include "oyez/tiles.h"
#include "reader_state.h"
#include "record_kind.h"

#define PROGRESS_STEP 16384u

struct side {
    oyez_journal_reader *reader;
    oyez_leaf_hasher *hasher;
    struct oyez_journal_record record;
    struct oyez_hash hash;
    bool ended;
};

static void close_side(struct side *side)
{
    oyez_journal_reader_close(&side->reader);
    oyez_leaf_hasher_close(&side->hasher);
}

static oyez_err open_side(struct side *side, const char *directory, const struct oyez_disk *disk)
{
    oyez_err err = oyez_journal_reader_open(&side->reader, directory, disk);

    return err == OYEZ_OK ? oyez_leaf_hasher_open(&side->hasher) : err;
}

static oyez_err read_side(struct side *side)
{
    oyez_err err = oyez_journal_reader_next(side->reader, &side->record);

    side->ended = err == OYEZ_ERR_NOT_FOUND;
    if (side->ended)
        return OYEZ_OK;
    return err == OYEZ_OK ? oyez_leaf_hash_record(side->hasher, &side->record, side->hash.bytes)
                          : err;
}

static const char *kind_text(const struct oyez_journal_record *record)
{
    if (oyez_record_is_repeat(record->kind))
        return "a repeat";
    if (oyez_record_is_event(record->kind))
        return "an event";
    if (record->kind == OYEZ_RECORD_GAP)
        return "a gap";
    return record->kind == OYEZ_RECORD_EPOCH_END ? "the end of an epoch" : "an act of the journal";
}

// The first of the leaf's fields that differs, in its order.
static const char *differing_field(struct side *a, struct side *b)
{
    const struct oyez_journal_record *x = &a->record, *y = &b->record;
    uint8_t commitments[2][OYEZ_LEAF_HASH_SIZE];

    if (x->broker_time != y->broker_time)
        return "broker time";
    if (oyez_record_is_act(x->kind))
        return "what the act says";
    if (!oyez_record_is_event(x->kind))
        return x->kind == OYEZ_RECORD_GAP ? "the last missing position, or why"
                                          : "what was heard of the epoch's end";
    if (!oyez_uuid_equal(x->emitter_id, y->emitter_id))
        return "emitter";
    if (x->flags != y->flags)
        return "lane or flags";
    if (x->emitter_seq != y->emitter_seq)
        return "emitter number";
    if (x->type_seq != y->type_seq)
        return "type sequence";
    if (oyez_leaf_commit(a->hasher, x, commitments[0]) == OYEZ_OK &&
        oyez_leaf_commit(b->hasher, y, commitments[1]) == OYEZ_OK &&
        memcmp(commitments[0], commitments[1], sizeof(commitments[0])) != 0)
        return oyez_record_is_personal(x->kind) ? "header, details, salt or signature"
                                                : "details, salt or signature";
    return oyez_record_is_personal(x->kind) ? "event id, type or time" : "header";
}

static bool stands_before(const struct oyez_journal_record *x, const struct oyez_journal_record *y)
{
    return x->epoch < y->epoch || (x->epoch == y->epoch && x->position < y->position);
}

static void explain_records(struct side *a, struct side *b, char why[256])
{
    const struct oyez_journal_record *x = &a->record, *y = &b->record;

    if (oyez_record_is_act(x->kind) != oyez_record_is_act(y->kind))
        snprintf(why, 256, "%s has an act of the journal here, the other has none",
                 oyez_record_is_act(x->kind) ? "the first" : "the second");
    else if (!oyez_record_is_act(x->kind) && (x->epoch != y->epoch || x->position != y->position))
        snprintf(why, 256, "%s lacks what the other has at %" PRIu64 ":%" PRIu64,
                 stands_before(x, y) ? "the second" : "the first",
                 stands_before(x, y) ? x->epoch : y->epoch,
                 stands_before(x, y) ? x->position : y->position);
    else if (x->kind != y->kind)
        snprintf(why, 256, "the first has %s, the second %s%s", kind_text(x), kind_text(y),
                 strcmp(kind_text(x), kind_text(y)) == 0 ? " of another kind" : "");
    else
        snprintf(why, 256, "%s differs", differing_field(a, b));
}

static void explain(struct side *a, struct side *b, struct oyez_journal_difference *out)
{
    out->kind_a = a->ended ? 0 : a->record.kind;
    out->kind_b = b->ended ? 0 : b->record.kind;
    out->epoch_a = a->ended ? 0 : a->record.epoch;
    out->epoch_b = b->ended ? 0 : b->record.epoch;
    out->position_a = a->ended ? 0 : a->record.position;
    out->position_b = b->ended ? 0 : b->record.position;
    if (a->ended || b->ended)
        snprintf(out->why, sizeof(out->why), "%s ends here, the other goes on",
                 a->ended ? "the first" : "the second");
    else
        explain_records(a, b, out->why);
}

// What has expired in one of them is compared by the hash files.
static oyez_err load_tree(struct side *side, uint64_t size, struct oyez_tree *tree,
                          struct oyez_hash *root)
{
    oyez_tiles *tiles = NULL;
    oyez_err err = oyez_tiles_open(&tiles, side->reader->segments.directory, side->reader->disk);
    const struct oyez_tree_source source = {oyez_tiles_read, tiles, side->hasher};

    if (err == OYEZ_OK)
        err = oyez_tree_load(&source, size, tree);
    if (err == OYEZ_OK)
        err = oyez_tree_root(side->hasher, tree, root);
    if (err == OYEZ_OK)
        err = oyez_journal_reader_seek_index(side->reader, size);
    oyez_tiles_close(&tiles);
    return err;
}

static oyez_err check_reaches(struct side *side, uint64_t size, bool is_second,
                              struct oyez_journal_difference *out)
{
    uint64_t end = 0;
    oyez_err err = oyez_journal_reader_end(side->reader, &end);

    if (err == OYEZ_OK && end < size)
        snprintf(out->why, sizeof(out->why),
                 "%s ends with %" PRIu64 " records, and of the other those before %" PRIu64
                 " have expired",
                 is_second ? "the second" : "the first", end, size);
    return err;
}

// Both from where the later of them begins.
static oyez_err begin_both(struct side *a, struct side *b, struct oyez_tree *tree,
                           struct oyez_journal_difference *out)
{
    struct oyez_journal_begin first, second;
    struct oyez_hash roots[2];
    oyez_err err = oyez_journal_reader_begin(a->reader, &first);

    if (err == OYEZ_OK)
        err = oyez_journal_reader_begin(b->reader, &second);
    if (err != OYEZ_OK || (first.index == 0 && second.index == 0))
        return err;
    uint64_t size = first.index > second.index ? first.index : second.index;
    err = check_reaches(size == first.index ? b : a, size, size == first.index, out);
    if (err != OYEZ_OK || out->why[0] != '\0')
        return err;
    err = load_tree(b, size, tree, &roots[1]);
    if (err == OYEZ_OK)
        err = load_tree(a, size, tree, &roots[0]);
    if (err == OYEZ_OK && memcmp(&roots[0], &roots[1], sizeof(roots[0])) != 0)
        snprintf(out->why, sizeof(out->why),
                 "they differ in the records before %" PRIu64 ", which have expired in %s", size,
                 first.index == second.index ? "both"
                 : first.index == size       ? "the first"
                                             : "the second");
    return err;
}

static oyez_err walk(struct side *a, struct side *b, void (*progress)(void *arg, uint64_t records),
                     void *arg, struct oyez_journal_difference *out)
{
    struct oyez_hash stored[OYEZ_TREE_TILE_LEVELS];
    struct oyez_tree tree = {0};
    unsigned count;
    oyez_err err = begin_both(a, b, &tree, out);

    if (err != OYEZ_OK || out->why[0] != '\0')
        return err;
    for (;;) {
        err = read_side(a);
        if (err == OYEZ_OK)
            err = read_side(b);
        if (err != OYEZ_OK)
            return err;
        out->equal = a->ended && b->ended;
        if (out->equal || a->ended || b->ended || memcmp(&a->hash, &b->hash, sizeof(a->hash)) != 0)
            break;
        err = oyez_tree_append(a->hasher, &tree, &a->hash, stored, &count);
        if (err != OYEZ_OK)
            return err;
        if (progress != NULL && tree.size % PROGRESS_STEP == 0)
            progress(arg, tree.size);
    }
    out->records = tree.size;
    if (!out->equal)
        explain(a, b, out);
    return oyez_tree_root(a->hasher, &tree, &out->root);
}

oyez_err oyez_journal_compare(const char *a, const char *b, const struct oyez_disk *disk,
                              void (*progress)(void *arg, uint64_t records), void *arg,
                              struct oyez_journal_difference *out)
{
    struct side *sides = calloc(2, sizeof(*sides));

    *out = (struct oyez_journal_difference){0};
    if (sides == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "comparison");
    oyez_err err = open_side(&sides[0], a, disk);
    if (err == OYEZ_OK)
        err = open_side(&sides[1], b, disk);
    if (err == OYEZ_OK)
        err = walk(&sides[0], &sides[1], progress, arg, out);
    close_side(&sides[0]);
    close_side(&sides[1]);
    free(sides);
    return err;
}
