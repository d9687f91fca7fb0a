// SPDX-License-Identifier: MIT
#include "groups.h"

#include <string.h>

#include "group_names.h"
#include "oyez/catalog.h"

#define GROUPS_MAX (sizeof(((oyez_v1_QueryAnswer *)0)->groups) / sizeof(oyez_v1_Group))

_Static_assert(sizeof(((oyez_v1_Group *)0)->key) == OYEZ_GROUP_NAME_MAX + 1, "a name fits a key");

const char *oyez_groups_of_type(oyez_v1_StatsBy by, const char *event_type)
{
    if (by == oyez_v1_StatsBy_STATS_BY_TYPE)
        return event_type;
    const struct oyez_type *type = oyez_type_find(event_type, strlen(event_type));
    if (type == NULL)
        return "";
    return by == oyez_v1_StatsBy_STATS_BY_DOMAIN ? type->domain : type->catalog->name;
}

bool oyez_groups_add(oyez_v1_QueryAnswer *answer, const char *name, size_t size, uint64_t count,
                     size_t *hint)
{
    size_t groups = answer->groups_count;
    for (size_t n = 0; n < groups; n++) {
        size_t i = (*hint + n) % groups;
        if (memcmp(answer->groups[i].key, name, size) == 0 && answer->groups[i].key[size] == '\0') {
            answer->groups[i].count += count;
            *hint = i + 1;
            return true;
        }
    }
    if (groups == GROUPS_MAX)
        return false;
    oyez_v1_Group *group = &answer->groups[answer->groups_count++];
    memcpy(group->key, name, size);
    group->key[size] = '\0';
    group->count = count;
    *hint = groups + 1;
    return true;
}

bool oyez_groups_count(oyez_v1_QueryAnswer *answer, oyez_v1_StatsBy by,
                       const struct oyez_event *event)
{
    char hour[OYEZ_GROUP_HOUR_TEXT_SIZE];
    const char *name;
    size_t hint = 0;
    if (by == oyez_v1_StatsBy_STATS_BY_ACTOR) {
        name = oyez_group_actor(event);
    } else if (by == oyez_v1_StatsBy_STATS_BY_HOUR) {
        oyez_group_hour_to_text(oyez_group_hour(event->stamp.broker_time), hour);
        name = hour;
    } else {
        name = oyez_groups_of_type(by, event->event_type);
    }
    return oyez_groups_add(answer, name, oyez_group_name_size(name), 1, &hint);
}
