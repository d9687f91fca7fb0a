// SPDX-License-Identifier: MIT
#include "operation_details.h"

#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "json_text.h"
#include "json_walk.h"
#include "oyez/catalog.h"
#include "schema/plan.h"

static bool has_field(const struct oyez_type *type, const char *name)
{
    if (type->open)
        return true;
    const struct plan *plan = type_plan(type);
    return plan != NULL && plan_field_by_name(plan, name, strlen(name)) != NULL;
}

// A key with escapes is none of ours.
static bool is_filled(const char *details, const char *name)
{
    const char *cursor = details;
    struct oyez_json_slice key;
    struct oyez_json_slice value;
    size_t size = strlen(name);
    while (oyez_json_next_member(&cursor, &key, &value)) {
        if (key.size == size + 2 && memcmp(key.text + 1, name, size) == 0)
            return true;
    }
    return false;
}

static bool wants(const struct oyez_type *type, const char *details, const char *name)
{
    return type != NULL && has_field(type, name) && !is_filled(details, name);
}

static void put_name(struct json_text *text, const char *name)
{
    if (text->size > 1)
        json_text_put(text, ",", 1);
    json_text_put_string(text, name, strlen(name));
    json_text_put(text, ":", 1);
}

static const char *duration_field(const struct oyez_type *type)
{
    return type != NULL && !has_field(type, "duration_ms") && has_field(type, "execution_time_ms")
               ? "execution_time_ms"
               : "duration_ms";
}

oyez_err operation_details(const char *event_type, const char *details,
                           const struct operation_outcome *outcome, char **text, bool *timed)
{
    if (details == NULL)
        details = "{}";
    size_t size = strlen(details);
    struct oyez_json_fault fault;
    if (!oyez_json_scan(details, size, OYEZ_JSON_DEPTH_MAX, &fault))
        return oyez_fail(OYEZ_ERR_INVALID, "details: byte %zu: %s", fault.byte, fault.rule);
    struct json_text whole = {0};
    if (json_text_reserve(&whole, size + 1))
        whole.size = oyez_json_compact(whole.bytes, details, size) - 1; // its last brace
    const struct oyez_type *type = oyez_type_find(event_type, strlen(event_type));
    const char *duration = duration_field(type);
    *timed = type != NULL && has_field(type, duration);
    if (wants(type, details, duration)) {
        put_name(&whole, duration);
        json_text_put_unsigned(&whole, outcome->duration_ms);
    }
    if (outcome->message != NULL && wants(type, details, "error_message")) {
        put_name(&whole, "error_message");
        json_text_put_string(&whole, outcome->message, strlen(outcome->message));
    }
    json_text_put(&whole, "}", 2); // its NUL too
    if (whole.failed != OYEZ_OK) {
        free(whole.bytes);
        return oyez_fail(whole.failed, "no memory for details");
    }
    *text = whole.bytes;
    return OYEZ_OK;
}
