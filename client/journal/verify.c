// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leaf.h"
#include "oyez/disk.h"
#include "record_kind.h"
#include "segments.h"
#include "tail.h"
#include "verify_state.h"

#define PROGRESS_STEP (1024u * 1024u)

struct verifier {
    const struct oyez_disk *disk;
    const struct oyez_journal_verify_options *options;
    struct oyez_journal_verdict *verdict;
    struct oyez_segments segments; // to look records up in
    uint64_t *first;               // of the segments that are judged
    size_t count;
    struct oyez_segment segment; // the one that is read
    struct oyez_scan scan;
    struct oyez_verify_order order;
    struct oyez_verify_numbers numbers;
    struct oyez_verify_report report;
    struct oyez_verify_tree tree;
    struct oyez_verify_keys keys;
    struct oyez_verify_erased erased;
    struct oyez_verify_begin begin;
    oyez_verify_pool *pool;
    size_t sealed;  // segments that the pool hashes: all but the last
    bool hash_here; // of this segment, the leaves
    oyez_leaf_hasher *hasher;
    bool has_seal; // of the segment before
    struct oyez_mark seal;
    struct oyez_segment_header before;
    uint64_t done, told, all; // bytes
};

static void tell(struct verifier *verifier, uint64_t offset, uint64_t index, const char *what)
{
    oyez_verify_tell(&verifier->report, verifier->segment.name, offset, index, "%s", what);
}

static void tell_progress(struct verifier *verifier, uint64_t in_segment)
{
    uint64_t done = verifier->done + in_segment;

    if (verifier->options->progress == NULL || done < verifier->told + PROGRESS_STEP)
        return;
    verifier->told = done;
    verifier->options->progress(verifier->options->arg, done,
                                done > verifier->all ? done : verifier->all);
}

static void count(struct oyez_journal_verdict *verdict, const struct oyez_journal_record *record)
{
    verdict->records++;
    if (oyez_record_is_repeat(record->kind))
        verdict->repeats++;
    else if (oyez_record_is_event(record->kind))
        verdict->events++;
    else if (record->kind == OYEZ_RECORD_EPOCH_END)
        verdict->epoch_ends++;
    else if (oyez_record_is_act(record->kind))
        verdict->acts++;
    if (record->kind == OYEZ_RECORD_GAP) {
        verdict->gaps++;
        verdict->missing += record->last_position - record->position + 1;
    }
    verdict->erased += record->erased ? 1 : 0;
    verdict->conflicts += (record->flags & OYEZ_RECORD_CONFLICT) != 0 ? 1 : 0;
    verdict->invalid += (record->flags & OYEZ_RECORD_INVALID) != 0 ? 1 : 0;
}

static bool same_number(const struct oyez_journal_record *a, const struct oyez_journal_record *b)
{
    return a->emitter_seq == b->emitter_seq && oyez_uuid_equal(a->emitter_id, b->emitter_id) &&
           ((a->flags ^ b->flags) & OYEZ_RECORD_FAST) == 0;
}

// While the writer goes on, it may have removed what was there at first.
static bool has_expired(struct verifier *verifier, uint64_t index)
{
    return oyez_segments_refresh(&verifier->segments) == OYEZ_OK &&
           index < verifier->segments.first[0];
}

