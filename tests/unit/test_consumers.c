// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/recorder/consumers.h"

#define OPEN oyez_v1_ConsumerVerb_CONSUMER_VERB_OPEN
#define COMMIT oyez_v1_ConsumerVerb_CONSUMER_VERB_COMMIT
#define CLOSE oyez_v1_ConsumerVerb_CONSUMER_VERB_CLOSE
#define RESET oyez_v1_ConsumerVerb_CONSUMER_VERB_RESET
#define DELETE oyez_v1_ConsumerVerb_CONSUMER_VERB_DELETE
#define NONE oyez_v1_QueryFault_QUERY_FAULT_NONE
#define BUSY oyez_v1_QueryFault_QUERY_FAULT_BUSY
#define INVALID oyez_v1_QueryFault_QUERY_FAULT_INVALID
#define NOT_FOUND oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND

struct desk {
    struct recorder_consumers consumers;
    oyez_v1_ConsumerRequest request;
    struct recorder_consumers_verdict verdict;
    uint64_t now_ms;
};

static int open_desk(void **state)
{
    *state = calloc(1, sizeof(struct desk));
    assert_non_null(*state);
    ((struct desk *)*state)->now_ms = 1000;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *desk = *state;
    recorder_consumers_free(&desk->consumers);
    free(desk);
    return 0;
}

// Asks for the consumer "billing" as a holder whose id is this number.
static oyez_v1_QueryFault ask(struct desk *desk, oyez_v1_ConsumerVerb verb, uint8_t holder,
                              uint64_t epoch, uint64_t position)
{
    if (desk->request.name[0] == '\0')
        snprintf(desk->request.name, sizeof desk->request.name, "billing");
    desk->request.verb = verb;
    memset(desk->request.holder, holder, sizeof desk->request.holder);
    snprintf(desk->request.holder_name, sizeof desk->request.holder_name, "process %u", holder);
    desk->request.epoch = epoch;
    desk->request.position = position;
    assert_true(recorder_consumers_apply(&desk->consumers, &desk->request, desk->now_ms, 77,
                                         &desk->verdict));
    return desk->verdict.fault;
}

static void test_a_new_one_begins_where_it_is_told_and_has_no_patterns_before(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(ask(desk, OPEN, 1, 5, 6), NONE);
    assert_true(desk->verdict.has_told);
    assert_int_equal(desk->verdict.told.patterns_count, 0);
    assert_int_equal(desk->verdict.told.epoch, 5);
    assert_int_equal(desk->verdict.told.position, 6);
    assert_non_null(desk->verdict.changed);
    assert_string_equal(desk->verdict.changed->patterns, "*");
    assert_int_equal(desk->verdict.changed->lease_ms, RECORDER_LEASE_MS_DEFAULT);
    assert_int_equal(desk->verdict.changed->last_seen, 77);
}

static void test_a_known_one_goes_on_where_it_stands_with_other_patterns(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
    assert_int_equal(ask(desk, COMMIT, 1, 9, 4), NONE);
    assert_int_equal(ask(desk, CLOSE, 1, 0, 0), NONE);
    desk->request.patterns_count = 2;
    strcpy(desk->request.patterns[0], "plan.*");
    strcpy(desk->request.patterns[1], "@nowhere");
    assert_int_equal(ask(desk, OPEN, 2, 0, 0), INVALID);
    strcpy(desk->request.patterns[1], "deal.*");
    assert_int_equal(ask(desk, OPEN, 2, 0, 0), NONE);
    assert_int_equal(desk->verdict.told.patterns_count, 1);
    assert_string_equal(desk->verdict.told.patterns[0], "*");
    assert_int_equal(desk->verdict.told.epoch, 9);
    assert_int_equal(desk->verdict.changed->patterns_size, sizeof "plan.*\0deal.*");
    assert_memory_equal(desk->verdict.changed->patterns, "plan.*\0deal.*", 14);
}

static void test_a_held_one_is_refused_until_its_lease_has_run_out(void **state)
{
    struct desk *desk = *state;
    desk->request.lease_ms = 500;
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
    desk->now_ms += 499;
    assert_int_equal(ask(desk, OPEN, 2, 0, 0), BUSY);
    assert_non_null(strstr(desk->verdict.text, "process 1"));
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE); // the same question again
    desk->now_ms += 499;
    assert_int_equal(ask(desk, OPEN, 2, 0, 0), BUSY);
    desk->now_ms += 1;
    assert_int_equal(ask(desk, OPEN, 2, 0, 0), NONE);
}

