// SPDX-License-Identifier: MIT
#include "tail_history.h"

#include <inttypes.h>
#include <stdlib.h>

#include "deadline.h"
#include "message.h"
#include "oyez/json.h"
#include "time_argument.h"

#define AGAIN_MS 20u // how often the recorder is asked for what it does not have yet

struct cursor {
    uint64_t epoch;
    uint64_t position;
};

static bool is_before(struct cursor a, struct cursor b)
{
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.position < b.position;
}

static struct cursor behind(struct cursor cursor)
{
    // An epoch that has ended is told as the highest position.
    if (cursor.position == UINT64_MAX) {
        return (struct cursor){cursor.epoch + 1, 0};
    }
    return (struct cursor){cursor.epoch, cursor.position + 1};
}

bool tail_history_takes(struct tail_history *history, const struct oyez_notice *notice)
{
    bool is_loss = notice->kind == OYEZ_NOTICE_GAP || notice->kind == OYEZ_NOTICE_OVERFLOW;
    if (!is_loss || !atomic_load(&history->is_reading)) {
        return false;
    }
    atomic_store(&history->missed, true);
    return true;
}

bool tail_history_has(const struct tail_history *history, const struct oyez_event *event)
{
    const struct tail_from *from = &history->from;
    struct cursor cursor = {event->stamp.epoch, event->stamp.position};
    if (history->has_shown) {
        return !is_before((struct cursor){history->epoch, history->position}, cursor);
    }
    if (from->kind == TAIL_FROM_CURSOR) {
        return is_before(cursor, (struct cursor){from->epoch, from->position});
    }
    return from->kind == TAIL_FROM_TIME && event->stamp.broker_time < (uint64_t)from->time;
}

// Where the broker stands now: what it stamped before this may have passed by
// the live part.
static oyez_err ask_head(struct tail_history *history, struct cursor *head)
{
    struct oyez_status *status = calloc(1, sizeof *status);
    if (status == NULL) {
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "out of memory");
    }
    oyez_err err = oyez_client_status(history->client, status, history->timeout_ms);
    *head = (struct cursor){status->epoch, status->position};
    free(status);
    return err;
}

// A page that does not come in time is asked for again, as long as the recorder
// ever answered.
static oyez_err next_event(struct tail_history *history, oyez_query *query,
                           const struct oyez_event **event)
{
    for (;;) {
        oyez_err err = oyez_query_next(query, event, history->timeout_ms);
        bool is_silence = err == OYEZ_ERR_TIMEOUT || err == OYEZ_ERR_UNREACHABLE;
        if (err == OYEZ_OK || err == OYEZ_ERR_NOT_FOUND) {
            history->was_answered = true;
        }
        history->ended = history->is_over(history->arg);
        if (!is_silence || !history->was_answered || history->ended) {
            return err;
        }
    }
}

// Reads once to the end of the record. *complete tells how far that is.
static oyez_err read_on(struct tail_history *history, const struct oyez_query_options *options,
                        struct cursor *complete)
{
    oyez_query *query = NULL;
    const struct oyez_event *event;
    oyez_err err = oyez_query_open(&query, history->client, options);
    while (err == OYEZ_OK && !history->ended) {
        err = next_event(history, query, &event);
        if (err == OYEZ_OK) {
            history->has_shown = true;
            history->epoch = event->stamp.epoch;
            history->position = event->stamp.position;
            history->ended = !history->show(history->arg, event) || history->ended;
        }
    }
    if (err == OYEZ_ERR_NOT_FOUND) {
        oyez_query_complete(query, &complete->epoch, &complete->position);
        err = OYEZ_OK;
    }
    oyez_query_close(&query);
    return err;
}

// Reads until the record reaches `head`: the recorder is behind the broker by a
// group commit.
static oyez_err read_to(struct tail_history *history, struct oyez_query_options *options,
                        struct cursor head)
{
    for (;;) {
        struct cursor complete = {0, 0};
        oyez_err err = read_on(history, options, &complete);
        if (err != OYEZ_OK || history->ended) {
            return err;
        }
        if (complete.epoch > 0) {
            struct cursor next = behind(complete);
            options->from_epoch = next.epoch;
            options->from_position = next.position;
        }
        // An epoch without events is one that the record does not know yet.
        if (head.position == 0 || !is_before(complete, head)) {
            return OYEZ_OK;
        }
        deadline_sleep(AGAIN_MS);
        struct cursor now = {0};
        // A broker that restarts does not come back to where it stood.
        if (ask_head(history, &now) == OYEZ_OK && now.epoch != head.epoch) {
            head = now;
        }
    }
}

