// SPDX-License-Identifier: MIT
// Details in a few words: KEY=VALUE of the outermost object, as far as the line reaches.
#ifndef OYEZ_SUMMARY_H
#define OYEZ_SUMMARY_H

#include "line.h"
#include "oyez/event.h"

void summary_put(struct line *line, const struct oyez_event *event);

#endif
