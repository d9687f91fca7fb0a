// SPDX-License-Identifier: MIT
#include "hold.h"

#include "core.h"
#include "wire/defence.h"

static void end_episode(struct oyez_broker *broker)
{
    struct oyez_hold *hold = &broker->hold;
    if (hold->state == OYEZ_HOLD_OFF)
        return;
    oyez_hold_tick(broker);
    hold->state = OYEZ_HOLD_OFF;
    oyez_broker_log(broker, OYEZ_INFO, "intake no longer waits for the recorder, after %llu ms",
                    (unsigned long long)(broker->session_ms - hold->began_ms));
}

static void begin(struct oyez_broker *broker)
{
    struct oyez_hold *hold = &broker->hold;
    bool is_new = hold->state == OYEZ_HOLD_OFF;
    hold->state = OYEZ_HOLD_ON;
    hold->counted_ms = broker->session_ms;
    if (!is_new)
        return;
    hold->began_ms = broker->session_ms;
    oyez_counter_add(&broker->counters, OYEZ_COUNT_HOLDS, 1);
    oyez_broker_log(broker, OYEZ_WARNING,
                    "intake waits for the recorder: %llu of %llu events are recorded, and there is "
                    "no room for more that are not",
                    (unsigned long long)broker->recording.recorded_position,
                    (unsigned long long)broker->ingress.position);
}

static void overrun(struct oyez_broker *broker)
{
    struct oyez_hold *hold = &broker->hold;
    bool is_new = hold->state == OYEZ_HOLD_OFF;
    if (hold->state == OYEZ_HOLD_OVERRUN)
        return;
    oyez_hold_tick(broker);
    hold->state = OYEZ_HOLD_OVERRUN;
    if (is_new)
        hold->began_ms = broker->session_ms;
    oyez_counter_add(&broker->counters, OYEZ_COUNT_HOLD_OVERRUNS, 1);
    oyez_broker_log(broker, OYEZ_WARNING,
                    "the recorder has confirmed nothing for %llu ms: intake goes on without it, "
                    "and the record will have a gap",
                    (unsigned long long)(broker->session_ms - hold->progress_ms));
}

bool oyez_hold_check(struct oyez_broker *broker)
{
    struct oyez_hold *hold = &broker->hold;
    if (!oyez_recording_is_expected(&broker->recording) || !OYEZ_HAS(HOLD))
        return false;
    if (broker->recording.is_left ||
        oyez_ring_has_room(&broker->ingress.ring, &hold->unconfirmed, OYEZ_FRAME_SIZE_MAX)) {
        end_episode(broker);
        return false;
    }
    unsigned max_ms = atomic_load_explicit(&hold->max_ms, memory_order_relaxed);
    if (max_ms != 0 && broker->session_ms - hold->progress_ms >= max_ms) {
        overrun(broker);
        return false;
    }
    if (hold->state != OYEZ_HOLD_ON)
        begin(broker);
    return true;
}

void oyez_hold_confirm(struct oyez_broker *broker)
{
    broker->hold.progress_ms = broker->session_ms;
    oyez_ring_pass(&broker->ingress.ring, &broker->hold.unconfirmed,
                   broker->recording.recorded_position);
}

void oyez_hold_tick(struct oyez_broker *broker)
{
    struct oyez_hold *hold = &broker->hold;
    // A recorder that has nothing to confirm is not slow.
    if (broker->recording.recorded_position >= broker->ingress.position)
        hold->progress_ms = broker->session_ms;
    if (hold->state == OYEZ_HOLD_ON)
        oyez_counter_add(&broker->counters, OYEZ_COUNT_HELD_MS,
                         broker->session_ms - hold->counted_ms);
    hold->counted_ms = broker->session_ms;
}

void oyez_broker_set_hold_max(oyez_broker *broker, uint32_t hold_max_ms)
{
    atomic_store_explicit(&broker->hold.max_ms, hold_max_ms, memory_order_relaxed);
}
