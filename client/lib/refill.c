// SPDX-License-Identifier: MIT
#include "refill.h"

#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "notices.h"
#include "question.h"
#include "receiver_state.h"
#include "record_page.h"
#include "subscription.h"

#define AGAIN_MS 2u           // the recorder is behind by a group commit, mostly
#define AGAIN_HELD_MS_MAX 20u // while live events wait
#define AGAIN_MS_MAX 500u
#define FAILED_MS 200u    // without a recorder
#define PATIENCE_MS 3000u // then it is told

struct refill {
    struct question question;
    struct ask ask;
    struct ask_page page;
    oyez_subscription *subscription; // for whom it asks; NULL = nobody
    const oyez_subscription *last;   // only compared
    uint64_t asked_ms;
    uint64_t failed_ms; // since when nobody answers; 0 = somebody does
    bool told;          // that nobody does
    uint64_t pause_ms;  // nothing is asked before
    uint64_t again_ms;  // how long to wait for a recorder that is behind
};

oyez_err refill_open(struct refill **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for questions to the record");
    (*out)->again_ms = AGAIN_MS;
    return OYEZ_OK;
}

void refill_close(struct refill **refill)
{
    if (*refill == NULL)
        return;
    ask_page_free(&(*refill)->page);
    free(*refill);
    *refill = NULL;
}

// A bus without an answer for long is worth a word, once.
static void note_failure(struct receiver *receiver, uint64_t now_ms, const char *text)
{
    struct refill *refill = receiver->refill;
    if (refill->failed_ms == 0)
        refill->failed_ms = now_ms;
    if (refill->told || now_ms < refill->failed_ms + PATIENCE_MS || !receiver->client->session.open)
        return;
    refill->told = true;
    notice_add(
        receiver->client,
        &(struct oyez_notice){.kind = OYEZ_NOTICE_WAITING, .epoch = receiver->epoch, .text = text});
}

// What is up to the mark is there to be read; of an epoch that has no mark yet nobody knows.
static bool knows_recorded(const struct receiver *receiver, const struct catch_up *up)
{
    return up->only_recorded && receiver->mark.position != 0;
}

// When a subscription has something to ask for: now (0), at a time, or not by time. Under
// inbox_lock.
static uint64_t due_ms(struct receiver *receiver, oyez_subscription *subscription)
{
    struct catch_up *up = &subscription->up;
    if (subscription->closed || !up->started || !up->has_record || !up->reading)
        return UINT64_MAX;
    catch_up_settle(receiver, subscription);
    bool has_all = !up->finding && !cursor_is_before(up->complete, up->goal);
    // What is written is not yet recorded: the mark says how far it is.
    bool waits_for_mark = up->only_recorded && !cursor_is_before(up->complete, receiver->mark);
    if (has_all || (waits_for_mark && !up->finding))
        return UINT64_MAX;
    if (!inbox_has_room(&subscription->inbox, OYEZ_ANSWER_SIZE_MAX)) {
        up->starved = true;
        return UINT64_MAX;
    }
    if (up->finding || knows_recorded(receiver, up) ||
        cursor_is_before(up->complete, receiver->record_end))
        return 0;
    return receiver->read_again_ms;
}

// The first one that is due now, of those from `from` to before `to`. Under inbox_lock.
static oyez_subscription *find_due(struct receiver *receiver, oyez_subscription *from,
                                   const oyez_subscription *to, uint64_t now_ms)
{
    for (oyez_subscription *s = from; s != to && s != NULL; s = s->next) {
        uint64_t due = due_ms(receiver, s);
        if (due <= now_ms) {
            receiver->read_due_ms = 0; // and perhaps there are more
            return s;
        }
        if (due < receiver->read_due_ms)
            receiver->read_due_ms = due;
    }
    return NULL;
}

// The next one in turn. Under inbox_lock.
static oyez_subscription *find_next(struct receiver *receiver, uint64_t now_ms)
{
    const oyez_subscription *last = receiver->refill->last;
    oyez_subscription *first = receiver->client->subscriptions;
    oyez_subscription *behind = first;
    while (behind != NULL && behind != last)
        behind = behind->next;
    if (behind != NULL)
        behind = behind->next;
    receiver->read_due_ms = UINT64_MAX;
    oyez_subscription *found = find_due(receiver, behind, NULL, now_ms);
    return found != NULL ? found : find_due(receiver, first, behind, now_ms);
}

static void ask(struct receiver *receiver, oyez_subscription *subscription, uint64_t now_ms)
{
    struct refill *refill = receiver->refill;
    struct oyez_client *client = receiver->client;
    size_t size = 0;
    oyez_err err = question_write(&refill->question, &size);
    pthread_mutex_lock(&client->lock);
    if (err == OYEZ_OK)
        err = ask_begin(client, &refill->ask, refill->question.encoded, size, &refill->page);
    pthread_mutex_unlock(&client->lock);
    if (err != OYEZ_OK) {
        refill->pause_ms = now_ms + FAILED_MS;
        return;
    }
    refill->subscription = subscription;
    refill->last = subscription;
    refill->asked_ms = now_ms;
    receiver->read_due_ms = UINT64_MAX; // the answer wakes us
}

