// SPDX-License-Identifier: MIT
#include "ingress.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "wire/batch.h"
#include "wire/clock.h"
#include "wire/defence.h"
#include "wire/topic.h"

enum verdict { TAKE, DROP };

static void count(struct oyez_ingress *ingress, enum oyez_counter counter, uint64_t value)
{
    oyez_counter_add(ingress->counters, counter, value);
}

static enum verdict drop(struct oyez_ingress *ingress, enum oyez_counter counter)
{
    count(ingress, counter, 1);
    return DROP;
}

static bool is_sync(const struct oyez_batch *batch)
{
    return batch->event_type_size == strlen(OYEZ_TOPIC_SYNC) &&
           memcmp(batch->event_type, OYEZ_TOPIC_SYNC, strlen(OYEZ_TOPIC_SYNC)) == 0 &&
           batch->event_count == 0;
}

static bool is_replay(const struct oyez_batch *batch)
{
    return oyez_topic_replayed(batch->event_type, batch->event_type_size) != NULL &&
           (batch->flags & ~(OYEZ_FLAG_FAST | OYEZ_FLAG_PERSONAL)) == 0 &&
           (batch->flags & OYEZ_FLAG_FAST) != 0;
}

static void start_epoch(struct oyez_ingress *ingress, uint64_t highest_told)
{
    uint64_t clock = oyez_clock_realtime_ns() / 1000u;
    ingress->epoch = clock > highest_told ? clock : highest_told + 1;
    ingress->position = 0;
    ingress->broker_time = 0;
    // An instance only has to differ from other ones; the clock is second best.
    if (getrandom(&ingress->instance, sizeof ingress->instance, 0) !=
        (ssize_t)sizeof ingress->instance)
        ingress->instance += oyez_clock_realtime_ns() | 1u;
}

oyez_err oyez_ingress_open(struct oyez_ingress *ingress, struct oyez_counters *counters,
                           size_t ring_bytes, uint32_t types_limit, uint32_t emitters_limit)
{
    memset(ingress, 0, sizeof *ingress);
    ingress->counters = counters;
    oyez_types_init(&ingress->types, types_limit);
    oyez_emitters_init(&ingress->emitters, emitters_limit);
    start_epoch(ingress, 0);
    oyez_decisions_init(&ingress->decisions, &ingress->emitters, &ingress->debts, counters);
    oyez_err err = oyez_debts_open(&ingress->debts, &ingress->emitters, counters);
    if (err == OYEZ_OK)
        err = oyez_ring_open(&ingress->ring, ring_bytes);
    if (err != OYEZ_OK)
        oyez_ingress_close(ingress);
    return err;
}

void oyez_ingress_close(struct oyez_ingress *ingress)
{
    oyez_types_clear(&ingress->types);
    oyez_emitters_clear(&ingress->emitters);
    oyez_debts_close(&ingress->debts);
    oyez_ring_close(&ingress->ring);
}

void oyez_ingress_roll_over(struct oyez_ingress *ingress, uint64_t highest_told)
{
    assert(highest_told >= ingress->epoch);
    oyez_types_clear(&ingress->types);
    oyez_debts_clear(&ingress->debts);
    oyez_decisions_clear(&ingress->decisions);
    oyez_emitters_clear(&ingress->emitters);
    oyez_ring_clear(&ingress->ring);
    start_epoch(ingress, highest_told);
}

void oyez_ingress_greet(struct oyez_ingress *ingress, uint32_t emitter, uint64_t durable_floor,
                        uint64_t fast_floor)
{
    struct oyez_emitter *entry = &ingress->emitters.entries[emitter];
    if (durable_floor > entry->durable_expected)
        entry->durable_expected = durable_floor;
    if (fast_floor > entry->fast_expected)
        entry->fast_expected = fast_floor;
    oyez_decisions_greet(&ingress->decisions, emitter, durable_floor);
    oyez_debts_requeue(&ingress->debts, emitter);
}

