// SPDX-License-Identifier: MIT
#include "deprecation.h"

#include <stdio.h>

#include "catalog_set.h"
#include "notices.h"

static void tell(struct oyez_client *client, const struct oyez_type *type, const char *what,
                 const char *instead)
{
    char text[384];
    snprintf(text, sizeof text, "%.64s: %.100s%s is deprecated: %.80s", type->catalog->name,
             type->name, what, instead);
    notice_add(client, &(struct oyez_notice){
                           .kind = OYEZ_NOTICE_DEPRECATED, .text = text, .event_type = type->name});
}

void deprecation_tell(struct oyez_client *client, const struct oyez_type *type,
                      const struct plan_field *field)
{
    if (client->on_notice == NULL)
        return;
    struct type_rules *rules = type_rules_of(type);
    if (type->deprecated != NULL && rules != NULL &&
        !atomic_exchange(&rules->deprecated_told, true))
        tell(client, type, "", type->deprecated);
    if (field == NULL || atomic_exchange(field->deprecated_told, true))
        return;
    char what[80];
    snprintf(what, sizeof what, ": details: %.60s", field->name.text);
    tell(client, type, what, field->rules.deprecated);
}
