// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "indexed_journal.h"

static const char *const types[] = {"plan.created",   "plan.applied",  "plan.errored",
                                    "deal.created",   "agent.started", "github.push",
                                    "github.release", "worker.done"};

static void take_notice(void *arg, const char *text)
{
    struct indexed *indexed = arg;
    if (indexed->notice_count < NOTICES_MAX)
        snprintf(indexed->notices[indexed->notice_count], sizeof indexed->notices[0], "%s", text);
    indexed->notice_count++;
}

void indexed_open(struct indexed *indexed, uint64_t segment_size)
{
    struct oyez_journal_options options = {.segment_size = segment_size};
    memset(indexed, 0, sizeof *indexed);
    indexed->random = 88172645463325252u;
    recorded_open(&indexed->recorded);
    assert_int_equal(oyez_journal_close(&indexed->recorded.journal), 0);
    assert_int_equal(
        oyez_journal_open(&indexed->recorded.journal, indexed->recorded.directory, &options, NULL),
        0);
    indexed_reopen(indexed);
}

void indexed_close(struct indexed *indexed)
{
    recorded_close(&indexed->recorded);
}

void indexed_reopen(struct indexed *indexed)
{
    oyez_query_engine_close(&indexed->recorded.engine);
    indexed->notice_count = 0;
    assert_int_equal(oyez_query_engine_open(&indexed->recorded.engine, indexed->recorded.directory,
                                            take_notice, indexed),
                     0);
}

unsigned indexed_random(struct indexed *indexed, unsigned bound)
{
    indexed->random ^= indexed->random << 13;
    indexed->random ^= indexed->random >> 7;
    indexed->random ^= indexed->random << 17;
    return (unsigned)(indexed->random % bound);
}

static void make_repeat(struct oyez_journal_record *record)
{
    record->kind = OYEZ_RECORD_REPEAT;
    record->first_index = 0;
}

static void add_event(struct indexed *indexed, bool repeat)
{
    char correlation[32], actor[32], tag[32], plan[32];
    struct oyez_event event =
        recorded_event(types[indexed_random(indexed, sizeof types / sizeof types[0])], "{\"n\":1}");
    snprintf(correlation, sizeof correlation, "correlation-%u", indexed_random(indexed, 200));
    snprintf(actor, sizeof actor, "actor-%u", indexed_random(indexed, 12));
    snprintf(tag, sizeof tag, "%u", indexed_random(indexed, 40));
    snprintf(plan, sizeof plan, "plan-%u", indexed_random(indexed, 3));
    event.correlation_id = correlation;
    event.plan_id = plan;
    if (indexed_random(indexed, 4) != 0)
        event.actor_id = actor;
    if (indexed_random(indexed, 2) == 0)
        event.tags[0] = (struct oyez_tag){"shelf", tag};
    recorded_add_as(&indexed->recorded, &event, repeat ? make_repeat : NULL);
}

static void add_gap(struct recorded *recorded)
{
    recorded_add_record(recorded,
                        &(struct oyez_journal_record){.kind = OYEZ_RECORD_GAP,
                                                      .epoch = recorded->epoch,
                                                      .position = recorded->position + 1,
                                                      .last_position = recorded->position + 3,
                                                      .broker_time = recorded->time,
                                                      .reason = OYEZ_GAP_OVERWRITTEN});
    recorded->position += 3;
}

// The next epoch's clock is a little behind.
static void end_epoch(struct recorded *recorded)
{
    recorded_add_record(recorded,
                        &(struct oyez_journal_record){.kind = OYEZ_RECORD_EPOCH_END,
                                                      .epoch = recorded->epoch,
                                                      .position = recorded->position,
                                                      .broker_time = recorded->time,
                                                      .highest_position = recorded->position,
                                                      .next_epoch = recorded->epoch + 1000});
    recorded->epoch += 1000;
    recorded->position = 0;
    recorded->time -= 20 * RECORDED_SECOND;
}