static void test_a_commit_renews_and_who_lost_the_lease_is_told(void **state)
{
    struct desk *desk = *state;
    desk->request.lease_ms = 500;
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
    desk->now_ms += 400;
    assert_int_equal(ask(desk, COMMIT, 1, 0, 0), NONE);
    assert_null(desk->verdict.changed); // nothing for the disk
    desk->now_ms += 400;
    assert_int_equal(ask(desk, OPEN, 2, 0, 0), BUSY);
    desk->now_ms += 100;
    assert_int_equal(ask(desk, COMMIT, 1, 7, 1), NONE); // late, but nobody came
    desk->now_ms += 500;
    assert_int_equal(ask(desk, OPEN, 2, 0, 0), NONE);
    assert_int_equal(ask(desk, COMMIT, 1, 7, 9), BUSY);
    assert_int_equal(ask(desk, CLOSE, 1, 0, 0), NONE); // not its to give back
    assert_int_equal(ask(desk, OPEN, 3, 0, 0), BUSY);
    assert_int_equal(ask(desk, COMMIT, 2, 7, 2), NONE);
    assert_int_equal(desk->verdict.told.position, 2);
}

static void test_a_commit_never_goes_back(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
    assert_int_equal(ask(desk, COMMIT, 1, 7, 9), NONE);
    assert_non_null(desk->verdict.changed);
    assert_int_equal(ask(desk, COMMIT, 1, 7, 8), NONE);
    assert_null(desk->verdict.changed);
    assert_int_equal(desk->verdict.told.position, 9);
    assert_int_equal(ask(desk, COMMIT, 1, 6, 99), NONE);
    assert_int_equal(desk->verdict.told.epoch, 7);
    assert_int_equal(ask(desk, COMMIT, 1, 8, 1), NONE);
    assert_int_equal(desk->verdict.told.epoch, 8);
}

static void test_reset_and_delete_wait_for_the_holder_and_end_its_claim(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(ask(desk, RESET, 9, 1, 1), NOT_FOUND);
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
    assert_int_equal(ask(desk, COMMIT, 1, 7, 9), NONE);
    assert_int_equal(ask(desk, RESET, 9, 1, 1), BUSY);
    assert_int_equal(ask(desk, DELETE, 9, 0, 0), BUSY);
    desk->now_ms += RECORDER_LEASE_MS_DEFAULT;
    assert_int_equal(ask(desk, RESET, 9, 1, 1), NONE);
    assert_int_equal(desk->verdict.told.position, 1);
    assert_int_equal(ask(desk, COMMIT, 1, 7, 10), BUSY); // handled before the reset
    assert_int_equal(ask(desk, DELETE, 9, 0, 0), NONE);
    assert_true(desk->verdict.deleted);
    assert_int_equal(ask(desk, DELETE, 9, 0, 0), NONE); // the same question again
    assert_false(desk->verdict.deleted);
    assert_int_equal(ask(desk, DELETE, 8, 0, 0), NOT_FOUND);
    assert_int_equal(ask(desk, COMMIT, 1, 7, 10), NOT_FOUND);
}

static void test_rubbish_is_refused(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(ask(desk, OPEN, 0, 0, 0), INVALID); // nobody
    assert_int_equal(ask(desk, (oyez_v1_ConsumerVerb)0, 1, 0, 0), NOT_FOUND);
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
    assert_int_equal(ask(desk, (oyez_v1_ConsumerVerb)0, 1, 0, 0), INVALID);
    strcpy(desk->request.name, "a b");
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), INVALID);
    strcpy(desk->request.name, "other");
    desk->request.patterns_count = 64;
    for (size_t i = 0; i < 64; i++)
        memset(desk->request.patterns[i], 'a', 100);
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), INVALID); // too long together
    assert_int_equal(desk->consumers.count, 1);
}

static void test_they_are_kept_by_name_and_a_full_table_refuses_the_new(void **state)
{
    struct desk *desk = *state;
    for (unsigned i = 0; i < RECORDER_CONSUMERS_MAX; i++) {
        snprintf(desk->request.name, sizeof desk->request.name, "c%04u",
                 (i * 1237u) % RECORDER_CONSUMERS_MAX);
        assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
    }
    assert_int_equal(desk->consumers.count, RECORDER_CONSUMERS_MAX);
    for (size_t i = 1; i < desk->consumers.count; i++)
        assert_true(strcmp(desk->consumers.sorted[i - 1]->name, desk->consumers.sorted[i]->name) <
                    0);
    assert_int_equal(recorder_consumers_behind(&desk->consumers, ""), 0);
    assert_int_equal(recorder_consumers_behind(&desk->consumers, "c0000"), 1);
    assert_int_equal(recorder_consumers_behind(&desk->consumers, "z"), RECORDER_CONSUMERS_MAX);
    strcpy(desk->request.name, "one-more");
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE);
    strcpy(desk->request.name, "c0000");
    assert_int_equal(ask(desk, OPEN, 1, 0, 0), NONE);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_a_new_one_begins_where_it_is_told_and_has_no_patterns_before),
        FIXED(test_a_known_one_goes_on_where_it_stands_with_other_patterns),
        FIXED(test_a_held_one_is_refused_until_its_lease_has_run_out),
        FIXED(test_a_commit_renews_and_who_lost_the_lease_is_told),
        FIXED(test_a_commit_never_goes_back),
        FIXED(test_reset_and_delete_wait_for_the_holder_and_end_its_claim),
        FIXED(test_rubbish_is_refused),
        FIXED(test_they_are_kept_by_name_and_a_full_table_refuses_the_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
