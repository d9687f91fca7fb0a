// SPDX-License-Identifier: MIT
// Details in a few words: which of them come first is chosen by the event's type.
#ifndef OYEZ_ROW_WORDS_H
#define OYEZ_ROW_WORDS_H

#include "line.h"
#include "oyez/event.h"

void row_words_put(struct line *line, const struct oyez_event *event);

#endif
