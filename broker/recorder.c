// SPDX-License-Identifier: MIT
#include "recorder.h"

#include <stdio.h>

oyez_err oyez_recorder_check(enum oyez_broker_recorder policy)
{
    if (policy == OYEZ_BROKER_RECORDER_NONE)
        return OYEZ_OK;
    if (policy == OYEZ_BROKER_RECORDER_WAIT)
        return oyez_fail(OYEZ_ERR_INVALID, "no recorder exists in this version: use none");
    return oyez_fail(OYEZ_ERR_INVALID, "recorder: %d is neither none nor wait", (int)policy);
}

bool oyez_recorder_is_expected(const struct oyez_recorder *recorder)
{
    return recorder->policy == OYEZ_BROKER_RECORDER_WAIT;
}

void oyez_recorder_describe(const struct oyez_recorder *recorder, oyez_v1_Component *component)
{
    const char *message = "none by policy: durable events are released at the accept mark";
    component->status = oyez_v1_Health_HEALTH_HEALTHY;
    if (oyez_recorder_is_expected(recorder)) {
        message = recorder->is_attached ? "attached" : "waited for: start the recorder";
        if (!recorder->is_attached)
            component->status = oyez_v1_Health_HEALTH_DEGRADED;
    }
    snprintf(component->name, sizeof component->name, "recorder");
    snprintf(component->message, sizeof component->message, "%s", message);
}
