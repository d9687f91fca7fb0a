// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pb_decode.h>
#include <pb_encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/recorder/records_answering.h"
#include "journal_samples.h"
#include "oyez/checkpoint.h"
#include "oyez/limits.h"

// A recorder without threads: what the answering thread has of it.
struct desk {
    char directory[64];
    char key[80];
    struct oyez_recorder recorder;
    struct recorder_records_desk records;
    oyez_v1_QueryAnswer answer;
    struct recorder_bytes page; // the further frames, one behind the other
    struct recorder_records_head head;
    uint64_t count;
    oyez_leaf_hasher *hasher;
};

static int set_up(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    snprintf(desk->directory, sizeof desk->directory, "/tmp/oyez-records-XXXXXX");
    assert_non_null(mkdtemp(desk->directory));
    snprintf(desk->key, sizeof desk->key, "%s.key", desk->directory);
    memcpy(desk->recorder.directory, desk->directory, sizeof desk->directory);
    desk->recorder.disk = oyez_disk_system();
    pthread_mutex_init(&desk->recorder.lock, NULL);
    const struct oyez_journal_options options = {.key = desk->key};
    assert_int_equal(oyez_journal_open(&desk->recorder.journal, desk->directory, &options, NULL),
                     OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&desk->hasher), OYEZ_OK);
    *state = desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;
    char command[160];
    recorder_records_desk_close(&desk->records);
    recorder_bytes_free(&desk->page);
    oyez_leaf_hasher_close(&desk->hasher);
    assert_int_equal(oyez_journal_close(&desk->recorder.journal), OYEZ_OK);
    snprintf(command, sizeof command, "rm -r %s %s", desk->directory, desk->key);
    assert_int_equal(system(command), 0);
    free(desk);
    return 0;
}

static void record(struct desk *desk, struct oyez_journal_record what)
{
    assert_int_equal(oyez_journal_append(desk->recorder.journal, &what, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_write(desk->recorder.journal), OYEZ_OK);
}

// As the syncing thread does.
static void make_safe(struct desk *desk)
{
    assert_int_equal(oyez_journal_sync(desk->recorder.journal, &desk->recorder.safe_records),
                     OYEZ_OK);
}

static bool ask(struct desk *desk, pb_size_t which, uint64_t from)
{
    static oyez_v1_QueryRequest request;
    static uint8_t memory[256];
    struct recorder_ask *ask = (struct recorder_ask *)memory;
    struct recorder_answer answer = {.size = 0};
    size_t offset = 0, size;
    const uint8_t *frame;
    bool made = false;
    memset(&request, 0, sizeof request);
    request.request_id = 42;
    request.which_body = which;
    if (which == oyez_v1_QueryRequest_records_tag)
        request.body.records.from_index = from;
    pb_ostream_t stream = pb_ostream_from_buffer(ask->request, 128);
    assert_true(pb_encode(&stream, oyez_v1_QueryRequest_fields, &request));
    ask->size = stream.bytes_written;
    if (!recorder_records_answer(&desk->recorder, &desk->records, ask, &answer, &made))
        return false;
    assert_true(made);
    assert_true(recorder_answer_next(&answer, &offset, &frame, &size));
    pb_istream_t in = pb_istream_from_buffer(frame, size);
    memset(&desk->answer, 0, sizeof desk->answer);
    assert_true(pb_decode(&in, oyez_v1_QueryAnswer_fields, &desk->answer));
    assert_int_equal(desk->answer.request_id, 42);
    desk->page.size = 0;
    while (recorder_answer_next(&answer, &offset, &frame, &size)) {
        assert_int_equal(recorder_bytes_grow(&desk->page, size), OYEZ_OK);
        memcpy(desk->page.bytes + desk->page.size, frame, size);
        desk->page.size += size;
    }
    recorder_answer_free(&answer);
    if (desk->answer.fault == oyez_v1_QueryFault_QUERY_FAULT_NONE)
        assert_true(
            recorder_records_read(desk->page.bytes, desk->page.size, &desk->head, &desk->count));
    return true;
}

static void ask_for(struct desk *desk, uint64_t from)
{
    assert_true(ask(desk, oyez_v1_QueryRequest_records_tag, from));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_NONE);
}

static void test_another_question_is_left_to_others(void **state)
{
    assert_false(ask(*state, oyez_v1_QueryRequest_get_tag, 0));
}

static void test_only_what_is_safe_is_given(void **state)
{
    struct desk *desk = *state;
    record(desk, sample_event(1));
    record(desk, sample_personal(2));
    ask_for(desk, 0);
    assert_int_equal(desk->head.end, 0);
    assert_int_equal(desk->count, 0);
    make_safe(desk);
    record(desk, sample_event(3));
    ask_for(desk, 0);
    assert_int_equal(desk->head.end, 2);
    assert_int_equal(desk->count, 2);
}

