// SPDX-License-Identifier: MIT
#include "debts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/defence.h"

enum { ROOM_AT_FIRST = 64 };

// Where the messages of one round of payments go.
struct payments {
    struct oyez_debts *debts;
    uint64_t epoch;
    uint64_t instance;
    uint64_t now_ms;
    oyez_debts_send *send;
    void *arg;
};

static bool enqueue(struct oyez_debts *debts, uint32_t emitter)
{
    struct oyez_emitter *entry = &debts->emitters->entries[emitter];
    if (entry->is_queued)
        return true;
    if (debts->queue_count == debts->queue_capacity) {
        size_t capacity = debts->queue_capacity == 0 ? ROOM_AT_FIRST : 2 * debts->queue_capacity;
        uint32_t *queue = realloc(debts->queue, capacity * sizeof *queue);
        if (queue == NULL)
            return false; // the next frame of this emitter tries again
        debts->queue = queue;
        debts->queue_capacity = capacity;
    }
    debts->queue[debts->queue_count++] = emitter;
    entry->is_queued = true;
    return true;
}

static uint32_t take_tell(struct oyez_debts *debts)
{
    uint32_t tell = debts->tells_free;
    if (tell != OYEZ_NONE) {
        debts->tells_free = debts->tells[tell].next;
        return tell;
    }
    if (debts->tells_used == OYEZ_TELLS_MAX)
        return OYEZ_NONE;
    if (debts->tells_used == debts->tells_capacity) {
        uint32_t capacity = debts->tells_capacity == 0 ? ROOM_AT_FIRST : 2 * debts->tells_capacity;
        struct oyez_tell *tells = realloc(debts->tells, capacity * sizeof *tells);
        if (tells == NULL)
            return OYEZ_NONE;
        debts->tells = tells;
        debts->tells_capacity = capacity;
    }
    return debts->tells_used++;
}

static void drop_tells(struct oyez_debts *debts, struct oyez_tells *tells, uint32_t count)
{
    assert(count <= tells->count);
    tells->count -= count;
    while (count-- > 0) {
        uint32_t tell = tells->first;
        tells->first = debts->tells[tell].next;
        debts->tells[tell].next = debts->tells_free;
        debts->tells_free = tell;
    }
    if (tells->count == 0)
        tells->first = tells->last = OYEZ_NONE;
}

static void keep_tell(struct oyez_debts *debts, struct oyez_tells *tells,
                      const struct oyez_tell *tell)
{
    uint32_t kept = OYEZ_NONE;
    if (tells->count < OYEZ_EMITTER_TELLS_MAX)
        kept = take_tell(debts);
    if (kept == OYEZ_NONE) {
        oyez_counter_add(debts->counters, OYEZ_COUNT_TELLS_DROPPED, 1);
        return;
    }
    debts->tells[kept] = *tell;
    debts->tells[kept].next = OYEZ_NONE;
    if (tells->last == OYEZ_NONE)
        tells->first = kept;
    else
        debts->tells[tells->last].next = kept;
    tells->last = kept;
    tells->count++;
}

