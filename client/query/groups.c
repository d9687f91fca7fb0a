// SPDX-License-Identifier: MIT
#include "groups.h"

#include <string.h>

#include "oyez/catalog.h"
#include "oyez/json.h"

#define HOUR_TEXT_SIZE 13u // 2026-11-20T08
#define KEY_SIZE sizeof(((oyez_v1_Group *)0)->key)

static const char *actor_of(const struct oyez_event *event)
{
    const char *const candidates[] = {event->actor_id, event->actor_name, event->actor_type};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        if (candidates[i] != NULL && candidates[i][0] != '\0')
            return candidates[i];
    return "";
}

// A cut key still is UTF-8: no byte of the last code point is left alone.
static void put_key(char key[KEY_SIZE], const char *text)
{
    size_t size = strlen(text);
    if (size >= KEY_SIZE) {
        size = KEY_SIZE - 1;
        while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
            size--;
    }
    memcpy(key, text, size);
    key[size] = '\0';
}

static void put_hour(char key[KEY_SIZE], uint64_t broker_time)
{
    char text[OYEZ_TIME_TEXT_SIZE];
    // A clock beyond 2262 is a broker's rubbish; it must not look like 1678.
    oyez_time_to_text(broker_time > INT64_MAX ? INT64_MAX : (int64_t)broker_time, text);
    text[HOUR_TEXT_SIZE] = '\0';
    put_key(key, text);
}

static void find_key(char key[KEY_SIZE], oyez_v1_StatsBy by, const struct oyez_event *event)
{
    const struct oyez_type *type = oyez_type_find(event->event_type, strlen(event->event_type));
    switch (by) {
    case oyez_v1_StatsBy_STATS_BY_TYPE:
        put_key(key, event->event_type);
        break;
    case oyez_v1_StatsBy_STATS_BY_DOMAIN:
        put_key(key, type ? type->domain : "");
        break;
    case oyez_v1_StatsBy_STATS_BY_CATALOG:
        put_key(key, type ? type->catalog->name : "");
        break;
    case oyez_v1_StatsBy_STATS_BY_ACTOR:
        put_key(key, actor_of(event));
        break;
    case oyez_v1_StatsBy_STATS_BY_HOUR:
        put_hour(key, event->stamp.broker_time);
        break;
    }
}

bool oyez_groups_count(oyez_v1_QueryAnswer *answer, oyez_v1_StatsBy by,
                       const struct oyez_event *event)
{
    char key[KEY_SIZE] = "";
    find_key(key, by, event);
    for (size_t i = 0; i < answer->groups_count; i++) {
        if (strcmp(answer->groups[i].key, key) == 0) {
            answer->groups[i].count++;
            return true;
        }
    }
    if (answer->groups_count == sizeof answer->groups / sizeof answer->groups[0])
        return false;
    oyez_v1_Group *group = &answer->groups[answer->groups_count++];
    memcpy(group->key, key, sizeof key);
    group->count = 1;
    return true;
}