// Asks for the next in turn, if anybody is due.
static void ask_next(struct receiver *receiver, uint64_t now_ms)
{
    struct oyez_client *client = receiver->client;
    bool room_made = atomic_exchange(&client->room_made, false);
    if (!room_made && now_ms < receiver->read_due_ms)
        return;
    if (now_ms < receiver->refill->pause_ms) {
        receiver->read_due_ms = receiver->refill->pause_ms;
        return;
    }
    pthread_mutex_lock(&client->inbox_lock);
    oyez_subscription *subscription = find_next(receiver, now_ms);
    if (subscription != NULL) {
        subscription->references++;
        record_page_ask(receiver, &receiver->refill->question.request, subscription);
    }
    pthread_cond_broadcast(&client->inbox_changed); // what was held may have been handed out
    pthread_mutex_unlock(&client->inbox_lock);
    if (subscription == NULL)
        return;
    ask(receiver, subscription, now_ms);
    if (receiver->refill->subscription == NULL) {
        pthread_mutex_lock(&client->inbox_lock);
        subscription_release(subscription);
        pthread_mutex_unlock(&client->inbox_lock);
    }
}

// The recorder is behind whoever asked: it is asked again soon, and later and later.
static void wait_for_recorder(struct receiver *receiver, const struct catch_up *up, uint64_t now_ms)
{
    struct refill *refill = receiver->refill;
    const uint8_t *frame;
    size_t size;
    uint64_t longest = held_first(&up->held, &frame, &size) ? AGAIN_HELD_MS_MAX : AGAIN_MS_MAX;
    if (refill->again_ms > longest)
        refill->again_ms = longest;
    receiver->read_again_ms = now_ms + refill->again_ms;
    if (knows_recorded(receiver, up))
        refill->pause_ms = receiver->read_again_ms;
    refill->again_ms *= 2;
}

static void take_answer(struct receiver *receiver, uint64_t now_ms)
{
    struct refill *refill = receiver->refill;
    oyez_subscription *subscription = refill->subscription;
    struct catch_up *up = &subscription->up;
    const struct oyez_query_page page = {refill->page.frames, refill->page.count};
    oyez_err err = question_read(&refill->question, &page);
    if (err != OYEZ_OK) {
        refill->pause_ms = now_ms + FAILED_MS;
        note_failure(receiver, now_ms, oyez_error_detail());
        return;
    }
    refill->failed_ms = 0;
    refill->told = false;
    pthread_mutex_lock(&receiver->client->inbox_lock);
    if (!subscription->closed && up->has_record) {
        if (record_page_take(receiver, subscription, &refill->question))
            refill->again_ms = AGAIN_MS;
        else
            wait_for_recorder(receiver, up, now_ms);
        catch_up_settle(receiver, subscription);
    }
    pthread_cond_broadcast(&receiver->client->inbox_changed);
    pthread_mutex_unlock(&receiver->client->inbox_lock);
}

// Ends the question that is under way, if it is over. False while it is not.
static bool end_question(struct receiver *receiver, uint64_t now_ms)
{
    struct refill *refill = receiver->refill;
    struct oyez_client *client = receiver->client;
    oyez_subscription *subscription = refill->subscription;
    pthread_mutex_lock(&client->lock);
    bool answered = refill->ask.answered;
    if (!answered && subscription->closed)
        ask_give_up(client, &refill->ask);
    pthread_mutex_unlock(&client->lock);
    if (!answered && !subscription->closed) {
        if (now_ms >= refill->asked_ms + PATIENCE_MS)
            note_failure(receiver, now_ms, "the recorder does not answer; asking on");
        return false;
    }
    if (answered && refill->ask.err == OYEZ_OK) {
        take_answer(receiver, now_ms);
    } else if (answered) {
        subscription->up.next_index = 0; // whoever answers next may have another journal
        refill->pause_ms = now_ms + FAILED_MS;
        note_failure(receiver, now_ms, refill->ask.text);
    }
    refill->subscription = NULL;
    receiver->read_due_ms = 0;
    pthread_mutex_lock(&client->inbox_lock);
    subscription_release(subscription);
    pthread_mutex_unlock(&client->inbox_lock);
    return true;
}

void refill_stop(struct receiver *receiver)
{
    struct refill *refill = receiver->refill;
    struct oyez_client *client = receiver->client;
    if (refill->subscription == NULL)
        return;
    pthread_mutex_lock(&client->lock);
    ask_give_up(client, &refill->ask);
    pthread_mutex_unlock(&client->lock);
    pthread_mutex_lock(&client->inbox_lock);
    subscription_release(refill->subscription);
    pthread_mutex_unlock(&client->inbox_lock);
    refill->subscription = NULL;
}

void refill_tick(struct receiver *receiver, uint64_t now_ms)
{
    if (receiver->refill->subscription == NULL || end_question(receiver, now_ms))
        ask_next(receiver, now_ms);
}

// What comes in while a question is under way may be due at once, but the answer is waited for first.
uint64_t refill_due_ms(const struct receiver *receiver)
{
    return receiver->refill->subscription != NULL ? UINT64_MAX : receiver->read_due_ms;
}