// Finds the place of the last `count` events, and begins there; where there are
// none, at the end.
static oyez_err find_last(struct tail_history *history, struct oyez_query_options *options)
{
    struct oyez_query_options backwards = history->query;
    oyez_query *query = NULL;
    const struct oyez_event *event;
    struct cursor place = {0, 0};
    bool found = false;
    backwards.reverse = true;
    backwards.limit = history->from.count;
    oyez_err err = oyez_query_open(&query, history->client, &backwards);
    while (err == OYEZ_OK && !history->ended) {
        err = next_event(history, query, &event);
        if (err == OYEZ_OK) {
            found = true;
            place = (struct cursor){event->stamp.epoch, event->stamp.position};
        }
    }
    if (err == OYEZ_ERR_NOT_FOUND) {
        err = OYEZ_OK;
    }
    if (err == OYEZ_OK && !found) {
        oyez_query_complete(query, &place.epoch, &place.position);
        place = place.epoch > 0 ? behind(place) : place;
    }
    oyez_query_close(&query);
    options->from_epoch = place.epoch;
    options->from_position = place.position;
    return err;
}

static oyez_err find_begin(struct tail_history *history, struct oyez_query_options *options)
{
    *options = history->query;
    switch (history->from.kind) {
    case TAIL_FROM_LIVE:
    case TAIL_FROM_FIRST:
        break;
    case TAIL_FROM_LAST:
        return find_last(history, options);
    case TAIL_FROM_CURSOR:
        options->from_epoch = history->from.epoch;
        options->from_position = history->from.position;
        break;
    case TAIL_FROM_TIME:
        options->since = history->from.time;
        break;
    }
    return OYEZ_OK;
}

// What the live part holds is older than the next head, so it is read from the
// record.
static void drop_live(struct tail_history *history)
{
    const struct oyez_event *event;
    while (oyez_subscription_receive(history->subscription, &event, 0) == OYEZ_OK) {
    }
}

// A place that is not there yet: what is stamped before it passes by unseen.
static void tell_of_the_wait(const struct tail_history *history, struct cursor head)
{
    const struct tail_from *from = &history->from;
    char place[OYEZ_TIME_TEXT_SIZE];
    if (from->kind == TAIL_FROM_CURSOR &&
        is_before(behind(head), (struct cursor){from->epoch, from->position})) {
        message_print("the record ends at %" PRIu64 ":%" PRIu64 "; nothing is shown before %" PRIu64
                      ":%" PRIu64,
                      head.epoch, head.position, from->epoch, from->position);
    } else if (from->kind == TAIL_FROM_TIME && from->time > time_argument_now()) {
        oyez_time_to_text(from->time, place);
        message_print("the record ends at %" PRIu64 ":%" PRIu64 "; nothing is shown before %s",
                      head.epoch, head.position, place);
    }
}

oyez_err tail_history_read(struct tail_history *history)
{
    struct oyez_query_options options;
    struct cursor head = {0};
    bool is_first = true;
    atomic_store(&history->is_reading, true);
    oyez_err err = find_begin(history, &options);
    while (err == OYEZ_OK && !history->ended) {
        err = ask_head(history, &head);
        if (err == OYEZ_OK && is_first) {
            tell_of_the_wait(history, head);
            is_first = false;
        }
        if (err == OYEZ_OK) {
            err = read_to(history, &options, head);
        }
        // The live part is bounded; a history that takes long lets it overflow.
        if (err != OYEZ_OK || !atomic_exchange(&history->missed, false)) {
            break;
        }
        drop_live(history);
    }
    atomic_store(&history->is_reading, false);
    if (err == OYEZ_ERR_NO_RECORDER && history->was_answered) {
        message_print("the recorder is gone: what is recorded was shown up to %" PRIu64 ":%" PRIu64
                      "; going on live",
                      history->epoch, history->position);
        err = OYEZ_OK;
    }
    return history->ended ? OYEZ_OK : err;
}
