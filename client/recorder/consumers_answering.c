// SPDX-License-Identifier: MIT
#include "consumers_answering.h"

#include <inttypes.h>
#include <pb_decode.h>
#include <pb_encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answering.h"
#include "consumers_file.h"
#include "consumers_lag.h"
#include "wire/clock.h"
#include "wire/field.h"

#define CONSUMER_FIELD 5u // of QueryRequest
#define VERB_FIELD 1u     // of ConsumerRequest
// Pages of the record that one list reads, and consumers that it tells: the next question goes on.
#define LIST_PAGES_MAX 64u
#define LIST_CONSUMERS_MAX 128u

// A question while it is being answered.
struct turn {
    struct turn *next;
    struct recorder_ask *ask;
    struct recorder_answer answer;
    uint64_t request_id;
    bool made;
    bool is_durable; // not if it is told of what the file does not have yet
};

struct recorder_consumer_desk {
    struct oyez_recorder *recorder;
    pthread_t thread;
    struct recorder_consumers_file file; // the thread's
    // The thread's scratch: each is too large for the stack.
    oyez_v1_QueryRequest request;
    oyez_v1_QueryAnswer message;
    struct recorder_consumers_verdict verdict;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct recorder_consumers consumers; // changed by the thread alone
    struct recorder_ask *first, **last;
    size_t bytes;
    bool ended;
};

static uint64_t now_ns(const struct recorder_consumer_desk *desk)
{
    const struct oyez_disk *disk = desk->recorder->disk;
    return disk->now(disk->context);
}

// The last field of a number in a message, if it has that type.
static bool find_field(const uint8_t *message, size_t size, uint32_t number, uint32_t type,
                       struct wire_field *out)
{
    struct wire_reader reader = {message, message + size};
    struct wire_field field;
    bool found = false;
    while (wire_read_field(&reader, &field)) {
        if (field.number == number && field.type == type) {
            *out = field;
            found = true;
        }
    }
    return found;
}

// What a question wants of a consumer; NONE: nothing.
static oyez_v1_ConsumerVerb verb_of(const struct recorder_ask *ask)
{
    struct wire_field consumer, verb;
    if (!find_field(ask->request, ask->size, CONSUMER_FIELD, WIRE_BYTES, &consumer) ||
        !find_field(consumer.bytes, consumer.size, VERB_FIELD, WIRE_VARINT, &verb) ||
        verb.integer > _oyez_v1_ConsumerVerb_MAX)
        return oyez_v1_ConsumerVerb_CONSUMER_VERB_NONE;
    return (oyez_v1_ConsumerVerb)verb.integer;
}

static bool read_request(const struct recorder_ask *ask, oyez_v1_QueryRequest *out)
{
    pb_istream_t stream = pb_istream_from_buffer(ask->request, ask->size);
    memset(out, 0, sizeof *out);
    return pb_decode(&stream, oyez_v1_QueryRequest_fields, out) &&
           out->which_body == oyez_v1_QueryRequest_consumer_tag;
}

static bool add_consumer(struct recorder_answer *answer, const oyez_v1_Consumer *consumer)
{
    uint8_t bytes[oyez_v1_Consumer_size];
    pb_ostream_t stream = pb_ostream_from_buffer(bytes, sizeof bytes);
    return pb_encode(&stream, oyez_v1_Consumer_fields, consumer) &&
           recorder_answer_add(answer, bytes, stream.bytes_written);
}

static bool add_first(struct recorder_consumer_desk *desk, struct recorder_answer *answer,
                      uint64_t request_id, oyez_v1_QueryFault fault, const char *text)
{
    memset(&desk->message, 0, sizeof desk->message);
    desk->message.request_id = request_id;
    desk->message.fault = fault;
    snprintf(desk->message.text, sizeof desk->message.text, "%s", text);
    return recorder_answer_add_message(answer, &desk->message);
}

// Puts what a verdict changes into the file's next write. False: no memory.
static bool note_change(struct recorder_consumer_desk *desk,
                        const struct recorder_consumers_verdict *verdict, const char *name)
{
    if (verdict->deleted)
        return recorder_consumers_file_add_deletion(&desk->file, name);
    return verdict->changed == NULL || recorder_consumers_file_add(&desk->file, verdict->changed);
}

static void do_turn(struct recorder_consumer_desk *desk, struct turn *turn)
{
    struct recorder_consumers_verdict *verdict = &desk->verdict;
    const oyez_v1_ConsumerRequest *request = &desk->request.body.consumer;
    recorder_answer_begin(&turn->answer, turn->ask);
    turn->is_durable = true;
    if (!read_request(turn->ask, &desk->request)) {
        turn->made = add_first(desk, &turn->answer, desk->request.request_id,
                               oyez_v1_QueryFault_QUERY_FAULT_INVALID, "no such message");
        return;
    }
    turn->request_id = desk->request.request_id;
    pthread_mutex_lock(&desk->lock);
    bool done = recorder_consumers_apply(&desk->consumers, request, oyez_clock_monotonic_ms(),
                                         now_ns(desk), verdict);
    done = done && note_change(desk, verdict, request->name);
    pthread_mutex_unlock(&desk->lock);
    turn->is_durable = verdict->fault != oyez_v1_QueryFault_QUERY_FAULT_NONE;
    turn->made = done &&
                 add_first(desk, &turn->answer, turn->request_id, verdict->fault, verdict->text) &&
                 (!verdict->has_told || add_consumer(&turn->answer, &verdict->told));
}

