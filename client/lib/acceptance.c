// SPDX-License-Identifier: MIT
#include "acceptance.h"

#include "notices.h"

static struct window *durable(struct oyez_client *client)
{
    return &client->windows[OYEZ_LANE_DURABLE];
}

static void finish_waiters(struct oyez_client *client, uint64_t through)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next)
        waiter->done = waiter->done || waiter->seq <= through;
    pthread_cond_broadcast(&client->changed);
}

// Without a recorder the accept mark is the end of an event's way, and its bytes may go.
static void accept_through(struct oyez_client *client, uint64_t through)
{
    if (through <= client->session.durable_accepted)
        return;
    client->counters.accepted += through - client->session.durable_accepted;
    client->session.durable_accepted = through;
    window_release(durable(client), through);
    finish_waiters(client, through);
}

bool acceptance_welcome(struct oyez_client *client, uint64_t expected, bool fresh)
{
    if (expected > durable(client)->next_seq)
        return false;
    if (expected > 0)
        accept_through(client, expected - 1);
    if (fresh)
        (void)window_rewind(durable(client), window_floor(durable(client)));
    return true;
}

static void place_stamp(struct oyez_client *client, const oyez_v1_AcceptMark *mark,
                        const oyez_v1_Stamp *stamp)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next) {
        bool inside = !stamp->fast && waiter->seq >= stamp->emitter_seq &&
                      waiter->seq - stamp->emitter_seq < stamp->count;
        if (!inside)
            continue;
        waiter->receipt.epoch = mark->epoch;
        waiter->receipt.position = stamp->position + (waiter->seq - stamp->emitter_seq);
        waiter->receipt.broker_time = stamp->broker_time;
    }
}

// Refusals travel one by one and may be lost; the mark counts them all.
static void count_refused(struct oyez_client *client, uint64_t count, const char *text,
                          const char *event_type)
{
    client->counters.refused += count;
    notice_add(client, &(struct oyez_notice){.kind = OYEZ_NOTICE_REFUSED,
                                             .text = text,
                                             .event_type = event_type,
                                             .epoch = client->session.epoch,
                                             .count = count});
}

static void count_fast_lost(struct oyez_client *client, uint64_t count)
{
    client->counters.fast_lost += count;
    notice_add(client, &(struct oyez_notice){.kind = OYEZ_NOTICE_FAST_LOST,
                                             .text = "fast events were lost before the broker",
                                             .epoch = client->session.epoch,
                                             .count = count});
}

bool acceptance_mark(struct oyez_client *client, const oyez_v1_AcceptMark *mark)
{
    struct session *session = &client->session;
    if (mark->durable_through >= durable(client)->next_seq)
        return false; // never sent: not ours
    for (pb_size_t i = 0; i < mark->stamps_count; i++)
        place_stamp(client, mark, &mark->stamps[i]);
    if (mark->refused > session->epoch_refused) {
        // Whose batch this mark covers without a stamp may be among them.
        for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next)
            waiter->refused = waiter->refused || (waiter->seq <= mark->durable_through &&
                                                  !waiter->done && waiter->receipt.position == 0);
        count_refused(client, mark->refused - session->epoch_refused,
                      "the broker refused events for a full table", NULL);
        session->epoch_refused = mark->refused;
    }
    if (mark->fast_lost > session->epoch_fast_lost) {
        count_fast_lost(client, mark->fast_lost - session->epoch_fast_lost);
        session->epoch_fast_lost = mark->fast_lost;
    }
    bool progress = mark->durable_through > session->durable_accepted;
    if (mark->fast_through > session->fast_through &&
        mark->fast_through < client->windows[OYEZ_LANE_FAST].next_seq) {
        session->fast_through = mark->fast_through;
        progress = true;
        pthread_cond_broadcast(&client->changed);
    }
    accept_through(client, mark->durable_through);
    return progress;
}

bool acceptance_nack(struct oyez_client *client, uint64_t expected)
{
    if (expected > 0 && expected <= durable(client)->next_seq)
        accept_through(client, expected - 1);
    return window_rewind(durable(client), expected);
}

void acceptance_refusal(struct oyez_client *client, const oyez_v1_Refusal *refusal)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL && !refusal->fast;
         waiter = waiter->next) {
        if (waiter->seq >= refusal->emitter_seq &&
            waiter->seq - refusal->emitter_seq < refusal->count)
            waiter->refused = true;
    }
    client->session.epoch_refused += refusal->count;
    count_refused(client, refusal->count, refusal->text, refusal->event_type);
}
