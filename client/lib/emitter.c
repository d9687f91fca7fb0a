// SPDX-License-Identifier: MIT
// Emitting: an event is completed, judged, encoded once into the resend window, and from then on
// the session thread's business.
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "client_state.h"
#include "oyez/catalog.h"
#include "wire/batch.h"
#include "wire/envelope.h"
#include "wire/header.h"

// An event ready to be encoded, and what it asks of its batch.
struct draft {
    struct oyez_event event;
    uint8_t salt[OYEZ_SALT_SIZE];
    struct window_place place;
    enum oyez_lane lane;
    size_t header_size;
};

static void add_default_tags(struct oyez_event *event, const struct oyez_event *defaults)
{
    size_t count = 0;
    while (count < OYEZ_TAGS_MAX && event->tags[count].key != NULL)
        count++;
    size_t own = count;
    for (size_t i = 0; i < OYEZ_TAGS_MAX && defaults->tags[i].key != NULL; i++) {
        bool there = false;
        for (size_t t = 0; t < own && !there; t++)
            there = strcmp(event->tags[t].key, defaults->tags[i].key) == 0;
        if (!there && count < OYEZ_TAGS_MAX)
            event->tags[count++] = defaults->tags[i];
    }
}

static void add_defaults(struct oyez_event *event, const struct oyez_event *defaults)
{
    for (size_t i = 0; i < OYEZ_HEADER_FIELD_COUNT; i++) {
        const struct oyez_header_field *field = &oyez_header_fields[i];
        if (field->kind != OYEZ_HEADER_TEXT || oyez_header_text(event, field) != NULL)
            continue;
        oyez_header_set_text(event, field, oyez_header_text(defaults, field));
    }
    if (!event->has_aggregate_version && defaults->has_aggregate_version) {
        event->has_aggregate_version = true;
        event->aggregate_version = defaults->aggregate_version;
    }
    add_default_tags(event, defaults);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void complete_details(struct oyez_event *event)
{
    if (event->details_format == 0)
        event->details_format = OYEZ_DETAILS_JSON;
    if (event->details_format != OYEZ_DETAILS_JSON)
        return;
    if (event->details == NULL) {
        event->details = "{}";
        event->details_size = 2;
    } else if (event->details_size == 0) {
        event->details_size = strlen(event->details);
    }
}

static oyez_err complete(struct draft *draft, const oyez_client *client,
                         const struct oyez_event *event)
{
    draft->event = *event;
    draft->event.stamp = (struct oyez_stamp){0};
    if (client->defaults != NULL)
        add_defaults(&draft->event, client->defaults);
    draft->place = (struct window_place){.emitter_id = client->id};
    if (oyez_uuid_is_zero(event->event_id))
        draft->event.event_id = oyez_uuid_new();
    else
        draft->place.flags |= OYEZ_FLAG_LOOK_UP;
    if (draft->event.occurred_at == 0)
        draft->event.occurred_at = now_ns();
    complete_details(&draft->event);
    oyez_err err = oyez_event_check(&draft->event);
    if (err != OYEZ_OK)
        return err;
    draft->place.event_type = event->event_type;
    draft->place.event_type_size = strlen(event->event_type);
    const struct oyez_type *type = oyez_type_find(event->event_type, draft->place.event_type_size);
    draft->lane = type->delivery;
    if (draft->event.schema_version == NULL)
        draft->event.schema_version = type->version;
    if (type->personal) {
        draft->place.flags |= OYEZ_FLAG_PERSONAL;
        if (draft->event.salt == NULL) {
            if (getrandom(draft->salt, sizeof draft->salt, 0) != (ssize_t)sizeof draft->salt)
                return oyez_fail(OYEZ_ERR_SYSTEM, "no random bytes for a salt");
            draft->event.salt = draft->salt;
        }
    }
    return OYEZ_OK;
}

static oyez_err prepare(struct draft *draft, const oyez_client *client,
                        const struct oyez_event *event)
{
    oyez_err err = complete(draft, client, event);
    if (err != OYEZ_OK)
        return err;
    draft->place.event_size = oyez_event_measure(&draft->event, &draft->header_size);
    if (draft->header_size > OYEZ_HEADER_SIZE_MAX)
        return oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: header of %zu bytes; the limit is %u",
                         event->event_type, draft->header_size, OYEZ_HEADER_SIZE_MAX);
    return OYEZ_OK;
}

// Puts the event into its lane's window. Under lock. False: the window is full.
static bool enter(oyez_client *client, struct draft *draft, uint64_t *seq)
{
    struct window *window = &client->windows[draft->lane];
    const struct window_batch *newest =
        window_is_empty(window) ? NULL
                                : &window->batches[(window->end - 1) & (window->events_max - 1)];
    if (draft->lane == OYEZ_LANE_FAST)
        draft->place.flags |= OYEZ_FLAG_FAST;
    draft->place.may_join = newest != NULL && newest->order == client->order;
    draft->place.order = client->order + 1;
    bool joined;
    uint8_t *at = window_append(window, &draft->place, seq, &joined);
    if (at == NULL)
        return false;
    oyez_event_encode(&draft->event, draft->header_size, at);
    if (!joined)
        client->order++;
    client->counters.emitted++;
    client_wake(client);
    return true;
}