// What was said of a change that is not on disk is taken back.
static void take_back(struct recorder_consumer_desk *desk, struct turn *turns, const char *why)
{
    for (struct turn *turn = turns; turn != NULL; turn = turn->next) {
        if (turn->is_durable || !turn->made)
            continue;
        recorder_answer_free(&turn->answer);
        recorder_answer_begin(&turn->answer, turn->ask);
        turn->made = add_first(desk, &turn->answer, turn->request_id,
                               oyez_v1_QueryFault_QUERY_FAULT_IO, why);
    }
}

static void answer_turns(struct recorder_consumer_desk *desk, struct turn *turns)
{
    while (turns != NULL) {
        struct turn *turn = turns;
        turns = turn->next;
        recorder_answer_hand_over(desk->recorder, &turn->answer, turn->made);
        free(turn->ask);
        free(turn);
    }
}

static void do_all(struct recorder_consumer_desk *desk, struct recorder_ask *asks)
{
    struct turn *turns = NULL, **last = &turns;
    while (asks != NULL) {
        struct recorder_ask *ask = asks;
        asks = ask->next;
        struct turn *turn = calloc(1, sizeof *turn);
        if (turn == NULL) { // it is asked again
            free(ask);
            continue;
        }
        turn->ask = ask;
        do_turn(desk, turn);
        *last = turn;
        last = &turn->next;
    }
    // Only this thread changes the table, so it reads it without the lock.
    if (recorder_consumers_file_sync(&desk->file, &desk->consumers) != OYEZ_OK) {
        recorder_log(desk->recorder, OYEZ_ERROR, "%s; consumers' commits are refused meanwhile",
                     oyez_error_detail());
        take_back(desk, turns, oyez_error_detail());
    }
    answer_turns(desk, turns);
}

static void *run(void *arg)
{
    struct recorder_consumer_desk *desk = arg;
    pthread_mutex_lock(&desk->lock);
    for (;;) {
        while (desk->first == NULL && !desk->ended)
            pthread_cond_wait(&desk->changed, &desk->lock);
        if (desk->ended)
            break;
        struct recorder_ask *asks = desk->first;
        desk->first = NULL;
        desk->last = &desk->first;
        desk->bytes = 0;
        pthread_mutex_unlock(&desk->lock);
        do_all(desk, asks);
        pthread_mutex_lock(&desk->lock);
    }
    pthread_mutex_unlock(&desk->lock);
    return NULL;
}

static void tell_report(const struct oyez_recorder *recorder,
                        const struct recorder_consumers_report *report)
{
    if (report->foreign)
        recorder_log(recorder, OYEZ_WARNING, "%s is another journal's: its consumers are not taken",
                     RECORDER_CONSUMERS_FILE);
    else if (report->damaged_bytes > 0)
        recorder_log(recorder, OYEZ_WARNING,
                     "%s: %" PRIu64 " bytes are damaged; some consumer may see events again",
                     RECORDER_CONSUMERS_FILE, report->damaged_bytes);
    else if (report->torn_bytes > 0)
        recorder_log(recorder, OYEZ_INFO,
                     "%s: %" PRIu64 " bytes at its end were not written whole; no commit that was "
                     "answered",
                     RECORDER_CONSUMERS_FILE, report->torn_bytes);
}

static void free_desk(struct recorder_consumer_desk *desk)
{
    while (desk->first != NULL) {
        struct recorder_ask *ask = desk->first;
        desk->first = ask->next;
        free(ask);
    }
    recorder_consumers_file_close(&desk->file);
    recorder_consumers_free(&desk->consumers);
    pthread_mutex_destroy(&desk->lock);
    pthread_cond_destroy(&desk->changed);
    free(desk);
}

struct recorder_consumer_desk *recorder_consumers_start(struct oyez_recorder *recorder)
{
    struct recorder_consumers_report report = {0};
    struct recorder_consumer_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) {
        recorder_log(recorder, OYEZ_ERROR, "no memory for consumers");
        return NULL;
    }
    desk->recorder = recorder;
    desk->last = &desk->first;
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->changed, NULL);
    oyez_err err = recorder_consumers_file_open(&desk->file, recorder->disk, recorder->directory,
                                                recorder->journal_id, &desk->consumers,
                                                oyez_clock_monotonic_ms(), &report);
    if (err == OYEZ_OK && pthread_create(&desk->thread, NULL, run, desk) != 0)
        err = oyez_fail(OYEZ_ERR_SYSTEM, "no thread for consumers");
    if (err != OYEZ_OK) {
        recorder_log(recorder, OYEZ_ERROR, "%s; there are no consumers", oyez_error_detail());
        free_desk(desk);
        return NULL;
    }
    tell_report(recorder, &report);
    return desk;
}