// An operator must not be able to hide an event behind the word repeat.
static const char *judge_repeat(struct verifier *verifier, const struct oyez_journal_record *record)
{
    uint8_t commitment[OYEZ_LEAF_HASH_SIZE];
    struct oyez_journal_record first;

    if (record->first_index >= record->index)
        return "repeat refers to a record that is not before it";
    if (record->first_index < verifier->begin.first)
        return NULL; // it has expired
    if (oyez_segments_read(&verifier->segments, record->first_index, &first) != OYEZ_OK)
        return has_expired(verifier, record->first_index)
                   ? NULL
                   : "repeat refers to a record that cannot be read";
    if (oyez_record_is_repeat(first.kind) || !oyez_record_is_event(first.kind) ||
        (first.flags & OYEZ_RECORD_CONFLICT) != 0)
        return "repeat refers to a record that is no event, or one in conflict";
    if (!oyez_uuid_equal(first.event_id, record->event_id))
        return "repeat refers to an event with another id";
    if (!same_number(&first, record) ||
        oyez_record_is_personal(first.kind) != oyez_record_is_personal(record->kind))
        return NULL;
    if (oyez_leaf_commit(verifier->hasher, &first, commitment) != OYEZ_OK ||
        memcmp(commitment, record->commitment, sizeof(commitment)) != 0)
        return "repeat differs from the event that it repeats";
    return NULL;
}

static oyez_err judge_act(struct verifier *verifier, const struct oyez_journal_record *record,
                          uint64_t offset)
{
    bool good = true;
    oyez_err err = OYEZ_OK;

    if (record->kind == OYEZ_RECORD_KEY_ROTATED)
        return oyez_verify_keys_add(&verifier->keys, verifier->segment.name, offset, record);
    if (record->kind == OYEZ_RECORD_ERASED)
        err = oyez_verify_erased_act(&verifier->erased, record, &good);
    if (!good)
        tell(verifier, offset, record->index, "an act of erasure that names no event");
    if (record->kind != OYEZ_RECORD_EXPIRED)
        return err;
    err =
        oyez_verify_begin_act(&verifier->begin, &verifier->erased, &verifier->keys, record, &good);
    if (!good)
        tell(verifier, offset, record->index, "an act of retention that removed nothing");
    return err;
}

static oyez_err judge_number(struct verifier *verifier, const struct oyez_journal_record *record,
                             uint64_t offset)
{
    bool seen = false;
    oyez_err err = oyez_verify_numbers_add(&verifier->numbers, record, &seen);

    if (seen)
        tell(verifier, offset, record->index, "emitter number was recorded before");
    return err;
}

static oyez_err judge_record(struct verifier *verifier, const struct oyez_journal_record *record,
                             uint64_t offset)
{
    struct oyez_hash hash;
    oyez_err err = OYEZ_OK;
    const char *what = oyez_verify_order_add(&verifier->order, record);

    count(verifier->verdict, record);
    if (what != NULL)
        tell(verifier, offset, record->index, what);
    if (oyez_record_is_repeat(record->kind)) {
        what = judge_repeat(verifier, record);
        if (what != NULL)
            tell(verifier, offset, record->index, what);
    } else if (oyez_record_is_event(record->kind) && (record->flags & OYEZ_RECORD_CONFLICT) == 0) {
        err = judge_number(verifier, record, offset);
    } else if (oyez_record_is_act(record->kind)) {
        err = judge_act(verifier, record, offset);
    }
    if (err == OYEZ_OK && record->erased)
        err = oyez_verify_erased_add(&verifier->erased, record,
                                     verifier->segment.header.first_index, offset);
    if (err != OYEZ_OK || !verifier->hash_here)
        return err;
    err = oyez_leaf_hash_record(verifier->hasher, record, hash.bytes);
    return err == OYEZ_OK ? oyez_verify_tree_add(&verifier->tree, record->index, &hash) : err;
}

static oyez_err judge_group(struct verifier *verifier, const struct oyez_group *group)
{
    struct oyez_journal_record record;
    struct oyez_frame frame;
    oyez_err err = OYEZ_OK;
    size_t at = 0;

    while (err == OYEZ_OK && oyez_scan_next_frame(&verifier->scan, group, &at, &frame)) {
        uint64_t offset = group->offset + at - frame.size;
        if (verifier->scan.skip_bodies) {
            enum oyez_frame_fault fault =
                oyez_frame_check_body(&frame, verifier->segment.header.sum);
            if (fault != OYEZ_FRAME_OK) {
                tell(verifier, offset, frame.index, oyez_frame_fault_text(fault));
                verifier->order.known = false;
                continue;
            }
        }
        oyez_frame_record(&frame, &record);
        err = judge_record(verifier, &record, offset);
    }
    return err;
}

