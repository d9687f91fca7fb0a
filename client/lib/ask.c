// SPDX-License-Identifier: MIT
#include "ask.h"
#include "wire/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "wire/field.h"

#define REPEAT_MS 1000u // a question without an answer is said again, then after twice that
#define REPEAT_MS_MAX 8000u
#define RETRY_MS 2u // while the socket takes nothing

_Static_assert(OYEZ_ANSWER_FRAMES_MAX >= 1 + OYEZ_PAGE_EVENTS_MAX, "a full page must travel");

// Field 1 of QueryRequest and of QueryAnswer. 0 where it does not stand first.
static uint64_t read_request_id(const uint8_t *message, size_t size)
{
    struct wire_reader reader = {message, message + size};
    struct wire_field field;
    bool found = wire_read_field(&reader, &field) && field.number == 1 && field.type == WIRE_VARINT;
    return found ? field.integer : 0;
}

void ask_page_free(struct ask_page *page)
{
    free(page->bytes);
    *page = (struct ask_page){0};
}

oyez_err ask_begin(struct oyez_client *client, struct ask *ask, const uint8_t *request, size_t size,
                   struct ask_page *page)
{
    *ask = (struct ask){.request = request,
                        .size = size,
                        .request_id = read_request_id(request, size),
                        .repeat_ms = REPEAT_MS,
                        .page = page};
    if (ask->request_id == 0 || size > OYEZ_ASK_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_INVALID, "a question of %zu bytes, with request_id %s", size,
                         ask->request_id == 0 ? "missing" : "there");
    struct ask **link = &client->ask;
    while (*link != NULL)
        link = &(*link)->next;
    *link = ask;
    client_wake(client);
    return OYEZ_OK;
}

void ask_give_up(struct oyez_client *client, struct ask *ask)
{
    struct ask **link = &client->ask;
    while (*link != NULL && *link != ask)
        link = &(*link)->next;
    if (*link == NULL)
        return;
    *link = ask->next;
    client_wake(client); // whoever is next
}

// Under lock.
static oyez_err await_answer(struct oyez_client *client, const struct ask *ask, uint32_t timeout_ms)
{
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    int waited = 0;
    while (!ask->answered && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, &deadline);
    if (ask->answered)
        return ask->err == OYEZ_OK ? OYEZ_OK : oyez_fail(ask->err, "%s", ask->text);
    return client_end_of_wait(client,
                              client->ask == ask ? "no answer of the recorder"
                                                 : "other threads' questions come first",
                              timeout_ms);
}

oyez_err ask_recorder(void *arg, const uint8_t *request, size_t size, struct oyez_query_page *page,
                      uint32_t timeout_ms)
{
    struct asker *asker = arg;
    struct oyez_client *client = asker->client;
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    struct ask ask;
    pthread_mutex_lock(&client->lock);
    err = ask_begin(client, &ask, request, size, &asker->page);
    if (err == OYEZ_OK)
        err = await_answer(client, &ask, timeout_ms);
    ask_give_up(client, &ask);
    pthread_mutex_unlock(&client->lock);
    if (err == OYEZ_OK)
        *page = (struct oyez_query_page){asker->page.frames, asker->page.count};
    return err;
}

