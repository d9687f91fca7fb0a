// SPDX-License-Identifier: MIT
// The language of filters: words, separated by spaces.
//   plan.*  @github  *.errored      patterns: any of them
//   plan_id=P7  tag.env=prod  details.exit_code=1  type=plan.created
//                                   conditions: all of them
//   details.reason="no space"       quotes keep spaces; within them \" and \\ stand for " and \ .
#ifndef OYEZ_FILTER_TEXT_H
#define OYEZ_FILTER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "oyez/error.h"
#include "oyez/event.h"
#include "oyez/pattern.h"

#define FILTER_TEXT_SIZE 1024u // with NUL
#define FILTER_PATTERNS_MAX 64u
#define FILTER_CONDITIONS_MAX 32u

struct filter_text {
    char text[FILTER_TEXT_SIZE];  // as it was typed
    char words[FILTER_TEXT_SIZE]; // the same without quotes, each with a NUL
    const char *patterns[FILTER_PATTERNS_MAX];
    size_t pattern_count;
    const char *conditions[FILTER_CONDITIONS_MAX];
    size_t condition_count;
    oyez_filter *compiled; // of the conditions
};

// filter_text_read understands a text and compiles it. OYEZ_ERR_INVALID, OYEZ_ERR_TOO_LARGE: the
// detail says what is wrong with which word; OYEZ_ERR_NO_MEMORY. *out is to be closed in any case.
// It points into itself: do not copy it.
oyez_err filter_text_read(struct filter_text *out, const char *text);
void filter_text_close(struct filter_text *filter); // NULL-safe inside; leaves an empty one

// filter_text_is_empty: it lets everything pass.
bool filter_text_is_empty(const struct filter_text *filter);

// filter_text_matches one event. Without patterns every type matches but those of Oyez itself.
bool filter_text_matches(const struct filter_text *filter, const struct oyez_event *event);

// filter_text_quote writes one word so that filter_text_read reads it as one. False: no room.
bool filter_text_quote(char *out, size_t size, const char *word);

// filter_text_write writes a filter in its shortest form: patterns, then conditions.
bool filter_text_write(const struct filter_text *filter, char *out, size_t size);

#endif