oyez_err oyez_client_emit(oyez_client *client, const struct oyez_event *event,
                          struct oyez_uuid *event_id)
{
    oyez_err err = client_check_fork(client);
    struct draft draft;
    if (err == OYEZ_OK)
        err = prepare(&draft, client, event);
    if (err != OYEZ_OK)
        return err;
    uint64_t seq;
    pthread_mutex_lock(&client->lock);
    bool entered = enter(client, &draft, &seq);
    pthread_mutex_unlock(&client->lock);
    if (!entered) {
        client->counters.window_full++;
        return oyez_fail(OYEZ_ERR_FULL, "%u events or %u bytes wait for the broker; try again",
                         OYEZ_WINDOW_EVENTS_MAX, OYEZ_WINDOW_BYTES_MAX);
    }
    if (event_id != NULL)
        *event_id = draft.event.event_id;
    return OYEZ_OK;
}

// What a wait that has run out means. Under lock.
static oyez_err end_of_wait(const oyez_client *client, const char *what, uint32_t timeout_ms)
{
    if (client->session.refused)
        return oyez_fail(client->session.refused_err, "%s", client->session.refused_text);
    if (!client->session.open)
        return oyez_fail(OYEZ_ERR_UNREACHABLE, "no broker answers at %s: %s after %u ms",
                         client->endpoint, what, timeout_ms);
    return oyez_fail(OYEZ_ERR_TIMEOUT, "%s after %u ms", what, timeout_ms);
}

// Whether this bus can give the level is known once there is a session. Under lock.
static oyez_err wait_for_level(oyez_client *client, enum oyez_level level,
                               const struct timespec *deadline, uint32_t timeout_ms)
{
    if (level <= OYEZ_LEVEL_SENT)
        return OYEZ_OK;
    int waited = 0;
    while (!client->session.open && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, deadline);
    if (!client->session.open)
        return end_of_wait(client, "nothing emitted", timeout_ms);
    if (!client->session.recorder_expected)
        return oyez_fail(OYEZ_ERR_NO_RECORDER,
                         "the bus at %s has no recorder: ask for the level sent, or start one",
                         client->endpoint);
    return OYEZ_OK;
}

static void unlink_waiter(oyez_client *client, const struct waiter *waiter)
{
    struct waiter **link = &client->waiters;
    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
}

// Under lock, from entering the window to the broker's word.
static oyez_err enter_and_wait(oyez_client *client, struct draft *draft, struct waiter *waiter,
                               const struct timespec *deadline, uint32_t timeout_ms)
{
    int waited = 0;
    while (!enter(client, draft, &waiter->seq)) {
        if (waited == ETIMEDOUT)
            return end_of_wait(client, "the window is still full; nothing emitted", timeout_ms);
        waited = pthread_cond_timedwait(&client->changed, &client->lock, deadline);
    }
    waiter->next = client->waiters;
    client->waiters = waiter;
    waited = 0;
    while (!waiter->done && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, deadline);
    unlink_waiter(client, waiter);
    if (!waiter->done)
        return end_of_wait(client, "not yet accepted, and it may still be", timeout_ms);
    if (waiter->refused)
        return oyez_fail(OYEZ_ERR_REFUSED, "%s: refused by the broker: a table is full",
                         draft->event.event_type);
    return OYEZ_OK;
}

oyez_err oyez_client_emit_wait(oyez_client *client, const struct oyez_event *event,
                               enum oyez_level level, uint32_t timeout_ms,
                               struct oyez_receipt *receipt)
{
    oyez_err err = client_check_fork(client);
    struct draft draft;
    if (err == OYEZ_OK)
        err = prepare(&draft, client, event);
    if (err != OYEZ_OK)
        return err;
    // Who waits for a level asks for more than the catalog does: only the durable lane answers.
    draft.lane = OYEZ_LANE_DURABLE;
    draft.place.flags |= OYEZ_FLAG_TELL;
    struct timespec deadline = deadline_after(timeout_ms);
    struct waiter waiter = {0};
    pthread_mutex_lock(&client->lock);
    err = wait_for_level(client, level, &deadline, timeout_ms);
    if (err == OYEZ_OK)
        err = enter_and_wait(client, &draft, &waiter, &deadline, timeout_ms);
    if (err == OYEZ_OK && waiter.receipt.epoch == 0)
        waiter.receipt.epoch = client->session.epoch;
    pthread_mutex_unlock(&client->lock);
    if (receipt != NULL) {
        *receipt = waiter.receipt;
        receipt->level = OYEZ_LEVEL_SENT;
        receipt->event_id = draft.event.event_id;
    }
    return err;
}

oyez_err oyez_client_flush(oyez_client *client, enum oyez_level level, uint32_t timeout_ms)
{
    oyez_err err = client_check_fork(client);
    if (err != OYEZ_OK)
        return err;
    struct timespec deadline = deadline_after(timeout_ms);
    pthread_mutex_lock(&client->lock);
    const struct session *session = &client->session;
    uint64_t durable = client->windows[OYEZ_LANE_DURABLE].next_seq - 1;
    uint64_t fast = client->windows[OYEZ_LANE_FAST].next_seq - 1;
    uint64_t refused = client->counters.refused;
    err = wait_for_level(client, level, &deadline, timeout_ms);
    client->flushing_fast = true;
    client_wake(client);
    int waited = 0;
    while (err == OYEZ_OK && waited != ETIMEDOUT &&
           (session->durable_accepted < durable || session->fast_through < fast))
        waited = pthread_cond_timedwait(&client->changed, &client->lock, &deadline);
    client->flushing_fast = false;
    if (err == OYEZ_OK && (session->durable_accepted < durable || session->fast_through < fast))
        err = end_of_wait(client, "not everything is accepted", timeout_ms);
    else if (err == OYEZ_OK && client->counters.refused != refused)
        err = oyez_fail(OYEZ_ERR_REFUSED, "the broker refused events: see the notices");
    pthread_mutex_unlock(&client->lock);
    return err;
}
