// SPDX-License-Identifier: MIT
#include "prepare.h"

#include <stdlib.h>

#include "argument.h"
#include "schema/details.h"

// What cannot be cut is judged as it is, and the judgement says what is wrong.
static oyez_err cut_details(struct oyez_event *event, const struct oyez_type *type,
                            const struct type_rules *rules, struct event_additions *additions)
{
    const void *bytes;
    size_t size;
    unsigned cut;
    oyez_err err = event_details_bytes(event, type, &bytes, &size);
    if (err != OYEZ_OK)
        return err;
    enum oyez_details_format format =
        event->details_format != 0 ? event->details_format : OYEZ_DETAILS_JSON;
    err = details_truncate(rules->plan, format, bytes, size, &additions->details, &size, &cut);
    if (err == OYEZ_OK && additions->details != NULL) {
        event->details = additions->details;
        event->details_size = size;
    }
    return err == OYEZ_ERR_NO_MEMORY ? err : OYEZ_OK;
}

static oyez_err prepare(struct oyez_event *event, const struct oyez_type **type,
                        struct event_additions *additions)
{
    oyez_err err = OYEZ_OK;
    const struct type_rules *rules = type_rules_of(*type);
    if (rules == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for the rules of %s", (*type)->name);
    if (rules->fills_header)
        header_rules_fill(rules->header, rules->header_count, event);
    if (rules->plan != NULL && rules->plan->truncates)
        err = cut_details(event, *type, rules, additions);
    if (err != OYEZ_OK)
        return err;
    struct violation violation;
    err = event_check_details(event, *type, rules, &violation);
    if (err != OYEZ_OK && violation.missing && !violation.wrong)
        return event_missing_fail(event, *type, &violation);
    if (err != OYEZ_OK)
        return err;
    additions->deprecated = violation.deprecated;
    if (rules->indexed_count > 0)
        err = event_index(event, *type, rules, additions);
    return err == OYEZ_OK ? event_check_header(event, *type) : err;
}

oyez_err event_prepare(struct oyez_event *event, const struct oyez_type **type,
                       struct event_additions *additions)
{
    additions->details = NULL;
    additions->deprecated = NULL;
    oyez_err err = event_check_type(event, type);
    return err == OYEZ_OK ? prepare(event, type, additions) : err;
}

oyez_err event_prepare_own(struct oyez_event *event, const struct oyez_type **type,
                           struct event_additions *additions)
{
    additions->details = NULL;
    additions->deprecated = NULL;
    oyez_err err = event_check_own_type(event, type);
    return err == OYEZ_OK ? prepare(event, type, additions) : err;
}

void event_additions_release(struct event_additions *additions)
{
    free(additions->details);
    additions->details = NULL;
}

oyez_err oyez_event_check(const struct oyez_event *event)
{
    REQUIRE_ARGUMENT(event);
    struct oyez_event copy = *event;
    struct event_additions additions;
    const struct oyez_type *type;
    oyez_err err = event_prepare(&copy, &type, &additions);
    event_additions_release(&additions);
    return err;
}