// Two frames: the Ask for the broker, and the question that it passes on unread.
static bool say(struct oyez_client *client, uint64_t request_id, zmq_msg_t *question)
{
    oyez_v1_ToBroker message = oyez_v1_ToBroker_init_zero;
    message.which_body = oyez_v1_ToBroker_ask_tag;
    message.request_id = request_id;
    uint8_t frame[64];
    size_t size;
    return oyez_to_broker_encode(&message, frame, sizeof frame, &size) == OYEZ_OK &&
           zmq_send(client->control, frame, size, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
           zmq_msg_send(question, client->control, ZMQ_DONTWAIT) >= 0;
}

void ask_tick(struct oyez_client *client, uint64_t now_ms)
{
    zmq_msg_t question;
    uint64_t request_id = 0;
    pthread_mutex_lock(&client->lock);
    struct ask *ask = client->ask;
    // Copied, because the thread that asks may stop waiting at any time.
    if (ask != NULL && client->session.open && now_ms >= ask->due_ms &&
        zmq_msg_init_size(&question, ask->size) == 0) {
        request_id = ask->request_id;
        memcpy(zmq_msg_data(&question), ask->request, ask->size);
    }
    pthread_mutex_unlock(&client->lock);
    if (request_id == 0)
        return;
    bool said = say(client, request_id, &question);
    zmq_msg_close(&question);
    pthread_mutex_lock(&client->lock);
    ask = client->ask;
    if (ask != NULL && ask->request_id == request_id) {
        ask->due_ms = now_ms + (said ? ask->repeat_ms : RETRY_MS);
        if (said && ask->repeat_ms < REPEAT_MS_MAX)
            ask->repeat_ms *= 2;
    }
    pthread_mutex_unlock(&client->lock);
}

uint64_t ask_due_ms(const struct oyez_client *client)
{
    bool due = client->ask != NULL && client->session.open;
    return due ? client->ask->due_ms : UINT64_MAX;
}

void ask_again(struct oyez_client *client)
{
    pthread_mutex_lock(&client->lock);
    if (client->ask != NULL)
        client->ask->due_ms = 0;
    pthread_mutex_unlock(&client->lock);
}

static oyez_err keep_frame(struct ask_page *page, const void *bytes, size_t size)
{
    if (page->count == OYEZ_ANSWER_FRAMES_MAX || size > OYEZ_ANSWER_SIZE_MAX - page->size)
        return OYEZ_ERR_MALFORMED;
    if (page->size + size > page->capacity) {
        size_t capacity = page->capacity == 0 ? 4096 : page->capacity;
        while (capacity < page->size + size)
            capacity *= 2;
        uint8_t *grown = realloc(page->bytes, capacity);
        if (grown == NULL)
            return OYEZ_ERR_NO_MEMORY;
        page->bytes = grown;
        page->capacity = capacity;
    }
    if (size > 0)
        memcpy(page->bytes + page->size, bytes, size);
    page->frames[page->count++].size = size;
    page->size += size;
    return OYEZ_OK;
}

// The bytes may have moved while the page grew.
static void place_frames(struct ask_page *page)
{
    const uint8_t *at = page->bytes;
    for (size_t i = 0; i < page->count; i++) {
        page->frames[i].bytes = at;
        at += page->frames[i].size;
    }
}

// Under lock.
static struct ask *find(struct oyez_client *client, uint64_t request_id)
{
    struct ask *ask = client->ask;
    return ask != NULL && ask->request_id == request_id ? ask : NULL;
}

// Under lock.
static void end(struct oyez_client *client, struct ask *ask, oyez_err err, const char *text)
{
    ask_give_up(client, ask);
    ask->answered = true;
    ask->err = err;
    snprintf(ask->text, sizeof ask->text, "%s", text);
    pthread_cond_broadcast(&client->changed);
}

static void hand_over(struct oyez_client *client, uint64_t request_id, oyez_err err)
{
    place_frames(client->answer);
    pthread_mutex_lock(&client->lock);
    struct ask *ask = find(client, request_id);
    if (ask != NULL) {
        struct ask_page page = *ask->page;
        *ask->page = *client->answer;
        *client->answer = page;
        end(client, ask, err,
            err == OYEZ_ERR_NO_MEMORY ? "no memory for an answer" : "an answer above its limit");
    }
    pthread_mutex_unlock(&client->lock);
}

static bool is_awaited(struct oyez_client *client, uint64_t request_id)
{
    pthread_mutex_lock(&client->lock);
    bool awaited = find(client, request_id) != NULL;
    pthread_mutex_unlock(&client->lock);
    return awaited;
}

static bool has_more(void *socket)
{
    int more = 0;
    size_t size = sizeof more;
    return zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more != 0;
}

bool ask_take_answer(struct oyez_client *client)
{
    struct ask_page *page = client->answer;
    uint64_t request_id = 0;
    oyez_err err = OYEZ_OK;
    bool awaited = false;
    page->size = page->count = 0;
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    for (bool first = true; has_more(client->control); first = false) {
        if (zmq_msg_recv(&frame, client->control, ZMQ_DONTWAIT) < 0)
            break;
        if (first) {
            request_id = read_request_id(zmq_msg_data(&frame), zmq_msg_size(&frame));
            awaited = is_awaited(client, request_id);
        }
        // A late answer, of a question that nobody waits for any more, is read past.
        if (awaited && err == OYEZ_OK)
            err = keep_frame(page, zmq_msg_data(&frame), zmq_msg_size(&frame));
    }
    zmq_msg_close(&frame);
    if (awaited)
        hand_over(client, request_id, err);
    else
        ask_again(client); // it kept the broker from taking the present question
    return request_id != 0;
}

void ask_take_refusal(struct oyez_client *client, uint64_t request_id,
                      const oyez_v1_Refusal *refusal)
{
    pthread_mutex_lock(&client->lock);
    struct ask *ask = find(client, request_id);
    if (ask != NULL && refusal->reason == oyez_v1_RefusalReason_REFUSAL_REASON_NO_RECORDER)
        end(client, ask, OYEZ_ERR_NO_RECORDER,
            refusal->text[0] != '\0' ? refusal->text : "there is no recorder to ask");
    else if (ask != NULL)
        end(client, ask, OYEZ_ERR_REFUSED,
            refusal->text[0] != '\0' ? refusal->text : "the broker refused the question");
    pthread_mutex_unlock(&client->lock);
}