void recorder_consumers_stop(struct recorder_consumer_desk *desk)
{
    if (desk == NULL)
        return;
    pthread_mutex_lock(&desk->lock);
    desk->ended = true;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
    pthread_join(desk->thread, NULL);
    free_desk(desk);
}

bool recorder_consumers_take(struct recorder_consumer_desk *desk, struct recorder_ask *ask)
{
    oyez_v1_ConsumerVerb verb = verb_of(ask);
    if (desk == NULL || verb == oyez_v1_ConsumerVerb_CONSUMER_VERB_NONE ||
        verb == oyez_v1_ConsumerVerb_CONSUMER_VERB_LIST)
        return false;
    size_t size = sizeof *ask + ask->size;
    ask->next = NULL;
    pthread_mutex_lock(&desk->lock);
    bool room = size <= RECORDER_CONSUMER_ASKS_BYTES_MAX - desk->bytes;
    if (room) {
        *desk->last = ask;
        desk->last = &ask->next;
        desk->bytes += size;
        pthread_cond_signal(&desk->changed);
    }
    pthread_mutex_unlock(&desk->lock);
    if (!room)
        free(ask);
    return true;
}

// The next one in the list, by name; false: there are no more.
static bool next_listed(struct recorder_consumer_desk *desk, oyez_v1_Consumer *consumer)
{
    pthread_mutex_lock(&desk->lock);
    size_t i = recorder_consumers_behind(&desk->consumers, consumer->name);
    bool found = i < desk->consumers.count;
    if (found)
        recorder_consumers_tell(desk->consumers.sorted[i], oyez_clock_monotonic_ms(), consumer);
    pthread_mutex_unlock(&desk->lock);
    return found;
}

struct listing {
    oyez_v1_QueryRequest request;
    oyez_v1_QueryAnswer message;
    oyez_v1_Consumer consumer;
    struct recorder_answer consumers;
};

// Collects consumers' frames, then puts the first frame, which says whether there are more, before
// them.
static bool make_list(struct recorder_consumer_desk *desk, oyez_query_engine *engine,
                      struct listing *listing, struct recorder_answer *answer)
{
    uint32_t pages = LIST_PAGES_MAX;
    bool more, made = true;
    memcpy(listing->consumer.name, listing->request.body.consumer.name,
           sizeof listing->consumer.name);
    while ((more = next_listed(desk, &listing->consumer)) && made && pages > 0 &&
           listing->consumers.count < LIST_CONSUMERS_MAX) {
        if (recorder_consumer_lag(engine, &listing->consumer, &pages) != OYEZ_OK) {
            listing->message.fault = oyez_v1_QueryFault_QUERY_FAULT_IO;
            snprintf(listing->message.text, sizeof listing->message.text, "%s",
                     oyez_error_detail());
            return recorder_answer_add_message(answer, &listing->message);
        }
        made = add_consumer(&listing->consumers, &listing->consumer);
    }
    listing->message.next_index = more;
    made = made && recorder_answer_add_message(answer, &listing->message);
    size_t offset = 0, size;
    const uint8_t *bytes;
    while (made && recorder_answer_next(&listing->consumers, &offset, &bytes, &size))
        made = recorder_answer_add(answer, bytes, size);
    return made;
}

bool recorder_consumers_list(struct recorder_consumer_desk *desk, oyez_query_engine *engine,
                             const struct recorder_ask *ask, struct recorder_answer *answer,
                             bool *made)
{
    oyez_v1_ConsumerVerb verb = verb_of(ask);
    bool mine = verb == oyez_v1_ConsumerVerb_CONSUMER_VERB_LIST ||
                (desk == NULL && verb != oyez_v1_ConsumerVerb_CONSUMER_VERB_NONE);
    struct listing *listing = mine ? calloc(1, sizeof *listing) : NULL;
    *made = false;
    if (!mine || listing == NULL)
        return mine;
    bool read = read_request(ask, &listing->request);
    listing->message.request_id = listing->request.request_id;
    if (!read || desk == NULL) {
        listing->message.fault = read ? oyez_v1_QueryFault_QUERY_FAULT_UNAVAILABLE
                                      : oyez_v1_QueryFault_QUERY_FAULT_INVALID;
        snprintf(listing->message.text, sizeof listing->message.text, "%s",
                 read ? "this recorder cannot read its consumers; its messages say why"
                      : "no such message");
        *made = recorder_answer_add_message(answer, &listing->message);
    } else {
        *made = make_list(desk, engine, listing, answer);
    }
    recorder_answer_free(&listing->consumers);
    free(listing);
    return true;
}
