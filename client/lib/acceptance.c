// SPDX-License-Identifier: MIT
#include "acceptance.h"

#include "notices.h"
#include "waiters.h"
#include "wire/defence.h"

static struct window *durable(struct oyez_client *client)
{
    return &client->windows[OYEZ_LANE_DURABLE];
}

void acceptance_through(struct oyez_client *client, uint64_t through)
{
    struct session *session = &client->session;
    if (through > session->durable_accepted)
        session->durable_accepted = through;
    if (through > session->durable_sent) {
        client->counters.accepted += through - session->durable_sent;
        session->durable_sent = through;
        waiters_accepted(client, through);
    }
    if (!session->recorder_expected && window_release(durable(client), through) != 0)
        waiters_released(client);
}

// Sends from there on again; what this broker does not know is asked about again too.
static bool send_again(struct oyez_client *client, uint64_t from)
{
    if (!window_rewind(durable(client), from))
        return false;
    if (from <= client->session.durable_accepted)
        client->session.durable_accepted = from - 1;
    return true;
}

bool acceptance_welcome(struct oyez_client *client, const oyez_v1_Welcome *welcome, bool fresh)
{
    struct session *session = &client->session;
    if (welcome->durable_expected > durable(client)->next_seq)
        return false;
    session->recorder_expected = welcome->recorder_expected;
    if (!welcome->recorder_expected)
        waiters_end_recorded(client);
    uint64_t floor = window_floor(durable(client));
    uint64_t expected = welcome->durable_expected > floor ? welcome->durable_expected : floor;
    // The same broker may have forgotten the emitter, and with it what was accepted.
    if (OYEZ_HAS(RESEND) && (fresh || expected <= session->durable_accepted))
        (void)send_again(client, expected);
    acceptance_through(client, expected - 1);
    return true;
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

static void place_stamp(struct oyez_client *client, const oyez_v1_AcceptMark *mark,
                        const oyez_v1_Stamp *stamp)
{
    if (stamp->fast)
        return;
    waiters_place(client, &(struct placed_run){.first = stamp->emitter_seq,
                                               .count = stamp->count,
                                               .epoch = mark->epoch,
                                               .position = stamp->position,
                                               .broker_time = stamp->broker_time});
}

// Whose batch this mark is the first to cover, and without a stamp, may be among the refused.
static void refuse_unplaced(struct oyez_client *client, uint64_t through)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next) {
        if (!waiter->everything && !waiter->done && waiter->receipt.position == 0 &&
            waiter->seq > client->session.durable_sent && waiter->seq <= through)
            waiter->err = OYEZ_ERR_REFUSED;
    }
}

bool acceptance_mark(struct oyez_client *client, const oyez_v1_AcceptMark *mark)
{
    struct session *session = &client->session;
    if (mark->durable_through >= durable(client)->next_seq)
        return false; // never sent: not ours
    for (pb_size_t i = 0; i < mark->stamps_count; i++)
        place_stamp(client, mark, &mark->stamps[i]);
    if (mark->refused > session->epoch_refused) {
        refuse_unplaced(client, mark->durable_through);
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
    acceptance_through(client, mark->durable_through);
    return progress;
}

bool acceptance_nack(struct oyez_client *client, uint64_t expected)
{
    if (expected > 0 && expected <= durable(client)->next_seq)
        acceptance_through(client, expected - 1);
    return send_again(client, expected);
}

void acceptance_refusal(struct oyez_client *client, const oyez_v1_Refusal *refusal)
{
    if (!refusal->fast) {
        window_mark_refused(durable(client), refusal->emitter_seq);
        waiters_refuse(client, refusal->emitter_seq, refusal->count);
        if (window_release(durable(client), 0) != 0)
            waiters_released(client);
    }
    client->session.epoch_refused += refusal->count;
    count_refused(client, refusal->count, refusal->text, refusal->event_type);
}
