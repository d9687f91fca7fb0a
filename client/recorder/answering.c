// SPDX-License-Identifier: MIT
// Questions are answered on a thread of their own, one at a time; those of consumers on another.
// One answer waits to go out; who has made the next one waits until it has.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include <pb_encode.h>

#include "answering.h"
#include "consumers_answering.h"
#include "intake.h"
#include "oyez/query_engine.h"
#include "proving.h"
#include "query.pb.h"
#include "records_answering.h"

static struct recorder_ask *next_ask(struct oyez_recorder *recorder)
{
    struct recorder_asks *asks = &recorder->asks;
    pthread_mutex_lock(&recorder->lock);
    while (!asks->ended && asks->first == NULL)
        pthread_cond_wait(&asks->changed, &recorder->lock);
    struct recorder_ask *ask = asks->ended ? NULL : recorder_asks_take(asks);
    pthread_mutex_unlock(&recorder->lock);
    return ask;
}

void recorder_answer_begin(struct recorder_answer *answer, const struct recorder_ask *ask)
{
    memcpy(answer->client, ask->client, ask->client_size);
    answer->client_size = ask->client_size;
}

bool recorder_answer_add_message(struct recorder_answer *answer, const oyez_v1_QueryAnswer *message)
{
    uint8_t bytes[512]; // without events a first frame is short
    pb_ostream_t stream = pb_ostream_from_buffer(bytes, sizeof bytes);
    return pb_encode(&stream, oyez_v1_QueryAnswer_fields, message) &&
           recorder_answer_add(answer, bytes, stream.bytes_written);
}

// What the engine could not say itself.
static bool add_fault(struct recorder_answer *answer, oyez_err err, const char *detail)
{
    static _Thread_local oyez_v1_QueryAnswer fault;
    memset(&fault, 0, sizeof fault);
    fault.fault = err == OYEZ_ERR_MALFORMED ? oyez_v1_QueryFault_QUERY_FAULT_INVALID
                  : err == OYEZ_ERR_CORRUPT ? oyez_v1_QueryFault_QUERY_FAULT_CORRUPT
                                            : oyez_v1_QueryFault_QUERY_FAULT_IO;
    snprintf(fault.text, sizeof fault.text, "%s", detail);
    return recorder_answer_add_message(answer, &fault);
}

static bool add_page(struct recorder_answer *answer, const struct oyez_query_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        if (!recorder_answer_add(answer, page->frames[i].bytes, page->frames[i].size))
            return false;
    }
    return true;
}

static void log_index_notice(void *arg, const char *text)
{
    recorder_log(arg, OYEZ_WARNING, "%s", text);
}

static bool answer_ask(struct oyez_recorder *recorder, oyez_query_engine **engine,
                       struct recorder_consumer_desk *desk, struct recorder_records_desk *records,
                       const struct recorder_ask *ask, struct recorder_answer *answer)
{
    struct oyez_query_page page;
    bool made;
    recorder_answer_begin(answer, ask);
    if (recorder_prove(recorder, ask, answer, &made) ||
        recorder_records_answer(recorder, records, ask, answer, &made))
        return made;
    oyez_err err = OYEZ_OK;
    if (*engine == NULL)
        err = oyez_query_engine_open(engine, recorder->directory, log_index_notice, recorder);
    if (err == OYEZ_OK && recorder_consumers_list(desk, *engine, ask, answer, &made))
        return made;
    if (err == OYEZ_OK)
        err = oyez_query_engine_ask(*engine, ask->request, ask->size, &page);
    return err == OYEZ_OK ? add_page(answer, &page) : add_fault(answer, err, oyez_error_detail());
}

void recorder_answer_hand_over(struct oyez_recorder *recorder, struct recorder_answer *answer,
                               bool made)
{
    struct recorder_asks *asks = &recorder->asks;
    if (!made) {
        recorder_log(recorder, OYEZ_ERROR, "no memory for an answer");
        recorder_answer_free(answer);
        return;
    }
    pthread_mutex_lock(&recorder->lock);
    while (asks->has_answer && !asks->ended)
        pthread_cond_wait(&asks->changed, &recorder->lock);
    bool taken = !asks->has_answer;
    if (taken) {
        asks->answer = *answer;
        asks->has_answer = true;
    }
    pthread_mutex_unlock(&recorder->lock);
    if (!taken)
        recorder_answer_free(answer);
    *answer = (struct recorder_answer){0};
    recorder_wake(recorder);
}

void *recorder_answering_run(void *arg)
{
    struct oyez_recorder *recorder = arg;
    oyez_query_engine *engine = NULL;
    struct recorder_consumer_desk *desk =
        recorder->mirror ? NULL : recorder_consumers_start(recorder);
    struct recorder_records_desk records = {.reader = NULL};
    struct recorder_ask *ask;
    while ((ask = next_ask(recorder)) != NULL) {
        if (recorder_consumers_take(desk, ask))
            continue;
        struct recorder_answer answer = {0};
        bool made = answer_ask(recorder, &engine, desk, &records, ask, &answer);
        free(ask);
        recorder_answer_hand_over(recorder, &answer, made);
    }
    recorder_consumers_stop(desk);
    oyez_query_engine_close(&engine);
    recorder_records_desk_close(&records);
    return NULL;
}

// All frames of an answer are one message: the socket takes the first only if it takes all.
static bool send_frames(struct recorder_intake *intake, const struct recorder_answer *answer)
{
    memset(&intake->to_broker, 0, offsetof(oyez_v1_ToBroker, body));
    intake->to_broker.which_body = oyez_v1_ToBroker_answer_tag;
    memcpy(intake->to_broker.body.answer.client.bytes, answer->client, answer->client_size);
    intake->to_broker.body.answer.client.size = (pb_size_t)answer->client_size;
    if (!recorder_control_say(intake, true))
        return false;
    size_t offset = 0, size;
    const uint8_t *bytes;
    for (size_t i = 1; recorder_answer_next(answer, &offset, &bytes, &size); i++) {
        int more = i < answer->count ? ZMQ_SNDMORE | ZMQ_DONTWAIT : ZMQ_DONTWAIT;
        if (zmq_send(intake->control, bytes, size, more) < 0)
            return false;
    }
    return true;
}

void recorder_send_answer(struct recorder_intake *intake)
{
    struct oyez_recorder *recorder = intake->recorder;
    struct recorder_asks *asks = &recorder->asks;
    pthread_mutex_lock(&recorder->lock);
    bool has = asks->has_answer;
    pthread_mutex_unlock(&recorder->lock);
    // The answer is intake's alone as long as has_answer is set. Who asked over a session that is
    // gone asks again.
    if (!has || (intake->open && !send_frames(intake, &asks->answer)))
        return;
    pthread_mutex_lock(&recorder->lock);
    recorder_answer_free(&asks->answer);
    asks->has_answer = false;
    pthread_cond_broadcast(&asks->changed);
    pthread_mutex_unlock(&recorder->lock);
}
