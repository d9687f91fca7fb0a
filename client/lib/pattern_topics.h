// SPDX-License-Identifier: MIT
// What a pattern means to ZeroMQ.
#ifndef OYEZ_PATTERN_TOPICS_H
#define OYEZ_PATTERN_TOPICS_H

#include <stddef.h>

#include "oyez/error.h"

// Calls `each` with every ZeroMQ subscription the pattern needs: an exact name comes with its NUL
// ("plan.created\0", size 13), a glob as its longest literal prefix ("" for *), a domain as the
// exact names of its types and the prefixes of its open ones. A topic ends with the call.
// What arrives must still be asked of oyez_pattern_matches. OYEZ_ERR_INVALID as
// oyez_pattern_check, before any call. Any thread.
typedef void oyez_topic_each(void *arg, const void *topic, size_t size);
oyez_err oyez_pattern_topics(const char *pattern, oyez_topic_each *each, void *arg);

#endif