oyez_err oyez_debts_open(struct oyez_debts *debts, struct oyez_emitters *emitters,
                         struct oyez_counters *counters)
{
    memset(debts, 0, sizeof *debts);
    debts->emitters = emitters;
    debts->counters = counters;
    debts->tells_free = OYEZ_NONE;
    debts->refusals = malloc(OYEZ_REFUSALS_MAX * sizeof *debts->refusals);
    if (debts->refusals == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the broker's refusals");
    return OYEZ_OK;
}

void oyez_debts_close(struct oyez_debts *debts)
{
    free(debts->queue);
    free(debts->tells);
    free(debts->refusals);
    memset(debts, 0, sizeof *debts);
}

void oyez_debts_clear(struct oyez_debts *debts)
{
    debts->queue_count = 0;
    debts->tells_used = 0;
    debts->tells_free = OYEZ_NONE;
    debts->refusals_count = 0;
    debts->recorded.position = 0; // a checkpoint covers what it covers in any epoch
}

void oyez_debts_mark(struct oyez_debts *debts, uint32_t emitter)
{
    struct oyez_emitter *entry = &debts->emitters->entries[emitter];
    if (!entry->owes_mark)
        entry->owes_mark = enqueue(debts, emitter);
}

void oyez_debts_tell(struct oyez_debts *debts, uint32_t emitter, const struct oyez_tell *tell)
{
    oyez_debts_mark(debts, emitter);
    keep_tell(debts, &debts->emitters->entries[emitter].stamps, tell);
}

void oyez_debts_receipt(struct oyez_debts *debts, uint32_t emitter)
{
    struct oyez_emitter *entry = &debts->emitters->entries[emitter];
    if (!entry->owes_receipt)
        entry->owes_receipt = enqueue(debts, emitter);
}

void oyez_debts_record(struct oyez_debts *debts, uint32_t emitter, const struct oyez_tell *tell)
{
    oyez_debts_receipt(debts, emitter);
    keep_tell(debts, &debts->emitters->entries[emitter].records, tell);
}

static bool is_behind(uint64_t epoch, uint64_t position, uint64_t than_epoch,
                      uint64_t than_position)
{
    return epoch > than_epoch || (epoch == than_epoch && position > than_position);
}

void oyez_debts_checkpoint(struct oyez_debts *debts, uint64_t epoch, uint64_t position)
{
    struct oyez_recorded *recorded = &debts->recorded;
    if (!is_behind(epoch, position, recorded->checkpointed_epoch, recorded->checkpointed_position))
        return;
    recorded->checkpointed_epoch = epoch;
    recorded->checkpointed_position = position;
    for (uint32_t i = 0; i < debts->emitters->count; i++)
        if (debts->emitters->entries[i].awaits_checkpoint)
            oyez_debts_receipt(debts, i);
}

void oyez_debts_greet(struct oyez_debts *debts, uint32_t emitter)
{
    debts->emitters->entries[emitter].awaits_checkpoint = true;
    if (debts->recorded.checkpointed_epoch != 0)
        oyez_debts_receipt(debts, emitter);
}

void oyez_debts_refuse(struct oyez_debts *debts, uint32_t emitter, const struct oyez_batch *batch)
{
    oyez_debts_mark(debts, emitter);
    if (debts->refusals_count == OYEZ_REFUSALS_MAX) {
        oyez_counter_add(debts->counters, OYEZ_COUNT_REFUSALS_DROPPED, 1);
        return;
    }
    struct oyez_type_refusal *refusal = &debts->refusals[debts->refusals_count++];
    refusal->emitter = emitter;
    refusal->count = batch->event_count;
    refusal->fast = (batch->flags & OYEZ_FLAG_FAST) != 0;
    refusal->emitter_seq = batch->emitter_seq;
    memcpy(refusal->event_type, batch->event_type, batch->event_type_size);
    refusal->event_type[batch->event_type_size] = '\0';
}

void oyez_debts_nack(struct oyez_debts *debts, uint32_t emitter, uint64_t now_ms)
{
    struct oyez_emitter *entry = &debts->emitters->entries[emitter];
    bool is_same = entry->nack_number == entry->durable_expected;
    if (!OYEZ_HAS(NACK))
        return;
    if (is_same && entry->nack_sent_ms != 0 && now_ms - entry->nack_sent_ms < OYEZ_NACK_REPEAT_MS)
        return;
    if (!is_same)
        entry->nack_sent_ms = 0;
    entry->nack_number = entry->durable_expected;
    entry->owes_nack = enqueue(debts, emitter);
}

void oyez_debts_requeue(struct oyez_debts *debts, uint32_t emitter)
{
    struct oyez_emitter *entry = &debts->emitters->entries[emitter];
    if (entry->owes_mark || entry->owes_nack || entry->owes_receipt)
        enqueue(debts, emitter);
}

void oyez_debts_forget(struct oyez_debts *debts, uint32_t emitter)
{
    struct oyez_emitter *entry = &debts->emitters->entries[emitter];
    drop_tells(debts, &entry->stamps, entry->stamps.count);
    drop_tells(debts, &entry->records, entry->records.count);
    size_t kept = 0;
    for (size_t i = 0; entry->is_queued && i < debts->queue_count; i++)
        if (debts->queue[i] != emitter)
            debts->queue[kept++] = debts->queue[i];
    if (entry->is_queued)
        debts->queue_count = kept;
    entry->is_queued = false;
    uint32_t refusals = 0;
    for (uint32_t i = 0; i < debts->refusals_count; i++)
        if (debts->refusals[i].emitter != emitter)
            debts->refusals[refusals++] = debts->refusals[i];
    debts->refusals_count = refusals;
}

static oyez_v1_AcceptMark *fill_mark(struct payments *payments, const struct oyez_emitter *entry)
{
    oyez_v1_FromBroker *message = &payments->debts->message;
    message->which_body = oyez_v1_FromBroker_accept_mark_tag;
    oyez_v1_AcceptMark *mark = &message->body.accept_mark;
    mark->epoch = payments->epoch;
    mark->instance = payments->instance;
    mark->durable_through = entry->durable_expected - 1;
    mark->fast_through = entry->fast_expected - 1;
    mark->fast_lost = entry->fast_lost;
    mark->refused = entry->refused;
    mark->stamps_count = 0;
    const pb_size_t room = sizeof mark->stamps / sizeof mark->stamps[0];
    for (uint32_t i = entry->stamps.first; i != OYEZ_NONE && mark->stamps_count < room;) {
        const struct oyez_tell *tell = &payments->debts->tells[i];
        mark->stamps[mark->stamps_count++] = (oyez_v1_Stamp){.fast = tell->fast,
                                                             .emitter_seq = tell->emitter_seq,
                                                             .count = tell->count,
                                                             .position = tell->position,
                                                             .broker_time = tell->broker_time};
        i = tell->next;
    }
    return mark;
}

static enum oyez_payment pay_marks(struct payments *payments, struct oyez_emitter *entry)
{
    while (entry->owes_mark) {
        const oyez_v1_AcceptMark *mark = fill_mark(payments, entry);
        enum oyez_payment paid =
            payments->send(payments->arg, entry->session, &payments->debts->message);
        if (paid != OYEZ_PAID)
            return paid;
        oyez_counter_add(payments->debts->counters, OYEZ_COUNT_MARKS, 1);
        drop_tells(payments->debts, &entry->stamps, mark->stamps_count);
        entry->owes_mark = entry->stamps.count > 0;
    }
    return OYEZ_PAID;
}

// What is recorded, then how far: the receipt that brings the new number is the last one, and names
// all that was lost up to it.
static oyez_v1_Receipt *fill_receipt(struct payments *payments, const struct oyez_emitter *entry)
{
    oyez_v1_FromBroker *message = &payments->debts->message;
    message->which_body = oyez_v1_FromBroker_receipt_tag;
    oyez_v1_Receipt *receipt = &message->body.receipt;
    receipt->epoch = payments->epoch;
    receipt->instance = payments->instance;
    receipt->told_count = receipt->lost_count = 0;
    receipt->position = payments->debts->recorded.position;
    receipt->checkpointed_epoch = payments->debts->recorded.checkpointed_epoch;
    receipt->checkpointed_position = payments->debts->recorded.checkpointed_position;
    const pb_size_t room = sizeof receipt->told / sizeof receipt->told[0];
    for (uint32_t i = entry->records.first; i != OYEZ_NONE && receipt->told_count < room;) {
        const struct oyez_tell *tell = &payments->debts->tells[i];
        receipt->told[receipt->told_count++] = (oyez_v1_Told){.emitter_seq = tell->emitter_seq,
                                                              .count = tell->count,
                                                              .position = tell->position,
                                                              .index = tell->index,
                                                              .duplicate = tell->duplicate,
                                                              .broker_time = tell->broker_time};
        i = tell->next;
    }
    receipt->durable_through = entry->receipt_sent;
    if (receipt->told_count == entry->records.count) {
        receipt->durable_through = entry->receipted_through;
        for (uint32_t i = entry->lost_told; i < entry->lost_count; i++)
            receipt->lost[receipt->lost_count++] =
                (oyez_v1_Range){entry->lost[i].first, entry->lost[i].last};
    }
    return receipt;
}

static enum oyez_payment pay_receipts(struct payments *payments, struct oyez_emitter *entry)
{
    while (entry->owes_receipt) {
        const oyez_v1_Receipt *receipt = fill_receipt(payments, entry);
        enum oyez_payment paid =
            payments->send(payments->arg, entry->session, &payments->debts->message);
        if (paid != OYEZ_PAID)
            return paid;
        oyez_counter_add(payments->debts->counters, OYEZ_COUNT_RECEIPTS, 1);
        drop_tells(payments->debts, &entry->records, receipt->told_count);
        entry->receipt_sent = receipt->durable_through;
        entry->awaits_checkpoint =
            is_behind(receipt->epoch, receipt->position, receipt->checkpointed_epoch,
                      receipt->checkpointed_position);
        entry->lost_told += receipt->lost_count;
        entry->owes_receipt = entry->records.count > 0 || entry->lost_told < entry->lost_count ||
                              entry->receipt_sent < entry->receipted_through;
    }
    return OYEZ_PAID;
}

static enum oyez_payment pay_nack(struct payments *payments, struct oyez_emitter *entry)
{
    // When the expected number has moved since, what was missing has come.
    if (!entry->owes_nack || entry->nack_number != entry->durable_expected) {
        entry->owes_nack = false;
        return OYEZ_PAID;
    }
    oyez_v1_FromBroker *message = &payments->debts->message;
    message->which_body = oyez_v1_FromBroker_nack_tag;
    message->body.nack = (oyez_v1_Nack){.epoch = payments->epoch,
                                        .instance = payments->instance,
                                        .expected = entry->durable_expected};
    enum oyez_payment paid = payments->send(payments->arg, entry->session, message);
    if (paid == OYEZ_PAID) {
        oyez_counter_add(payments->debts->counters, OYEZ_COUNT_NACKS, 1);
        entry->owes_nack = false;
        entry->nack_sent_ms = payments->now_ms;
    }
    return paid;
}

static enum oyez_payment pay_refusal(struct payments *payments,
                                     const struct oyez_type_refusal *refusal)
{
    const struct oyez_emitter *entry = &payments->debts->emitters->entries[refusal->emitter];
    if (entry->session == OYEZ_NONE)
        return OYEZ_PAY_GONE;
    oyez_v1_FromBroker *message = &payments->debts->message;
    message->which_body = oyez_v1_FromBroker_refusal_tag;
    message->body.refusal = (oyez_v1_Refusal){
        .reason = oyez_v1_RefusalReason_REFUSAL_REASON_TYPES,
        .text = "the broker's table of event types is full: emit types already in use, or restart "
                "the broker to start a new epoch",
        .fast = refusal->fast,
        .emitter_seq = refusal->emitter_seq,
        .count = refusal->count};
    memcpy(message->body.refusal.event_type, refusal->event_type, sizeof refusal->event_type);
    return payments->send(payments->arg, entry->session, message);
}

static void pay_refusals(struct payments *payments)
{
    struct oyez_debts *debts = payments->debts;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < debts->refusals_count; i++) {
        enum oyez_payment paid = pay_refusal(payments, &debts->refusals[i]);
        if (paid == OYEZ_PAY_LATER)
            debts->refusals[kept++] = debts->refusals[i];
        else if (paid == OYEZ_PAY_GONE)
            oyez_counter_add(debts->counters, OYEZ_COUNT_REFUSALS_DROPPED, 1);
    }
    debts->refusals_count = kept;
}

void oyez_debts_pay(struct oyez_debts *debts, uint64_t epoch, uint64_t instance, uint64_t now_ms,
                    oyez_debts_send *send, void *arg)
{
    struct payments payments = {debts, epoch, instance, now_ms, send, arg};
    debts->message.protocol_version = OYEZ_PROTOCOL_VERSION;
    debts->message.request_id = 0;
    // A refusal travels before the mark that counts it.
    pay_refusals(&payments);
    size_t kept = 0;
    for (size_t i = 0; i < debts->queue_count; i++) {
        uint32_t emitter = debts->queue[i];
        struct oyez_emitter *entry = &debts->emitters->entries[emitter];
        enum oyez_payment paid = OYEZ_PAY_GONE;
        if (entry->session != OYEZ_NONE) {
            paid = pay_marks(&payments, entry);
            if (paid == OYEZ_PAID)
                paid = pay_receipts(&payments, entry);
            if (paid == OYEZ_PAID)
                paid = pay_nack(&payments, entry);
        }
        entry->is_queued = paid == OYEZ_PAY_LATER;
        if (entry->is_queued)
            debts->queue[kept++] = emitter;
    }
    debts->queue_count = kept;
}
