// SPDX-License-Identifier: MIT
// Emitting: an event is completed, judged, encoded once into the resend window, and from then on
// the session thread's business.
#include "emitter.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "argument.h"
#include "client_state.h"
#include "deprecation.h"
#include "inline_handlers.h"
#include "oyez/catalog.h"
#include "oyez/context.h"
#include "prepare.h"
#include "waiters.h"
#include "wire/batch.h"
#include "wire/clock.h"
#include "wire/envelope.h"
#include "wire/header.h"

// An event ready to be encoded, and what it asks of its batch.
struct draft {
    struct oyez_event event;
    uint8_t salt[OYEZ_SALT_SIZE];
    char causation[2 * OYEZ_UUID_TEXT_SIZE]; // ids that come from the context
    struct event_additions additions;        // what the catalog adds
    struct window_place place;
    enum oyez_lane lane;
    size_t header_size;
    bool own; // Oyez itself emits it
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

static oyez_err complete(struct draft *draft, oyez_client *client, const struct oyez_event *event)
{
    draft->event = *event;
    draft->event.stamp = (struct oyez_stamp){0};
    oyez_context_apply(&draft->event, draft->causation);
    if (client->defaults != NULL)
        add_defaults(&draft->event, client->defaults);
    draft->place = (struct window_place){.emitter_id = client->id, .flags = OYEZ_FLAG_CHECKED};
    if (oyez_uuid_is_zero(event->event_id))
        draft->event.event_id = oyez_uuid_new();
    else
        draft->place.flags |= OYEZ_FLAG_LOOK_UP;
    if (draft->event.occurred_at == 0)
        draft->event.occurred_at = (int64_t)oyez_clock_realtime_ns();
    complete_details(&draft->event);
    const struct oyez_type *type;
    oyez_err err = draft->own ? event_prepare_own(&draft->event, &type, &draft->additions)
                              : event_prepare(&draft->event, &type, &draft->additions);
    if (err != OYEZ_OK)
        return err;
    if (type->deprecated != NULL || draft->additions.deprecated != NULL)
        deprecation_tell(client, type, draft->additions.deprecated);
    draft->place.event_type = event->event_type;
    draft->place.event_type_size = strlen(event->event_type);
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

static oyez_err prepare(struct draft *draft, oyez_client *client, const struct oyez_event *event)
{
    oyez_err err = complete(draft, client, event);
    if (err == OYEZ_OK) {
        draft->place.event_size = oyez_event_measure(&draft->event, &draft->header_size);
        if (draft->header_size > OYEZ_HEADER_SIZE_MAX)
            err = oyez_fail(OYEZ_ERR_TOO_LARGE, "%s: header of %zu bytes; the limit is %u",
                            event->event_type, draft->header_size, OYEZ_HEADER_SIZE_MAX);
    }
    if (err != OYEZ_OK)
        event_additions_release(&draft->additions);
    return err;
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

static oyez_err fail_for_full_window(oyez_client *client)
{
    client->counters.window_full++;
    return oyez_fail(OYEZ_ERR_FULL, "%u events or %u bytes wait for the broker; try again",
                     client->windows[0].events_max, (unsigned)client->windows[0].capacity);
}

// The client may be gone when it returns OYEZ_OK: an inline handler may close it.
static oyez_err emit(oyez_client *client, struct draft *draft)
{
    uint64_t seq;
    struct inline_visit visit = {.route = NULL};
    pthread_mutex_lock(&client->lock);
    oyez_err err = draft->own ? OYEZ_OK : inline_find(client, draft->event.event_type, &visit);
    bool entered = err == OYEZ_OK && enter(client, draft, &seq);
    if (entered)
        inline_announce(&visit);
    pthread_mutex_unlock(&client->lock);
    if (entered)
        inline_run(&visit, &draft->event);
    else if (err == OYEZ_OK)
        err = fail_for_full_window(client);
    event_additions_release(&draft->additions);
    return err;
}

oyez_err oyez_client_emit(oyez_client *client, const struct oyez_event *event,
                          struct oyez_uuid *event_id)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(event);
    struct draft draft;
    draft.own = false;
    oyez_err err = client_check_fork(client);
    if (err == OYEZ_OK)
        err = inline_check_depth();
    if (err == OYEZ_OK)
        err = prepare(&draft, client, event);
    if (err == OYEZ_OK)
        err = emit(client, &draft);
    if (err == OYEZ_OK && event_id != NULL)
        *event_id = draft.event.event_id;
    return err;
}

oyez_err emitter_emit_own(struct oyez_client *client, const struct oyez_event *event)
{
    struct draft draft;
    draft.own = true;
    oyez_err err = prepare(&draft, client, event);
    return err == OYEZ_OK ? emit(client, &draft) : err;
}

static oyez_err check_level(enum oyez_level level)
{
    if (level < OYEZ_LEVEL_SENT || level > OYEZ_LEVEL_CHECKPOINTED)
        return oyez_fail(OYEZ_ERR_INVALID, "level: %d is none", (int)level);
    return OYEZ_OK;
}

static oyez_err fail_for_no_recorder(const oyez_client *client)
{
    return oyez_fail(OYEZ_ERR_NO_RECORDER,
                     "the bus at %s has no recorder: ask for the level sent, or start one",
                     client->endpoint);
}

// Whether this bus can give the level is known once there is a session. Under lock.
static oyez_err wait_for_level(oyez_client *client, enum oyez_level level,
                               const struct timespec *deadline, uint32_t timeout_ms)
{
    if (level < OYEZ_LEVEL_RECORDED)
        return OYEZ_OK;
    int waited = 0;
    while (!client->session.open && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, deadline);
    if (!client->session.open)
        return client_end_of_wait(client, "nothing emitted", timeout_ms);
    return client->session.recorder_expected ? OYEZ_OK : fail_for_no_recorder(client);
}

// Under lock, which it gives up meanwhile. Should one of them close the client, that waits for us.
static void run_inline(oyez_client *client, const struct draft *draft, struct inline_visit *visit)
{
    if (visit->route == NULL)
        return;
    inline_announce(visit);
    pthread_mutex_unlock(&client->lock);
    inline_run(visit, &draft->event);
    pthread_mutex_lock(&client->lock);
}

// Under lock, which it gives up while the window is full; handlers may come and go meanwhile, so they
// are found anew each time.
static oyez_err enter_when_it_fits(oyez_client *client, struct draft *draft, uint64_t *seq,
                                   struct inline_visit *visit, const struct timespec *deadline,
                                   uint32_t timeout_ms)
{
    int waited = 0;
    for (;;) {
        oyez_err err = draft->own ? OYEZ_OK : inline_find(client, draft->event.event_type, visit);
        if (err != OYEZ_OK || enter(client, draft, seq))
            return err;
        if (waited == ETIMEDOUT)
            return client_end_of_wait(client, "the window is still full; nothing emitted",
                                      timeout_ms);
        waited = pthread_cond_timedwait(&client->changed, &client->lock, deadline);
    }
}

// Under lock, from entering the window to the last word about it.
static oyez_err enter_and_wait(oyez_client *client, struct draft *draft, struct waiter *waiter,
                               struct inline_visit *visit, const struct timespec *deadline,
                               uint32_t timeout_ms)
{
    oyez_err err = enter_when_it_fits(client, draft, &waiter->seq, visit, deadline, timeout_ms);
    if (err != OYEZ_OK)
        return err;
    waiters_add(client, waiter);
    run_inline(client, draft, visit);
    int waited = 0;
    while (!waiter->done && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, deadline);
    waiters_remove(client, waiter);
    if (!waiter->done && waiter->recorded)
        return client_end_of_wait(client, "recorded, but no checkpoint covers it yet", timeout_ms);
    if (!waiter->done && waiter->seq <= client->session.durable_sent)
        return client_end_of_wait(client, "sent, but not yet recorded; it may still be",
                                  timeout_ms);
    if (!waiter->done)
        return client_end_of_wait(client, "not yet accepted, and it may still be", timeout_ms);
    if (waiter->err == OYEZ_ERR_NO_RECORDER)
        return fail_for_no_recorder(client);
    if (waiter->err != OYEZ_OK)
        return oyez_fail(OYEZ_ERR_REFUSED, "%s: refused by the broker: a table is full",
                         draft->event.event_type);
    return OYEZ_OK;
}

static oyez_err emit_wait(oyez_client *client, struct draft *draft, enum oyez_level level,
                          uint32_t timeout_ms, struct waiter *waiter)
{
    // Who waits for a level asks for more than the catalog does: only the durable lane answers.
    draft->lane = OYEZ_LANE_DURABLE;
    draft->place.flags |= OYEZ_FLAG_TELL;
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    struct inline_visit visit = {.route = NULL};
    client->waiting_inline++;
    pthread_mutex_lock(&client->lock);
    oyez_err err = wait_for_level(client, level, &deadline, timeout_ms);
    if (err == OYEZ_OK)
        err = enter_and_wait(client, draft, waiter, &visit, &deadline, timeout_ms);
    if (err == OYEZ_OK && waiter->receipt.epoch == 0)
        waiter->receipt.epoch = client->session.epoch;
    pthread_mutex_unlock(&client->lock);
    client->waiting_inline--;
    event_additions_release(&draft->additions);
    return err;
}

oyez_err oyez_client_emit_wait(oyez_client *client, const struct oyez_event *event,
                               enum oyez_level level, uint32_t timeout_ms,
                               struct oyez_receipt *receipt)
{
    REQUIRE_ARGUMENT(client);
    REQUIRE_ARGUMENT(event);
    struct draft draft;
    draft.own = false;
    oyez_err err = client_check_fork(client);
    if (err == OYEZ_OK)
        err = check_level(level);
    if (err == OYEZ_OK)
        err = inline_check_depth();
    if (err == OYEZ_OK)
        err = prepare(&draft, client, event);
    if (err != OYEZ_OK)
        return err;
    struct waiter waiter = {.level = level};
    err = emit_wait(client, &draft, level, timeout_ms, &waiter);
    if (receipt != NULL) {
        *receipt = waiter.receipt;
        receipt->level = err == OYEZ_OK    ? level
                         : waiter.recorded ? OYEZ_LEVEL_RECORDED
                                           : OYEZ_LEVEL_SENT;
        receipt->event_id = draft.event.event_id;
    }
    return err;
}

oyez_err emitter_emit_own_wait(struct oyez_client *client, const struct oyez_event *event,
                               enum oyez_level level, uint32_t timeout_ms)
{
    struct draft draft;
    struct waiter waiter = {.level = level};
    draft.own = true;
    oyez_err err = prepare(&draft, client, event);
    return err == OYEZ_OK ? emit_wait(client, &draft, level, timeout_ms, &waiter) : err;
}

// Under lock.
static oyez_err flush(oyez_client *client, enum oyez_level level, uint32_t timeout_ms)
{
    struct timespec deadline = oyez_clock_deadline(timeout_ms);
    struct waiter waiter = {.level = level, .everything = true};
    waiter.seq = client->windows[OYEZ_LANE_DURABLE].next_seq - 1;
    uint64_t fast = client->windows[OYEZ_LANE_FAST].next_seq - 1;
    uint64_t refused = client->counters.refused;
    oyez_err err = wait_for_level(client, level, &deadline, timeout_ms);
    if (err != OYEZ_OK)
        return err;
    client->flushing_fast = true;
    client_wake(client);
    waiters_add(client, &waiter);
    int waited = 0;
    while ((!waiter.done || client->session.fast_through < fast) && waiter.err == OYEZ_OK &&
           waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&client->changed, &client->lock, &deadline);
    waiters_remove(client, &waiter);
    client->flushing_fast = false;
    if (waiter.err != OYEZ_OK)
        return fail_for_no_recorder(client);
    if (!waiter.done && waiter.recorded)
        return client_end_of_wait(client, "no checkpoint covers everything yet", timeout_ms);
    if (!waiter.done && waiter.seq <= client->session.durable_sent)
        return client_end_of_wait(client, "not everything is recorded", timeout_ms);
    if (!waiter.done || client->session.fast_through < fast)
        return client_end_of_wait(client, "not everything is accepted", timeout_ms);
    if (client->counters.refused != refused)
        return oyez_fail(OYEZ_ERR_REFUSED, "the broker refused events: see the notices");
    return OYEZ_OK;
}

oyez_err oyez_client_flush(oyez_client *client, enum oyez_level level, uint32_t timeout_ms)
{
    REQUIRE_ARGUMENT(client);
    oyez_err err = client_check_fork(client);
    if (err == OYEZ_OK)
        err = check_level(level);
    if (err != OYEZ_OK)
        return err;
    pthread_mutex_lock(&client->lock);
    err = flush(client, level, timeout_ms);
    pthread_mutex_unlock(&client->lock);
    return err;
}

void client_settle(struct oyez_client *client, uint32_t timeout_ms)
{
    pthread_mutex_lock(&client->lock);
    (void)flush(client, LEVEL_SAFE, timeout_ms);
    pthread_mutex_unlock(&client->lock);
}
