// SPDX-License-Identifier: MIT
#include "upcast.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "json_scan.h"
#include "oyez/catalog.h"

struct step {
    char *event_type;
    char *from;
    char *to;
    oyez_upcaster *upcaster;
    void *arg;
};

// Steps are only added, and each one stands still once it is counted: readers take no lock.
static struct step steps[OYEZ_UPCASTERS_MAX];
static atomic_size_t step_count;
static pthread_mutex_t registering = PTHREAD_MUTEX_INITIALIZER;

static const struct step *find_step(const char *event_type, const char *version)
{
    size_t count = step_count;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(steps[i].event_type, event_type) == 0 && strcmp(steps[i].from, version) == 0)
            return &steps[i];
    }
    return NULL;
}

static bool run_step(const struct step *step, struct upcast *upcast, struct oyez_event *event)
{
    char *details = NULL;
    char *result = NULL;
    size_t size;
    struct oyez_json_fault fault;
    if (oyez_event_details_json(event, &details, &size) != OYEZ_OK)
        return false;
    oyez_err err = step->upcaster(step->arg, event, details, &result);
    free(details);
    if (err != OYEZ_OK || result == NULL ||
        !oyez_json_scan(result, strlen(result), OYEZ_JSON_DEPTH_MAX, &fault)) {
        free(result);
        return false;
    }
    free(upcast->details);
    upcast->details = result;
    event->details_format = OYEZ_DETAILS_JSON;
    event->details = result;
    event->details_size = strlen(result);
    event->schema_version = step->to;
    return true;
}

void upcast_apply(struct upcast *upcast, struct oyez_event *event)
{
    if (step_count == 0 || event->schema_version == NULL || event->event_type == NULL)
        return;
    // Versions only grow along a chain, so it ends.
    const struct step *step = find_step(event->event_type, event->schema_version);
    while (step != NULL && run_step(step, upcast, event))
        step = find_step(event->event_type, event->schema_version);
}

void upcast_release(struct upcast *upcast)
{
    free(upcast->details);
    upcast->details = NULL;
}

static oyez_err check(const char *event_type, const char *from, const char *to)
{
    bool valid;
    int order = oyez_version_compare(from, to, &valid);
    if (!valid)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: from %s to %s: not semantic versions", event_type,
                         from, to);
    if (order >= 0)
        return oyez_fail(OYEZ_ERR_INVALID,
                         "%s: an upcaster goes to a greater version, not from %s to %s", event_type,
                         from, to);
    if (find_step(event_type, from) != NULL)
        return oyez_fail(OYEZ_ERR_INVALID, "%s: there is an upcaster from %s already", event_type,
                         from);
    if (step_count == OYEZ_UPCASTERS_MAX)
        return oyez_fail(OYEZ_ERR_FULL, "%s: %u upcasters are registered", event_type,
                         OYEZ_UPCASTERS_MAX);
    return OYEZ_OK;
}

static oyez_err add(const struct step *wanted)
{
    struct step step = *wanted;
    step.event_type = strdup(wanted->event_type);
    step.from = strdup(wanted->from);
    step.to = strdup(wanted->to);
    if (step.event_type == NULL || step.from == NULL || step.to == NULL) {
        free(step.event_type);
        free(step.from);
        free(step.to);
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for an upcaster");
    }
    steps[step_count] = step;
    step_count++;
    return OYEZ_OK;
}

oyez_err oyez_upcaster_register(const char *event_type, const char *from_version,
                                const char *to_version, oyez_upcaster *upcaster, void *arg)
{
    REQUIRE_ARGUMENT(event_type);
    REQUIRE_ARGUMENT(from_version);
    REQUIRE_ARGUMENT(to_version);
    REQUIRE_ARGUMENT(upcaster);
    const struct step wanted = {.event_type = (char *)event_type,
                                .from = (char *)from_version,
                                .to = (char *)to_version,
                                .upcaster = upcaster,
                                .arg = arg};
    pthread_mutex_lock(&registering);
    oyez_err err = check(event_type, from_version, to_version);
    if (err == OYEZ_OK)
        err = add(&wanted);
    pthread_mutex_unlock(&registering);
    return err;
}
