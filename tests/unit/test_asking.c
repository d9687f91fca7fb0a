// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pb_decode.h>
#include <string.h>

#include "client/recorder/record_message.h"
#include "journal_samples.h"
#include "query.pb.h"
#include "recorder_fixture.h"

struct question {
    uint64_t ask_id, request_id, from;
};

static struct question hear(struct recorder_fixture *fixture)
{
    static oyez_v1_QueryRequest request;
    uint8_t bytes[256];
    struct question question;
    size_t size =
        fake_broker_hear_question(&fixture->broker, bytes, sizeof bytes, &question.ask_id);
    pb_istream_t stream = pb_istream_from_buffer(bytes, size);
    memset(&request, 0, sizeof request);
    assert_true(pb_decode(&stream, oyez_v1_QueryRequest_fields, &request));
    assert_int_equal(request.which_body, oyez_v1_QueryRequest_records_tag);
    question.request_id = request.request_id;
    question.from = request.body.records.from_index;
    return question;
}

// Records from `first` on, `count` of them, out of `end`; in frames of so many bytes.
static void answer(struct recorder_fixture *fixture, uint64_t request_id, uint64_t first,
                   uint64_t count, uint64_t end, size_t chunk)
{
    static struct oyez_query_frame frames[400];
    oyez_leaf_hasher *hasher = NULL;
    struct recorder_bytes page = {.size = 0};
    uint8_t head[16] = {8}, leaf[512], hash[OYEZ_LEAF_HASH_SIZE];
    size_t leaf_size, n = 0;
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    struct oyez_journal_record before = sample_event(first);
    assert_int_equal(oyez_leaf_build(hasher, &before, leaf, &leaf_size), OYEZ_OK);
    assert_int_equal(oyez_leaf_hash(hasher, leaf, leaf_size, hash), OYEZ_OK);
    const struct recorder_records_head records = {
        .end = end, .before = hash, .before_size = first > 0 ? sizeof hash : 0};
    assert_int_equal(recorder_records_begin(&page, &records), OYEZ_OK);
    for (uint64_t i = first; i < first + count; i++) {
        struct oyez_journal_record record = sample_event(i + 1);
        record.index = i;
        assert_int_equal(recorder_records_add(&page, hasher, &record), OYEZ_OK);
    }
    size_t head_size = 1;
    for (; request_id >= 0x80; request_id >>= 7)
        head[head_size++] = (uint8_t)(request_id | 0x80);
    head[head_size++] = (uint8_t)request_id;
    frames[n++] = (struct oyez_query_frame){.bytes = head, .size = head_size};
    for (size_t at = 0; at < page.size; at += chunk)
        frames[n++] = (struct oyez_query_frame){
            .bytes = page.bytes + at, .size = page.size - at < chunk ? page.size - at : chunk};
    fake_broker_answer(&fixture->broker, frames, n);
    memset(frames, 0, sizeof frames);
    recorder_bytes_free(&page);
    oyez_leaf_hasher_close(&hasher);
}

static void refuse(struct recorder_fixture *fixture, uint64_t ask_id)
{
    static oyez_v1_FromBroker message;
    memset(&message, 0, sizeof message);
    message.request_id = ask_id;
    message.which_body = oyez_v1_FromBroker_refusal_tag;
    message.body.refusal.reason = oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER;
    fake_broker_say(&fixture->broker, &message);
}

static void begin_mirror(struct recorder_fixture *fixture)
{
    fixture->options.mirror = true;
    recorder_begin(fixture);
}

static void await_copied(struct recorder_fixture *fixture, uint64_t records)
{
    struct oyez_recorder_counters counters;
    do {
        oyez_recorder_get_counters(fixture->recorder, &counters);
        assert_false(counters.failed);
    } while (counters.copied < records);
}

static void test_records_are_asked_for_page_by_page(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin_mirror(fixture);
    struct question first = hear(fixture);
    assert_int_equal(first.from, 0);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 0), OYEZ_ERR_TIMEOUT);
    answer(fixture, first.request_id, 0, 2, 5, 100);
    struct question second = hear(fixture);
    assert_int_equal(second.from, 2);
    assert_int_not_equal(second.request_id, first.request_id);
    answer(fixture, second.request_id, 2, 3, 5, 100000);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
    await_copied(fixture, 5);
    assert_int_equal(hear(fixture).from, 5);
}

static void test_without_a_primary_it_asks_again_and_goes_on(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin_mirror(fixture);
    struct question question = hear(fixture);
    refuse(fixture, question.ask_id);
    question = hear(fixture);
    refuse(fixture, question.ask_id);
    question = hear(fixture);
    assert_int_equal(question.from, 0);
    answer(fixture, question.request_id, 0, 1, 1, 100);
    assert_int_equal(oyez_recorder_wait(fixture->recorder, 20000), OYEZ_OK);
}

static void test_an_answer_that_does_not_come_is_asked_for_again(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin_mirror(fixture);
    struct question first = hear(fixture), again = hear(fixture);
    assert_int_equal(again.request_id, first.request_id);
    assert_int_equal(again.ask_id, first.ask_id);
    // What answers neither is dropped.
    answer(fixture, first.request_id - 1, 0, 3, 3, 100);
    answer(fixture, first.request_id, 0, 1, 1, 100);
    answer(fixture, first.request_id, 0, 1, 1, 100);
    assert_int_equal(hear(fixture).from, 1);
    await_copied(fixture, 1);
}

static void test_a_record_that_lies_ends_the_mirror(void **state)
{
    struct recorder_fixture *fixture = *state;
    begin_mirror(fixture);
    struct question question = hear(fixture);
    answer(fixture, question.request_id, 1, 2, 3, 100); // the first is missing
    recorder_await_failure(fixture);
    assert_int_equal(fixture->failed, OYEZ_ERR_CORRUPT);
    assert_non_null(strstr(fixture->failure, "where record 0 is due it gives record 1"));
}

#define FIXED(test)                                                                                \
    cmocka_unit_test_setup_teardown(test, recorder_fixture_open, recorder_fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_records_are_asked_for_page_by_page),
        FIXED(test_without_a_primary_it_asks_again_and_goes_on),
        FIXED(test_an_answer_that_does_not_come_is_asked_for_again),
        FIXED(test_a_record_that_lies_ends_the_mirror),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