// What can be said of a batch without knowing its emitter's numbers.
static enum verdict check_form(struct oyez_ingress *ingress, const struct oyez_batch *batch)
{
    if (batch->epoch != 0 || batch->position != 0 || batch->type_seq != 0 ||
        batch->broker_time != 0)
        return drop(ingress, OYEZ_COUNT_FORGED_STAMP);
    if (oyez_topic_is_reserved(batch->event_type, batch->event_type_size) && !is_sync(batch) &&
        !is_replay(batch) && !oyez_topic_is_own(batch->event_type, batch->event_type_size))
        return drop(ingress, OYEZ_COUNT_RESERVED_TYPE);
    if (batch->event_count == 0 && !is_sync(batch))
        return drop(ingress, OYEZ_COUNT_NO_EVENTS);
    if (batch->emitter_seq == 0 || batch->emitter_seq > UINT64_MAX - batch->event_count)
        return drop(ingress, OYEZ_COUNT_BAD_NUMBER);
    return TAKE;
}

// Fast events up to this number are lost where they have not come.
static void jump_fast(struct oyez_ingress *ingress, uint64_t number, uint32_t emitter)
{
    struct oyez_emitter *entry = &ingress->emitters.entries[emitter];
    uint64_t lost = number - entry->fast_expected;
    if (lost > 0)
        count(ingress, OYEZ_COUNT_FAST_LOST, lost);
    entry->fast_lost += lost;
    entry->fast_expected = number;
}

// What was sent before this and did not come is lost; no later one of the lane may ever show it.
static void answer_fast_sync(struct oyez_ingress *ingress, const struct oyez_batch *batch,
                             uint32_t emitter)
{
    if (batch->emitter_seq > ingress->emitters.entries[emitter].fast_expected)
        jump_fast(ingress, batch->emitter_seq, emitter);
    oyez_debts_mark(&ingress->debts, emitter);
}

static void answer_sync(struct oyez_ingress *ingress, const struct oyez_batch *batch,
                        uint32_t emitter, uint64_t now_ms)
{
    count(ingress, OYEZ_COUNT_SYNCS, 1);
    if ((batch->flags & OYEZ_FLAG_FAST) != 0)
        answer_fast_sync(ingress, batch, emitter);
    else if (batch->emitter_seq <= ingress->emitters.entries[emitter].durable_expected)
        oyez_debts_mark(&ingress->debts, emitter);
    else
        oyez_debts_nack(&ingress->debts, emitter, now_ms);
}

static enum verdict check_durable(struct oyez_ingress *ingress, const struct oyez_batch *batch,
                                  uint32_t emitter, uint64_t now_ms)
{
    struct oyez_emitter *entry = &ingress->emitters.entries[emitter];
    uint64_t end = batch->emitter_seq + batch->event_count;
    if (batch->emitter_seq == entry->durable_expected || !OYEZ_HAS(ORDER)) {
        entry->durable_expected = end;
        return TAKE;
    }
    if (batch->emitter_seq > entry->durable_expected) {
        oyez_debts_nack(&ingress->debts, emitter, now_ms);
        return drop(ingress, OYEZ_COUNT_OUT_OF_ORDER);
    }
    if (end > entry->durable_expected)
        return drop(ingress, OYEZ_COUNT_HALF_OVERLAP);
    oyez_debts_mark(&ingress->debts, emitter);
    return drop(ingress, OYEZ_COUNT_DUPLICATE);
}

static enum verdict check_fast(struct oyez_ingress *ingress, const struct oyez_batch *batch,
                               uint32_t emitter)
{
    struct oyez_emitter *entry = &ingress->emitters.entries[emitter];
    if (batch->emitter_seq < entry->fast_expected)
        return drop(ingress, OYEZ_COUNT_DUPLICATE);
    jump_fast(ingress, batch->emitter_seq, emitter);
    entry->fast_expected = batch->emitter_seq + batch->event_count;
    return TAKE;
}

