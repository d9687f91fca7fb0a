// SPDX-License-Identifier: MIT
// Questions to a journal that is damaged: no answer is wrong without a word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oyez/query_page.h"
#include "recorded_events.h"

// Overwrites bytes in the middle of the segment that begins with a record.
static void damage(const struct recorded *recorded, uint64_t first)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%020" PRIu64 ".seg", recorded->directory, first);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "damage", 6, 64 + 2000), 6);
    close(fd);
}

static void open_anew(struct recorded *recorded)
{
    oyez_query_engine_close(&recorded->engine);
    assert_int_equal(oyez_query_engine_open(&recorded->engine, recorded->directory, NULL, NULL), 0);
}

// A journal of 40 commits that was closed cleanly; `ids` are those of its events.
static void record_forty(struct recorded *recorded, struct oyez_uuid ids[40])
{
    recorded_open(recorded);
    for (unsigned i = 0; i < 40; i++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        ids[i] = event.event_id;
        recorded_add(recorded, &event);
        recorded_commit(recorded);
    }
    assert_int_equal(oyez_journal_close(&recorded->journal), 0);
}

static void assert_corrupt(const struct answer *answer)
{
    assert_int_equal(answer->count, 0);
    assert_int_equal(answer->head.groups_count, 0);
    assert_int_equal(answer->head.fault, oyez_v1_QueryFault_QUERY_FAULT_CORRUPT);
    assert_non_null(strstr(answer->head.text, ".seg"));
}

static void test_what_lies_before_damage_is_told_before_the_damage(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_uuid ids[40];
    record_forty(&recorded, ids);
    damage(&recorded, 0);
    open_anew(&recorded);
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.fault, 0);
    assert_true(answer->count > 2 && answer->count < 40);
    assert_int_not_equal(answer->head.next_index, 0);
    request->body.query.next_index = answer->head.next_index;
    assert_corrupt(recorded_ask(&recorded, request));

    request = recorded_request(oyez_v1_QueryRequest_query_tag);
    request->body.query.from_epoch = RECORDED_EPOCH;
    request->body.query.from_position = 2;
    answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.fault, 0);
    assert_int_equal(recorded_read(answer, 0)->stamp.position, 2);
    recorded_close(&recorded);
}

static void test_nothing_is_told_as_newest_when_damage_hides_the_newest(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_uuid ids[40];
    record_forty(&recorded, ids);
    damage(&recorded, 0);
    for (uint32_t limit = 0; limit < 2; limit++) {
        open_anew(&recorded);
        oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
        request->body.query.reverse = true;
        request->body.query.limit = limit;
        assert_corrupt(recorded_ask(&recorded, request));
    }
    recorded_close(&recorded);
}

static void test_get_and_stats_tell_of_the_damage_that_limits_them(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_uuid ids[40];
    unsigned readable = 0;
    record_forty(&recorded, ids);
    damage(&recorded, 0);
    open_anew(&recorded);
    for (unsigned i = 0; i < 40; i++) {
        oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_get_tag);
        memcpy(request->body.get.event_id, ids[i].bytes, 16);
        const struct answer *answer = recorded_ask(&recorded, request);
        if (answer->head.fault != 0)
            assert_corrupt(answer);
        else
            assert_int_equal(readable++, i);
    }
    assert_true(readable > 2 && readable < 40);

    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_stats_tag);
    request->body.stats.by = oyez_v1_StatsBy_STATS_BY_TYPE;
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.groups[0].count, readable);
    request->body.stats.next_index = answer->head.next_index;
    assert_int_not_equal(request->body.stats.next_index, 0);
    assert_corrupt(recorded_ask(&recorded, request));
    recorded_close(&recorded);
}

static void test_backwards_the_newest_segment_is_told_before_the_damage_of_older_ones(void **state)
{
    (void)state;
    struct recorded recorded;
    struct oyez_journal_options options = {.segment_size = 6000};
    unsigned count = 0;
    recorded_open(&recorded);
    assert_int_equal(oyez_journal_close(&recorded.journal), 0);
    assert_int_equal(oyez_journal_open(&recorded.journal, recorded.directory, &options, NULL), 0);
    for (unsigned i = 0; i < 60; i++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        recorded_add(&recorded, &event);
        recorded_commit(&recorded);
    }
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    request->body.query.reverse = true;
    damage(&recorded, 0);
    open_anew(&recorded);
    const struct answer *answer = recorded_ask(&recorded, request);
    assert_int_equal(answer->head.fault, 0);
    for (; count < answer->count; count++)
        assert_int_equal(recorded_read(answer, count)->stamp.position, 60 - count);
    assert_true(count > 20 && count < 58);
    request->body.query.next_index = answer->head.next_index;
    assert_int_not_equal(request->body.query.next_index, 0);
    assert_corrupt(recorded_ask(&recorded, request));
    recorded_close(&recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_lies_before_damage_is_told_before_the_damage),
        cmocka_unit_test(test_nothing_is_told_as_newest_when_damage_hides_the_newest),
        cmocka_unit_test(test_get_and_stats_tell_of_the_damage_that_limits_them),
        cmocka_unit_test(test_backwards_the_newest_segment_is_told_before_the_damage_of_older_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
