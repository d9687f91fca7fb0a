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

#include "client/recorder/proving.h"
#include "oyez/key.h"
#include "oyez/proof.h"

// A recorder without threads: what the answering thread has of it.
struct desk {
    char directory[64];
    char key[80];
    struct oyez_recorder recorder;
    oyez_v1_QueryAnswer answer;
    struct recorder_answer frames;
};

static struct oyez_uuid id_of(uint8_t number)
{
    return (struct oyez_uuid){{1, 0x90, 0, 0, 0, 1, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number}};
}

static void record_event(struct desk *desk, uint8_t number)
{
    uint8_t header[18] = {0x0a, OYEZ_UUID_SIZE};
    struct oyez_uuid id = id_of(number);
    memcpy(header + 2, id.bytes, OYEZ_UUID_SIZE);
    const struct oyez_journal_record record = {.kind = OYEZ_RECORD_EVENT,
                                               .epoch = 1000,
                                               .position = number,
                                               .broker_time = 5,
                                               .emitter_seq = number,
                                               .type_seq = number,
                                               .event_id = id,
                                               .header = header,
                                               .header_size = sizeof header,
                                               .details = (const uint8_t *)"{}",
                                               .details_size = 2,
                                               .details_format = 1};
    assert_int_equal(oyez_journal_append(desk->recorder.journal, &record, NULL), OYEZ_OK);
    assert_int_equal(oyez_journal_write(desk->recorder.journal), OYEZ_OK);
}

static int set_up(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    snprintf(desk->directory, sizeof desk->directory, "/tmp/oyez-proving-XXXXXX");
    assert_non_null(mkdtemp(desk->directory));
    snprintf(desk->key, sizeof desk->key, "%s.key", desk->directory);
    memcpy(desk->recorder.directory, desk->directory, sizeof desk->directory);
    desk->recorder.disk = oyez_disk_system();
    const struct oyez_journal_options options = {.key = desk->key};
    assert_int_equal(oyez_journal_open(&desk->recorder.journal, desk->directory, &options, NULL),
                     OYEZ_OK);
    *state = desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;
    char command[160];
    assert_int_equal(oyez_journal_close(&desk->recorder.journal), OYEZ_OK);
    recorder_answer_free(&desk->frames);
    snprintf(command, sizeof command, "rm -r %s %s", desk->directory, desk->key);
    assert_int_equal(system(command), 0);
    free(desk);
    return 0;
}

static bool ask(struct desk *desk, const void *id, size_t size)
{
    static oyez_v1_QueryRequest request;
    static uint8_t memory[256];
    struct recorder_ask *ask = (struct recorder_ask *)memory;
    size_t offset = 0, first_size;
    const uint8_t *first;
    bool made = false;
    memset(&request, 0, sizeof request);
    request.request_id = 42;
    request.which_body = oyez_v1_QueryRequest_proof_tag;
    request.body.proof.event_id.size = (pb_size_t)size;
    if (size > 0)
        memcpy(request.body.proof.event_id.bytes, id, size);
    pb_ostream_t stream = pb_ostream_from_buffer(ask->request, 128);
    assert_true(pb_encode(&stream, oyez_v1_QueryRequest_fields, &request));
    ask->size = stream.bytes_written;
    recorder_answer_free(&desk->frames);
    if (!recorder_prove(&desk->recorder, ask, &desk->frames, &made))
        return false;
    assert_true(made);
    assert_true(recorder_answer_next(&desk->frames, &offset, &first, &first_size));
    pb_istream_t in = pb_istream_from_buffer(first, first_size);
    memset(&desk->answer, 0, sizeof desk->answer);
    assert_true(pb_decode(&in, oyez_v1_QueryAnswer_fields, &desk->answer));
    assert_int_equal(desk->answer.request_id, 42);
    return true;
}

static void read_frame(struct desk *desk, unsigned number, const uint8_t **bytes, size_t *size)
{
    size_t offset = 0;
    for (unsigned i = 0; i <= number; i++)
        assert_true(recorder_answer_next(&desk->frames, &offset, bytes, size));
}

static void test_a_checkpoint_is_fresh(void **state)
{
    struct desk *desk = *state;
    struct oyez_note_verifier key;
    struct oyez_checkpoint checkpoint;
    const uint8_t *note;
    size_t size;
    record_event(desk, 1);
    assert_int_equal(oyez_journal_sync(desk->recorder.journal, NULL), OYEZ_OK);
    assert_true(ask(desk, NULL, 0));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_NONE);
    assert_int_equal(desk->frames.count, 2);
    read_frame(desk, 1, &note, &size);
    assert_int_equal(oyez_journal_verifier(desk->recorder.journal, &key), OYEZ_OK);
    assert_int_equal(oyez_checkpoint_open(&checkpoint, note, size, &key, 1, NULL), OYEZ_OK);
    assert_int_equal(checkpoint.size, 1);
}

static void test_an_event_is_proven(void **state)
{
    struct desk *desk = *state;
    struct oyez_note_verifier key;
    struct oyez_proof proof;
    oyez_leaf_hasher *hasher;
    uint8_t *leaf = malloc(OYEZ_LEAF_SIZE_MAX);
    const uint8_t *bytes;
    size_t size;
    for (uint8_t i = 1; i <= 5; i++)
        record_event(desk, i);
    assert_int_equal(oyez_journal_sync(desk->recorder.journal, NULL), OYEZ_OK);
    assert_true(ask(desk, id_of(4).bytes, OYEZ_UUID_SIZE));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_NONE);
    assert_int_equal(desk->answer.indexes_count, 1);
    assert_int_equal(desk->answer.indexes[0], 3);
    assert_int_equal(desk->frames.count, 3);
    read_frame(desk, 2, &bytes, &size);
    assert_int_equal(oyez_journal_verifier(desk->recorder.journal, &key), OYEZ_OK);
    assert_int_equal(oyez_leaf_hasher_open(&hasher), OYEZ_OK);
    assert_int_equal(oyez_proof_read(&proof, bytes, size, leaf), OYEZ_OK);
    assert_int_equal(proof.index, 3);
    assert_int_equal(oyez_proof_check(&proof, hasher, &key, 1, NULL, NULL), OYEZ_OK);
    oyez_leaf_hasher_close(&hasher);
    free(leaf);
}

static void test_what_cannot_be_proven_is_told(void **state)
{
    struct desk *desk = *state;
    record_event(desk, 1); // written, not safe
    assert_true(ask(desk, id_of(1).bytes, OYEZ_UUID_SIZE));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE);
    assert_int_equal(desk->frames.count, 1);
    assert_true(ask(desk, id_of(2).bytes, OYEZ_UUID_SIZE));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_NOT_FOUND);
    assert_true(ask(desk, id_of(1).bytes, 3));
    assert_int_equal(desk->answer.fault, oyez_v1_QueryFault_QUERY_FAULT_INVALID);
}

static void test_other_questions_are_left_to_others(void **state)
{
    struct desk *desk = *state;
    static uint8_t memory[sizeof(struct recorder_ask) + 8];
    struct recorder_ask *other = (struct recorder_ask *)memory;
    bool made;
    for (other->size = 0; other->size < 8; other->size++) {
        other->request[other->size] = 0xff;
        assert_false(recorder_prove(&desk->recorder, other, &desk->frames, &made));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_checkpoint_is_fresh),
        TEST(test_an_event_is_proven),
        TEST(test_what_cannot_be_proven_is_told),
        TEST(test_other_questions_are_left_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