void indexed_add(struct indexed *indexed, unsigned count)
{
    struct recorded *recorded = &indexed->recorded;
    for (unsigned n = 0; n < count; n++) {
        unsigned what = indexed_random(indexed, 200);
        if (what == 0 && recorded->position > 0)
            end_epoch(recorded);
        else if (what < 4)
            add_gap(recorded);
        else
            add_event(indexed, what < 10 && recorded->position > 0);
        if (indexed_random(indexed, 16) == 0)
            recorded_commit(recorded);
    }
    recorded_commit(recorded);
}

static const char *wanted_suffix;

static int has_suffix(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    size_t suffix = strlen(wanted_suffix);
    return size > suffix && strcmp(entry->d_name + size - suffix, wanted_suffix) == 0;
}

static unsigned list(const struct indexed *indexed, const char *suffix, struct dirent ***entries)
{
    wanted_suffix = suffix;
    int count = scandir(indexed->recorded.directory, entries, has_suffix, alphasort);
    assert_true(count >= 0);
    return (unsigned)count;
}

unsigned indexed_files(const struct indexed *indexed, const char *suffix)
{
    struct dirent **entries;
    unsigned count = list(indexed, suffix, &entries);
    for (unsigned i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return count;
}

void indexed_path(const struct indexed *indexed, const char *suffix, unsigned n, char out[256])
{
    struct dirent **entries;
    unsigned count = list(indexed, suffix, &entries);
    assert_true(n < count);
    snprintf(out, 256, "%s/%.64s", indexed->recorded.directory, entries[n]->d_name);
    for (unsigned i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

static void add_explain(oyez_v1_Explain *to, const oyez_v1_Explain *from)
{
    to->segments = from->segments;
    to->skipped_by_range += from->skipped_by_range;
    to->skipped_by_filter += from->skipped_by_filter;
    to->looked_at += from->looked_at;
    to->without_index += from->without_index;
    to->indexes_made += from->indexes_made;
    to->candidates += from->candidates;
    to->records_read += from->records_read;
    to->events += from->events;
    memcpy(to->plan, from->plan, sizeof to->plan);
}

static void add_page(struct found *found, const struct answer *answer, bool reverse)
{
    assert_true(found->count + answer->count <= FOUND_MAX);
    for (size_t i = 0; i < answer->count; i++)
        found->indexes[found->count++] = answer->head.indexes[i];
    assert_true(found->mark_count + answer->head.marks_count <= FOUND_MARKS_MAX);
    for (size_t i = 0; i < answer->head.marks_count; i++)
        found->marks[found->mark_count++] = answer->head.marks[i];
    if (!reverse || found->pages == 0) {
        found->complete_epoch = answer->head.complete_epoch;
        found->complete_position = answer->head.complete_position;
    }
    add_explain(&found->explain, &answer->head.explain);
    found->pages++;
}

void indexed_find(struct indexed *indexed, oyez_v1_QueryRequest *request, struct found *found)
{
    memset(found, 0, sizeof *found);
    request->body.query.explain = true;
    request->body.query.next_index = 0;
    do {
        const struct answer *answer = recorded_ask(&indexed->recorded, request);
        found->fault = answer->head.fault;
        if (found->fault != 0)
            return;
        add_page(found, answer, request->body.query.reverse);
        request->body.query.next_index = answer->head.next_index;
    } while (request->body.query.next_index != 0);
}

void found_assert_same(const struct found *left, const struct found *right)
{
    assert_int_equal(left->fault, right->fault);
    assert_int_equal(left->count, right->count);
    assert_memory_equal(left->indexes, right->indexes, left->count * sizeof left->indexes[0]);
    assert_int_equal(left->mark_count, right->mark_count);
    for (size_t i = 0; i < left->mark_count; i++) {
        assert_int_equal(left->marks[i].kind, right->marks[i].kind);
        assert_int_equal(left->marks[i].epoch, right->marks[i].epoch);
        assert_int_equal(left->marks[i].first, right->marks[i].first);
    }
    assert_int_equal(left->complete_epoch, right->complete_epoch);
    assert_true(left->complete_position == right->complete_position);
}
