// SPDX-License-Identifier: MIT
// The names of the groups that events are counted in: one rule for whoever counts.
#ifndef OYEZ_GROUP_NAMES_H
#define OYEZ_GROUP_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "oyez/event.h"

#define OYEZ_GROUP_NAME_MAX 256u      // bytes; a longer one is cut
#define OYEZ_GROUP_HOUR_TEXT_SIZE 14u // 2026-11-20T08 and a NUL

// oyez_group_name_size is how many bytes of a text name its group: whole code points, at most
// OYEZ_GROUP_NAME_MAX bytes.
size_t oyez_group_name_size(const char *text);

// oyez_group_actor is who an event names as having acted, by id, name or kind; "" = nobody.
const char *oyez_group_actor(const struct oyez_event *event);

// oyez_group_hour is a number that events of the same hour (UTC) share, and
// oyez_group_hour_to_text the name of that hour.
uint64_t oyez_group_hour(uint64_t broker_time);
void oyez_group_hour_to_text(uint64_t hour, char out[OYEZ_GROUP_HOUR_TEXT_SIZE]);

#endif
