// SPDX-License-Identifier: MIT
// Events that somebody else emitted, judged where they are recorded or read.
#include <string.h>

#include "argument.h"
#include "oyez/catalog.h"
#include "prepare.h"

// By the version that the event names, or by none: another version has other rules.
static const struct oyez_type *find_type(const struct oyez_event *event)
{
    const char *name = event->event_type;
    if (name == NULL)
        return NULL;
    const char *version = event->schema_version;
    const struct oyez_type *type = oyez_type_find_version(name, strlen(name), version);
    if (type == NULL || version == NULL || type->open || strcmp(type->version, version) == 0)
        return type;
    return NULL;
}

bool oyez_event_lacks_catalog(const struct oyez_event *event)
{
    if (event == NULL)
        return false;
    return event->event_type != NULL && find_type(event) == NULL;
}

oyez_err oyez_event_judge(const struct oyez_event *event)
{
    REQUIRE_ARGUMENT(event);
    const char *name = event->event_type != NULL ? event->event_type : "";
    const struct oyez_type *type = find_type(event);
    if (type == NULL)
        return oyez_fail(OYEZ_ERR_UNKNOWN_TYPE, "%s %s: no catalog has this type and version", name,
                         event->schema_version != NULL ? event->schema_version : "");
    const struct type_rules *rules = type_rules_of(type);
    if (rules == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the rules of %s", name);
    struct violation violation;
    struct oyez_event completed;
    const struct oyez_event *judged = event;
    // What emit would have filled in counts as given.
    if (rules->fills_header) {
        completed = *event;
        header_rules_fill(rules->header, rules->header_count, &completed);
        judged = &completed;
    }
    oyez_err err = event_check_details(judged, type, rules, &violation);
    if (err != OYEZ_OK && violation.missing && !violation.wrong)
        return event_missing_fail(judged, type, &violation);
    if (err == OYEZ_OK)
        err = event_check_header(judged, type);
    if (err == OYEZ_OK && type->personal && event->salt == NULL)
        err = oyez_fail(OYEZ_ERR_INVALID, "%s: %s: salt: is required of a personal event",
                        type->catalog->name, name);
    return err;
}
