// SPDX-License-Identifier: MIT
#include "scripted_recorder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pb_decode.h>
#include <pb_encode.h>
#include <stdio.h>
#include <string.h>

#include "wire/batch.h"
#include "wire/envelope.h"

#define TYPE "plan.created"

struct scripted_answer *scripted_answer(struct scripted_recorder *recorder)
{
    assert_true(recorder->answer_count < SCRIPT_MAX);
    return &recorder->answers[recorder->answer_count++];
}

void scripted_event(struct scripted_answer *answer, uint64_t index)
{
    assert_true(answer->event_count < SCRIPT_EVENTS_MAX);
    answer->event_ids[answer->event_count++] = oyez_uuid_new();
    answer->answer.indexes[answer->answer.indexes_count++] = index;
}

void scripted_group(struct scripted_answer *answer, const char *key, uint64_t count)
{
    oyez_v1_Group *group = &answer->answer.groups[answer->answer.groups_count++];
    snprintf(group->key, sizeof group->key, "%s", key);
    group->count = count;
}

static size_t write_event(uint8_t *out, struct oyez_uuid event_id, uint64_t index)
{
    static const uint8_t emitter_id[OYEZ_UUID_SIZE] = {1};
    struct oyez_event event = {.event_id = event_id,
                               .event_type = TYPE,
                               .occurred_at = 1,
                               .details_format = OYEZ_DETAILS_JSON,
                               .details = "{\"n\":1}",
                               .details_size = 7};
    size_t header_size;
    size_t event_size = oyez_event_measure(&event, &header_size);
    size_t size = oyez_batch_begin(out, TYPE, strlen(TYPE), emitter_id, 7, 0);
    oyez_batch_stamp(out, strlen(TYPE) + 1, 1000, index + 1, 3, 99);
    size += oyez_batch_begin_event(out + size, event_size);
    return size + oyez_event_encode(&event, header_size, out + size);
}

struct oyez_query_page scripted_page(struct scripted_recorder *recorder,
                                     const struct scripted_answer *answer, uint64_t request_id)
{
    oyez_v1_QueryAnswer first = answer->answer;
    first.request_id = answer->foreign ? request_id + 1 : request_id;
    pb_ostream_t stream = pb_ostream_from_buffer(recorder->bytes, sizeof recorder->bytes);
    assert_true(pb_encode(&stream, oyez_v1_QueryAnswer_fields, &first));
    size_t at = stream.bytes_written;
    if (answer->broken)
        memset(recorder->bytes, 0xff, at);
    recorder->frames[0] = (struct oyez_query_frame){recorder->bytes, at};
    size_t count = 1;
    for (size_t i = 0; i + answer->event_missing < answer->event_count; i++) {
        uint8_t *frame = recorder->bytes + at;
        assert_true(sizeof recorder->bytes - at > 1024);
        size_t size = write_event(frame, answer->event_ids[i], first.indexes[i]);
        if (answer->unreadable == i + 1)
            memset(frame, 0xff, size);
        recorder->frames[count++] = (struct oyez_query_frame){frame, size};
        at += size;
    }
    return (struct oyez_query_page){recorder->frames, answer->empty ? 0 : count};
}

oyez_err scripted_ask(void *arg, const uint8_t *request, size_t size, struct oyez_query_page *page,
                      uint32_t timeout_ms)
{
    (void)timeout_ms;
    struct scripted_recorder *recorder = arg;
    size_t number = recorder->asked_count++;
    assert_true(number < recorder->answer_count);
    pb_istream_t stream = pb_istream_from_buffer(request, size);
    assert_true(pb_decode(&stream, oyez_v1_QueryRequest_fields, &recorder->asked[number]));
    const struct scripted_answer *answer = &recorder->answers[number];
    if (answer->err != OYEZ_OK)
        return oyez_fail(answer->err, "as written");
    *page = scripted_page(recorder, answer, recorder->asked[number].request_id);
    return OYEZ_OK;
}
