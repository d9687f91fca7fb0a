// SPDX-License-Identifier: MIT
#include "group_names.h"

#include <string.h>

#include "oyez/json.h"

#define HOUR UINT64_C(3600000000000) // nanoseconds

// A cut name still is UTF-8: no byte of the last code point is left alone.
size_t oyez_group_name_size(const char *text)
{
    size_t size = strnlen(text, OYEZ_GROUP_NAME_MAX + 1);
    if (size <= OYEZ_GROUP_NAME_MAX)
        return size;
    size = OYEZ_GROUP_NAME_MAX;
    while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--;
    return size;
}

const char *oyez_group_actor(const struct oyez_event *event)
{
    const char *const candidates[] = {event->actor_id, event->actor_name, event->actor_type};
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        if (candidates[i] != NULL && candidates[i][0] != '\0')
            return candidates[i];
    return "";
}

uint64_t oyez_group_hour(uint64_t broker_time)
{
    // A clock beyond 2262 is a broker's rubbish; it must not look like 1678.
    return (broker_time > INT64_MAX ? INT64_MAX : broker_time) / HOUR;
}

void oyez_group_hour_to_text(uint64_t hour, char out[OYEZ_GROUP_HOUR_TEXT_SIZE])
{
    char text[OYEZ_TIME_TEXT_SIZE];
    oyez_time_to_text((int64_t)(hour * HOUR), text);
    memcpy(out, text, OYEZ_GROUP_HOUR_TEXT_SIZE - 1);
    out[OYEZ_GROUP_HOUR_TEXT_SIZE - 1] = '\0';
}
