// SPDX-License-Identifier: MIT
// Segments that come and go while questions are asked, and a reader that several questions share.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "indexed_journal.h"

#define SEGMENT_SIZE 40000u
#define ENDLESS_S 10u // a question that takes longer has no end

static oyez_v1_QueryRequest *query(const char *condition)
{
    oyez_v1_QueryRequest *request = recorded_request(oyez_v1_QueryRequest_query_tag);
    oyez_v1_Query *body = &request->body.query;
    if (condition != NULL)
        snprintf(body->conditions[body->conditions_count++], sizeof body->conditions[0], "%s",
                 condition);
    return request;
}

static void assert_same_by_index(struct indexed *indexed, oyez_v1_QueryRequest *request)
{
    static struct found by_index, by_reading;
    request->body.query.no_index = false;
    indexed_find(indexed, request, &by_index);
    request->body.query.no_index = true;
    indexed_find(indexed, request, &by_reading);
    assert_true(by_index.count > 0);
    found_assert_same(&by_index, &by_reading);
}

static void remove_first_segments(const struct indexed *indexed, unsigned count)
{
    char path[256];
    for (unsigned i = 0; i < count; i++) {
        indexed_path(indexed, ".seg", 0, path);
        assert_int_equal(unlink(path), 0);
    }
}

static void test_a_journal_whose_first_segments_are_gone_is_asked_to_its_beginning(void **state)
{
    (void)state;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 1000);
    remove_first_segments(&indexed, 2);
    indexed_reopen(&indexed);
    alarm(ENDLESS_S);
    for (unsigned reverse = 0; reverse < 2; reverse++) {
        static const char *const conditions[] = {NULL, "plan_id=plan-1",
                                                 "correlation_id=correlation-7"};
        for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
            oyez_v1_QueryRequest *request = query(conditions[i]);
            request->body.query.reverse = reverse == 1;
            assert_same_by_index(&indexed, request);
        }
    }
    alarm(0);
    indexed_close(&indexed);
}

static void test_pages_go_on_after_counting_moved_the_reader(void **state)
{
    (void)state;
    static struct found whole;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 2000);
    oyez_v1_QueryRequest *request = query(NULL);
    request->body.query.no_index = true;
    indexed_find(&indexed, request, &whole);
    uint64_t next = 0;
    size_t count = 0;
    do {
        request = query(NULL);
        request->body.query.no_index = true;
        request->body.query.limit = 100;
        request->body.query.next_index = next;
        const struct answer *answer = recorded_ask(&indexed.recorded, request);
        assert_int_equal(answer->head.fault, 0);
        assert_true(count + answer->count <= whole.count);
        assert_memory_equal(whole.indexes + count, answer->head.indexes,
                            answer->count * sizeof whole.indexes[0]);
        count += answer->count;
        next = answer->head.next_index;
        // Makes the index of one more segment, which reads it.
        request = recorded_request(oyez_v1_QueryRequest_stats_tag);
        (void)recorded_ask(&indexed.recorded, request);
    } while (next != 0);
    assert_int_equal(count, whole.count);
    indexed_close(&indexed);
}

static void test_a_page_has_what_was_committed_since_the_one_before(void **state)
{
    (void)state;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    for (unsigned n = 0; n < 50; n++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        recorded_add(&indexed.recorded, &event);
        recorded_commit(&indexed.recorded);
        oyez_v1_QueryRequest *request = query(NULL);
        request->body.query.limit = 1;
        request->body.query.next_index = n > 0 ? n + 1 : 0;
        const struct answer *answer = recorded_ask(&indexed.recorded, request);
        assert_int_equal(answer->count, 1);
        assert_int_equal(answer->head.indexes[0], n);
        assert_int_equal(answer->head.next_index, n + 2);
    }
    indexed_close(&indexed);
}

// Between two segments of one question: only a notice is told then.
static void remove_when_told(void *arg, const char *text)
{
    (void)text;
    remove_first_segments(arg, 5);
}

static void damage_index(const struct indexed *indexed, unsigned n)
{
    char path[256];
    indexed_path(indexed, ".idx", n, path);
    assert_int_equal(truncate(path, 1), 0);
}

