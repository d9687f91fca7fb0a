// SPDX-License-Identifier: MIT
#include "receipts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acceptance.h"
#include "notices.h"
#include "waiters.h"
#include "wire/batch.h"

// Frames with lost events, copied out of the window: their places there are needed for them.
struct lost {
    const oyez_v1_Receipt *receipt;
    uint64_t through; // end of what is let go of
    uint8_t *bytes;
    size_t size;
};

static struct window *durable(struct oyez_client *client)
{
    return &client->windows[OYEZ_LANE_DURABLE];
}

static bool is_lost(const oyez_v1_Receipt *receipt, uint64_t first, uint64_t last)
{
    for (pb_size_t i = 0; i < receipt->lost_count; i++) {
        if (receipt->lost[i].first <= last && receipt->lost[i].last >= first)
            return true;
    }
    return false;
}

static bool has_lost(const struct lost *lost, const struct window_batch *batch)
{
    return !batch->refused &&
           is_lost(lost->receipt, batch->first_seq, batch->first_seq + batch->count - 1);
}

// Copies the frames with lost events, each behind its size; with `copy` NULL only measures them.
static size_t copy_lost(struct oyez_client *client, const struct lost *lost, uint8_t *copy)
{
    const struct window *window = durable(client);
    struct window_batch batch;
    size_t total = 0;
    uint64_t seq = window_floor(window);
    while (seq <= lost->through && window_find(window, seq, &batch)) {
        seq = batch.first_seq + batch.count;
        // What is not let go of must not be emitted twice, whatever the receipt says.
        if (!batch.closed || seq - 1 > lost->through)
            break;
        if (!has_lost(lost, &batch))
            continue;
        if (copy != NULL) {
            memcpy(copy + total, &batch.size, sizeof batch.size);
            memcpy(copy + total + sizeof batch.size, window->bytes + batch.offset, batch.size);
        }
        total += sizeof batch.size + batch.size;
    }
    return total;
}

// How many of the events that are let go of are recorded: not those refused, nor those lost.
static uint64_t count_recorded(struct oyez_client *client, const struct lost *lost)
{
    const struct window *window = durable(client);
    struct window_batch batch;
    uint64_t recorded = 0;
    uint64_t seq = window_floor(window);
    while (seq <= lost->through && window_find(window, seq, &batch)) {
        uint64_t first = seq;
        seq = batch.first_seq + batch.count;
        if (!batch.closed || seq - 1 > lost->through)
            break;
        if (batch.refused)
            continue;
        recorded += batch.count;
        for (; has_lost(lost, &batch) && first < seq; first++)
            recorded -= is_lost(lost->receipt, first, first) ? 1 : 0;
    }
    return recorded;
}

static oyez_err save_lost(struct oyez_client *client, struct lost *lost)
{
    if (lost->receipt->lost_count == 0)
        return OYEZ_OK;
    lost->size = copy_lost(client, lost, NULL);
    if (lost->size == 0)
        return OYEZ_OK;
    lost->bytes = malloc(lost->size);
    if (lost->bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for %zu bytes of lost events", lost->size);
    copy_lost(client, lost, lost->bytes);
    return OYEZ_OK;
}

// Emits the lost events of one saved frame again.
static void emit_again(struct oyez_client *client, const struct lost *lost,
                       const struct oyez_batch *batch)
{
    struct window_place place = {.event_type = batch->event_type,
                                 .event_type_size = batch->event_type_size,
                                 .emitter_id = client->id,
                                 .flags = batch->flags | OYEZ_FLAG_RESENT};
    const uint8_t *cursor = batch->events;
    const uint8_t *event;
    uint64_t seq = batch->emitter_seq;
    for (; oyez_batch_next_event(batch, &cursor, &event, &place.event_size); seq++) {
        if (!is_lost(lost->receipt, seq, seq))
            continue;
        uint64_t number;
        bool joined;
        place.order = client->order + 1;
        uint8_t *at = window_append(durable(client), &place, &number, &joined);
        // The frames let go of had room, in pieces in which these frames lay one after another.
        assert(at != NULL);
        memcpy(at, event, place.event_size);
        if (!joined)
            client->order++;
        place.may_join = true; // what was one batch stays together where it can
        waiters_move(client, seq, number);
        client->counters.reemitted++;
    }
}

static void emit_all_again(struct oyez_client *client, const struct lost *lost)
{
    uint64_t before = client->counters.reemitted;
    for (size_t at = 0; at < lost->size;) {
        size_t size;
        struct oyez_batch batch;
        memcpy(&size, lost->bytes + at, sizeof size);
        enum oyez_batch_fault fault = oyez_batch_walk(&batch, lost->bytes + at + sizeof size, size);
        assert(fault == OYEZ_BATCH_OK);
        emit_again(client, lost, &batch);
        at += sizeof size + size;
    }
    uint64_t count = client->counters.reemitted - before;
    if (count == 0)
        return;
    char text[128];
    snprintf(text, sizeof text,
             "%" PRIu64 " events were lost before the recorder and are emitted again", count);
    notice_add(client, &(struct oyez_notice){.kind = OYEZ_NOTICE_REEMITTED,
                                             .text = text,
                                             .epoch = client->session.epoch,
                                             .count = count});
}

static void place_told(struct oyez_client *client, uint64_t epoch, const oyez_v1_Told *told)
{
    waiters_place(client, &(struct placed_run){.first = told->emitter_seq,
                                               .count = told->count,
                                               .epoch = epoch,
                                               .position = told->position,
                                               .broker_time = told->broker_time,
                                               .index = told->index + 1,
                                               .duplicate = told->duplicate});
}

// Both only ever grow; a receipt may be late.
static void note_cursors(struct oyez_client *client, const oyez_v1_Receipt *receipt)
{
    struct session *session = &client->session;
    if (receipt->epoch != session->receipt_epoch || receipt->position > session->receipt_position) {
        session->receipt_epoch = receipt->epoch;
        session->receipt_position = receipt->position;
    }
    if (receipt->checkpointed_epoch < session->checkpointed_epoch ||
        (receipt->checkpointed_epoch == session->checkpointed_epoch &&
         receipt->checkpointed_position <= session->checkpointed_position))
        return;
    session->checkpointed_epoch = receipt->checkpointed_epoch;
    session->checkpointed_position = receipt->checkpointed_position;
    waiters_checkpointed(client);
}

oyez_err receipts_take(struct oyez_client *client, const oyez_v1_Receipt *receipt)
{
    struct window *window = durable(client);
    if (receipt->durable_through >= window->next_seq)
        return oyez_fail(OYEZ_ERR_MALFORMED, "a receipt for numbers never given out");
    struct lost lost = {.receipt = receipt};
    // Batches are decided as wholes: what is known of half a batch waits for the other half.
    lost.through = window_whole(window, receipt->durable_through);
    oyez_err err = save_lost(client, &lost);
    if (err != OYEZ_OK)
        return err;
    note_cursors(client, receipt);
    acceptance_through(client, lost.through); // the accept mark may have been lost
    for (pb_size_t i = 0; i < receipt->told_count; i++)
        place_told(client, receipt->epoch, &receipt->told[i]);
    client->counters.recorded += count_recorded(client, &lost);
    uint32_t released = window_release(window, lost.through);
    emit_all_again(client, &lost);
    free(lost.bytes);
    if (released != 0)
        waiters_released(client);
    return OYEZ_OK;
}