// The writer may have gone on since: what was in the making is looked at once more.
static oyez_err judge_tail(struct verifier *verifier, const struct oyez_scan_stop *stop,
                           bool *go_on)
{
    struct oyez_journal_verdict *verdict = verifier->verdict;
    struct oyez_tail tail;
    oyez_err err = oyez_tail_judge(&verifier->scan, stop, &tail);

    if (err != OYEZ_OK || tail.bytes == 0)
        return err;
    if (tail.damaged) {
        *go_on = true;
        return OYEZ_OK;
    }
    verdict->clean = false;
    verdict->torn_bytes = tail.bytes;
    verdict->torn_records = tail.records;
    memcpy(verdict->torn_file, verifier->segment.name, sizeof(verifier->segment.name));
    return OYEZ_OK;
}

// Behind damage to bodies the frames still follow each other; behind other damage nothing is sure.
static bool pass_damage(struct verifier *verifier, const struct oyez_scan_stop *stop)
{
    char what[128];

    if (!verifier->scan.skip_bodies &&
        (stop->fault == OYEZ_FRAME_BODY_SUM || stop->fault == OYEZ_FRAME_FIELDS)) {
        verifier->scan.skip_bodies = true;
        return true;
    }
    snprintf(what, sizeof(what), "%s; the rest of the segment is not judged",
             oyez_frame_fault_text(stop->fault));
    tell(verifier, stop->offset, verifier->scan.index, what);
    verifier->order.known = false;
    return false;
}

// True: read on. False: the segment is done.
static oyez_err judge_stop(struct verifier *verifier, const struct oyez_scan_stop *stop, bool last,
                           bool *looked_again, bool *go_on)
{
    struct oyez_tail tail;
    oyez_err err = OYEZ_OK;

    *go_on = false;
    if (verifier->scan.sealed) {
        err = oyez_tail_judge(&verifier->scan, stop, &tail);
        if (err == OYEZ_OK && tail.bytes > 0)
            tell(verifier, stop->offset, verifier->scan.index, "bytes behind the seal");
        return err;
    }
    if (last && !*looked_again) {
        err = judge_tail(verifier, stop, go_on);
        *looked_again = *go_on;
        if (!*go_on)
            return err;
        return OYEZ_OK;
    }
    *looked_again = false;
    *go_on = pass_damage(verifier, stop);
    return err;
}

static oyez_err judge_groups(struct verifier *verifier, bool last)
{
    struct oyez_group group;
    struct oyez_scan_stop stop;
    bool looked_again = false;
    bool go_on = true;

    verifier->has_seal = false;
    verifier->verdict->clean = false;
    while (go_on) {
        oyez_err err = oyez_scan_next(&verifier->scan, &group, &stop);
        if (err == OYEZ_ERR_NOT_FOUND) {
            err = judge_stop(verifier, &stop, last, &looked_again, &go_on);
        } else if (err == OYEZ_OK) {
            looked_again = false;
            verifier->verdict->clean = group.mark.kind != OYEZ_MARK_COMMIT;
            verifier->has_seal = group.mark.kind == OYEZ_MARK_SEAL;
            verifier->seal = group.mark;
            err = judge_group(verifier, &group);
        }
        if (err != OYEZ_OK)
            return err;
        tell_progress(verifier, verifier->scan.offset);
    }
    return OYEZ_OK;
}