static void test_segments_that_go_while_a_question_is_answered_take_no_others_along(void **state)
{
    (void)state;
    static struct found before, after;
    struct indexed indexed;
    indexed_open(&indexed, SEGMENT_SIZE);
    indexed_add(&indexed, 4000);
    indexed_find(&indexed, query("actor_id=actor-3"), &before); // makes the indexes
    for (unsigned reverse = 0; reverse < 2; reverse++) {
        assert_true(indexed_files(&indexed, ".idx") > 11);
        oyez_query_engine_close(&indexed.recorded.engine);
        assert_int_equal(oyez_query_engine_open(&indexed.recorded.engine,
                                                indexed.recorded.directory, remove_when_told,
                                                &indexed),
                         0);
        oyez_v1_QueryRequest *request = query("actor_id=actor-3");
        request->body.query.reverse = reverse == 1;
        request->body.query.no_index = true;
        indexed_find(&indexed, request, &before);
        damage_index(&indexed, indexed_files(&indexed, ".idx") - 4);
        request->body.query.no_index = false;
        indexed_find(&indexed, request, &after);
        if (reverse == 0) { // what was told before is told all the same
            found_assert_same(&after, &before);
        } else { // what is gone is not
            assert_true(after.count > 0 && after.count < before.count);
            assert_memory_equal(after.indexes, before.indexes,
                                after.count * sizeof after.indexes[0]);
            assert_int_equal(after.fault, 0);
        }
    }
    indexed_close(&indexed);
}

// So many keys of its own has each event that the table of the open segment is soon full.
static void add_with_many_keys(struct indexed *indexed, unsigned count)
{
    static unsigned number;
    static char texts[OYEZ_TAGS_MAX][32];
    for (unsigned n = 0; n < count; n++) {
        struct oyez_event event = recorded_event("plan.created", NULL);
        for (unsigned i = 0; i < OYEZ_TAGS_MAX; i++) {
            snprintf(texts[i], sizeof texts[i], "%u", number++);
            event.tags[i] = (struct oyez_tag){texts[i], texts[i]};
        }
        event.actor_id = "somebody";
        recorded_add(&indexed->recorded, &event);
        if (n % 256 == 255)
            recorded_commit(&indexed->recorded);
    }
    recorded_commit(&indexed->recorded);
}

static void seal(struct indexed *indexed)
{
    struct oyez_journal_options options = {.segment_size = 4096};
    assert_int_equal(oyez_journal_close(&indexed->recorded.journal), 0);
    assert_int_equal(
        oyez_journal_open(&indexed->recorded.journal, indexed->recorded.directory, &options, NULL),
        0);
    indexed_add(indexed, 1);
    indexed_add(indexed, 1);
}

static void test_the_table_of_an_open_segment_is_no_bound_of_the_sealed_one(void **state)
{
    (void)state;
    static struct found found;
    struct indexed indexed;
    indexed_open(&indexed, 1u << 30);
    add_with_many_keys(&indexed, 48000); // of 49,152 that there is room for
    indexed_find(&indexed, query("tag.77=77"), &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.explain.without_index, 0);
    add_with_many_keys(&indexed, 2000);
    seal(&indexed);
    for (unsigned n = 0; n < 2; n++) {
        indexed_find(&indexed, query("tag.1599999=1599999"), &found);
        assert_int_equal(found.count, 1);
    }
    assert_int_equal(found.explain.without_index, 0);
    assert_int_equal(found.explain.records_read, 1);
    assert_int_equal(indexed.notice_count, 0);
    indexed_close(&indexed);
}

static void test_more_segments_than_files_may_be_open_have_the_same_answers(void **state)
{
    (void)state;
    static struct found found;
    struct indexed indexed;
    indexed_open(&indexed, 4096);
    while (indexed_files(&indexed, ".seg") < 300)
        indexed_add(&indexed, 100);
    indexed_find(&indexed, query("correlation_id=correlation-7"), &found); // makes the indexes
    assert_int_equal(found.explain.indexes_made, indexed_files(&indexed, ".idx"));
    for (unsigned n = 0; n < 4; n++) {
        oyez_v1_QueryRequest *request = query("correlation_id=correlation-7");
        request->body.query.reverse = n % 2 == 1;
        assert_same_by_index(&indexed, request);
    }
    indexed_close(&indexed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_journal_whose_first_segments_are_gone_is_asked_to_its_beginning),
        cmocka_unit_test(test_pages_go_on_after_counting_moved_the_reader),
        cmocka_unit_test(test_a_page_has_what_was_committed_since_the_one_before),
        cmocka_unit_test(test_segments_that_go_while_a_question_is_answered_take_no_others_along),
        cmocka_unit_test(test_the_table_of_an_open_segment_is_no_bound_of_the_sealed_one),
        cmocka_unit_test(test_more_segments_than_files_may_be_open_have_the_same_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
