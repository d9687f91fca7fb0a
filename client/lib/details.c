// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "argument.h"
#include "json_scan.h"
#include "oyez/catalog.h"
#include "schema/details.h"

static size_t size_of(const struct oyez_event *event)
{
    if (event->details == NULL)
        return 0;
    bool is_text = event->details_format != OYEZ_DETAILS_PROTOBUF;
    return is_text && event->details_size == 0 ? strlen(event->details) : event->details_size;
}

// The plan by which the event was emitted, or as near to it as is known.
static oyez_err find_plan(const struct oyez_event *event, const struct plan **plan)
{
    const char *name = event->event_type ? event->event_type : "";
    const struct oyez_type *type =
        oyez_type_find_version(name, strlen(name), event->schema_version);
    if (type == NULL)
        return oyez_fail(OYEZ_ERR_UNKNOWN_TYPE, "%s: no catalog has this event type", name);
    *plan = type_plan(type);
    if (*plan == NULL)
        return oyez_fail(OYEZ_ERR_UNKNOWN_TYPE, "%s: its details are any JSON, never protobuf",
                         name);
    return OYEZ_OK;
}

// A NUL is put behind what is copied.
static oyez_err copy(const void *from, size_t size, void **to)
{
    char *bytes = malloc(size + 1);
    if (bytes == NULL)
        return oyez_fail(OYEZ_ERR_NO_MEMORY, "no memory for details of %zu bytes", size);
    if (size > 0)
        memcpy(bytes, from, size);
    bytes[size] = '\0';
    *to = bytes;
    return OYEZ_OK;
}

oyez_err oyez_event_details_json(const struct oyez_event *event, char **text, size_t *size)
{
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(text);
    REQUIRE_ARGUMENT(size);
    size_t details_size = size_of(event);
    const struct plan *plan;
    if (event->details_format == OYEZ_DETAILS_PROTOBUF) {
        oyez_err err = find_plan(event, &plan);
        if (err)
            return err;
        const uint8_t *bytes = details_size > 0 ? event->details : (const uint8_t *)"";
        return details_to_json(plan, bytes, details_size, text, size, NULL);
    }
    struct oyez_json_fault fault;
    const char *details = event->details ? event->details : "{}";
    *size = event->details ? details_size : 2;
    if (!oyez_json_scan(details, *size, OYEZ_JSON_DEPTH_MAX, &fault))
        return oyez_fail(OYEZ_ERR_MALFORMED, "details: %s (byte %zu)", fault.rule, fault.byte);
    void *bytes = NULL;
    oyez_err err = copy(details, *size, &bytes);
    *text = bytes;
    return err;
}

oyez_err oyez_event_details_protobuf(const struct oyez_event *event, uint8_t **bytes, size_t *size)
{
    REQUIRE_ARGUMENT(event);
    REQUIRE_ARGUMENT(bytes);
    REQUIRE_ARGUMENT(size);
    size_t details_size = size_of(event);
    if (event->details_format == OYEZ_DETAILS_PROTOBUF) {
        void *copied = NULL;
        oyez_err err = copy(event->details, details_size, &copied);
        *bytes = copied;
        *size = details_size;
        return err;
    }
    const struct plan *plan;
    struct violation violation;
    oyez_err err = find_plan(event, &plan);
    if (err)
        return err;
    const char *details = event->details ? event->details : "{}";
    err = details_from_json(plan, details, event->details ? details_size : 2, bytes, size,
                            &violation);
    // The caller asked nothing that could be invalid: the event is not what its type says.
    if (err == OYEZ_ERR_INVALID)
        err = oyez_fail(OYEZ_ERR_MALFORMED, "%s: %s%s%s", violation.path, violation.value,
                        violation.value[0] != '\0' ? " " : "", violation.rule);
    return err;
}