static oyez_err open_segment(struct verifier *verifier, size_t i)
{
    uint64_t first = verifier->first[i];
    oyez_err err = oyez_segment_open(&verifier->segment, verifier->disk,
                                     verifier->segments.directory, first, O_RDONLY);

    if (err == OYEZ_ERR_CORRUPT || err == OYEZ_ERR_VERSION) {
        tell(verifier, 0, first, oyez_error_detail());
        verifier->order.known = false;
        verifier->has_seal = false;
        return OYEZ_ERR_NOT_FOUND;
    }
    if (err != OYEZ_OK)
        return err;
    if (i == 0 && first != 0)
        verifier->order.known = false;
    if (i > 0 && !verifier->has_seal)
        tell(verifier, 0, first, "the segment before it has no good seal");
    else if (i > 0 && oyez_segment_check_next(&verifier->before, &verifier->seal,
                                              &verifier->segment) != OYEZ_OK)
        tell(verifier, 0, first, oyez_error_detail());
    if (i > 0 && (!verifier->has_seal || verifier->seal.index != first))
        verifier->order.known = false;
    return OYEZ_OK;
}

// Adds what the writer has begun since.
static oyez_err take_segments(struct verifier *verifier)
{
    const struct oyez_segments *segments = &verifier->segments;
    uint64_t *grown =
        realloc(verifier->first, (verifier->count + segments->count) * sizeof(*verifier->first));

    if (grown == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "list of segments");
    verifier->first = grown;
    for (size_t i = 0; i < segments->count; i++)
        if (verifier->count == 0 || segments->first[i] > verifier->first[verifier->count - 1])
            verifier->first[verifier->count++] = segments->first[i];
    return OYEZ_OK;
}

// Brings the leaves of a sealed segment into the tree.
static oyez_err add_leaves(struct verifier *verifier, size_t i)
{
    const struct oyez_verify_hashes *hashes;
    oyez_err err = oyez_verify_pool_take(verifier->pool, i, &hashes);

    for (size_t at = 0; err == OYEZ_OK && at < hashes->count; at++)
        if (hashes->known[at] != 0)
            err = oyez_verify_tree_add(&verifier->tree, verifier->segment.header.first_index + at,
                                       &hashes->hashes[at]);
    return err;
}

static oyez_err judge_segment(struct verifier *verifier, size_t i)
{
    oyez_err err = open_segment(verifier, i);

    if (err == OYEZ_ERR_NOT_FOUND)
        return OYEZ_OK;
    if (err != OYEZ_OK)
        return err;
    oyez_scan_begin(&verifier->scan, verifier->disk, &verifier->segment);
    // One more look at the list: what was the last when it was read may not be.
    if (i + 1 == verifier->count && oyez_segments_refresh(&verifier->segments) == OYEZ_OK)
        err = take_segments(verifier);
    verifier->hash_here = i >= verifier->sealed;
    if (err == OYEZ_OK)
        err = judge_groups(verifier, i + 1 == verifier->count);
    if (err == OYEZ_OK && !verifier->hash_here)
        err = add_leaves(verifier, i);
    off_t size = oyez_segment_size(&verifier->segment, verifier->disk);
    verifier->done += size > 0 ? (uint64_t)size : 0;
    verifier->verdict->bytes += verifier->scan.offset;
    verifier->verdict->segments++;
    verifier->before = verifier->segment.header;
    oyez_segment_close(&verifier->segment, verifier->disk);
    return err;
}

static void measure(struct verifier *verifier)
{
    for (size_t i = 0; i < verifier->count; i++)
        verifier->all +=
            oyez_segment_measure(verifier->disk, verifier->segments.directory, verifier->first[i]);
}