// Never back within an epoch, whatever is done to the clock.
static uint64_t next_time(struct oyez_ingress *ingress)
{
    uint64_t now = oyez_clock_realtime_ns();
    if (now > ingress->broker_time)
        ingress->broker_time = now;
    return ingress->broker_time;
}

static void stamp(struct oyez_ingress *ingress, const struct oyez_batch *batch, uint32_t emitter,
                  uint32_t type, void *frame, size_t size)
{
    uint64_t position = ingress->position + 1;
    uint64_t type_seq = oyez_types_advance(&ingress->types, type, batch->event_count);
    uint64_t time = next_time(ingress);
    oyez_batch_stamp(frame, batch->body_offset, ingress->epoch, position, type_seq, time);
    ingress->position += batch->event_count;
    oyez_ring_append(&ingress->ring, frame, size, position, batch->event_count);
    count(ingress, OYEZ_COUNT_EVENTS, batch->event_count);
    count(ingress, OYEZ_COUNT_BATCHES, 1);
    if ((batch->flags & OYEZ_FLAG_FAST) == 0)
        oyez_decisions_accept(&ingress->decisions, emitter, ingress->position);
    if ((batch->flags & OYEZ_FLAG_TELL) == 0) {
        oyez_debts_mark(&ingress->debts, emitter);
        return;
    }
    struct oyez_tell tell = {.count = batch->event_count,
                             .fast = (batch->flags & OYEZ_FLAG_FAST) != 0,
                             .emitter_seq = batch->emitter_seq,
                             .position = position,
                             .broker_time = time};
    oyez_debts_tell(&ingress->debts, emitter, &tell);
}

// The emitter learns that these were refused; their numbers count as taken, so that nothing is
// sent again for ever.
static void refuse_type(struct oyez_ingress *ingress, const struct oyez_batch *batch,
                        uint32_t emitter)
{
    ingress->emitters.entries[emitter].refused += batch->event_count;
    count(ingress, OYEZ_COUNT_REFUSED_TYPES, batch->event_count);
    if ((batch->flags & OYEZ_FLAG_FAST) == 0)
        oyez_decisions_accept(&ingress->decisions, emitter, ingress->position);
    oyez_debts_refuse(&ingress->debts, emitter, batch);
}

bool oyez_ingress_take(struct oyez_ingress *ingress, void *frame, size_t size, uint64_t now_ms)
{
    count(ingress, OYEZ_COUNT_BYTES_IN, size);
    struct oyez_batch batch;
    enum oyez_batch_fault fault = oyez_batch_walk(&batch, frame, size);
    if (fault != OYEZ_BATCH_OK) {
        count(ingress, OYEZ_COUNT_TOO_LARGE + fault - OYEZ_BATCH_TOO_LARGE, 1);
        return false;
    }
    if (check_form(ingress, &batch) == DROP)
        return false;
    uint32_t emitter = oyez_emitters_find(&ingress->emitters, batch.emitter_id);
    if (emitter == OYEZ_NONE || ingress->emitters.entries[emitter].session == OYEZ_NONE) {
        count(ingress, OYEZ_COUNT_NO_HELLO, 1);
        return false;
    }
    // Without numbers it takes no place in the order, is owed nothing, and needs no ring.
    if (is_replay(&batch)) {
        count(ingress, OYEZ_COUNT_REPLAYED, batch.event_count);
        return true;
    }
    if (batch.event_count == 0) {
        answer_sync(ingress, &batch, emitter, now_ms);
        return false;
    }
    enum verdict verdict = (batch.flags & OYEZ_FLAG_FAST) != 0
                               ? check_fast(ingress, &batch, emitter)
                               : check_durable(ingress, &batch, emitter, now_ms);
    if (verdict == DROP)
        return false;
    uint32_t type = oyez_types_find(&ingress->types, batch.event_type, batch.event_type_size);
    if (type == OYEZ_NONE) {
        refuse_type(ingress, &batch, emitter);
        return false;
    }
    stamp(ingress, &batch, emitter, type, frame, size);
    return true;
}
