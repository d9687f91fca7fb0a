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
#include <unistd.h>

#include "recorded_events.h"
#include "wire/batch.h"
#include "wire/envelope.h"

void recorded_open(struct recorded *recorded)
{
    *recorded = (struct recorded){.epoch = RECORDED_EPOCH, .time = RECORDED_TIME};
    snprintf(recorded->directory, sizeof recorded->directory, "/tmp/oyez-recorded-XXXXXX");
    assert_non_null(mkdtemp(recorded->directory));
    struct oyez_journal_options options = {.group_size = 4u << 20};
    assert_int_equal(oyez_journal_open(&recorded->journal, recorded->directory, &options, NULL), 0);
    assert_int_equal(oyez_query_engine_open(&recorded->engine, recorded->directory, NULL, NULL), 0);
}

void recorded_open_segments(struct recorded *recorded)
{
    char key[sizeof recorded->directory + 8];
    recorded_open(recorded);
    assert_int_equal(oyez_journal_close(&recorded->journal), OYEZ_OK);
    snprintf(key, sizeof key, "%s.key", recorded->directory);
    const struct oyez_journal_options options = {
        .segment_size = 64, .group_size = 4u << 20, .key = key};
    assert_int_equal(oyez_journal_open(&recorded->journal, recorded->directory, &options, NULL),
                     OYEZ_OK);
}

void recorded_close(struct recorded *recorded)
{
    char key[sizeof recorded->directory + 8];
    snprintf(key, sizeof key, "%s.key", recorded->directory);
    unlink(key);
    oyez_query_engine_close(&recorded->engine);
    if (recorded->journal != NULL)
        assert_int_equal(oyez_journal_close(&recorded->journal), 0);
    char command[sizeof recorded->directory + 8]; // an archive is a directory in it
    snprintf(command, sizeof command, "rm -r %s", recorded->directory);
    assert_int_equal(system(command), 0);
}

struct oyez_event recorded_event(const char *event_type, const char *details)
{
    return (struct oyez_event){
        .event_id = oyez_uuid_new(),
        .event_type = event_type,
        .occurred_at = (int64_t)RECORDED_TIME,
        .details_format = OYEZ_DETAILS_JSON,
        .details = details != NULL ? details : "{}",
        .details_size = details != NULL ? strlen(details) : 2,
    };
}

void recorded_add_record(struct recorded *recorded, const struct oyez_journal_record *record)
{
    uint64_t index;
    assert_int_equal(oyez_journal_append(recorded->journal, record, &index), 0);
}

void recorded_add_as(struct recorded *recorded, const struct oyez_event *event,
                     void (*change)(struct oyez_journal_record *record))
{
    size_t header_size;
    size_t size = oyez_event_measure(event, &header_size);
    uint8_t *bytes = malloc(size);
    struct oyez_event_parts parts;
    assert_non_null(bytes);
    oyez_event_encode(event, header_size, bytes);
    assert_int_equal(oyez_event_split(&parts, bytes, size), 0);
    recorded->position++;
    struct oyez_journal_record record = {
        .kind = OYEZ_RECORD_EVENT,
        .epoch = recorded->epoch,
        .position = recorded->position,
        .broker_time = recorded->time,
        .emitter_id = {.bytes = {7}},
        .emitter_seq = recorded->position,
        .type_seq = recorded->position,
        .event_id = event->event_id,
        .event_type = event->event_type,
        .event_type_size = strlen(event->event_type),
        .occurred_at = event->occurred_at,
        .header = parts.header,
        .header_size = parts.header_size,
        .salt = parts.salt,
        .salt_size = parts.salt_size,
        .signature = parts.signature,
        .signature_size = parts.signature_size,
        .details = parts.details,
        .details_size = parts.details_size,
        .details_format = (uint8_t)parts.details_format,
    };
    if (change != NULL)
        change(&record);
    recorded->time += RECORDED_SECOND;
    recorded_add_record(recorded, &record);
    free(bytes);
}

void recorded_add(struct recorded *recorded, const struct oyez_event *event)
{
    recorded_add_as(recorded, event, NULL);
}

void recorded_commit(struct recorded *recorded)
{
    uint64_t durable;
    assert_int_equal(oyez_journal_commit(recorded->journal, &durable), 0);
}

oyez_v1_QueryRequest *recorded_request(pb_size_t which)
{
    static oyez_v1_QueryRequest request;
    memset(&request, 0, sizeof request);
    request.request_id = 77;
    request.which_body = which;
    return &request;
}

const struct answer *recorded_ask(struct recorded *recorded, const oyez_v1_QueryRequest *request)
{
    static struct answer answer;
    static uint8_t bytes[oyez_v1_QueryRequest_size];
    pb_ostream_t out = pb_ostream_from_buffer(bytes, sizeof bytes);
    assert_true(pb_encode(&out, oyez_v1_QueryRequest_fields, request));
    assert_int_equal(
        oyez_query_engine_ask(recorded->engine, bytes, out.bytes_written, &answer.page), 0);
    pb_istream_t in =
        pb_istream_from_buffer(answer.page.frames[0].bytes, answer.page.frames[0].size);
    assert_true(pb_decode(&in, oyez_v1_QueryAnswer_fields, &answer.head));
    answer.count = answer.page.count - 1;
    assert_int_equal(answer.head.request_id, request->request_id);
    return &answer;
}

const struct oyez_event *recorded_read(const struct answer *answer, size_t i)
{
    static struct oyez_event event;
    static char texts[OYEZ_DECODE_SCRATCH_SIZE];
    struct oyez_batch batch;
    const uint8_t *bytes;
    size_t size;
    assert_true(i < answer->count);
    const struct oyez_query_frame *frame = &answer->page.frames[i + 1];
    assert_int_equal(oyez_batch_walk(&batch, frame->bytes, frame->size), OYEZ_BATCH_OK);
    assert_int_equal(batch.event_count, 1);
    const uint8_t *cursor = batch.events;
    assert_true(oyez_batch_next_event(&batch, &cursor, &bytes, &size));
    assert_int_equal(oyez_event_decode(&event, bytes, size, texts), 0);
    event.stamp = oyez_batch_event_stamp(&batch, 0);
    event.stamp.index = answer->head.indexes[i] + 1;
    return &event;
}