static oyez_err begin(struct verifier *verifier, const char *directory)
{
    struct oyez_segments *segments = &verifier->segments;
    // Checkpoints first: what is read behind them holds at least what they cover.
    oyez_err err = oyez_segments_open(segments, verifier->disk, directory, false);

    if (err == OYEZ_OK)
        err = oyez_leaf_hasher_open(&verifier->hasher);
    if (err == OYEZ_OK)
        err = oyez_verify_tree_open(&verifier->tree, &verifier->report, directory, verifier->disk);
    if (err == OYEZ_OK)
        err = oyez_segments_refresh(segments);
    if (err == OYEZ_OK)
        err = take_segments(verifier);
    if (err != OYEZ_OK)
        return err;
    measure(verifier);
    verifier->begin.first = verifier->tree.begin = verifier->first[0];
    verifier->sealed = verifier->count - 1;
    return oyez_verify_pool_open(&verifier->pool, verifier->disk, directory, verifier->first,
                                 verifier->sealed, verifier->options->threads);
}

static oyez_err finish(struct verifier *verifier)
{
    oyez_err err = oyez_verify_tree_end(&verifier->tree, verifier->scan.index);

    if (err == OYEZ_OK && verifier->verdict->clean && !verifier->has_seal)
        oyez_verify_checkpoints_closed(&verifier->tree.checkpoints, verifier->scan.index);
    if (err == OYEZ_OK)
        err = oyez_verify_keys_judge(&verifier->keys, &verifier->tree.checkpoints);
    if (err == OYEZ_OK)
        err = oyez_verify_erased_end(&verifier->erased, &verifier->report, verifier->scan.index);
    if (err == OYEZ_OK)
        err = oyez_verify_begin_end(&verifier->begin, verifier->segments.directory, verifier->disk,
                                    &verifier->report);
    return err;
}

static void clear(struct verifier *verifier)
{
    oyez_verify_pool_close(&verifier->pool);
    oyez_segment_close(&verifier->segment, verifier->disk);
    oyez_scan_end(&verifier->scan);
    oyez_verify_numbers_clear(&verifier->numbers);
    oyez_verify_keys_clear(&verifier->keys);
    oyez_verify_erased_clear(&verifier->erased);
    oyez_verify_tree_close(&verifier->tree);
    oyez_leaf_hasher_close(&verifier->hasher);
    oyez_segments_close(&verifier->segments);
    free(verifier->first);
}

// Of a journal whose oldest segments went before they were read, what is there now is judged.
static bool beginning_is_gone(const struct verifier *verifier)
{
    struct oyez_segment_list list = {0};
    bool gone =
        verifier->count > 0 &&
        oyez_segment_list_read(&list, verifier->disk, verifier->segments.directory) == OYEZ_OK &&
        list.count > 0 && list.first[0] > verifier->first[0];

    free(list.first);
    return gone;
}

static oyez_err verify(const char *directory, const struct oyez_journal_verify_options *options,
                       struct oyez_journal_verdict *verdict, bool *anew)
{
    struct verifier *verifier = calloc(1, sizeof(*verifier));

    *anew = false;
    *verdict = (struct oyez_journal_verdict){0};
    if (verifier == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "verification");
    verifier->options = options;
    verifier->disk = options->disk != NULL ? options->disk : oyez_disk_system();
    verifier->verdict = verdict;
    verifier->report = (struct oyez_verify_report){verifier->options, verdict};
    verifier->keys.report = &verifier->report;
    verifier->erased.segments = &verifier->segments;
    verifier->segment.fd = -1;
    verifier->order.known = true;
    oyez_err err = begin(verifier, directory);
    for (size_t i = 0; err == OYEZ_OK && i < verifier->count; i++)
        err = judge_segment(verifier, i);
    if (err == OYEZ_OK)
        err = finish(verifier);
    *anew = err != OYEZ_OK && beginning_is_gone(verifier);
    clear(verifier);
    free(verifier);
    return err;
}

oyez_err oyez_journal_verify(const char *directory,
                             const struct oyez_journal_verify_options *options,
                             struct oyez_journal_verdict *verdict)
{
    static const struct oyez_journal_verify_options defaults;
    bool anew;
    oyez_err err;

    do // ends: each time segments are gone that do not come back
        err = verify(directory, options != NULL ? options : &defaults, verdict, &anew);
    while (anew);
    return err;
}
