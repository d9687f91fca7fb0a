// SPDX-License-Identifier: MIT
#include "waiters.h"

static uint64_t released_through(const struct oyez_client *client)
{
    return window_floor(&client->windows[OYEZ_LANE_DURABLE]) - 1;
}

static bool is_covered(const struct oyez_client *client, const struct waiter *waiter)
{
    const struct session *session = &client->session;
    return waiter->recorded_epoch < session->checkpointed_epoch ||
           (waiter->recorded_epoch == session->checkpointed_epoch &&
            waiter->recorded_position <= session->checkpointed_position);
}

// What is receipted is recorded: where, if nothing else tells, no further on than the receipt.
static bool has_reached_receipt(const struct oyez_client *client, struct waiter *waiter)
{
    if (waiter->level != OYEZ_LEVEL_CHECKPOINTED)
        return true;
    if (!waiter->recorded) {
        bool placed = waiter->receipt.index != 0 && !waiter->receipt.duplicate;
        waiter->recorded = true;
        waiter->recorded_epoch = placed ? waiter->receipt.epoch : client->session.receipt_epoch;
        waiter->recorded_position =
            placed ? waiter->receipt.position : client->session.receipt_position;
    }
    return is_covered(client, waiter);
}

static bool has_reached(const struct oyez_client *client, struct waiter *waiter)
{
    if (waiter->level == OYEZ_LEVEL_SENT)
        return waiter->seq <= client->session.durable_sent;
    return waiter->seq <= released_through(client) && has_reached_receipt(client, waiter);
}

void waiters_add(struct oyez_client *client, struct waiter *waiter)
{
    waiter->done = has_reached(client, waiter);
    waiter->next = client->waiters;
    client->waiters = waiter;
}

void waiters_remove(struct oyez_client *client, const struct waiter *waiter)
{
    struct waiter **link = &client->waiters;
    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
}

void waiters_accepted(struct oyez_client *client, uint64_t through)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next) {
        // What was refused goes no further: no receipt will come for it.
        bool ends = waiter->level == OYEZ_LEVEL_SENT || waiter->err != OYEZ_OK;
        waiter->done = waiter->done || (ends && waiter->seq <= through);
    }
    pthread_cond_broadcast(&client->changed);
}

void waiters_released(struct oyez_client *client)
{
    uint64_t through = released_through(client);
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next)
        waiter->done =
            waiter->done || (waiter->seq <= through && has_reached_receipt(client, waiter));
    pthread_cond_broadcast(&client->changed);
}

void waiters_checkpointed(struct oyez_client *client)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next)
        waiter->done = waiter->done || (waiter->recorded && is_covered(client, waiter));
    pthread_cond_broadcast(&client->changed);
}

void waiters_refuse(struct oyez_client *client, uint64_t first, uint64_t count)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next) {
        if (waiter->everything || waiter->seq < first || waiter->seq - first >= count)
            continue;
        waiter->err = OYEZ_ERR_REFUSED;
        waiter->done = waiter->done || waiter->seq <= client->session.durable_sent;
    }
    pthread_cond_broadcast(&client->changed);
}

void waiters_end_recorded(struct oyez_client *client)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next) {
        if (waiter->done || waiter->level < OYEZ_LEVEL_RECORDED)
            continue;
        waiter->err = OYEZ_ERR_NO_RECORDER;
        waiter->done = true;
    }
    pthread_cond_broadcast(&client->changed);
}

void waiters_move(struct oyez_client *client, uint64_t from, uint64_t to)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next) {
        if (waiter->done)
            continue;
        if (waiter->everything && waiter->seq >= from && waiter->level != OYEZ_LEVEL_SENT) {
            waiter->seq = to;
        } else if (!waiter->everything && waiter->seq == from) {
            waiter->seq = to;
            waiter->receipt = (struct oyez_receipt){0}; // where it stood it was lost
        }
    }
}

void waiters_place(struct oyez_client *client, const struct placed_run *run)
{
    for (struct waiter *waiter = client->waiters; waiter != NULL; waiter = waiter->next) {
        if (waiter->everything || waiter->seq < run->first ||
            waiter->seq - run->first >= run->count)
            continue;
        uint64_t i = waiter->seq - run->first;
        waiter->receipt.epoch = run->epoch;
        waiter->receipt.position = run->position + i;
        waiter->receipt.broker_time = run->broker_time;
        waiter->receipt.index = run->index != 0 ? run->index + i : 0;
        waiter->receipt.duplicate = run->duplicate;
    }
}