static void test_the_leaf_before_and_the_newest_root_come_along(void **state)
{
    struct desk *desk = *state;
    uint8_t leaf[512], hash[OYEZ_LEAF_HASH_SIZE];
    size_t size;
    struct oyez_journal_record first = sample_event(1);
    record(desk, first);
    record(desk, sample_event(2));
    make_safe(desk);
    ask_for(desk, 0);
    assert_int_equal(desk->head.before_size, 0);
    assert_int_equal(desk->head.root_size, 0);
    assert_int_equal(oyez_journal_checkpoint(desk->recorder.journal), OYEZ_OK);
    ask_for(desk, 1);
    assert_int_equal(desk->count, 1);
    assert_int_equal(oyez_leaf_build(desk->hasher, &first, leaf, &size), OYEZ_OK);
    assert_int_equal(oyez_leaf_hash(desk->hasher, leaf, size, hash), OYEZ_OK);
    assert_memory_equal(desk->head.before, hash, sizeof hash);
    assert_int_equal(desk->head.checkpoint, 2);
    assert_int_equal(desk->head.root_size, OYEZ_LEAF_HASH_SIZE);
    ask_for(desk, 2);
    assert_int_equal(desk->count, 0);
    assert_int_equal(desk->head.before_size, OYEZ_LEAF_HASH_SIZE);
    // Whoever has more than there is, is told so by `end`.
    ask_for(desk, 3);
    assert_int_equal(desk->head.end, 2);
    assert_int_equal(desk->head.before_size, 0);
}

static void test_many_and_large_records_come_page_by_page(void **state)
{
    static uint8_t large[1048576];
    struct desk *desk = *state;
    uint64_t next = 0, pages = 0, position = 1;
    for (; position <= 4000; position++) {
        struct oyez_journal_record event = sample_event(position);
        if (position % 1000 == 0) {
            event.details = large;
            event.details_size = sizeof large;
        }
        record(desk, event);
    }
    make_safe(desk);
    for (; next < 4000; pages++) {
        struct recorder_copy copy;
        size_t offset = 0;
        ask_for(desk, next);
        assert_true(desk->count > 0);
        assert_true(desk->page.size < OYEZ_ANSWER_SIZE_MAX);
        for (uint64_t i = 0; i < desk->count; i++) {
            assert_int_equal(recorder_records_next(desk->page.bytes, desk->page.size, &offset,
                                                   desk->hasher, &copy),
                             OYEZ_OK);
            assert_int_equal(copy.record.index, next++);
        }
    }
    assert_true(pages >= 4 && pages < 20);
}

#define FIXED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

// The same journal with a segment for each group.
static void open_segments(struct desk *desk)
{
    const struct oyez_journal_options options = {.key = desk->key, .segment_size = 64};
    assert_int_equal(oyez_journal_close(&desk->recorder.journal), OYEZ_OK);
    assert_int_equal(oyez_journal_open(&desk->recorder.journal, desk->directory, &options, NULL),
                     OYEZ_OK);
}

static void test_a_mirror_goes_on_where_the_records_before_have_expired(void **state)
{
    struct desk *desk = *state;
    const struct oyez_expiry_limits limits = {.before = 6};
    uint8_t before[OYEZ_LEAF_HASH_SIZE];
    struct oyez_expiry expiry;
    open_segments(desk);
    for (uint64_t number = 1; number <= 9; number++) {
        record(desk, sample_event(number));
        make_safe(desk);
    }
    ask_for(desk, 6);
    assert_int_equal(desk->head.before_size, sizeof before);
    memcpy(before, desk->head.before, sizeof before);
    assert_int_equal(oyez_expiry_survey(&expiry, desk->directory, NULL, &limits), OYEZ_OK);
    assert_int_equal(expiry.before, 6);
    assert_int_equal(
        oyez_journal_expire(desk->recorder.journal, &expiry, NULL, 0, "a test", "old", NULL),
        OYEZ_OK);
    oyez_expiry_free(&expiry);
    make_safe(desk);
    ask_for(desk, 6);
    assert_int_equal(desk->head.before_size, sizeof before);
    assert_memory_equal(desk->head.before, before, sizeof before);
    assert_int_equal(desk->count, 4);
    // One that has not come so far has no way to the rest.
    assert_true(ask(desk, oyez_v1_QueryRequest_records_tag, 5));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE);
    assert_non_null(strstr(desk->answer.text, "have expired here"));
    assert_true(ask(desk, oyez_v1_QueryRequest_records_tag, 0));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE);
    ask_for(desk, 8);
    assert_int_equal(desk->count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXED(test_another_question_is_left_to_others),
        FIXED(test_only_what_is_safe_is_given),
        FIXED(test_the_leaf_before_and_the_newest_root_come_along),
        FIXED(test_many_and_large_records_come_page_by_page),
        FIXED(test_a_mirror_goes_on_where_the_records_before_have_expired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
