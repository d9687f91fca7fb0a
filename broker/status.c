// SPDX-License-Identifier: MIT
#include "status.h"

#include <stdio.h>

#include "wire/clock.h"

void oyez_status_refresh(struct oyez_broker *broker)
{
    struct oyez_counters *counters = &broker->counters;
    oyez_counter_set(counters, OYEZ_COUNT_SESSIONS, broker->sessions.count);
    oyez_counter_set(counters, OYEZ_COUNT_EMITTERS, broker->ingress.emitters.count);
    oyez_counter_set(counters, OYEZ_COUNT_TYPES, broker->ingress.types.count);
    oyez_counter_set(counters, OYEZ_COUNT_RING_FIRST_POSITION,
                     oyez_ring_first_position(&broker->ingress.ring));
    oyez_counter_set(counters, OYEZ_COUNT_RECORDED_POSITION, broker->recording.recorded_position);
    oyez_counter_set(counters, OYEZ_COUNT_INVALID_EVENTS, broker->recording.invalid_events);
    oyez_counter_set(counters, OYEZ_COUNT_EGRESS_LARGE_BYTES,
                     oyez_egress_large_bytes(&broker->egress));
}

static void describe_broker(const struct oyez_broker *broker, oyez_v1_Component *component)
{
    component->status = oyez_v1_Health_HEALTH_HEALTHY;
    snprintf(component->name, sizeof component->name, "broker");
    snprintf(component->message, sizeof component->message, "listening on %.180s",
             broker->sockets.bound.control);
}

void oyez_status_fill(struct oyez_broker *broker)
{
    oyez_status_refresh(broker);
    broker->answer.which_body = oyez_v1_FromBroker_status_tag;
    oyez_v1_Status *status = &broker->answer.body.status;
    status->epoch = broker->ingress.epoch;
    status->instance = broker->ingress.instance;
    status->position = broker->ingress.position;
    status->started_at = broker->started_ns;
    snprintf(status->version, sizeof status->version, "%s", OYEZ_VERSION);

    uint64_t now = oyez_clock_realtime_ns();
    status->components_count = 2;
    describe_broker(broker, &status->components[0]);
    oyez_recording_describe(&broker->recording, &status->components[1]);
    for (pb_size_t i = 0; i < status->components_count; i++)
        status->components[i].last_check = now;

    status->counters_count = OYEZ_COUNTER_COUNT;
    for (unsigned i = 0; i < OYEZ_COUNTER_COUNT; i++) {
        oyez_v1_Counter *counter = &status->counters[i];
        snprintf(counter->name, sizeof counter->name, "%s", oyez_counter_name(i));
        counter->value = oyez_counter_get(&broker->counters, i);
    }
}
