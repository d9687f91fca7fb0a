// SPDX-License-Identifier: MIT
#include "recording.h"

#include <inttypes.h>
#include <stdio.h>

oyez_err oyez_recording_init(struct oyez_recording *recording, enum oyez_broker_recorder policy,
                             uint64_t now_ms, uint32_t wait_ms)
{
    *recording = (struct oyez_recording){
        .policy = policy, .session = OYEZ_NONE, .welcome_from_ms = now_ms + wait_ms};
    if (policy == OYEZ_BROKER_RECORDER_NONE || policy == OYEZ_BROKER_RECORDER_WAIT)
        return OYEZ_OK;
    return oyez_fail(OYEZ_ERR_INVALID, "recorder: %d is neither none nor wait", (int)policy);
}

bool oyez_recording_is_expected(const struct oyez_recording *recording)
{
    return recording->policy == OYEZ_BROKER_RECORDER_WAIT;
}

bool oyez_recording_is_attached(const struct oyez_recording *recording)
{
    return oyez_recording_is_expected(recording) && recording->session != OYEZ_NONE;
}

bool oyez_recording_is_awaited(const struct oyez_recording *recording, uint64_t now_ms)
{
    return oyez_recording_is_expected(recording) && !recording->was_attached &&
           now_ms < recording->welcome_from_ms;
}

void oyez_recording_attach(struct oyez_recording *recording, uint32_t session)
{
    recording->session = session;
    recording->was_attached = true;
    recording->is_left = false;
}

void oyez_recording_leave(struct oyez_recording *recording, uint32_t session, bool is_clean)
{
    if (recording->session != session)
        return;
    recording->session = OYEZ_NONE;
    recording->is_left = is_clean;
}

void oyez_recording_roll_over(struct oyez_recording *recording)
{
    recording->session = OYEZ_NONE;
    recording->recorded_position = recording->settled_position = 0;
}

static bool take_checkpoint(struct oyez_ingress *ingress, const oyez_v1_Confirm *confirm)
{
    uint64_t epoch = confirm->checkpointed_epoch, position = confirm->checkpointed_position;
    if (epoch > ingress->epoch || (epoch == ingress->epoch && position > ingress->position))
        return false;
    oyez_debts_checkpoint(&ingress->debts, epoch, position);
    return true;
}

bool oyez_recording_confirm(struct oyez_recording *recording, struct oyez_ingress *ingress,
                            const oyez_v1_Confirm *confirm)
{
    struct oyez_counters *counters = ingress->counters;
    if (confirm->epoch != ingress->epoch) {
        oyez_counter_add(counters, OYEZ_COUNT_CONFIRMS_IGNORED, 1);
        return false;
    }
    if (confirm->position > ingress->position) {
        oyez_counter_add(counters, OYEZ_COUNT_BAD_CONTROL, 1);
        return false;
    }
    oyez_counter_add(counters, OYEZ_COUNT_CONFIRMS, 1);
    recording->invalid_events = confirm->invalid_events;
    bool is_sound = true;
    for (pb_size_t i = 0; i < confirm->decided_count; i++)
        is_sound &= oyez_decisions_decide(&ingress->decisions, &confirm->decided[i]);
    for (pb_size_t i = 0; i < confirm->told_count; i++)
        is_sound &= oyez_decisions_told(&ingress->decisions, &confirm->told[i]);
    is_sound &= take_checkpoint(ingress, confirm);
    if (!is_sound)
        oyez_counter_add(counters, OYEZ_COUNT_BAD_CONTROL, 1);
    bool has_moved = confirm->position > recording->recorded_position;
    if (has_moved)
        recording->recorded_position = ingress->debts.recorded.position = confirm->position;
    if (confirm->complete)
        recording->settled_position = recording->recorded_position;
    oyez_recording_settle(recording, ingress);
    return has_moved;
}

void oyez_recording_settle(struct oyez_recording *recording, struct oyez_ingress *ingress)
{
    if (recording->settled_position > 0)
        oyez_decisions_settle(&ingress->decisions, recording->settled_position);
}

void oyez_recording_describe(const struct oyez_recording *recording, oyez_v1_Component *component)
{
    const char *message = "none by policy: durable events are released at the accept mark";
    component->status = oyez_v1_Health_HEALTH_HEALTHY;
    if (oyez_recording_is_expected(recording)) {
        bool is_attached = oyez_recording_is_attached(recording);
        message = is_attached ? "attached" : "waited for: start the recorder";
        if (!is_attached)
            component->status = oyez_v1_Health_HEALTH_DEGRADED;
    }
    snprintf(component->name, sizeof component->name, "recorder");
    int size = snprintf(component->message, sizeof component->message, "%s", message);
    if (recording->invalid_events > 0)
        snprintf(component->message + size, sizeof component->message - (size_t)size,
                 "; %" PRIu64 " recorded events break a rule of their catalog",
                 recording->invalid_events);
}
