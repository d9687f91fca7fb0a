// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pb_encode.h>
#include <stdlib.h>
#include <string.h>

#include "client/lib/client_state.h"
#include "client/lib/consumer_lease.h"
#include "wire/clock.h"

// A recorder that answers every question with this fault, or this consumer.
struct desk {
    struct consumer_lease lease;
    oyez_v1_QueryRequest asked;
    oyez_v1_QueryFault fault;
    bool silent; // says nothing of the consumer
    bool broken; // what it says cannot be read
    oyez_v1_Consumer consumer;
    oyez_v1_QueryAnswer answer;
    uint8_t bytes[2][oyez_v1_Consumer_size];
    struct oyez_query_frame frames[2];
};

static oyez_err answer(void *arg, const uint8_t *request, size_t size, struct oyez_query_page *page,
                       uint32_t timeout_ms)
{
    struct desk *desk = arg;
    (void)request;
    (void)size;
    (void)timeout_ms;
    desk->asked = desk->lease.question.request;
    desk->answer.request_id = desk->asked.request_id;
    desk->answer.fault = desk->fault;
    strcpy(desk->answer.text, "held by another");
    pb_ostream_t first = pb_ostream_from_buffer(desk->bytes[0], sizeof desk->bytes[0]);
    pb_ostream_t second = pb_ostream_from_buffer(desk->bytes[1], sizeof desk->bytes[1]);
    assert_true(pb_encode(&first, oyez_v1_QueryAnswer_fields, &desk->answer));
    assert_true(pb_encode(&second, oyez_v1_Consumer_fields, &desk->consumer));
    if (desk->broken)
        memset(desk->bytes[1], 0xff, second.bytes_written);
    desk->frames[0] = (struct oyez_query_frame){desk->bytes[0], first.bytes_written};
    desk->frames[1] = (struct oyez_query_frame){desk->bytes[1], second.bytes_written};
    bool both = desk->fault == oyez_v1_QueryFault_QUERY_FAULT_NONE && !desk->silent;
    *page = (struct oyez_query_page){desk->frames, both ? 2 : 1};
    return OYEZ_OK;
}

static int open_desk(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    assert_int_equal(consumer_lease_init(&desk->lease, answer, desk, "billing", "a process"),
                     OYEZ_OK);
    strcpy(desk->consumer.name, "billing");
    desk->consumer.epoch = 7;
    desk->consumer.position = 8;
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    free(*state);
    return 0;
}

static oyez_err open_lease(struct desk *desk, uint32_t lease_ms)
{
    static oyez_v1_Query patterns;
    patterns.patterns_count = 1;
    strcpy(patterns.patterns[0], "plan.*");
    return consumer_lease_open(&desk->lease, &patterns, lease_ms, 1, 2, 1000);
}

static void test_an_open_says_all_and_counts_the_lease_from_before_it_asked(void **state)
{
    struct desk *desk = *state;
    uint64_t before = oyez_clock_monotonic_ms();
    assert_int_equal(open_lease(desk, 0), OYEZ_OK);
    const oyez_v1_ConsumerRequest *asked = &desk->asked.body.consumer;
    assert_int_equal(asked->verb, oyez_v1_ConsumerVerb_CONSUMER_VERB_OPEN);
    assert_string_equal(asked->name, "billing");
    assert_string_equal(asked->holder_name, "a process");
    assert_string_equal(asked->patterns[0], "plan.*");
    assert_int_equal(asked->epoch, 1);
    assert_int_equal(asked->position, 2);
    assert_int_equal(asked->lease_ms, CONSUMER_LEASE_MS_DEFAULT);
    assert_int_equal(desk->lease.told.position, 8);
    assert_true(desk->lease.until_ms >= before + CONSUMER_LEASE_MS_DEFAULT);
    assert_true(desk->lease.until_ms <= oyez_clock_monotonic_ms() + CONSUMER_LEASE_MS_DEFAULT);
}

static void test_the_holder_is_the_same_in_every_question_of_one_opening(void **state)
{
    struct desk *desk = *state;
    static struct consumer_lease other;
    assert_int_equal(open_lease(desk, 1), OYEZ_OK);
    assert_int_equal(desk->lease.lease_ms, CONSUMER_LEASE_MS_MIN);
    oyez_v1_ConsumerRequest opened = desk->asked.body.consumer;
    assert_int_equal(consumer_lease_commit(&desk->lease, 9, 10, 1000), OYEZ_OK);
    const oyez_v1_ConsumerRequest *asked = &desk->asked.body.consumer;
    assert_memory_equal(asked->holder, opened.holder, sizeof opened.holder);
    assert_int_equal(asked->epoch, 9);
    assert_int_equal(asked->position, 10);
    assert_int_equal(asked->patterns_count, 0);
    assert_int_equal(consumer_lease_close(&desk->lease, 1000), OYEZ_OK);
    assert_memory_equal(asked->holder, opened.holder, sizeof opened.holder);
    assert_int_equal(consumer_lease_init(&other, answer, desk, "billing", ""), OYEZ_OK);
    assert_memory_not_equal(other.question.request.body.consumer.holder, opened.holder,
                            sizeof opened.holder);
}

static void test_a_refusal_does_not_prolong_the_lease(void **state)
{
    struct desk *desk = *state;
    assert_int_equal(open_lease(desk, 0), OYEZ_OK);
    desk->lease.until_ms = 5;
    desk->fault = oyez_v1_QueryFault_QUERY_FAULT_BUSY;
    assert_int_equal(consumer_lease_commit(&desk->lease, 9, 10, 1000), OYEZ_ERR_BUSY);
    assert_string_equal(oyez_error_detail(), "held by another");
    assert_int_equal(desk->lease.until_ms, 5);
    desk->fault = oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND;
    assert_int_equal(consumer_lease_delete(&desk->lease, 1000), OYEZ_ERR_NOT_FOUND);
    assert_int_equal(consumer_lease_reset(&desk->lease, 1, 1, 1000), OYEZ_ERR_NOT_FOUND);
}

static void test_an_answer_without_a_readable_consumer_is_malformed(void **state)
{
    struct desk *desk = *state;
    desk->silent = true;
    assert_int_equal(open_lease(desk, 0), OYEZ_ERR_MALFORMED);
    assert_int_equal(consumer_lease_close(&desk->lease, 1000), OYEZ_OK);
    desk->silent = false;
    desk->broken = true;
    assert_int_equal(open_lease(desk, 0), OYEZ_ERR_MALFORMED);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_an_open_says_all_and_counts_the_lease_from_before_it_asked),
        FIXED(test_the_holder_is_the_same_in_every_question_of_one_opening),
        FIXED(test_a_refusal_does_not_prolong_the_lease),
        FIXED(test_an_answer_without_a_readable_consumer_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
